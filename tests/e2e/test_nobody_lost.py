#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_nobody_lost.py - a client that hears yes may forget its mail: each recipient has it by then,
or a notice about them is on its way

Where one server takes its part of a mail and another does not, or a name stands for several.
"""
import re

from harness import cases, check_equal, folder, main, sendmail, settings, test
from hostile import Server
from mail import SIMPLE

SENDER, LIST, PERSON = 'web@x.example', 'list@lists.example', 'b@b.example'


def script(*recipients, sender=SENDER, hello='EHLO'):
    """What a client says that looks at nothing."""
    return ''.join([f'{hello} c\r\nMAIL FROM:<{sender}>\r\n',
                    *(f'RCPT TO:<{who}>\r\n' for who in recipients), 'DATA\r\n',
                    SIMPLE.decode().replace('\n', '\r\n'), '.\r\nQUIT\r\n']).encode()


def mails(server):
    """All that the server has taken."""
    return [mail for session in server.sessions for mail in session.mails]


def account(lists, rest, **more):
    """Settings with a route, for a list server and all others."""
    return settings('lists', **{**lists.settings(), 'from': None}) + settings(
        **rest.settings(route='lists.example lists', **{'from': SENDER, **more}))


def codes(result):
    """Those of all replies to RCPT, and the one to the message."""
    lines = [line for line in result.out.splitlines() if line[3:4] == ' ']
    return [line[:3] for line in lines[3:-3]], lines[-2][:3]


def speak(conf, *recipients, **more):
    """A client of -bs."""
    return sendmail(conf, '-bs', stdin=script(*recipients, **more)).expect(0)


@test
def who_goes_through_a_server_that_is_down_is_put_off_by_name():
    with Server(lmtp=True, tls=None, mechanisms='') as lists, \
            Server(tls=None, mechanisms='') as rest:
        conf = account(lists, rest, source_ip='203.0.113.7')
        check_equal(codes(speak(conf, LIST, PERSON)), (['250', '451'], '250'), 'replies')
        check_equal([m.recipients for m in mails(lists)], [[LIST]], 'the list server')


def aliases(text):
    """A file of them."""
    path = folder() / 'aliases'
    path.write_text(text)
    return path


def put_off(_session, address):
    """A server that knows some."""
    if 'later' in address:
        return '451 4.7.1 later'
    return '550 5.1.1 nobody' if 'gone' in address else '250 2.1.5 ok'


@cases(('put off', 'later@b.example, one@b.example', '451'),
       ('put off at the end', 'one@b.example, later@b.example', '451'),
       ('put off or refused', 'gone@b.example, later@b.example', '451'),
       ('refused', 'gone@b.example, gone2@b.example', '550'))
def a_name_that_stands_for_one_who_is(targets, code):
    for guard in {}, {'allow_recipients': 'b.example'}:
        with Server(tls=None, mechanisms='', rcpt=put_off) as server:
            conf = settings(**server.settings(aliases=aliases('root: ' + targets + '\n'),
                                              **{**guard, 'from': SENDER}))
            result = speak(conf, 'root', PERSON)
            check_equal(codes(result), ([code, '250'], '250'), 'replies')
            check_equal([m.recipients for m in mails(server)], [[PERSON]], 'who gets it')


def in_two(lists_final, rest_final, **more):
    """Two servers that both take their recipients, and then say this of the message."""
    def of_sender(session, address):
        return more.get('notice', '250 ok') if session.sender == '' else '250 ok'
    lists = Server(lmtp=True, tls=None, mechanisms='', final=lists_final)
    rest = Server(tls=None, mechanisms='', final=rest_final, rcpt=of_sender)
    return lists, rest


@cases(('refused', '554 5.6.0 no', '250 ok', '250'), ('put off', '451 4.2.0 later', '250 ok', '250'),
       ('refused, and so is the notice', '554 5.6.0 no', '550 5.1.1 who', '554'),
       ('put off, and the notice is refused', '451 4.2.0 later', '550 5.1.1 who', '451'),
       ('refused, and the notice is put off', '554 5.6.0 no', '451 4.3.0 busy', '554'))
def a_message_that_one_of_two_servers(final, notice, code):
    lists, rest = in_two(final, '250 2.0.0 ok', notice=notice)
    with lists, rest:
        result = speak(account(lists, rest), LIST, PERSON)
        check_equal(codes(result), (['250', '250'], code), result.text())
        told = [m.recipients for m in mails(rest) if m.sender == '']
        check_equal(told, [[SENDER]] if code == '250' else [], 'notices')


@cases(('a notice itself', '', {}, '451'),
       ('a mail without notices', SENDER, {'dsn_notify': 'never'}, '451'))
def what_is_put_off_of(sender, more, code):
    lists, rest = in_two('451 4.2.0 later', '250 2.0.0 ok')
    with lists, rest:
        result = speak(account(lists, rest, **more), LIST, PERSON, sender=sender)
        check_equal(codes(result)[1], code, result.text())


@cases(('put off', '451 4.2.0 later'), ('refused', '554 5.6.0 no'))
def with_a_queue_nobody_waits_for_what_is(final):
    place = folder() / 'queue'
    lists, rest = in_two(final, '250 2.0.0 ok', notice='451 4.3.0 busy')
    with lists, rest:
        conf = f'defaults\nqueue on_failure\nqueue_dir {place}\n' + account(lists, rest)
        result = speak(conf, LIST, PERSON)
        check_equal(codes(result), (['250', '250'], '250'), result.text())
        check_equal(len(list((place / 'new').iterdir())), 1, 'waits: the mail, or the notice')


@test
def by_lmtp_each_name_has_an_answer_of_its_own():
    with Server(lmtp=True, tls=None, mechanisms='', received=lambda s, m: [
            '451 4.2.2 full' if 'full' in who else '250 ok' for who in s.recipients]) as server:
        conf = settings(**server.settings(
            aliases=aliases('all: one@b.example, full@B.example\n'), listen_protocol='lmtp',
            **{'from': SENDER}))
        result = sendmail(conf, '-bs', stdin=script('full@b.example', 'all', PERSON,
                                                    hello='LHLO')).expect(0)
        last = re.findall(r'^(\d+) ', result.out, re.M)[-4:]
        check_equal(last, ['451', '451', '250', '221'], result.text())
        check_equal([m.sender for m in mails(server)], [SENDER], 'no notice: the client knows')


if __name__ == '__main__':
    main()
