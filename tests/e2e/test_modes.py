#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_modes.py - one mail through two accounts, in each mode: an outcome for each recipient

Two of the four recipients are refused, one by each server. Their sender hears of both, in the way
of the mode: by words, by replies, or by notices. Nobody else is named, and nobody gets it twice.
"""
import re
import smtplib

from harness import (cases, check, check_equal, folder, mailchute, main, sendmail, settings,
                     settings_file, test, wait_until)
from hostile import Server
from mail import SIMPLE
from served import daemon

SENDER = 'sender@lab.example'
GOOD, BAD = ['list@lists.example', 'a@x.example'], ['list-join@lists.example', 'nobody@y.example']
ALL = [GOOD[0], BAD[0], GOOD[1], BAD[1]]


def refuses(_session, address):
    """What both servers say at RCPT."""
    return '550 5.1.1 not here' if any(bad in address for bad in BAD) else '250 2.1.5 ok'


def mails(server):
    """All that the server has taken."""
    return [mail for session in server.sessions for mail in session.mails]


def lists_account(lists):
    """That of the list server, which is nobody's own."""
    return settings('lists', **{**lists.settings(), 'from': None})


def account(lists, rest, **more):
    """Settings of a file: the accounts of both servers, and the route."""
    return lists_account(lists) + settings(
        **rest.settings(route='lists.example lists', **{'from': SENDER, **more}))


def in_words(lists, rest, run, *args, **more):
    """A program that hands the mail to us and waits: the addresses in what is said."""
    result = run(account(lists, rest, **more), *args, *ALL, stdin=SIMPLE).expect(67)
    check('2 of 4' in result.err, result.text())
    return re.findall(r'<([^<>]*)> *[\[;(]', result.err) or result.err


def noticed(rest):
    """Whom the notices name."""
    notices = [mail for mail in mails(rest) if mail.sender == '']
    check(all(mail.recipients == [SENDER] for mail in notices), 'a notice went astray')
    return re.findall(r'^Final-Recipient: rfc822; *(\S+?)\r?$',
                      ''.join(mail.data.decode() for mail in notices), re.M)


def by_mailchute(lists, rest):
    """The command line."""
    return in_words(lists, rest, mailchute)


def by_sendmail(lists, rest):
    """The command line of sendmail."""
    return in_words(lists, rest, sendmail, '-i')


def by_queue(lists, rest):
    """The queue, which a run empties."""
    queue = f'defaults\nqueue always\nqueue_dir {folder()}/queue\n'
    conf = settings_file(queue + account(lists, rest))
    mailchute(conf, *ALL, stdin=SIMPLE).expect(0)
    mailchute(conf, '-q')
    mailchute(conf, '-q')
    return noticed(rest)


def by_standard_input(lists, rest):
    """SMTP on standard input."""
    script = [f'EHLO c\r\nMAIL FROM:<{SENDER}>\r\n', *(f'RCPT TO:<{who}>\r\n' for who in ALL),
              'DATA\r\n', SIMPLE.decode().replace('\n', '\r\n'), '.\r\nQUIT\r\n']
    result = sendmail(account(lists, rest), '-bs', stdin=''.join(script).encode()).expect(0)
    replies = re.findall(r'^(?:250 2\.1\.5|550 5\.1\.1) .*', result.out, re.M)
    check_equal(len(replies), len(ALL), 'replies to RCPT')
    return [who for who, reply in zip(ALL, replies) if reply.startswith('550')]


def served(lists, rest, **more):
    """A server before both."""
    extra = settings_file(lists_account(lists))
    return daemon(rest, route='lists.example lists', **{'from': SENDER, **more}, include=extra)


def by_daemon(lists, rest):
    """-bd that asks both servers while the client waits: what Python's PureProxy lost."""
    with served(lists, rest) as server, server.client() as client:
        return list(client.sendmail(SENDER, ALL, SIMPLE))


def by_daemon_with_queue(lists, rest):
    """-bd that keeps the mail of the smarthost, for a run to send."""
    with served(lists, rest, queue='always', queue_dir=folder() / 'queue') as server:
        with server.client() as client:
            refused = list(client.sendmail(SENDER, ALL, SIMPLE))
        mailchute(server.conf, '-q')
        return refused + wait_until(lambda: noticed(rest), 'notices')


def by_socket(lists, rest):
    """A service, which those ask who have no account."""
    path = folder() / 'submit.sock'
    with served(lists, rest, listen=f'unix:{path}'):
        result = sendmail(None, '-i', '-f', SENDER, *ALL, stdin=SIMPLE,
                          env={'MAILCHUTE_SOCKET': path}).expect(67)
    return re.findall(r'<([^<>]*)> *[\[;(]', result.err)


@cases(('the command line', by_mailchute), ('the command line of sendmail', by_sendmail),
       ('the queue', by_queue), ('-bs', by_standard_input), ('-bd', by_daemon),
       ('-bd with a queue', by_daemon_with_queue), ('the submission socket', by_socket))
def each_recipient_of_two_accounts_has_an_outcome_by(mode):
    with Server(lmtp=True, tls=None, mechanisms='', rcpt=refuses) as lists, \
            Server(tls=None, mechanisms='', rcpt=refuses) as rest:
        check_equal(sorted(mode(lists, rest)), sorted(BAD), 'whom the sender hears of')
        got = [mail.recipients for mail in mails(lists)]
        check_equal(got, [[GOOD[0]]], 'what the list server got')
        got = [mail.recipients for mail in mails(rest) if mail.sender != '']
        check_equal(got, [[GOOD[1]]], 'what the smarthost got')


@cases(('that refuses the sender', {'mail': lambda s, a: '550 5.7.1 no'}, 550),
       ('that refuses the recipient', {'rcpt': lambda s, a: '550 5.1.1 no'}, 550),
       ('that puts the recipient off', {'rcpt': lambda s, a: '450 4.2.0 later'}, 450),
       ('that refuses the message', {'final': '554 5.6.0 no'}, 554),
       ('that has no room for it', {'final': '452 4.3.1 full'}, 452),
       ('that is closed', {'connected': lambda s: '421 4.3.2 closed'}, 451))
def no_yes_is_said_and_the_mail_lost_as_by_pythons_pureproxy_with_a_server(script, code):
    with Server(tls=None, mechanisms='', **script) as server, daemon(server) as d, \
            d.client() as client:
        try:
            client.sendmail(SENDER, GOOD[:1], SIMPLE)
        except smtplib.SMTPRecipientsRefused as refused:
            got = refused.recipients[GOOD[0]][0]
        except smtplib.SMTPResponseException as refused:
            got = refused.smtp_code
        else:
            got = 250
        check_equal(got, code, 'what the client hears')


@test
def each_recipient_of_an_lmtp_client_hears_the_last_word_of_their_own_server():
    with Server(lmtp=True, tls=None, mechanisms='', final='554 5.6.0 no list takes it') as lists, \
            Server(tls=None, mechanisms='') as rest, \
            served(lists, rest, listen_protocol='lmtp') as server:
        result = mailchute(settings(host='127.0.0.1', port=server.port, protocol='lmtp',
                                    **{'from': SENDER}), *GOOD, stdin=SIMPLE)
        result.expect({65, 69}, f'<{GOOD[0]}>', 'no list takes it', '1 of 2')
        check(f'<{GOOD[1]}>' not in result.err, result.text())
        check_equal([mail.recipients for mail in mails(rest)], [[GOOD[1]]], 'at the smarthost')


if __name__ == '__main__':
    main()
