#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_syslog.py - what syslog gets, in a mount namespace that has a /dev/log of its own"""
import contextlib
import re
import socket
import subprocess

from harness import Skip, check, check_equal, environment, folder, mailchute, main, need_root, test
from hostile import Server
from mail import SIMPLE, check_arrived

ONE = 'one@lab.example'
USER, INFO, ERROR = 1 << 3, 6, 3  # syslog(3)
DEV = 'mount -t tmpfs none "$DEV" && : >"$DEV/null" && mount --bind /dev/null "$DEV/null" && ' \
      'ln -s "$DEV_LOG" "$DEV/log" && mount --rbind "$DEV" /dev && exec "$0" "$@"'
PREFIX = ['unshare', '--mount', 'sh', '-c', DEV]


class Syslog:
    """A context: somebody who listens at a /dev/log. .lines is what came."""

    def __init__(self):
        need_root()
        place = folder('dev')
        self.env = environment(DEV=folder('mount'), DEV_LOG=place / 'log')
        tried = subprocess.run([*PREFIX, 'true'], env=self.env, capture_output=True, text=True,
                               check=False)
        if tried.returncode:
            raise Skip(f'mounting is not allowed here: {tried.stderr.strip()}')
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(place / 'log'))
        self.socket.setblocking(False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def lines(self):
        """All that has come."""
        found = []
        with contextlib.suppress(BlockingIOError):
            while True:
                found.append(self.socket.recv(1 << 20).decode())
        return found


def line_of(log, server, *to, status=0, **more):
    """The one line that a mail leaves."""
    mailchute(server.account(auth=False, syslog=True, **more), *(to or [ONE]), stdin=SIMPLE,
              prefix=PREFIX, env=log.env).expect(status)
    lines = log.lines()
    check_equal(len(lines), 1, 'lines')
    return lines[0]


@test
def a_mail_that_went_is_information():
    with Syslog() as log, Server(tls=None) as server:
        line = line_of(log, server)
        check_arrived(server.mail(), SIMPLE)
    check(re.match(rf'<{USER | INFO}>\w{{3}} [ \d]\d \d\d:\d\d:\d\d mailchute\[\d+\]: '
                   rf'host=localhost .*recipients={ONE} .*exitcode=EX_OK$', line), line)


@test
def a_mail_that_did_not_is_an_error():
    with Syslog() as log, Server(tls=None, final='554 5.7.1 spam') as server:
        line = line_of(log, server, status=69)
    check(line.startswith(f'<{USER | ERROR}>') and 'exitcode=EX_UNAVAILABLE' in line, line)


@test
def of_a_line_that_is_too_long_the_beginning_is_there():
    to = [f'recipient-{i:05}@lab.example' for i in range(9000)]
    with Syslog() as log, Server(tls=None) as server:
        line = line_of(log, server, *to)
        check_equal(len(server.mail().recipients), len(to), 'recipients')
    check('recipients=recipient-00000@' in line, line[:300])


@test
def nobody_who_listens_changes_nothing():
    with Syslog() as log, Server(tls=None) as server:
        log.socket.close()
        mailchute(server.account(auth=False, syslog=True), ONE, stdin=SIMPLE, prefix=PREFIX,
                  env=log.env).expect(0)
        check_arrived(server.mail(), SIMPLE)


if __name__ == '__main__':
    main()
