#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_catch_faults.py - mailchute --catch as a bad server, on purpose, or as a command has it
"""
import contextlib
import socket
import time

from catcher import Catcher, TO, trusting
from harness import cases, check, check_equal, folder, mailchute, main, test
from mail import SIMPLE


@cases(('connect', 'connect:554', 76), ('a goodbye', 'mail:421', 75), ('mail', 'mail:550', 65),
       ('rcpt', 'rcpt:550', 65), ('data', 'data:451', 75), ('message', 'message:554', 69),
       ('a dropped connection', 'message:drop', 75))
def a_failure_reaches_the_client(fault, status):
    with Catcher(f'--fail={fault}') as catcher:
        mailchute(catcher.account(), TO, stdin=SIMPLE).expect(status)
        check_equal(catcher.end().out, '', 'standard output')


@test
def a_seed_repeats_the_failures():
    def run(seed):
        accepted = []
        with Catcher('--fail=rcpt:550:50%', f'--fail-seed={seed}') as catcher, \
                catcher.smtplib() as client:
            for number in range(40):
                client.rset()
                client.mail('app@lab.example')
                accepted.append(client.rcpt(f'{number}@lab.example')[0])
        return accepted
    first = run(42)
    check_equal(set(first), {250, 550}, 'codes')
    check_equal(run(42), first, 'codes with the same seed')
    check(run(43) != first, 'another seed makes no difference')


def accepted(client, count):
    """The codes that so many mails get at MAIL, until the server says goodbye."""
    codes = []
    while len(codes) < count and codes[-1:] != [421]:
        codes.append(client.mail('app@lab.example')[0])
        if codes[-1] == 250:
            client.rset()
    return codes


@test
def a_server_may_take_three_mails_a_session():
    with Catcher('--fail=mail:421:after:3') as catcher:
        for _ in range(2):
            with contextlib.closing(catcher.smtplib()) as client:
                check_equal(accepted(client, 5), [250, 250, 250, 421], 'codes')
                check_equal(client.file.read(), b'', 'what comes behind the goodbye')


@test
def a_server_may_put_off_the_first_try_and_take_the_second():
    with Catcher('--fail=mail:451:first:1') as catcher:
        for wanted in 451, 250, 250:
            with catcher.smtplib() as client:
                check_equal(accepted(client, 1), [wanted], 'codes')


@test
def a_server_may_take_so_many_connections_in_a_time():
    with Catcher('--fail=connect:421:over:2/h') as catcher:
        for wanted in b'220', b'220', b'421', b'421':
            with socket.create_connection(('127.0.0.1', catcher.port)) as client:
                check_equal(client.recv(100)[:3], wanted, 'the greeting')


@test
def a_server_may_take_its_time():
    with Catcher('--fail=mail:delay:300ms') as catcher, catcher.smtplib() as client:
        client.ehlo()
        start = time.monotonic()
        check_equal(client.mail('app@lab.example')[0], 250, 'MAIL')
        check(time.monotonic() - start >= 0.3, 'the reply was not late')


@cases(('in the clear', ()), ('over TLS', ('--catch-tls=self',)))
def a_server_may_read_slowly(options):
    with Catcher('--fail=data:slow:10k', *options) as catcher, catcher.smtplib() as client:
        if options:
            client.starttls(context=trusting())
        start = time.monotonic()
        client.sendmail('app@lab.example', [TO], 'Subject: hi\n\n' + ('x' * 70 + '\n') * 100)
        check(time.monotonic() - start >= 0.6, 'it was read at once')
        catcher.end().expect(0, out=['^xxx'])


@cases(('bounce', 'bounce', 550), ('tempfail', 'tempfail', 451), ('full', 'full', 552),
       ('fail-553', 'fail-553', 553), ('fail-421', 'fail-421', 421))
def a_recipient_that_always_fails_is(name, code):
    with Catcher() as catcher, contextlib.closing(catcher.smtplib()) as client:
        client.helo()
        client.mail('app@lab.example')
        check_equal(client.rcpt(f'{name}@any.example')[0], code, 'the code')


@test
def a_recipient_may_fail_behind_the_message():
    with Catcher('--catch-format=summary') as catcher:
        mailchute(catcher.account(), 'late-552@x', stdin=SIMPLE).expect(69, '552')
        check_equal(catcher.end().out, '', 'what was caught')
    with Catcher('--protocol=lmtp', '--catch-format=summary') as catcher:
        mailchute(catcher.account(protocol='lmtp'), TO, 'late-552@x', stdin=SIMPLE).expect(
            69, 'late-552@x', '552')
        catcher.end().expect(0, out=[f'<{TO}>, <late-552@x>: a test$'])


@test
def a_recipient_may_end_the_connection():
    with Catcher() as catcher:
        mailchute(catcher.account(), 'drop@x', stdin=SIMPLE).expect(75)
        catcher.send()


@test
def a_command_gets_the_mail_and_says_what_becomes_of_it():
    place = folder() / 'got'
    command = f'cat > {place}; echo "550 5.7.1 not from $CAUGHT_SENDER"'
    with Catcher(f'--catch-exec={command}') as catcher:
        mailchute(catcher.account(), TO, stdin=SIMPLE).expect(
            {65, 67, 69}, '550 5.7.1 not from app@lab.example')
        check_equal(catcher.end().out, '', 'standard output')
    check_equal(place.read_bytes(), SIMPLE, 'what the command got')


@cases(('an exit status', 'exit 67', 550), ('another', 'exit 69', 554), ('later', 'exit 75', 451),
       ('one that means nothing', 'exit 3', 451), ('a signal', 'kill -9 $$', 451),
       ('no command at all', 'no-such-command', 451))
def a_command_that_does_not_take_a_mail_with(command, code):
    with Catcher(f'--catch-exec=echo boom >&2; {command}') as catcher:
        with catcher.smtplib() as client:
            client.helo()
            client.mail('app@lab.example')
            client.rcpt(TO)
            check_equal(client.data('Subject: hi\n\n')[0], code, 'the code')
        catcher.end().expect(0, '--catch-exec: boom',
                             f"it doesn't take the mail from <app@lab.example>: {code}")


@test
def what_a_client_says_is_no_command():
    mark = folder() / 'mark'
    evil = f'"$(touch${{IFS}}{mark});`touch${{IFS}}{mark}`"@x'
    with Catcher('--catch-exec=printf %s "$CAUGHT_RECIPIENTS" >&2') as catcher:
        catcher.send(evil, f'Subject: $(touch {mark})\n\n$(touch {mark})\n')
        result = catcher.end()
        check(evil in result.err, result.text())
    check(not mark.exists(), 'it was run')


@test
def a_mail_that_is_too_large_is_refused():
    with Catcher('--catch-size=1000') as catcher:
        mailchute(catcher.account(), TO, stdin=SIMPLE + b'x' * 2000).expect(65, 'TOO_LARGE')
        mailchute(catcher.account(), TO, stdin=SIMPLE).expect(0)


if __name__ == '__main__':
    main()
