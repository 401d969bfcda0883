#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_syslog.py - what syslog gets"""
import re

from devlog import PREFIX, Syslog
from harness import check, check_equal, mailchute, main, test
from hostile import Server
from mail import SIMPLE, check_arrived

ONE = 'one@lab.example'
USER, INFO, ERROR = 1 << 3, 6, 3  # syslog(3)


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
