#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_lmtp.py - LMTP with TLS into a real Dovecot, and against one that answers oddly

In LMTP (RFC 2033) each recipient has a reply of its own after the last dot.
"""
from dovecot import Dovecot
from harness import check, check_equal, keep, mailchute, main, settings, shared, test
from hostile import Server
from mail import DOTS, EIGHT_BIT, HEADER, SIMPLE, check_arrived, crlf

OPS, TEAM = 'ops@lab.example', 'team@lab.example'


@shared
def dovecot():
    """The server all tests here use."""
    return keep(Dovecot())


def account(**more):
    """Settings that work, unless the test changes one."""
    return settings(**{**dovecot().lmtp(), **more})


def check_delivered(user, before, text):
    """One more mail is in the inbox, and it ends with what was given (Dovecot adds above it)."""
    mails = dovecot().mails(user)
    check_equal(len(mails), before + 1, f'mails of {user}')
    wanted = crlf(text).replace(b'\r\n', b'\n')
    check_equal(mails[-1].replace(b'\r\n', b'\n')[-len(wanted):], wanted, f'the mail of {user}')


@test
def a_mail_arrives_at_both_recipients_byte_by_byte():
    before = [len(dovecot().mails(user)) for user in ('ops', 'team')]
    text = HEADER + b'\n' + DOTS + EIGHT_BIT + b'the end'
    mailchute(account(), OPS, TEAM, stdin=text).expect(0)
    for user, count in zip(('ops', 'team'), before):
        check_delivered(user, count, text)


@test
def a_mail_arrives_over_a_unix_socket():
    before = len(dovecot().mails('ops'))
    mailchute(settings(**dovecot().lmtp_socket()), OPS, stdin=SIMPLE).expect(0)
    check_delivered('ops', before, SIMPLE)


@test
def an_unknown_recipient_is_named_and_the_other_gets_the_mail():
    before = len(dovecot().mails('team'))
    result = mailchute(account(), 'nobody@lab.example', TEAM, stdin=SIMPLE)
    result.expect(67, 'nobody@lab.example', "550.*User doesn't exist")
    check(TEAM not in result.err, f'it names a good recipient\n{result.text()}')
    check_delivered('team', before, SIMPLE)


@test
def a_certificate_for_another_name_stops_it():
    before = len(dovecot().mails('ops'))
    mailchute(account(tls_host_override='mail.lab.example'), OPS, stdin=SIMPLE).expect(
        69, 'certificate', r'mail\.lab\.example')
    check_equal(len(dovecot().mails('ops')), before, 'mails')


@test
def a_refusal_after_the_last_dot_concerns_one_recipient():
    replies = ['250 2.0.0 kept', '552 5.2.2 mailbox full']
    with Server(lmtp=True, mechanisms='', received=lambda s, mail: replies) as server:
        result = mailchute(settings(**server.settings()), OPS, TEAM, stdin=SIMPLE)
        result.expect({67, 69}, TEAM, '552 5.2.2 mailbox full')
        check(OPS not in result.err, f'it names a good recipient\n{result.text()}')
        check_arrived(server.mail(), SIMPLE)


@test
def a_recipient_put_off_after_the_last_dot_is_named():
    replies = ['250 2.0.0 kept', '452 4.2.2 try later']
    with Server(lmtp=True, mechanisms='', received=lambda s, mail: replies) as server:
        result = mailchute(settings(**server.settings()), OPS, TEAM, stdin=SIMPLE)
        check(result.status not in (0, 75), f'75 would send to {OPS} again\n{result.text()}')
        result.expect(result.status, TEAM, '452 4.2.2 try later')


@test
def all_put_off_after_the_last_dot_ends_with_75():
    replies = ['452 4.2.2 try later'] * 2
    with Server(lmtp=True, mechanisms='', received=lambda s, mail: replies) as server:
        mailchute(settings(**server.settings()), OPS, TEAM, stdin=SIMPLE).expect(
            75, OPS, TEAM, '452 4.2.2 try later')


@test
def a_missing_second_reply_leaves_that_recipient_open():
    def one_reply(session, _mail):
        session.say('250 2.0.0 kept')
        session.hang_up()
    with Server(lmtp=True, mechanisms='', received=one_reply) as server:
        result = mailchute(settings(**server.settings()), OPS, TEAM, stdin=SIMPLE)
        check(result.status not in (0, 75), f'75 would send to {OPS} again\n{result.text()}')
        result.expect(range(64, 79), TEAM, 'MAYBE_SENT')


if __name__ == '__main__':
    main()
