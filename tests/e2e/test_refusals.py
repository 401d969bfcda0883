#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_refusals.py - what a server's no means for the caller, and what counts as an answer at all

Exit status: 75 says "try again" and nothing else says it; each recipient who got nothing is named
with the server's own words.
"""
from harness import cases, check, check_equal, folder, mailchute, main, test
from hostile import PASSWORD, Server
from mail import HEADER, SIMPLE, check_arrived

ONE, TWO, THREE = (f'{name}@lab.example' for name in ('one', 'two', 'three'))


def saying(reply):
    """A method of a session that answers this."""
    return lambda *_: reply


@cases(
    ('greeting 554', 'connected', '554 5.3.2 go away', 76),
    ('greeting 421', 'connected', '421 4.3.2 too busy', 75),
    ('starttls 454', 'starttls', '454 4.7.0 no TLS today', 75),
    ('starttls 502', 'starttls', '502 5.5.1 what is TLS', 76),
    ('auth 535', 'auth', '535 5.7.8 wrong', 77),
    ('auth 534', 'auth', '534-5.7.9 Application-specific\r\n534 5.7.9 password required', 77),
    ('auth 454', 'auth', '454 4.7.0 come back later', 75),
    ('mail 451', 'mail', '451 4.3.0 not now', 75),
    ('mail 550', 'mail', '550 5.7.1 not you', 65),
    ('mail 552', 'mail', '552 5.2.2 your quota is used up', 65),
    ('rcpt 450', 'rcpt', '450 4.2.0 mailbox busy', 75),
    ('rcpt 550', 'rcpt', '550 5.1.1 no such user', 65),
    ('data 451', 'data', '451 4.3.0 disk full', 75),
    ('data 554', 'data', '554 5.5.0 no', 65),
    ('message 451', 'received', '451 4.7.1 greylisted', 75),
    ('message 552', 'received', '552 5.3.4 too big', 69),
    ('message 554', 'received', '554-5.7.1 spam\r\n554 5.7.1 and a virus', 69),
    ('mail 421', 'mail', '421 4.3.2 shutting down', 75),
)
def a_refusal_has_an_exit_status_and_is_quoted(stage, reply, status):
    with Server(**{stage: saying(reply)}) as server:
        words = [line[10:] for line in reply.split('\r\n')]
        mailchute(server.account(), ONE, stdin=SIMPLE).expect(
            status, r'^mailchute: default: localhost:\d+: .*\[\w+\]', rf'said: *{reply[:3]}',
            *words, hides=[PASSWORD])
        check(stage == 'received' or not server.first().mails, 'the message was sent all the same')


@test
def one_refused_recipient_of_three_is_named_and_the_others_get_the_mail():
    def rcpt(_session, address):
        return '550 5.1.1 no such user' if address == TWO else '250 2.1.5 ok'
    for caps in (('PIPELINING',), ()):
        with Server(rcpt=rcpt, caps=caps) as server:
            result = mailchute(server.account(), ONE, TWO, THREE, stdin=SIMPLE)
            result.expect(67, f'{TWO}.*\n?.*550 5.1.1 no such user')
            check(ONE not in result.err and THREE not in result.err, result.text())
            check_arrived(server.mail(), SIMPLE)
            check_equal(server.mail().recipients, [ONE, THREE], 'recipients')


@test
def a_recipient_put_off_is_not_75_when_the_other_got_the_mail():
    """A caller that tries again on 75 would send to the first one twice."""
    def rcpt(_session, address):
        return '451 4.7.1 Greylisted' if address == TWO else '250 2.1.5 ok'
    with Server(rcpt=rcpt) as server:
        result = mailchute(server.account(), ONE, TWO, stdin=SIMPLE)
        check(result.status not in (0, 75), result.text())
        result.expect(range(64, 79), f'{TWO}.*\n?.*451 4.7.1 Greylisted')
        check_equal(server.mail().recipients, [ONE], 'recipients')


@test
def when_all_are_refused_each_is_named_and_nothing_is_sent():
    def rcpt(_session, address):
        return f'550 5.1.1 no {address.upper()} here'
    for caps in (('PIPELINING',), ()):
        with Server(rcpt=rcpt, caps=caps) as server:
            mailchute(server.account(), ONE, TWO, stdin=SIMPLE).expect(
                65, f'{ONE}.*\n?.*no ONE@LAB.EXAMPLE here', f'{TWO}.*\n?.*no TWO@LAB.EXAMPLE here')
            server.nothing_arrived()
            check_equal(server.first().partial, None, 'a message that broke off')


@test
def when_all_are_refused_and_data_is_accepted_nobody_gets_an_empty_mail():
    """RFC 2920, 3.1: the server may say 354 although each RCPT failed; the client sends a dot."""
    with Server(rcpt=saying('550 5.1.1 no'), data=saying('354 go on'),
                received=saying('554 5.5.1 no valid recipients')) as server:
        mailchute(server.account(), ONE, stdin=SIMPLE).expect(65, ONE)
        for mail in server.first().mails:
            check_equal(mail.wire, b'', 'what was sent for nobody')


@test
def a_refusal_in_the_middle_of_the_message_is_the_last_reply():
    def hasty(session):
        session.say('354 go on')
        session.flush()
        session.say('552 5.3.4 too big, I have seen enough')
        session.flush()
        session.read_body(session.sink())
    with Server(data=hasty) as server:
        text = HEADER + b'\n' + b'a line of no great interest\n' * 100_000
        mailchute(server.account(), ONE, stdin=text).expect(69, '552 5.3.4 too big')


@test
def when_the_sender_is_refused_that_is_what_is_said():
    """With pipelining the recipients are then refused too (503), which tells nobody anything."""
    for strict in (True, False):
        with Server(mail=saying('553 5.7.1 not your address'), strict=strict) as server:
            result = mailchute(server.account(), ONE, TWO, stdin=SIMPLE)
            result.expect(65, 'sender', '553 5.7.1 not your address')
            check('said: 503' not in result.err, f'it quotes what followed from it\n{result.text()}')
            for mail in server.first().mails:
                check_equal(mail.wire, b'', 'what was sent for a refused sender')


@cases(
    ('a code alone', 'rcpt', '250'),
    ('a code alone with a blank', 'mail', '250 '),
    ('251', 'rcpt', '251 2.1.5 will forward'),
    ('252', 'rcpt', '252 2.1.5 will try'),
    ('an unknown success', 'mail', '299 why not'),
    ('a greeting of many lines', 'connected', '\r\n'.join(['220-hello'] * 200 + ['220 go'])),
    ('many capabilities', 'ehlo', None),
    ('a long line', 'mail', '250 ' + 'x' * 4000),
    ('354 alone', 'data', '354'),
    ('an enhanced status of another class', 'received', '250 5.0.0 taken'),
)
def an_unusual_reply_that_is_legal_is_taken(stage, reply):
    def ehlo(session, _name):
        more = ['STARTTLS'] if not session.secure else ['AUTH PLAIN']
        return '\r\n'.join(['250-mx'] + ['250-X' + 'Y' * 80] * 300 + ['250 ' + more[0]])
    with Server(**{stage: ehlo if stage == 'ehlo' else saying(reply)}) as server:
        mailchute(server.account(), ONE, stdin=SIMPLE).expect(0)
        check_arrived(server.mail(), SIMPLE)


@test
def control_characters_of_a_server_do_not_reach_the_terminal():
    with Server(mail=saying(b'550 5.7.1 \x1b[31mred\x07\x9b')) as server:
        mailchute(server.account(), ONE, stdin=SIMPLE).expect(65, 'red')  # expect() looks for them


@test
def what_a_header_holds_is_shown_without_what_a_terminal_would_obey():
    """U+009B begins a terminal's command, and not all of it is text."""
    log = folder('log') / 'log'
    conf = {'auth': False, 'logfile': log}
    text = b'To: a\xc2\x9b31m\xe2\x80\xaeb@x.example\n\nx\n'
    with Server(tls=None, rcpt=lambda s, address: '550 5.1.1 no such user') as server:
        result = mailchute(server.account(**conf), '-t', stdin=text)
        result.expect(65, 'refused the recipient')
    for place, words in (('stderr', result.err), ('the log', log.read_bytes().decode(
            'utf-8', 'backslashreplace'))):
        for odd in ('\x9b', '\u202e'):
            check(odd not in words, f'{place} has {odd!r}: {words!r}')


if __name__ == '__main__':
    main()
