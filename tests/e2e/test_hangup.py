#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_hangup.py - connections that end when they should not

Those that end in place of a reply are in test_hostile.py, the others here. Before the last dot
nothing was handed over: 75, try again. Between the dot and its reply nobody knows: 75, and the
words say so. After the 250 the mail is the server's, whatever follows.
"""
import socket

from daemon import free_port
from harness import (cases, check, check_equal, finish, mailchute, main, start, test, wait_until,
                     waits_for_input)
from hostile import Gone, Server
from mail import HEADER, SIMPLE, check_arrived
from unreachable import refusing

ONE = 'one@lab.example'

# How a connection can end, by name.
ENDS = {'closes': lambda session: session.hang_up(), 'resets': lambda session: session.reset()}


def then(end, *replies):
    """A method of a session: say this, then end the connection in that way."""
    def method(session, *_):
        for reply in replies:
            session.say(reply)
        ENDS[end](session)
    return method


def both_ways(*rows):
    """Each row for a server that closes and for one that resets the connection."""
    return [(f'{label}{end}', end, *more) for label, *more in rows for end in ENDS]


@cases(*both_ways(('', )))
def a_server_that_dies_inside_the_message_ends_with_75(end):
    class Mouthful:
        """A sink that is full soon."""
        def __init__(self):
            self.room = 100_000

        def write(self, data):
            """Take it until there is no room."""
            self.room -= len(data)
            if self.room < 0:
                raise OSError('enough')

    def broken(session):
        session.say('354 go on')
        sink = Mouthful()
        try:
            session.read_body(sink)
        except OSError:
            ENDS[end](session)
    with Server(data=broken) as server:
        text = HEADER + b'\n' + b'a line of no great interest\n' * 200_000
        result = mailchute(server.account(), ONE, stdin=text).expect(75)
        check('MAYBE_SENT' not in result.err, f'it was surely not sent\n{result.text()}')
        server.nothing_arrived()


@cases(('in the clear', None), ('under tls', 'starttls'))
def a_server_that_says_goodbye_and_reads_no_more_holds_nobody_up(tls):
    """It ends its own side in the middle of the message: nothing more can come, and we know."""
    def goodbye(session):
        session.say('354 go on')
        session.flush()
        session.sock.shutdown(socket.SHUT_WR)
        session.server.stopping.wait(30)
        raise Gone('the test has ended')
    with Server(tls=tls, mechanisms='', data=goodbye) as server:
        text = HEADER + b'\n' + b'a line of no great interest\n' * 1_000_000
        result = mailchute(server.account(auth=False, timeout=2), ONE, stdin=text).expect(75)
        check(result.seconds < 25, f'it took {result.seconds:.0f} s')
        server.stopping.set()
        server.nothing_arrived()


@cases(('a yes', '250 2.0.0 queued', 76), ('a no', '552 5.2.2 full', 69),
       ('a not now', '452 4.2.2 full', 75))
def an_answer_that_comes_before_the_message_is_none_to_it(reply, status):
    def early(session):
        session.say(['354 go on', reply])
        session.flush()
        session.silence()
    with Server(data=early) as server:
        mailchute(server.account(timeout=5), ONE, stdin=SIMPLE).expect(status)
        server.nothing_arrived()


@cases(('with pipelining', ('PIPELINING',)), ('without', ()))
def a_server_that_says_421_is_asked_again_later(caps):
    for leaves_at in range(3):
        def rcpt(session, _address, left=[leaves_at]):
            left[0] -= 1
            if left[0] >= 0:
                return '250 2.1.5 ok'
            session.say('421 4.3.2 going down')
            return session.hang_up()
        with Server(caps=caps, rcpt=rcpt) as server:
            mailchute(server.account(), ONE, 'two@lab.example', 'three@lab.example',
                      stdin=SIMPLE).expect(75, '421 4.3.2 going down')
            server.nothing_arrived()


@cases(*both_ways(('right after its 250 it ', 'received', '250 2.0.0 queued'),
                  ('at quit it ', 'quit'),
                  ('after its 221 it ', 'quit', '221 2.0.0 bye')))
def nothing_after_the_250_changes_the_outcome(end, stage, *replies):
    for tls in ('starttls', 'implicit', None):
        with Server(tls=tls, mechanisms='', **{stage: then(end, *replies)}) as server:
            mailchute(server.account(auth=False), ONE, stdin=SIMPLE).expect(0)
            check_arrived(server.mail(), SIMPLE)


@test
def a_capability_offered_before_tls_does_not_count_after():
    """DSN is announced in the clear only: what an attacker says there must be forgotten."""
    def ehlo(session, _name):
        more = '' if session.secure else '250-DSN\r\n'
        return f"250-mx.lab.example\r\n{more}250 {'AUTH PLAIN' if session.secure else 'STARTTLS'}"
    with Server(ehlo=ehlo) as server:
        mailchute(server.account(), '-N', 'failure', ONE, stdin=SIMPLE).expect(69, 'NO_DSN')
        check(not any('NOTIFY' in line for line in server.first().commands), 'it asked for a DSN')
        server.nothing_arrived()


@test
def a_port_where_nobody_listens_ends_with_75():
    port = free_port()
    with refusing(port, '127.0.0.1'), Server() as server:
        mailchute(server.account(port=port), ONE, stdin=SIMPLE).expect(
            75, rf'localhost(:|, port ){port}', 'refused', 'CONNECT')


@test
def nobody_is_called_before_the_message_is_complete():
    """A slow producer must not hold a server's line, nor lose the mail when the server tires."""
    with Server() as server:
        process = start(server.account(), ONE)
        process.stdin.write(SIMPLE)
        process.stdin.flush()
        wait_until(lambda: waits_for_input(process), 'mailchute has read all there is')
        check_equal(len(server.sessions), 0, 'connections before the end of the message')
        finish(process, b'the last line\n').expect(0)
        check_arrived(server.mail(), SIMPLE + b'the last line\n')


if __name__ == '__main__':
    main()
