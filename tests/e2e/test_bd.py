#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_bd.py - mailchute -bd: a server for the programs of this machine, before the smarthost"""
import contextlib
import os
import re
import signal
import smtplib
import socket
import subprocess
import threading
from pathlib import Path

from daemon import free_port
from harness import (RUN_LIMIT, cases, check, check_equal, finish, folder, mailchute, main, need,
                     need_root, open_files, process_state, settings, settings_file, start, test,
                     wait_until)
from hostile import Server
from served import MESSAGE, Daemon, daemon, mails, users
from spool import entries, names


def connect(port):
    """A client, as soon as somebody listens."""
    try:
        return smtplib.SMTP('127.0.0.1', port, timeout=20)
    except ConnectionRefusedError:
        return None


def knows_nobody(_session, address):
    """Some people are unknown."""
    return '550 5.1.1 no such user' if address.startswith('nobody') else '250 2.1.5 ok'


@test
def a_client_hears_of_each_recipient_what_the_smarthost_says():
    with Server(tls=None, rcpt=knows_nobody) as server, daemon(server) as d:
        with d.client() as client:
            refused = client.sendmail('a@lab.example', ['b@x.example', 'nobody@x.example'], MESSAGE)
        mail = server.mail()
    check_equal(refused, {'nobody@x.example': (550, b'5.1.1 no such user')}, 'refused')
    check_equal(mail.recipients, ['b@x.example'], 'recipients')
    check(mail.data.endswith(b'\r\n\r\nGruesse\r\n.\r\n..\r\n'), mail.data)
    check(mail.data.startswith(b'Received: from '), mail.data)
    check(b'([127.0.0.1])' in mail.data.split(b'\r\n')[0], mail.data)


@cases(('is taken', 100, 250), ('that goes round in a circle is refused', 101, 554))
def a_mail_of_many_hops(hops, code):
    with Server(tls=None) as server, daemon(server) as d:
        with d.client() as client:
            client.ehlo()
            client.mail('a@lab.example')
            client.rcpt('b@x.example')
            got, words = client.data('Received: from x by y; Sun, 1 Nov 2026 10:00:00 +0000\r\n' *
                                     hops + MESSAGE)
        check_equal(got, code, f'the reply {words}')
        server.settle()
        check_equal(len(mails(server)), int(code == 250), 'mails')


@cases(('refused', '554 5.7.1 spam', 554), ('put off', '451 4.3.0 later', 451))
def a_client_hears_what_becomes_of_its_message(final, code):
    with Server(tls=None, final=final) as server, daemon(server) as d:
        with d.client() as client:
            try:
                client.sendmail('a@lab.example', ['b@x.example'], MESSAGE)
                got = 250
            except smtplib.SMTPDataError as error:
                got = error.smtp_code
    check_equal(got, code, 'code')


@test
def a_smarthost_that_is_down_puts_the_sender_off():
    with Server(tls=None) as server, daemon(server, port=1) as d:
        with d.client() as client:
            client.ehlo()
            code, text = client.mail('a@lab.example')
    check_equal(code, 451, text)


@test
def a_session_carries_many_messages():
    with Server(tls=None) as server, daemon(server) as d:
        with d.client() as client:
            for number in range(5):
                client.sendmail('a@lab.example', [f'b{number}@x.example'], MESSAGE)
        check_equal(sorted(m.recipients[0] for m in mails(server)),
                    [f'b{n}@x.example' for n in range(5)], 'recipients')


@cases(('that is known', ['SIZE=4711'], ('SIZE 50000000',), ['SIZE=4711']),
       ('that is not', [], ('SIZE 50000000',), []),
       ('that the smarthost would not know', ['SIZE=4711'], (), []))
def the_smarthost_is_told_the_size(given, caps, told):
    with Server(tls=None, caps=caps) as server, daemon(server) as d:
        with d.client() as client:
            client.ehlo()
            client.mail('a@lab.example', given)
            client.rcpt('b@x.example')
            client.data(MESSAGE)
        words = server.first().parameters.upper().partition('>')[2].split()
    check_equal(words, told, 'parameters of MAIL')


def said(session, *verbs):
    """The commands of these verbs that a session of the smarthost has had."""
    return [c.partition(' ')[0].upper() for c in session.commands
            if c.partition(' ')[0].upper() in verbs]


@test
def the_smarthost_hears_of_each_message_once_and_in_one_session():
    with Server(tls=None, received=lambda _, m: '554 5.7.1 no' if b'bad' in m.data else '250 ok') \
            as server, daemon(server) as d:
        with d.client() as client:
            for text in ('one', 'bad', 'three'):
                try:
                    client.sendmail('a@lab.example', ['b@x.example', 'b@x.example', 'c@x.example'],
                                    MESSAGE + text)
                except smtplib.SMTPDataError as error:
                    check_equal((text, error.smtp_code), ('bad', 554), 'who is refused')
        session = server.first()
        wait_until(lambda: session.ended, 'goodbye')
        check_equal(len(server.sessions), 1, 'sessions')
        check_equal(said(session, 'MAIL', 'RCPT', 'RSET', 'QUIT'),
                    'MAIL RCPT RCPT MAIL RCPT RCPT RSET MAIL RCPT RCPT QUIT'.split(), 'commands')


@cases(('closes', lambda s: s.hang_up()), ('says goodbye', lambda s: '421 4.4.2 too long idle'))
def a_smarthost_that_meanwhile(gone):
    def mail(session, _address):
        return gone(session) if session.mails else '250 2.1.0 ok'
    with Server(tls=None, mail=mail) as server, daemon(server) as d:
        with d.client() as client:
            for number in range(3):
                client.sendmail('a@lab.example', [f'b{number}@x.example'], MESSAGE)
        check_equal(len(mails(server)), 3, 'mails')


@test
def a_smarthost_that_tires_of_waiting_for_the_message_is_asked_anew():
    def recipient(session, _address):
        if len(session.server.sessions) == 1:
            session.say('250 2.1.5 ok')
            session.hang_up()
        return '250 2.1.5 ok'
    with Server(tls=None, rcpt=recipient) as server, daemon(server) as d:
        with d.client() as client:
            client.sendmail('a@lab.example', ['b@x.example'], MESSAGE)
        check_equal(len(server.sessions), 2, 'sessions')


@test
def a_message_that_is_given_up_leaves_nothing_to_the_next():
    with Server(tls=None) as server, daemon(server) as d:
        with d.client() as client:
            client.ehlo()
            client.mail('a@lab.example')
            client.rcpt('wrong@x.example')
            client.rset()
            client.sendmail('a@lab.example', ['b@x.example'], MESSAGE)
        check_equal([m.recipients for m in mails(server)], [['b@x.example']], 'recipients')
        check_equal(len(server.sessions), 1, 'sessions')


@test
def each_sender_of_a_session_has_its_account():
    with Server(tls=None) as one, Server(tls=None) as two:
        conf = settings(host='127.0.0.1', port=one.port, tls=False, listen='127.0.0.1:0',
                        **{'from': 'a@one.example'}) + \
            settings('other', host='127.0.0.1', port=two.port, tls=False,
                     **{'from': 'a@two.example'})
        said_ = mailchute(conf, '-bs', stdin=''.join(
            f'MAIL FROM:<a@{name}.example>\r\nRCPT TO:<b@x>\r\nDATA\r\n\r\nx\r\n.\r\n'
            for name in ('one', 'two', 'two', 'one')).encode()).out
        check_equal(len(re.findall('^354 ', said_, re.M)), 4, said_)
        check_equal([len(mails(one)), len(mails(two))], [2, 2], 'mails')


@test
def a_message_in_chunks_is_a_message():
    with Server(tls=None) as server, daemon(server) as d:
        sock, lines = d.raw()
        sock.sendall(b'EHLO c\r\nMAIL FROM:<a@lab.example>\r\nRCPT TO:<b@x.example>\r\n'
                     b'BDAT 19\r\nSubject: s\r\n\r\none\r\nBDAT 5 LAST\r\ntwo\r\nQUIT\r\n')
        said = lines.read().decode()
        check_equal(re.findall(r'^(\d\d\d) ', said, re.M),
                    '220 250 250 250 250 250 221'.split(), said)
        check(server.mail().data.endswith(b'\r\n\r\none\r\ntwo\r\n'), server.mail().data)
        lines.close()
        sock.close()


@test
def what_one_client_smuggles_is_no_second_message():
    smuggled = b'a\n.\r\nMAIL FROM:<evil@x>\r\nRCPT TO:<b@x.example>\r\nDATA\r\nevil\r\n'
    with Server(tls=None) as server, daemon(server) as d:
        sock, lines = d.raw()
        sock.sendall(b'EHLO c\r\nMAIL FROM:<a@lab.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n' +
                     b'Subject: s\r\n\r\n' + smuggled + b'.\r\nQUIT\r\n')
        check(lines.read().decode().count('\r\n250 ') == 4, 'replies')
        check_equal(len(mails(server)), 1, 'mails')
        check(b'MAIL FROM:<evil@x>' in server.mail().data, 'it is text')
        lines.close()
        sock.close()


@test
def a_web_page_cannot_speak_to_it():
    with Server(tls=None) as server, daemon(server) as d:
        sock, lines = d.raw()
        sock.sendall(b'POST / HTTP/1.1\r\nHost: localhost\r\n\r\nMAIL FROM:<a@x>\r\n')
        said = lines.read().decode()
        check_equal(re.findall(r'^(\d\d\d) ', said, re.M), ['220', '421'], said)
        lines.close()
        sock.close()


@test
def a_client_that_waits_or_dies_is_no_other_s_business():
    with Server(tls=None) as server, daemon(server) as d:
        idle = [d.raw() for _ in range(5)]
        half, lines = d.raw()
        half.sendall(b'EHLO c\r\nMAIL FROM:<a@lab.example>\r\nRCPT TO:<b@x.example>\r\n'
                     b'DATA\r\nhalf of it\r\n')
        wait_until(lambda: len(d.children()) == 6, 'a process for each client')
        while not lines.readline().startswith(b'354 '):
            pass
        victim = d.children()[0]
        os.kill(victim, signal.SIGKILL)
        with d.client() as client:
            client.sendmail('a@lab.example', ['c@x.example'], MESSAGE)
        half.close()
        lines.close()
        for sock, file in idle:
            file.close()
            sock.close()
        wait_until(lambda: not d.children(), 'their processes end')
        check_equal([m.recipients for m in mails(server)], [['c@x.example']], 'mails')


@test
def a_thousand_clients_are_served_and_one_more_is_asked_to_come_again():
    with Server(tls=None) as server, daemon(server) as d:
        with contextlib.ExitStack() as stack:
            sockets = [stack.enter_context(socket.create_connection(('127.0.0.1', d.port), 60))
                       for _ in range(1000)]
            for sock in sockets:
                check(sock.recv(200).startswith(b'220 '), 'greeting')
            extra = stack.enter_context(socket.create_connection(('127.0.0.1', d.port), 60))
            check(extra.recv(200).startswith(b'421 '), 'one too many')
            for sock in sockets:
                sock.sendall(b'NOOP\r\n')
            for sock in sockets:
                check(sock.recv(200).startswith(b'250 '), 'reply')
        wait_until(lambda: not d.children(), 'all processes end')


@test
def more_clients_of_one_machine_than_are_wanted_are_asked_to_come_again():
    with Server(tls=None) as server, daemon(server, listen_connections_each=2) as d:
        clients = [d.raw() for _ in range(3)]
        said = [file.readline()[:3] for _, file in clients]
        check_equal(said, [b'220', b'220', b'421'], 'greetings')
        for sock, file in clients:
            file.close()
            sock.close()


@test
def who_has_left_is_let_go_of_while_the_queue_is_run():
    """The runner that a mail has started outlives the session, and holds nothing of it."""
    queue, seen = folder('queue'), threading.Event()

    def received(session, _mail):
        seen.wait(RUN_LIMIT)
        return session.final

    def runners():
        others = {d.process.pid, *d.children()}
        return [pid for pid in map(int, filter(str.isdigit, os.listdir('/proc')))
                if pid not in others and
                any(name.startswith(str(queue)) for name in open_files(pid))]
    with Server(tls=None, received=received) as server, \
            daemon(server, queue='always', queue_runner=True, queue_dir=queue) as d:
        with d.raw()[0] as sock:
            sock.sendall(b'MAIL FROM:<a@lab.example>\r\nRCPT TO:<b@x.example>\r\nBDAT 14 LAST\r\n'
                         b'Subject: s\r\n\r\nQUIT\r\n')
            while sock.recv(4096):
                pass
        wait_until(lambda: mails(server), 'a runner sends it')
        check(runners(), 'nobody has outlived the session')
        seen.set()
        wait_until(lambda: not runners(), 'it ends')


@test
def a_full_disk_puts_clients_off_and_loses_nothing_that_was_taken():
    need_root()
    need('unshare', 'util-linux')
    queue, text = folder('queue'), 'a line of a few words\r\n' * 200
    small = 'mount -t tmpfs -o size=256k,mode=700 none "$1"; shift; exec "$@"'
    prefix = ('unshare', '-m', 'sh', '-ec', small, 'sh', str(queue))
    with Server(tls=None) as server, daemon(server, prefix=prefix, queue='always',
                                            queue_runner=False, queue_dir=queue) as d:
        inside = Path(f'/proc/{d.process.pid}/root{queue}')
        with d.client() as client:
            def take():
                try:
                    client.sendmail('a@lab.example', ['b@x.example'], MESSAGE + text)
                    return True
                except smtplib.SMTPDataError as error:
                    check_equal(error.smtp_code // 100, 4, error.smtp_error)
                    return False
            taken = 0
            while take():
                taken += 1
            check(taken > 10, f'only {taken} were taken')
            found = entries(inside)
            check_equal(len(found), taken, 'mails in the queue')
            check(all(e.message.endswith(text.encode()) for e in found), 'they are whole')
            for name in names(inside):
                (inside / 'new' / name).unlink()
            check(take(), 'it goes on where there is room')
            check_equal(len(entries(inside)), 1, 'mails in the queue')


@test
def a_session_without_end_fills_no_queue_without_end():
    queue = folder('queue')
    with Server(tls=None) as server, daemon(server, queue='always', queue_runner=False,
                                            queue_mails=450, queue_dir=queue) as d:
        with d.client() as client:
            try:
                for _ in range(500):
                    client.sendmail('a@lab.example', ['b@x.example'], MESSAGE)
                code = 250
            except smtplib.SMTPDataError as error:
                code = error.smtp_code
    check_equal((code // 100, len(names(queue))), (4, 450), 'the last reply, and mails')


@test
def it_says_goodbye_when_it_is_stopped_and_takes_what_is_under_way():
    with Server(tls=None) as server:
        d = Daemon(server)
        idle, idle_lines = d.raw()
        idle_lines.readline()
        busy, lines = d.raw()
        busy.sendall(b'EHLO c\r\nMAIL FROM:<a@lab.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n')
        while not lines.readline().startswith(b'354 '):
            pass
        d.process.terminate()
        check(idle_lines.readline().startswith(b'421 '), 'goodbye to who rests')
        busy.sendall(b'x\r\n.\r\n')
        check(lines.readline().startswith(b'250 '), 'the message is taken')
        check(lines.readline().startswith(b'421 '), 'and then goodbye')
        finish(d.process).expect(0)
        check_equal(len(mails(server)), 1, 'mails')
        for file in (idle_lines, lines, idle, busy):
            file.close()


@cases(('TLS from the first byte', 1, ()), ('STARTTLS', 0, (b'EHLO c', b'STARTTLS')),
       ('a sign-in', 0, (b'EHLO c', b'AUTH LOGIN')))
def who_is_silent_in_the_middle_of_this_keeps_no_server_from_its_end(place, lines):
    with Server(tls=None) as server:
        d = Daemon(server, listen='127.0.0.1:0,tls:127.0.0.1:0', listen_tls=True,
                   listen_auth_file=users(), env={'STATE_DIRECTORY': folder('state')})
        port = int(d.places[place].rpartition(':')[2])
        with socket.create_connection(('127.0.0.1', port), timeout=20) as sock:
            with sock.makefile('rb') as replies:
                for line in (b'', *lines)[place:]:
                    sock.sendall(line and line + b'\r\n')
                    while replies.readline()[3:4] == b'-':
                        pass
                wait_until(d.children, 'its process')
                wait_until(lambda: process_state(d.children()[0]) == 'S', 'it waits')
                d.process.terminate()
                finish(d.process, limit=15).expect(0)


@test
def it_reads_its_settings_again():
    with Server(tls=None) as server, daemon(server) as d:
        with d.client() as client:
            client.ehlo()
            check('52428800' in client.esmtp_features['size'], client.esmtp_features)
        d.conf.write_text(d.conf.read_text() + 'listen_size 12345\n')
        d.process.send_signal(signal.SIGHUP)

        def is_smaller():
            with d.client() as client:
                client.ehlo()
                return client.esmtp_features['size'] == '12345'
        wait_until(is_smaller, 'the new size')


@test
def a_socket_without_a_directory_is_told_with_the_line_that_makes_it():
    place = folder() / 'no/such'
    mailchute('host h\ntls off\n', '-bd', f'--listen=unix:{place}/sock', limit=20).expect(
        69, r'\[LISTEN\]', f'fix:  install -d {re.escape(str(place))}    ')
    mailchute('host h\ntls off\n', '-bd', f'--listen=unix:{place}(s)/sock', limit=20).expect(
        69, r'\[LISTEN\]', 'fix:  make the directory of the socket')
    check(not place.exists(), 'nothing is made')


@test
def other_places_to_listen_at_count_from_the_next_start_and_it_says_so():
    with Server(tls=None) as server, daemon(server) as d:
        before = d.conf.read_text()
        d.conf.write_text(before + 'listen 127.0.0.1:1\nlisten_user nobody\nlisten_connections 7\n')
        for _ in range(2):  # and again, as long as it is so
            d.process.send_signal(signal.SIGHUP)
            said = re.findall('"(.*)" counts from the next start; until then, it is "(.*)"',
                              '\n'.join(d.said() for _ in range(3)))
            check_equal([said[0], said[1], said[2][0]], [('listen 127.0.0.1:1', '127.0.0.1:0'), (
                'listen_user nobody', '(not set)'), 'listen_connections 7'], 'what it says')
            with d.client() as client:
                client.sendmail('a@lab.example', ['b@x.example'], 'x')
        check_equal(len(mails(server)), 2, 'mails')
        d.conf.write_text(before + 'nonsense on\n')
        d.process.send_signal(signal.SIGHUP)
        check('nonsense' in d.said(), 'there is a word on places before it')


@test
def a_mistake_in_its_settings_changes_nothing_until_it_is_mended():
    with Server(tls=None) as server, daemon(server) as d:
        d.conf.write_text('nonsense on\n' + d.conf.read_text())
        d.process.send_signal(signal.SIGHUP)
        check('nonsense' in d.said() + d.said(), 'the mistake is not told')
        for _ in range(2):
            with d.client() as client:
                client.sendmail('a@lab.example', ['b@x.example'], 'x')
        check_equal(len(mails(server)), 2, 'mails')


@test
def a_unix_socket_is_as_good():
    path = folder() / 'sock'
    with Server(tls=None) as server, daemon(server, listen=f'unix:{path}') as d:
        check_equal(d.places, [str(path)], 'places')
        result = mailchute(settings(socket=path, tls=False, **{'from': 'a@lab.example'}),
                           'b@x.example', stdin=b'Subject: s\n\nx\n')
        result.expect(0)
        check(f'(uid {os.getuid()})'.encode() in server.mail().data, server.mail().data)
    check(not path.exists(), 'the socket is gone')


@test
def a_socket_that_was_left_over_is_replaced():
    path = folder() / 'sock'
    with Server(tls=None) as server:
        dead = Daemon(server, listen=f'unix:{path}')
        dead.process.kill()
        dead.process.wait()
        check(path.exists(), 'it is left over')
        with daemon(server, listen=f'unix:{path}'):
            pass


@test
def systemd_can_open_the_socket():
    need('systemd-socket-activate', 'systemd')
    path = folder() / 'sock'
    with Server(tls=None) as server:
        conf = settings_file(settings(host='127.0.0.1', port=server.port, tls=False,
                                      maildomain='lab.example'))
        process = start(conf, '-bd', prefix=['systemd-socket-activate', '-l', str(path)])
        wait_until(path.exists, 'the socket')
        mailchute(settings(socket=path, tls=False, **{'from': 'a@lab.example'}), 'b@x.example',
                  stdin=b'Subject: s\n\nx\n').expect(0)
        process.terminate()
        finish(process)
        check_equal(len(mails(server)), 1, 'mails')


@test
def inetd_can_start_one_for_each_client():
    need('systemd-socket-activate', 'systemd')
    with Server(tls=None) as server:
        port = free_port()
        conf = settings_file(settings(host='127.0.0.1', port=server.port, tls=False,
                                      maildomain='lab.example'))
        process = start(conf, '-bs', stdin=subprocess.DEVNULL, prefix=[
            'systemd-socket-activate', '--inetd', '-a', '-l', f'127.0.0.1:{port}'])
        client = wait_until(lambda: connect(port), 'the socket')
        client.sendmail('a@lab.example', ['b@x.example'], MESSAGE)
        client.quit()
        process.terminate()
        finish(process)
        check(b'([127.0.0.1])' in server.mail().data, server.mail().data)


main()
