#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_silence.py - servers that neither speak nor listen

Every wait has a limit: that for replies is the business of test_hostile.py, the others are shown
here. The time-out is set to one second; without it, there would be thirty at the least.
"""
from harness import check, mailchute, main, test
from hostile import PASSWORD, Server
from mail import HEADER, SIMPLE

ONE = 'one@lab.example'
LIMIT = 25


def send(server, *args, text=SIMPLE, **more):
    """One mail with a time-out of one second."""
    return mailchute(server.account(timeout=1, **more), *args, ONE, stdin=text)


def in_time(result):
    """It ended because of its own limit."""
    check(result.seconds < LIMIT, f'it took {result.seconds:.1f} s\n{result.text()}')


def silent(session, *_):
    """Say nothing from here on."""
    session.silence()


@test
def a_server_that_does_not_read_the_message_ends_with_75():
    def deaf(session):
        session.say('354 go on')
        session.flush()
        session.server.stopping.wait(30)
    with Server(data=deaf) as server:
        text = HEADER + b'\n' + b'a line of no great interest\n' * 1_000_000
        in_time(send(server, text=text).expect(75, 'TIMEOUT'))


@test
def starttls_on_a_port_that_starts_with_tls_ends_in_time_and_tries_no_password():
    with Server(tls='implicit') as server:
        in_time(send(server, tls_starttls=True).expect({75, 76}, hides=[PASSWORD]))
        server.nothing_arrived()


@test
def the_command_line_sets_the_time_out():
    with Server(ehlo=silent) as server:
        in_time(mailchute(server.account(), '--timeout=1', ONE, stdin=SIMPLE).expect(
            75, 'TIMEOUT'))


if __name__ == '__main__':
    main()
