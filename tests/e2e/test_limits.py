#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_limits.py - as whom each client of a server of ours may send, and how much"""
import contextlib
import socket

from harness import (cases, check, check_equal, folder, mailchute, main, need_root, sendmail,
                     settings, test, wait_until)
from hostile import Server
from served import daemon
from spool import entries

MAIL = b'Subject: s\n\nx\n'
USER = 123456


def submit(path, sender, uid=USER):
    """A mail of a user's, over the socket."""
    return sendmail(None, '-i', '-f', sender, 'b@x.example', stdin=MAIL, uid=uid,
                    env={'MAILCHUTE_SOCKET': path})


@cases(
    ('of their own', 'shop@lab.example', USER, {}, None),
    ('that is somewhere else', 'root@x.example', USER, {}, None),
    ('of root', 'root@lab.example', USER, {},
     f'listen_sender {USER} default, root@lab.example'),
    ('of root, who is root', 'root@lab.example', 0, {}, None),
    ('that a rule names', 'root@lab.example', USER,
     {'listen_sender': f'{USER} root@*'}, None),
    ('that no rule names', 'shop@lab.example', USER,
     {'listen_sender': f'{USER} root@*\nlisten_sender * %U@lab.example'},
     f'listen_sender {USER} shop@lab.example'),
    ('that the default lets them have, beside rules for others', 'shop@lab.example', USER,
     {'listen_sender': 'daemon,1 *'}, None),
    ('that the default lets them have, and its rule', 'shop@lab.example', USER,
     {'listen_sender': f'{USER} default, root@lab.example'}, None),
    ('that the rules of others name', 'root@lab.example', USER,
     {'listen_sender': 'daemon,1 *'}, f'listen_sender {USER} default, root@lab.example'),
)
def a_user_of_the_socket_with_a_sender(sender, uid, rules, refused):
    need_root()
    path = folder() / 'submit.sock'
    with Server(tls=None) as server, daemon(server, listen=f'unix:{path}', **rules):
        result = submit(path, sender, uid)
        if refused is None:
            result.expect(0)
            check_equal(server.mail().sender, sender, 'sender')
        else:
            result.expect(65, '550 5.7.1', refused)
            server.settle()
            check_equal([m for s in server.sessions for m in s.mails], [], 'mails')


def mail(d, *recipients, source='127.0.0.1'):
    """The first replies to MAIL and each RCPT, over a connection of its own."""
    said = []
    with socket.create_connection(('127.0.0.1', d.port), 20, (source, 0)) as sock, \
            sock.makefile('rb') as lines:
        lines.readline()
        for line in ['HELO c', 'MAIL FROM:<a@x.example>',
                     *(f'RCPT TO:<{name}@x.example>' for name in recipients)]:
            sock.sendall(line.encode() + b'\r\n')
            said.append(lines.readline().decode().rstrip())
            while said[-1][3] == '-':
                said[-1] = lines.readline().decode().rstrip()
    return said[1:]


@test
def so_many_mails_are_taken_whatever_process_has_the_client():
    state = folder('state')
    limits = {'listen_mails_hour': 2, 'env': {'STATE_DIRECTORY': state}}
    with Server(tls=None) as server:
        with daemon(server, **limits) as d:
            check_equal([mail(d)[0][:3] for _ in range(3)], ['250', '250', '450'], 'replies')
            check_equal(mail(d, source='127.0.0.2')[0][:3], '250', 'another machine')
        with daemon(server, **limits) as d:
            words = mail(d)[0]
            check(words.startswith('450 4.7.1 ') and
                  '127.0.0.1 may have 2 mails an hour; try again in ' in words, words)


@test
def a_session_that_stays_is_counted_too():
    with Server(tls=None) as server, \
            daemon(server, listen_mails_day=2, env={'STATE_DIRECTORY': folder('state')}) as d, \
            d.client() as client:
        client.helo()
        said = []
        for _ in range(3):
            said.append(client.mail('a@x.example')[0])
            client.rset()
        check_equal(said, [250, 250, 450], 'replies')


@test
def a_mail_to_too_many_goes_to_those_for_whom_there_is_room():
    with Server(tls=None) as server, \
            daemon(server, listen_recipients_hour=2, listen_recipients_day=9,
                   env={'STATE_DIRECTORY': folder('state')}) as d:
        with d.client() as client:
            refused = client.sendmail('a@x.example', ['b@x.example', 'c@x.example', 'd@x.example'],
                                      'Subject: s\r\n\r\nx\r\n')
        check_equal(list(refused), ['d@x.example'], 'refused')
        code, words = refused['d@x.example']
        check_equal(code, 450, words)
        check(b'2 recipients an hour and 9 a day; try again in 30 minutes' in words, words)
        check_equal(server.mail().recipients, ['b@x.example', 'c@x.example'], 'recipients')


def put(d, source='127.0.0.1', size=3000):
    """A mail for the queue; the reply to it."""
    with contextlib.closing(d.client()) as client:
        client.close()
        client.source_address = (source, 0)
        client.connect('127.0.0.1', d.port)
        client.helo()
        code, words = client.mail('a@x.example')
        if code == 250:
            client.rcpt('b@x.example')
            code, words = client.data('Subject: s\r\n\r\n' + ('x' * 60 + '\r\n') * (size // 62))
        return code, words


@test
def who_fills_the_queue_keeps_nobody_else_out():
    queue = folder('home') / 'queue'
    with Server(tls=None) as server, \
            daemon(server, queue='always', queue_dir=queue, listen_waiting=8500,
                   env={'STATE_DIRECTORY': folder('state')}) as d:
        said = [put(d) for _ in range(4)]
        check_equal([code for code, _ in said], [250, 250, 250, 452], 'replies')
        check(b'of the mail of 127.0.0.1, ' in said[3][1] and b'listen_waiting' in said[3][1],
              said[3][1])
        check_equal(put(d, source='127.0.0.2')[0], 250, 'another client')
    check_equal([e.values('submitter') for e in entries(queue)],
                [['127.0.0.1']] * 3 + [['127.0.0.2']], 'submitters')


@cases(('is taken', '250 ok', "smtpstatus=250 smtpmsg='250 ok' exitcode=EX_OK"),
       ('is refused', '554 no', 'exitcode=EX_'))
def the_log_tells_who_gave_a_mail_that(final, words):
    log = folder('log') / 'log'
    with Server(tls=None, final=final) as server, daemon(server, logfile=log) as d:
        put(d)
        text = log.read_text()
    check(words in text and text.endswith(" submitter='127.0.0.1'\n"), text)


@test
def so_it_does_when_the_mail_goes_out_later():
    log = folder('log') / 'log'
    with Server(tls=None) as server, \
            daemon(server, args=('-bd', '-q30m'), logfile=log, queue='always',
                   queue_dir=folder('home') / 'queue') as d:
        put(d)
        wait_until(lambda: 'exitcode=EX_OK' in log.read_text() and 'smtpstatus=250' in
                   log.read_text(), 'it goes out')
    lines = log.read_text().splitlines()
    check(len(lines) == 2 and all(line.endswith(" submitter='127.0.0.1'") for line in lines), lines)


@test
def a_limit_needs_a_place_to_count_in():
    place = folder() / 'file'
    place.write_text('')
    conf = settings(host='127.0.0.1', listen='127.0.0.1:0', listen_mails_day=1)
    mailchute(conf, '-bd', prefix=('env', f'STATE_DIRECTORY={place}')).expect(
        78, f'{place}/usage: Not a directory', 'STATE_DIRECTORY')


main()
