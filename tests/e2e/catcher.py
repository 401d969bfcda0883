# SPDX-License-Identifier: ISC
"""catcher.py - a running mailchute --catch, for tests"""
import re
import signal
import smtplib
import ssl
import subprocess

from harness import RUN_LIMIT, check, finish, next_line, settings, start

TO = 'hanako@lab.example'


def trusting():
    """TLS with whomever, for Python's clients."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class Catcher:
    """A context: a running catcher; .port is where it listens, .end() what it left.

    Its output is read as it comes: what it has shown when it is killed is not lost.
    """

    def __init__(self, *options, place='0', env=None):
        catch = '--catch' if place is None else f'--catch={place}'
        self.process = start(None, catch, *options, env=env, stdin=subprocess.DEVNULL)
        self.first = next_line(self.process, self.process.stderr).decode()
        found = re.search(r'catching mail on (\S+?)(?::(\d+))? (?:and|\()', self.first)
        check(found, f'it does not say where it listens: {self.first!r}')
        self.place, self.port = found[1], int(found[2] or 0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()

    def line(self):
        """The next line on standard error."""
        return next_line(self.process, self.process.stderr).decode().rstrip()

    def end(self, by=signal.SIGTERM):
        """Stop it, or wait until it stops by itself (None)."""
        if by is not None:
            self.process.send_signal(by)
        return finish(self.process)

    def account(self, **more):
        """Settings for our own client."""
        return settings(**{'host': '127.0.0.1', 'port': self.port, 'from': 'app@lab.example',
                           **more})

    def smtplib(self):
        """A connected client of Python's."""
        return smtplib.SMTP('127.0.0.1', self.port, timeout=RUN_LIMIT)

    def send(self, to=TO, text='Subject: hi\n\nhello\n'):
        """One mail by smtplib, in a session of its own."""
        with self.smtplib() as client:
            client.sendmail('app@lab.example', [to], text)
