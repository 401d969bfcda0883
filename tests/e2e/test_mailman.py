#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_mailman.py - one input, two ways: mail for lists goes to Mailman, the rest to a smarthost

What MailmanProxy of Python's smtpd was for, with Mailman 3, in every mode.
"""
from catcher import Catcher
from harness import (cases, check, check_equal, keep, mailchute, main, sendmail, settings,
                     settings_file, shared, test)
from mail import HEADER
from mailman import LIST, Mailman
from served import daemon

PERSON = 'hanako@lab.example'
NAME, DOMAIN = LIST.split('@')
POST = HEADER + b'\nhello, all\n'


@shared
def mailman():
    """The one all tests here use."""
    return keep(Mailman())


ROUTE = f'{NAME}@{DOMAIN},{NAME}-*@{DOMAIN} lists'


def lists():
    """The account that is Mailman."""
    return settings('lists', protocol='lmtp', host='127.0.0.1', port=mailman().port,
                    domain='client.lab.example')


def accounts(catcher, route=ROUTE):
    """Mailman, and a smarthost for the rest."""
    return lists() + catcher.account(route=route)


def address(suffix):
    """One of the list's own addresses."""
    return f'{NAME}{suffix}@{DOMAIN}'


def waiting():
    """What Mailman has by now."""
    return {queue: mailman().queued(queue) for queue in ('in', 'command', 'bounces')}


def more(before):
    """What has come since."""
    return {queue: count - before[queue] for queue, count in waiting().items()
            if count != before[queue]}


@cases(('posts', '', {'in': 1}), ('requests', '-request', {'command': 1}),
       ('joins', '-join', {'command': 1}), ('bounces', '-bounces', {'bounces': 1}))
def mailman_gets(suffix, what):
    before = waiting()
    with Catcher('--catch-format=summary') as catcher:
        mailchute(accounts(catcher), address(suffix), stdin=POST).expect(0)
        check_equal(catcher.end().out, '', 'what the smarthost got')
    check_equal(more(before), what, 'what Mailman got')


@cases(('as mailchute', mailchute), ('as sendmail', sendmail))
def one_mail_goes_both_ways(run):
    before = waiting()
    with Catcher('--catch-format=summary') as catcher:
        run(accounts(catcher), address(''), PERSON, address('-request'), address('-bounces'),
            stdin=POST).expect(0)
        catcher.end().expect(0, out=[rf'^from <\S*> to <{PERSON}>: a test$'])
    check_equal(more(before), {'in': 1, 'command': 1, 'bounces': 1}, 'what Mailman got')


@test
def a_program_that_speaks_smtp_on_standard_input_is_served_both_ways():
    before = waiting()
    with Catcher('--catch-format=summary') as catcher:
        script = (f'EHLO c\r\nMAIL FROM:<me@lab.example>\r\nRCPT TO:<{address("-join")}>\r\n'
                  f'RCPT TO:<{PERSON}>\r\nDATA\r\n').encode() + \
            POST.replace(b'\n', b'\r\n') + b'.\r\nQUIT\r\n'
        result = sendmail(accounts(catcher), '-bs', stdin=script).expect(0)
        check('550' not in result.out and '554' not in result.out, result.text())
        catcher.end().expect(0, out=[rf'to <{PERSON}>: a test$'])
    check_equal(more(before), {'command': 1}, 'what Mailman got')


@test
def a_program_that_speaks_smtp_to_the_daemon_is_served_both_ways():
    before = waiting()
    with Catcher('--catch-format=summary') as catcher:
        with daemon(catcher, route=ROUTE, include=settings_file(lists())) as server:
            with server.client() as client:
                client.sendmail('me@lab.example', [address(''), PERSON, address('-request')],
                                POST.decode())
        catcher.end().expect(0, out=[rf'to <{PERSON}>: a test$'])
    check_equal(more(before), {'in': 1, 'command': 1}, 'what Mailman got')


@test
def a_list_that_is_not_there_is_told_in_mailmans_words_and_the_rest_goes():
    before = waiting()
    with Catcher('--catch-format=summary') as catcher:
        mailchute(accounts(catcher, f'{DOMAIN} lists'), f'nolist@{DOMAIN}', address(''), PERSON,
                  stdin=POST).expect(67, f'nolist@{DOMAIN}', 'mailbox unavailable', '2 of 3')
        catcher.end().expect(0, out=[rf'to <{PERSON}>: a test$'])
    check_equal(more(before), {'in': 1}, 'what Mailman got')


@test
def what_is_no_address_of_the_list_goes_to_the_smarthost():
    before = waiting()
    with Catcher('--catch-format=summary') as catcher:
        mailchute(accounts(catcher), f'{NAME}er@{DOMAIN}', f'{NAME}@lab.example',
                  stdin=POST).expect(0)
        catcher.end().expect(0, out=[rf'to <{NAME}er@{DOMAIN}>, <{NAME}@lab.example>:'])
    check_equal(more(before), {}, 'what Mailman got')


if __name__ == '__main__':
    main()
