#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_cost.py - what a run asks of the kernel: counts, never times"""
import re
import shutil
import subprocess

from harness import (Skip, binary, cases, check, check_equal, environment, finish, folder, main,
                     need, sanitized, settings_file, start, test)
from hostile import Server
from mail import HEADER

ONE = 'one@lab.example'
SMALL = HEADER + b'\n' + b'thirty-one bytes in this line..\n' * 60
LARGE = HEADER + b'\n' + b'as it is in base64, a line of seventy-six letters and no more than that...\n' * 50_000
LIBRARY = re.compile(r'/lib(gnutls|gsasl|idn2)\.so')


class Trace(str):
    """What strace has noted down: one system call a line."""

    def calls(self, *names):
        """The lines of these calls, or of all."""
        return [line for line in self.splitlines()
                if re.match(r'\d+ +(%s)\(' % ('|'.join(names) or r'\w+'), line)]

    def opened(self):
        """The files that were opened, in order."""
        return [match[1] for line in self.calls('open', 'openat')
                if (match := re.search(r'"([^"]*)".* = \d+$', line))]

    def libraries(self):
        """Those of the three big ones that were loaded."""
        return {match[1] for path in self.opened() if (match := LIBRARY.search(path))}


def traced(argv, stdin, **more):
    """The trace of a run that must go well; stdin: an open file, or bytes for a pipe."""
    if sanitized():
        raise Skip('leaks are looked for by ptrace, which is taken')
    log = folder() / 'strace'
    strace = [need('strace', 'strace'), '-f', '-s', '64', '-o', str(log)]
    is_bytes = isinstance(stdin, bytes)
    done = subprocess.run([*strace, *map(str, argv)], input=stdin if is_bytes else None,
                          stdin=None if is_bytes else stdin, env=environment(), timeout=60,
                          capture_output=True, check=False, **more)
    check_equal(done.returncode, 0, f'exit status ({done.stderr})')
    return Trace(log.read_text())


def send(text, program=None, as_file=True, **script):
    """The trace of one mail, from a file or a pipe."""
    path = folder() / 'mail'
    path.write_bytes(text)
    with Server(**script) as server, open(path, 'rb') as file:
        more = {'auth': True} if server.tls else {'auth': False}
        conf = settings_file(server.account(host='127.0.0.1', **more))
        return traced([program or binary(), '-C', conf, ONE], file if as_file else text)


@test
def a_small_mail_takes_few_system_calls():
    ours = len(send(SMALL, tls=None).calls())
    check(ours <= 110, f'{ours} system calls')  # a third of them is the loader's


@test
def a_small_mail_takes_at_most_half_the_system_calls_of_msmtp():
    if not shutil.which('msmtp'):
        raise Skip('no msmtp (Debian package msmtp)')
    ours, theirs = (len(send(SMALL, program, tls=None).calls()) for program in (None, 'msmtp'))
    check(2 * ours <= theirs, f'{ours} system calls, and {theirs} of msmtp')


@cases(('without tls', None), ('with tls', 'starttls'))
def no_file_is_opened_twice(tls):
    opened = send(SMALL, tls=tls).opened()
    twice = {path for path in opened if opened.count(path) > 1} - {'/etc/ld.so.cache'}
    check(not twice, f'opened twice: {twice}')


@cases(('the version', '--version'), ('the help', '--help'))
def no_library_is_loaded_for(option):
    check_equal(traced([binary(), option], b'').libraries(), set(), 'libraries')


@cases(
    ('none without tls', {'tls': None}, set()),
    ('those of tls', {'tls': 'implicit'}, {'gnutls', 'idn2'}),
    ('and of the sign-in', {'tls': 'implicit', 'mechanisms': 'LOGIN'},
     {'gnutls', 'gsasl', 'idn2'}),
)
def the_libraries_of_a_mail_are(script, libraries):
    check_equal(send(SMALL, **script).libraries(), libraries, 'libraries')


@test
def nobody_is_asked_for_the_name_of_an_address():
    opened = send(SMALL, tls=None).opened()
    check(not {'/etc/resolv.conf', '/etc/nsswitch.conf', '/etc/hosts'} & set(opened), opened)


@cases(
    # 64 kB at a time; in TLS, records of 16 kB, which is as long as they can be
    ('in clear', None, ('sendto', 'sendmsg', 'write'), 64 * 1024),
    ('in tls', 'implicit', ('sendto', 'sendmsg'), 16 * 1024),
)
def a_large_mail_takes_few_writes(tls, names, size):
    trace = send(LARGE, tls=tls)
    writes, needed = len(trace.calls(*names)), len(LARGE) // size
    check(writes <= needed * 1.05 + 20, f'{writes} writes where {needed} are needed')


@cases(('a file is not copied', True, 0), ('a pipe is', False, 1))
def of_a_large_mail(as_file, copies):
    made = [line for line in send(LARGE, as_file=as_file, tls=None).calls('openat')
            if 'O_TMPFILE' in line]
    check_equal(len(made), copies, 'temporary files')


@test
def the_place_in_a_file_is_behind_the_mail():
    """Whoever calls us may read on from there."""
    path = folder() / 'mail'
    path.write_bytes(LARGE)
    with Server(tls=None) as server, open(path, 'rb') as file:
        finish(start(server.account(auth=False), ONE, stdin=file)).expect(0)
        check_equal(file.seek(0, 1), len(LARGE), 'place')


if __name__ == '__main__':
    main()
