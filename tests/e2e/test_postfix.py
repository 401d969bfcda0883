#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_postfix.py - the main job against a real Postfix whose users a real Dovecot checks"""
from dovecot import MECHANISMS, PASSWORD, Dovecot, token
from harness import (cases, check, check_equal, keep, mailchute, main, settings, shared, test,
                     wait_until)
from mail import DOTS, EIGHT_BIT, HEADER, SIMPLE, crlf
from postfix import SIZE_LIMIT, Postfix

ONE, TWO, THREE = (f'{name}@lab.example' for name in ('one', 'two', 'three'))


@shared
def postfix():
    """The server all tests here use; Dovecot first, since Postfix asks it."""
    return keep(Postfix(keep(Dovecot())))


def account(implicit=False, **more):
    """Settings that work, unless the test changes one."""
    values = {**postfix().settings(implicit), 'auth': 'plain', 'user': 'ops', 'password': PASSWORD}
    return settings(**{**values, **more})


def check_delivered(box, before, text):
    """One more mail is in the box, and it ends with what was given (Postfix adds above it)."""
    mail = postfix().mails(box, before + 1)[-1]
    wanted = crlf(text).replace(b'\r\n', b'\n')
    check_equal(mail[-len(wanted):], wanted, f'the mail in {box}')


@cases(('starttls', False), ('tls from the first byte', True))
def a_mail_arrives_byte_by_byte(implicit):
    before = postfix().count('one')
    text = HEADER + b'\n' + DOTS + EIGHT_BIT + b'the end'
    mailchute(account(implicit), ONE, stdin=text).expect(0, hides=[PASSWORD])
    check_delivered('one', before, text)


@cases(
    ('no final newline', HEADER + b'\nlast line'),
    ('CRLF line ends', crlf(HEADER + b'\n' + DOTS)),
    ('mixed line ends', HEADER + b'\na\r\nb\nc\r\n'),
    ('8-bit text', HEADER + b'\n' + EIGHT_BIT * 50),
    ('only dots', HEADER + b'\n.\n.\n.\n'),
    ('no body', HEADER),
    ('a line of 5000 bytes', HEADER + b'\n' + b'x' * 5000 + b'\n'),
    ('100 kB', HEADER + b'\n' + b'.This line starts with a dot and is not alone.\n' * 2200),
)
def what_arrives_is_what_was_given(text):
    before = postfix().count('two')
    mailchute(account(), TWO, stdin=text).expect(0)
    check_delivered('two', before, text)


@cases(*((name, name) for name in MECHANISMS))
def a_mechanism_signs_in(name):
    before = postfix().log_text().count(f'sasl_method={name.upper()},')
    secret = token() if name in ('xoauth2', 'oauthbearer') else PASSWORD
    mailchute(account(auth=name, password=secret), ONE, stdin=SIMPLE).expect(0, hides=[secret])
    wait_until(lambda: postfix().log_text().count(f'sasl_method={name.upper()},') > before,
               f'Postfix logs a sign-in by {name}')


@test
def auth_on_takes_the_strongest_mechanism():
    before = postfix().log_text().count('sasl_method=SCRAM-SHA-256,')
    mailchute(account(auth='on'), ONE, stdin=SIMPLE).expect(0, hides=[PASSWORD])
    wait_until(lambda: postfix().log_text().count('sasl_method=SCRAM-SHA-256,') > before,
               'Postfix logs a sign-in by SCRAM-SHA-256')


@cases(*((name, name) for name in MECHANISMS))
def a_wrong_password_ends_with_77(name):
    secret = 'not the password at all'
    before = postfix().count('one')
    mailchute(account(auth=name, password=secret), ONE, stdin=SIMPLE).expect(
        77, r'^mailchute: .*localhost:\d+: .*\[\w+\]', r'535', hides=[secret])
    check_equal(postfix().count('one'), before, 'mails')


@test
def a_sender_of_somebody_else_ends_with_65():
    conf = account(**{'from': 'boss@lab.example'})
    mailchute(conf, ONE, stdin=SIMPLE).expect(65, 'boss@lab.example', '553')


@test
def one_refused_recipient_does_not_stop_the_other_two():
    before = [postfix().count(box) for box in ('two', 'three')]
    result = mailchute(account(), TWO, 'nobody@lab.example', THREE, stdin=SIMPLE)
    result.expect(67, 'nobody@lab.example', '550', 'User unknown')
    check('two@lab.example' not in result.err, f'it names a good recipient\n{result.text()}')
    for box, count in zip(('two', 'three'), before):
        check_delivered(box, count, SIMPLE)


@test
def an_unknown_recipient_alone_ends_with_65():
    mailchute(account(), 'nobody@lab.example', stdin=SIMPLE).expect(
        65, 'nobody@lab.example', '550 5.1.1')


@test
def a_greylisted_recipient_ends_with_75():
    mailchute(account(), 'grey@lab.example', stdin=SIMPLE).expect(
        75, 'grey@lab.example', 'Greylisted')


@test
def a_message_over_the_size_limit_is_not_uploaded():
    text = HEADER + b'\n' + b'0123456789abcdef' * 4 + b'\n'
    text += b'0123456789abcdef' * (SIZE_LIMIT // 16) + b'\n'
    result = mailchute(account(), '-v', ONE, stdin=text).expect(65, 'TOO_LARGE', '200')
    check('--> DATA' not in result.out and '<-- 354' not in result.out,
          f'the server was asked to take it\n{result.text()}')


@test
def recipients_come_from_the_header_and_bcc_stays_hidden():
    before = [postfix().count(box) for box in ('one', 'two', 'three')]
    more = b'Cc: Two <two@lab.example>\nBcc: three@lab.example\nSubject:'
    text = SIMPLE.replace(b'Subject:', more)
    mailchute(account(), '-t', stdin=text).expect(0)
    for box, count in zip(('one', 'two', 'three'), before):
        check_delivered(box, count, text.replace(b'Bcc: three@lab.example\n', b''))


@test
def the_dialogue_shows_no_password():
    result = mailchute(account(auth='plain'), '-v', ONE, stdin=SIMPLE).expect(
        0, out=[r'^--> ', r'<-- 250'], hides=[PASSWORD, 'AG9wcwBjb3JyZWN0'])
    check('--> AUTH PLAIN' in result.out, f'the AUTH line is missing\n{result.out}')


@test
def the_log_tells_who_got_what():
    log = postfix().place / 'mailchute.log'
    mailchute(account(), f'--logfile={log}', ONE, stdin=SIMPLE).expect(0)
    mailchute(account(), f'--logfile={log}', 'nobody@lab.example', stdin=SIMPLE).expect(65)
    lines = log.read_text().splitlines()
    check_equal(len(lines), 2, 'lines in the log')
    check('one@lab.example' in lines[0] and 'exitcode=EX_OK' in lines[0], lines[0])
    check('nobody@lab.example' in lines[1] and 'EX_DATAERR' in lines[1], lines[1])
    check(PASSWORD not in log.read_text(), 'the password is in the log')


if __name__ == '__main__':
    main()
