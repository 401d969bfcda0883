#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_flights.py - how often a mail waits for an answer, and that it is no more than it must

A flight is what the client says before it waits. The rules (RFC 2920, 3.1) let EHLO, STARTTLS, AUTH
and DATA only end one; a mail's sender and recipients go in one, and with BDAT the mail, too.
"""
import itertools

from harness import cases, check, check_equal, mailchute, main, test
from hostile import Server, Session
from mail import HEADER, SIMPLE, check_arrived
from scram import Scram

OFFERS = {'both': ('PIPELINING', 'CHUNKING'), 'pipelining': ('PIPELINING',),
          'chunking': ('CHUNKING',), 'neither': ()}
LARGE = HEADER + b'\n' + b'.23456789012345678901234567890\n' * 90000


def recipients(count):
    """So many addresses."""
    return [f'r{number}@lab.example' for number in range(count)]


def least(tls, auth, offer, count):
    """The flights that a mail takes: EHLO, STARTTLS and EHLO, AUTH, the envelope, the message; and
    where nothing may go along with something else, QUIT, whose answer nobody waits for."""
    single = 'PIPELINING' not in offer
    envelope = count + 1 if single else 0
    message = 1 if 'CHUNKING' in offer else 2
    return 1 + 2 * (tls == 'starttls') + auth + envelope + message + single


@cases(*((f'{tls or "no TLS"}, {"PLAIN" if auth else "no AUTH"}, {offer}', tls, auth, OFFERS[offer])
         for tls, auth, offer in itertools.product((None, 'starttls', 'implicit'), (True, False),
                                                   OFFERS)))
def a_mail_takes_as_few_flights_as_there_can_be(tls, auth, offer):
    for count in (1, 10, 100):
        mechanisms = 'PLAIN' if auth else ''
        with Server(tls=tls, caps=offer, mechanisms=mechanisms) as server:
            account = server.account(auth='plain' if auth else 'off')
            mailchute(account, *recipients(count), stdin=SIMPLE).expect(0)
            check_arrived(server.mail(), SIMPLE)
            session = server.first()
            check_equal(session.early, [], 'commands sent before their time')
            check_equal(len(server.mail().recipients), count, 'recipients')
            check_equal(session.flights, least(tls, auth, offer, count),
                        f'flights for {count} recipients')


@cases(
    ('plain', 'PLAIN', 1),
    ('scram', 'SCRAM-SHA-256', 3),
)
def a_sign_in_takes_as_few_flights_as_there_can_be(mechanism, flights):
    def auth(session, name, initial):
        if name == 'PLAIN':
            return Session.auth(session, name, initial)
        side = Scram('sha256', session.user, session.password)
        return session.judged(side.sign_in(session, initial))
    with Server(tls='implicit', caps=OFFERS['both'], mechanisms=mechanism, auth=auth) as server:
        mailchute(server.account(auth=mechanism.lower()), 'one@lab.example',
                  stdin=SIMPLE).expect(0)
        check_equal(server.first().flights, 2 + flights, 'flights')


@test
def a_large_mail_waits_for_its_recipients_and_then_goes_in_chunks():
    with Server(tls=None, mechanisms='', caps=OFFERS['both']) as server:
        mailchute(server.account(auth='off'), *recipients(3), stdin=LARGE).expect(0)
        check_arrived(server.mail(), LARGE)
        chunks = [line for line in server.first().commands if line.startswith('BDAT')]
        check_equal(len(chunks), 3, 'chunks')


@test
def a_large_mail_that_nobody_will_have_is_not_uploaded():
    with Server(tls=None, mechanisms='', caps=OFFERS['both'],
                rcpt=lambda s, address: '550 5.1.1 nobody') as server:
        mailchute(server.account(auth='off'), *recipients(3), stdin=LARGE).expect(65)
        check(not any(line.startswith('BDAT') for line in server.first().commands), 'it was')
        server.nothing_arrived()


@test
def a_chunk_that_is_refused_is_the_last():
    with Server(tls=None, mechanisms='', caps=OFFERS['both'],
                chunk=lambda s, size: '552 5.3.4 too much') as server:
        result = mailchute(server.account(auth='off'), *recipients(3), stdin=LARGE * 8)
        result.expect(69, 'too much')
        server.nothing_arrived()


@cases(
    ('that the server names', ('LIMITS RCPTMAX=30',), 1),
    ('that shows', (), 1),
)
def more_recipients_than_a_limit_get_the_mail_each_once(offer, sessions):
    def limited(session, _address):
        full = len(session.recipients) >= 30
        return '452 4.5.3 too many recipients' if full else '250 2.1.5 ok'
    with Server(tls=None, mechanisms='', caps=OFFERS['both'] + offer, rcpt=limited) as server:
        mailchute(server.account(auth='off'), *recipients(250), stdin=SIMPLE).expect(0)
        server.first()
        spoken = [session for session in server.sessions if session.commands]
        got = [r for session in spoken for mail in session.mails for r in mail.recipients]
        check_equal(sorted(got), sorted(recipients(250)), 'who got it')
        check_equal(len(spoken), sessions, 'sessions')


@test
def recipients_that_the_server_takes_one_at_a_time_all_get_the_mail():
    """The mail's QUIT was on its way already: another session takes the rest."""
    def single(session, _address):
        return '452 4.5.3 one at a time' if session.recipients else '250 2.1.5 ok'
    with Server(tls=None, mechanisms='', caps=OFFERS['both'], rcpt=single) as server:
        mailchute(server.account(auth='off'), *recipients(3), stdin=SIMPLE).expect(0)
        server.first()
        got = [r for s in server.sessions for mail in s.mails for r in mail.recipients]
        check_equal(sorted(got), recipients(3), 'who got it')


@test
def a_session_that_is_full_is_followed_by_another():
    with Server(tls=None, mechanisms='',
                caps=OFFERS['both'] + ('LIMITS MAILMAX=2 RCPTMAX=10',)) as server:
        mailchute(server.account(auth='off'), *recipients(50), stdin=SIMPLE).expect(0)
        server.first()
        mails = [len(session.mails) for session in server.sessions if session.commands]
        check_equal(mails, [2, 2, 1], 'messages by session')


if __name__ == '__main__':
    main()
