#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_silence.py - servers that say nothing, too little or too slowly

Every wait has a limit, and the limit is for the whole reply, not for each byte. The time-out is set
to one second here; a run that takes five times as long counts as hanging.
"""
from certs import trust
from harness import cases, check, mailchute, main, test
from hostile import PASSWORD, Server
from mail import HEADER, SIMPLE, check_arrived

ONE = 'one@lab.example'
LIMIT = 5


def send(server, *args, text=SIMPLE, **more):
    """One mail with a time-out of one second."""
    return mailchute(server.account(timeout=1, **more), *args, ONE, stdin=text, limit=12)


def in_time(result):
    """It ended because of its own limit."""
    check(result.seconds < LIMIT, f'it took {result.seconds:.1f} s\n{result.text()}')


def silent(session, *_):
    """Say nothing from here on."""
    session.silence()


def silent_in_handshake(session):
    """Agree to TLS, then say nothing."""
    session.say('220 2.0.0 go ahead')
    session.silence()


def dripping(text):
    """A method that lets a reply drip: each byte in time, the whole much too late."""
    return lambda session, *_: session.drip(text * 8)


def dripping_handshake(session):
    """A TLS record that takes for ever."""
    session.say('220 2.0.0 go ahead')
    session.flush()
    session.sock.recv(1)  # the client's hello has come
    session.drip(b'\x16\x03\x03\x10\x00\x02\x00' + bytes(100))


@cases(
    ('at the greeting', {'connected': silent}),
    ('at ehlo', {'ehlo': silent}),
    ('at starttls', {'starttls': silent}),
    ('in the handshake', {'starttls': silent_in_handshake}),
    ('at auth', {'auth': silent}),
    ('at mail', {'mail': silent}),
    ('at rcpt', {'rcpt': silent}),
    ('at data', {'data': silent}),
)
def a_silent_server_ends_with_75(script):
    with Server(**script) as server:
        in_time(send(server).expect(75, r'^mailchute: default: localhost:\d+: ', 'TIMEOUT',
                                    hides=[PASSWORD]))
        server.nothing_arrived()


@cases(
    ('its greeting', {'connected': dripping(b'220-mx.lab.example\r\n')}),
    ('its capabilities', {'ehlo': dripping(b'250-8BITMIME\r\n')}),
    ('its handshake', {'starttls': dripping_handshake}),
    ('its reply to mail', {'mail': dripping(b'250-two hundred and fifty')}),
)
def a_server_that_drips_does_not_hold_us(script):
    with Server(**script) as server:
        in_time(send(server).expect(75, 'TIMEOUT'))
        server.nothing_arrived()


@test
def a_server_silent_after_the_last_dot_may_have_taken_it():
    with Server(received=silent) as server:
        in_time(send(server).expect(75, r'\[MAYBE_SENT\]'))
        check_arrived(server.mail(), SIMPLE)


@test
def a_server_silent_at_quit_does_not_hold_us():
    with Server(quit=silent) as server:
        in_time(send(server).expect(0))
        check_arrived(server.mail(), SIMPLE)


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
def tls_from_the_first_byte_with_a_silent_server_ends_with_75():
    with Server(tls=None, connected=silent) as server:
        in_time(send(server, tls=True, tls_starttls=False, tls_trust_file=trust()).expect(
            75, 'TIMEOUT'))


@test
def starttls_on_a_port_that_starts_with_tls_ends_in_time_and_tries_no_password():
    with Server(tls='implicit') as server:
        in_time(send(server, tls_starttls=True).expect({75, 76}, hides=[PASSWORD]))
        server.nothing_arrived()


@test
def the_command_line_sets_the_time_out():
    with Server(ehlo=silent) as server:
        in_time(mailchute(server.account(), '--timeout=1', ONE, stdin=SIMPLE, limit=12).expect(
            75, 'TIMEOUT'))


if __name__ == '__main__':
    main()
