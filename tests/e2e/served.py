# SPDX-License-Identifier: ISC
"""served.py - mailchute as a server, before a server of the test"""
import contextlib
import smtplib
import socket
import ssl
import subprocess
import time

from harness import (check, check_equal, environment, finish, folder, next_line, settings,
                     settings_file, start)

MESSAGE = 'From: a@lab.example\r\nTo: b@x.example\r\nSubject: s\r\n\r\nGruesse\r\n.\r\n..\r\n'
ENVELOPE = b'MAIL FROM:<a@lab.example>\r\n', b'RCPT TO:<b@x.example>\r\n'
LIMIT = 20


class Daemon:
    """A server of ours, before a server of the test."""

    def __init__(self, server, env=None, prefix=(), args=('-bd',), begin=start, **more):
        values = {'host': '127.0.0.1', 'port': server.port, 'tls': False, 'listen': '127.0.0.1:0',
                  'maildomain': 'lab.example', **more}
        self.conf = settings_file(settings(**values))
        self.process = begin(self.conf, *args, stdin=subprocess.DEVNULL, prefix=prefix,
                             env=environment(**{'STATE_DIRECTORY': folder('state'), **(env or {})}))
        self.places = [self.shown().rpartition(' ')[2] for _ in values['listen'].split(',')]
        self.port = int(self.places[0].rpartition(':')[2]) if ':' in self.places[0] else 0

    def shown(self):
        """The next line on standard output."""
        return next_line(self.process, self.process.stdout).decode().rstrip()

    def said(self):
        """The next line on standard error."""
        return next_line(self.process, self.process.stderr).decode().rstrip()

    def client(self):
        """A connection of Python's library, which comes again as Client does."""
        deadline = time.monotonic() + LIMIT
        while True:
            try:
                return smtplib.SMTP('127.0.0.1', self.port, timeout=LIMIT)
            except smtplib.SMTPConnectError as error:
                check(error.smtp_code == 421 and time.monotonic() < deadline, error)

    def raw(self):
        """A connection, and its lines."""
        sock = socket.create_connection(('127.0.0.1', self.port), timeout=20)
        return sock, sock.makefile('rb')

    def children(self):
        """The processes that serve clients."""
        path = f'/proc/{self.process.pid}/task/{self.process.pid}/children'
        with open(path, encoding='ascii') as file:
            return [int(pid) for pid in file.read().split()]

    def stop(self):
        """The way an init system does it."""
        self.process.terminate()
        return finish(self.process)


class Client:
    """A client that comes again for as long as it hears that there are too many."""

    def __init__(self, port):
        deadline = time.monotonic() + LIMIT
        while True:
            self.socket = socket.create_connection(('127.0.0.1', port), LIMIT)
            self.lines = self.socket.makefile('rb')
            greeting = self.lines.readline()
            if greeting.startswith(b'220 '):
                return
            self.leave()
            check(greeting.startswith(b'421 ') and time.monotonic() < deadline, greeting)

    def leave(self):
        """Without a goodbye."""
        self.lines.close()
        self.socket.close()

    def say(self, *commands):
        """The codes of the replies to all of these, which go in one piece."""
        self.socket.sendall(b''.join(commands))
        return [self.reply() for _ in commands]

    def reply(self):
        """The code of the next reply; None: the server has gone."""
        try:
            line = self.lines.readline()
            while line[3:4] == b'-':
                line = self.lines.readline()
            return int(line[:3]) if line else None
        except ConnectionResetError:
            return None

    def send(self, name=b'next', sender=b'a@lab.example'):
        """A whole mail, and goodbye."""
        check_equal(self.say(b'EHLO ' + name + b'\r\n', b'MAIL FROM:<' + sender + b'>\r\n',
                             ENVELOPE[1], b'DATA\r\n'), [250, 250, 250, 354], 'replies')
        check_equal(self.say(b'Subject: s\r\n\r\nx\r\n.\r\n'), [250], 'the last reply')
        check_equal(self.say(b'QUIT\r\n'), [221], 'goodbye')
        self.leave()


@contextlib.contextmanager
def daemon(server, **more):
    """It ends with the block, and well."""
    started = Daemon(server, **more)
    try:
        yield started
        started.stop().expect(0)
    finally:
        started.process.kill()
        started.process.wait()


def unchecked():
    """Python's client side of TLS, which looks at no certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def users(text='ops:sw0rd fish\n# a comment\nhanako:geheim:nis\n', mode=0o600):
    """A file of users."""
    path = folder() / 'users'
    path.write_text(text)
    path.chmod(mode)
    return path


def mails(server):
    """All that the server has taken."""
    return [mail for session in server.sessions for mail in session.mails]
