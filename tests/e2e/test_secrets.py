#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_secrets.py - passwords from where no setting says: keyring, netrc, a person; and from files

secret-tool is a script here, and the person sits at a pseudo-terminal.
"""
import contextlib
import os
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

from harness import (Failure, Skip, cases, check, check_equal, command, environment, finish, folder,
                     mailchute, main, settings_file, test, wait_until)
from hostile import PASSWORD, Server
from mail import SIMPLE, check_arrived

ONE = 'one@lab.example'
NETRC = f'machine localhost login ops password {PASSWORD}\n'


def put(path, text, mode=0o600):
    """A file with these contents; its name."""
    path.write_text(text)
    path.chmod(mode)
    return path


def home_with(netrc=None, mode=0o600, **extra):
    """An environment whose home holds this .netrc, or nothing."""
    home = folder('home')
    if netrc is not None:
        put(home / '.netrc', netrc, mode)
    return environment(HOME=home, **extra)


def keyring(script, **extra):
    """An environment with this script for secret-tool, and a session bus that nobody serves."""
    tools = folder('tools')
    put(tools / 'secret-tool', '#!/bin/sh\n' + script, 0o755)
    return home_with(DBUS_SESSION_BUS_ADDRESS='unix:path=/nonexistent',
                     PATH=f'{tools}:/usr/bin:/bin', **extra)


def send(server, env, *args, **more):
    """One mail, with no password in the settings."""
    return mailchute(server.account(**{'password': None, **more}), *args, ONE, stdin=SIMPLE, env=env)


def signed_in(server):
    """The mail came, by the right password."""
    check(server.first().signed_in, 'not signed in')
    check_arrived(server.mail(), SIMPLE)


# --- netrc --------------------------------------------------------------------------------------

@test
def a_password_is_found_in_netrc():
    with Server() as server:
        result = send(server, home_with('machine other login ops password no\n' + NETRC), '-v')
        result.expect(0, hides=[PASSWORD])
        check_equal(result.err, '', 'warnings')
        signed_in(server)


@cases(('of another host', NETRC.replace('localhost', 'other')),
       ('of another user', NETRC.replace('ops', 'spo')), ('of nobody', ''), ('that is not there', None))
def a_netrc(text):
    with Server() as server:
        send(server, home_with(text)).expect(69, r'\[NO_PASSWORD\]', 'ops at localhost',
                                             r'\.netrc', 'terminal', 'passwordeval')
        check_equal(len(server.sessions), 0, 'connections')


@test
def a_netrc_that_others_can_read_is_used_with_a_warning():
    with Server() as server:
        env, uid = home_with(NETRC, 0o644), None
        conf = settings_file(server.account(password=None))
        if os.geteuid() == 0:  # root is not held to it
            uid = 65534
            for path in (conf, env['HOME'] + '/.netrc'):
                os.chown(path, uid, uid)
        mailchute(conf, ONE, stdin=SIMPLE, env=env, uid=uid).expect(
            0, r'warning: .*\.netrc: .*chmod 600', hides=[PASSWORD])
        signed_in(server)


@test
def a_refused_password_is_told_with_its_place():
    with Server() as server:
        wrong = NETRC.replace(PASSWORD, 'wr0ng')
        send(server, home_with('# mine\n' + wrong)).expect(
            77, 'AUTH_REFUSED', r'note: the password came from /.*/\.netrc:2', hides=['wr0ng'])
        server.nothing_arrived()


@test
def each_server_of_a_list_has_a_password_of_its_own():
    greetings = ['220 mx.lab.example ESMTP ready', '421 4.3.2 not now']
    with Server(tls=None, connected=lambda s: greetings.pop()) as server:
        wrong = NETRC.replace('localhost', '127.0.0.1').replace(PASSWORD, 'wr0ng')
        send(server, home_with(wrong + NETRC), host='127.0.0.1, localhost').expect(
            0, 'next server', 'warning: signing in with PLAIN without TLS')
        check(server.sessions[-1].signed_in, 'not signed in')


@test
def a_method_without_a_password_asks_nobody():
    asked = folder() / 'asked'

    def auth(session, _mechanism, initial):
        return session.judged(initial == b'ops')
    with Server(mechanisms='EXTERNAL', auth=auth) as server:
        send(server, keyring(f': > {asked}'), auth='external').expect(0)
        check(not asked.exists(), 'the keyring was asked')
        server.mail()


# --- keyring ------------------------------------------------------------------------------------

@cases(
    ('as msmtp asks', '[ "$*" = "lookup host localhost service smtp user ops" ]'),
    ('as older ones did', '[ "$*" = "lookup user ops protocol smtp server localhost" ]'),
)
def the_keyring_is_asked(when):
    with Server() as server:
        send(server, keyring(f'{when} && printf {PASSWORD}'), '-v').expect(0, hides=[PASSWORD])
        signed_in(server)


@test
def the_keyring_comes_before_netrc():
    with Server() as server:
        env = keyring(f'printf {PASSWORD}')
        put(Path(env['HOME']) / '.netrc', NETRC.replace(PASSWORD, 'wr0ng'))
        send(server, env).expect(0)
        signed_in(server)


@cases(('has none', 'exit 1'), ('is locked', 'echo "Cannot open it" >&2; exit 1'))
def after_a_keyring_that(script):
    with Server() as server:
        env = keyring(script)
        put(Path(env['HOME']) / '.netrc', NETRC)
        send(server, env).expect(0)
        signed_in(server)


@test
def a_keyring_that_fails_is_told():
    with Server() as server:
        send(server, keyring('echo "the collection is locked" >&2; exit 1')).expect(
            69, 'NO_PASSWORD', 'secret-tool: the collection is locked')


@test
def the_keyring_tool_does_not_get_the_message():
    with Server() as server:
        send(server, keyring(f'cat; printf {PASSWORD}')).expect(0)
        signed_in(server)


# --- files --------------------------------------------------------------------------------------

@test
def a_password_file_may_have_a_whole_path():
    with Server() as server:
        path = put(folder() / 'secret', PASSWORD + '\nnot this\n')
        send(server, home_with(), password_file=path).expect(0, hides=[PASSWORD])
        signed_in(server)


@test
def a_password_file_may_be_at_home():
    with Server() as server:
        env = home_with()
        put(Path(env['HOME']) / 'secret', PASSWORD)
        send(server, env, password_file='~/secret').expect(0)
        signed_in(server)


@test
def a_password_file_may_be_a_credential_of_systemd():
    with Server() as server:
        path = put(folder() / 'smtp', PASSWORD, 0o440)
        send(server, home_with(CREDENTIALS_DIRECTORY=path.parent), password_file='smtp').expect(0)
        signed_in(server)


@cases(('a name outside of systemd', 'smtp', 'CREDENTIALS_DIRECTORY'),
       ('nothing', '/nonexistent/smtp', 'No such file'), ('a directory', '/', 'Is a directory'))
def a_password_file_that_is(path, words):
    with Server() as server:
        send(server, home_with(NETRC), password_file=path).expect(78, r'\[PASSWORD\]', words)
        check_equal(len(server.sessions), 0, 'connections')


@test
def a_password_file_through_a_pipe():
    path = folder() / 'pipe'
    os.mkfifo(path, 0o600)
    with Server() as server:
        writer = subprocess.Popen(['sh', '-c', f'echo {PASSWORD} > {path}'])
        send(server, home_with(), password_file=path).expect(0)
        writer.wait()
        signed_in(server)


@test
def the_command_line_says_where_the_password_is_and_the_file_no_more():
    with Server() as server:
        path = put(folder() / 'secret', PASSWORD)
        send(server, home_with(), f'--password-file={path}', password='wr0ng',
             passwordeval='echo wr0ng').expect(0)
        signed_in(server)


# --- a person -----------------------------------------------------------------------------------

# Runs a command in the foreground of its terminal, as a shell does for a person. Of processes that
# have no such parent, SIGTSTP stops none.
LEADER = """
import os, signal, subprocess, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
def to_foreground():
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
status = subprocess.Popen(sys.argv[1:], preexec_fn=to_foreground).wait()
sys.exit(status if status >= 0 else 128 - status)
"""


class Person:
    """Sits at a terminal that is the controlling one of a mailchute; the mail comes by a pipe."""

    def __init__(self, conf, *args):
        self.end, self.terminal = os.openpty()
        self.seen = b''
        # setsid makes its standard input the controlling terminal, and the shell puts the mail there
        run = ('setsid', '--ctty', sys.executable, '-c', LEADER, 'sh', '-c',
               'mail=$1; shift; cat "$mail" | "$@"', 'sh', put(folder() / 'mail', SIMPLE.decode()))
        self.process = subprocess.Popen(
            command(conf, *args, ONE, prefix=tuple(map(str, run))), stdin=self.terminal,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=home_with())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.end)
        os.close(self.terminal)

    def sees(self, text):
        """Read what is shown until this has come."""
        end = time.monotonic() + 20
        os.set_blocking(self.end, False)
        while text not in self.seen:
            try:
                self.seen += os.read(self.end, 1000)
            except BlockingIOError:
                if time.monotonic() > end:
                    raise Failure(f'the terminal shows {self.seen!r}, not {text!r}') from None
                time.sleep(0.005)

    def types(self, text):
        """These keys."""
        os.write(self.end, text)

    def echoes(self):
        """Whether the terminal shows what is typed."""
        return bool(termios.tcgetattr(self.terminal)[3] & termios.ECHO)


@test
def a_person_at_the_terminal_is_asked_before_the_server_is_called():
    with Server() as server, Person(server.account(password=None), '-v') as person:
        person.sees(b'password for ops at localhost: ')
        check(not person.echoes(), 'the terminal would show the password')
        check_equal(len(server.sessions), 0, 'connections before the answer')
        person.types(PASSWORD.encode() + b'\n')
        finish(person.process).expect(0, hides=[PASSWORD])
        check(PASSWORD.encode() not in person.seen, 'the terminal shows the password')
        check(person.echoes(), 'the terminal is left silent')
        signed_in(server)


@test
def a_person_who_types_nothing_sends_nothing():
    with Server() as server, Person(server.account(password=None)) as person:
        person.sees(b'password for ops')
        person.types(b'\n')
        finish(person.process).expect(69, 'NO_PASSWORD', 'nothing was typed')
        check_equal(len(server.sessions), 0, 'connections')


@test
def control_c_ends_it_and_the_terminal_shows_again_what_is_typed():
    with Server() as server, Person(server.account(password=None)) as person:
        person.sees(b'password for ops')
        person.types(b'half\x03')
        person.process.wait(20)
        check(person.process.returncode in (-signal.SIGINT, 128 + signal.SIGINT),
              f'ended with {person.process.returncode}')
        check(person.echoes(), 'the terminal is left silent')
        check_equal(len(server.sessions), 0, 'connections')


@cases(('hung up', signal.SIGHUP), ('ended', signal.SIGTERM), ('quit', signal.SIGQUIT),
       ('out of time', signal.SIGALRM))
def the_terminal_shows_again_what_is_typed_when_it_is(number):
    with Server() as server, Person(server.account(password=None)) as person:
        person.sees(b'password for ops')
        check(not person.echoes(), 'the terminal would show the password')
        os.killpg(os.tcgetpgrp(person.end), number)
        person.process.wait(20)
        wait_until(person.echoes, 'the terminal shows what is typed')
        check_equal(len(server.sessions), 0, 'connections')


def has_stopped(group):
    """Whether all processes of the group have."""
    fields = []
    for stat in Path('/proc').glob('[0-9]*/stat'):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            fields.append(stat.read_text().rpartition(')')[2].split())
    return all(state == 'T' for state, _parent, leader, *_ in fields if leader == str(group))


@test
def a_person_who_stops_it_sees_what_is_typed_and_is_asked_again():
    with Server() as server, Person(server.account(password=None)) as person:
        person.sees(b'password for ops')
        group = os.tcgetpgrp(person.end)
        person.types(b'half')
        os.killpg(group, signal.SIGTSTP)
        wait_until(person.echoes, 'the terminal shows what is typed')
        wait_until(lambda: has_stopped(group), 'all of it has stopped')
        os.killpg(group, signal.SIGCONT)
        wait_until(lambda: not person.echoes(), 'the terminal is silent again')
        person.seen = b''
        person.sees(b'password for ops')
        person.types(PASSWORD.encode() + b'\n')
        finish(person.process).expect(0, hides=[PASSWORD])
        check(b'half' not in person.seen, 'the terminal shows the password')
        signed_in(server)


@cases(('the end of the input', b'\x04', 69, 'nothing was typed'),
       ('more than a line can hold', b'x' * 6000 + b'\n', 77, 'AUTH_REFUSED'),
       ('a correction', b'wr0ng\x15' + PASSWORD.encode() + b'\n', 0, ''),
       ('what was typed before', PASSWORD.encode() + b'\nmore\n', 0, ''))
def a_person_types(keys, status, words):
    with Server() as server, Person(server.account(password=None)) as person:
        person.sees(b'password for ops')
        person.types(keys)
        finish(person.process).expect(status, words, hides=[PASSWORD, 'xxxx'])
        check(b'xxxx' not in person.seen, 'the terminal shows the password')
        check(person.echoes(), 'the terminal is left silent')


@test
def a_password_that_a_person_typed_wrongly_is_told():
    with Server() as server, Person(server.account(password=None)) as person:
        person.sees(b'password for ops')
        person.types(b'wr0ng\n')
        finish(person.process).expect(77, 'the password came from the terminal', hides=['wr0ng'])


@test
def a_person_is_not_asked_where_a_setting_says_where_the_password_is():
    with Server() as server, Person(server.account(
            password=None, password_file='/nonexistent/file')) as person:
        finish(person.process).expect(78, '/nonexistent/file')


# --- NTLM ---------------------------------------------------------------------------------------

@test
def ntlm_says_the_domain_in_its_first_message():
    said = []

    def auth(session, mechanism, initial):
        said.append((mechanism, initial))
        return '535 5.7.8 no'
    with Server(mechanisms='NTLM', auth=auth) as server:
        result = mailchute(server.account(auth='ntlm', ntlmdomain='WORKS'), ONE, stdin=SIMPLE)
        if 'mechanism' in result.err and not said:
            raise Skip('libgsasl without NTLM')
        result.expect(77, 'AUTH_REFUSED', r'password came from password \(/.*:\d+\)')
        check_equal(said[0][0], 'NTLM', 'method')
        check(b'WORKS' in said[0][1], f'{said[0][1]!r}')


if __name__ == '__main__':
    main()
