#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_catch.py - mailchute --catch: a server for those whose programs send mail

What the clients are: our own, and Python's smtplib.
"""
import base64
import contextlib
import json
import mailbox
import smtplib
import socket
import subprocess
import threading
from email.message import EmailMessage

from catcher import Catcher, TO, trusting
from harness import (Skip, cases, check, check_equal, folder, loopback, mailchute, main, next_line,
                     settings, test)
from mail import HEADER, SIMPLE


@test
def a_mail_is_shown_in_the_frame_of_pythons_debugging_server():
    with Catcher() as catcher:
        text = SIMPLE.replace(b'a test', '=?utf-8?B?5pel5pys?='.encode())
        mailchute(catcher.account(), TO, stdin=text).expect(0)
        catcher.end().expect(0, out=[
            rf'^from <app@lab.example> to <{TO}>: 日本$',
            r'^-{10} MESSAGE FOLLOWS -{10}$', r"^mail options: \['SIZE=\d+'\]$",
            r'^X-Peer: 127.0.0.1$', r'^hello$', r'^-{12} END MESSAGE -{12}$'])


@test
def each_mail_is_shown_at_once():
    with Catcher('--catch-format=summary') as catcher:
        catcher.send()
        line = next_line(catcher.process, catcher.process.stdout).decode()
        check_equal(line, f'from <app@lab.example> to <{TO}>: hi\n', 'the line')


PYTHON = '''
import asyncore, smtpd, sys
server = smtpd.DebuggingServer(('127.0.0.1', 0), None)
print(server.socket.getsockname()[1], file=sys.stderr, flush=True)
asyncore.loop()
'''
ODD = ('Subject: it\'s "so"\r\nX: \\ \t a\r\n\r\n..dot\r\nd\'oh\r\n"quoted"\r\n'
       'Gr\u00fc\u00dfe \x7f\x01\r\n\r\nlast\r\n').encode()


@test
def a_mail_can_be_shown_exactly_as_by_pythons_debugging_server():
    wanted = subprocess.Popen(['/usr/bin/python3', '-u', '-W', 'ignore', '-c', PYTHON],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        port = wanted.stderr.readline()
        if not port.strip().isdigit():
            raise Skip('this Python has no smtpd')
        with Catcher('--catch-format=python') as catcher:
            for where in int(port), catcher.port:
                with smtplib.SMTP('127.0.0.1', where) as client:
                    client.sendmail('app@lab.example', [TO], ODD, mail_options=['body=8bitmime'])
                    client.sendmail('app@lab.example', [TO], SIMPLE)
            got = catcher.end().out
    finally:
        wanted.kill()
        printed = wanted.communicate()[0].decode()
    check_equal(got.splitlines(), printed.splitlines(), 'what is printed')


@test
def a_text_that_is_encoded_is_shown_decoded():
    text = HEADER.replace(b'8bit', b'quoted-printable') + b'\nGr=C3=BC=C3=9Fe\n'
    with Catcher() as catcher:
        mailchute(catcher.account(), TO, stdin=text).expect(0)
        catcher.end().expect(0, out=['^Grüße$'])


@cases(('a Maildir', 'maildir', 'new/*'), ('files', 'eml', '*.eml'))
def mails_are_put_into(kind, pattern):
    place = folder() / 'out'
    with Catcher(f'--catch-to={kind}:{place}') as catcher:
        for _ in range(3):
            catcher.send()
        check_equal(catcher.end().out, '', 'standard output')
    mails = [path.read_text() for path in place.glob(pattern)]
    check_equal(len(mails), 3, 'mails')
    check(mails[0].startswith('X-Peer: 127.0.0.1\nX-MailFrom: app@lab.example\n'
                              f'X-RcptTo: {TO}\nSubject: hi\n'), mails[0])


@test
def many_clients_at_a_time_leave_whole_lines_of_json():
    place = folder() / 'mails.json'
    with Catcher(f'--catch-to=json:{place}') as catcher:
        def client(who):
            with catcher.smtplib() as smtp:
                for number in range(5):
                    smtp.sendmail('app@lab.example', [f'{who}@lab.example'],
                                  f'Subject: {number}\n\n' + 'x' * 20000)
        threads = [threading.Thread(target=client, args=(who,)) for who in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        catcher.end().expect(0)
    mails = [json.loads(line) for line in place.read_text().splitlines()]
    check_equal(sorted((mail['recipients'][0], mail['subject']) for mail in mails),
                sorted((f'{who}@lab.example', str(n)) for who in range(20) for n in range(5)),
                'mails')


@test
def an_object_has_the_text_and_what_is_attached():
    mail = EmailMessage()
    mail['Subject'] = '日本'
    mail.set_content('Grüße\n', cte='base64')
    mail.add_alternative('<b>Grüße</b>\n', subtype='html')
    mail.add_attachment(bytes(200), maintype='image', subtype='png', filename='Bild ü.png')
    mail.add_attachment('notes\n', filename='a.txt')
    with Catcher('--catch-format=json') as catcher:
        with catcher.smtplib() as client:
            client.send_message(mail, 'app@lab.example', [TO])
        caught = json.loads(catcher.end().out)
    check_equal(caught['subject'], '日本', 'the subject')
    check_equal(caught['text'].rstrip(), 'Grüße', 'the text')
    check_equal(caught['html'].rstrip(), '<b>Grüße</b>', 'the HTML')
    check_equal(caught['attachments'], [{'name': 'Bild ü.png', 'type': 'image/png', 'size': 200},
                                        {'name': 'a.txt', 'type': 'text/plain', 'size': 6}],
                'what is attached')


@cases(('a Maildir', 'maildir', mailbox.Maildir), ('an mbox', 'mbox', mailbox.mbox))
def python_reads(kind, reader):
    place = folder() / 'out'
    with Catcher(f'--catch-to={kind}:{place}') as catcher:
        for number in range(3):
            catcher.send(text=f'Subject: {number}\n\nFrom me\n>From you\n\nFrom them\n')
        catcher.end().expect(0)
    mails = list(reader(str(place), create=False))
    check_equal(sorted(mail['Subject'] for mail in mails), ['0', '1', '2'], 'subjects')
    check_equal(mails[0]['X-RcptTo'], TO, 'X-RcptTo')


@test
def a_silent_client_holds_up_no_other():
    with Catcher('--catch-format=summary') as catcher:
        with contextlib.ExitStack() as stack:
            for _ in range(50):
                stack.enter_context(socket.create_connection(('127.0.0.1', catcher.port)))
            catcher.send()
        catcher.end().expect(0, out=[': hi$'])


@test
def it_listens_at_a_unix_socket_and_removes_it():
    path = folder() / 'smtp'
    with Catcher('--catch-format=summary', place=f'unix:{path}') as catcher:
        mailchute(settings(socket=path, **{'from': 'app@lab.example'}), TO,
                  stdin=SIMPLE).expect(0)
        catcher.end().expect(0, out=[': a test$'])
    check(not path.exists(), 'the socket is still there')


@test
def it_speaks_lmtp_when_told():
    with Catcher('--protocol=lmtp', '--catch-format=summary') as catcher:
        mailchute(catcher.account(protocol='lmtp'), TO, 'bounce@x', stdin=SIMPLE).expect(
            67, 'bounce@x')
        catcher.end().expect(0, out=[f'<{TO}>: a test$'])


@cases(('an address', 1), ('two', 2))
def where_no_port_is_given_it_is_the_usual_one(count):
    places = [loopback() for _ in range(count)]
    with Catcher(place=','.join(places)) as catcher:
        check_equal((catcher.place, catcher.port), (places[0], 1025), 'where it listens')
        for one in places:
            with smtplib.SMTP(one, 1025) as client:
                client.noop()


@cases(('another address', '0.0.0.0:0'), ('all of IPv6', '[::]:0'))
def it_does_not_listen_for_other_machines(place):
    mailchute(None, f'--catch={place}').expect(64, 'other machines', 'loopback')


@test
def it_listens_for_others_where_that_is_said():
    with Catcher('--listen-public=on', place='0.0.0.0:0') as catcher:
        with smtplib.SMTP('127.0.0.1', catcher.port) as client:
            client.sendmail('app@lab.example', ['you@lab.example'],
                            b'Subject: from next door\r\n\r\nhello\r\n')
        catcher.end().expect(0, out=['from next door'])


@cases(('a name', 'example.org:25'), ('a port that is none', '127.0.0.1:99999'),
       ('rubbish', '127.0.0.1:x'), ('an empty path', 'unix:'))
def it_cannot_listen_at(place):
    mailchute(None, f'--catch={place}').expect(78, 'listen', 'CONFIG')


@test
def a_port_that_is_taken_is_told():
    with Catcher() as catcher:
        mailchute(None, f'--catch={catcher.port}').expect(69, 'in use', 'LISTEN', 'ss -ltnp')


# --- TLS and AUTH ------------------------------------------------------------------------------

USER, PASSWORD = 'hanako', 'correct horse'


def secured():
    """A catcher that wants both."""
    return Catcher('--catch-tls=self', f'--catch-auth={USER}:{PASSWORD}',
                   '--catch-format=summary')


def secrets(catcher, **more):
    """Settings that satisfy it."""
    name, _, value = catcher.line().rpartition(' ')
    check(name.endswith('tls_fingerprint'), f'it does not say its fingerprint: {name}')
    return catcher.account(**{'host': 'localhost', 'tls': True, 'tls_fingerprint': value,
                              'auth': True, 'user': USER, 'password': PASSWORD, **more})


@cases(('the strongest method', True), ('PLAIN', 'plain'), ('LOGIN', 'login'),
       ('SCRAM', 'scram-sha-256'))
def who_starts_tls_and_signs_in_is_served_with(method):
    with secured() as catcher:
        mailchute(secrets(catcher, auth=method), TO, stdin=SIMPLE).expect(0)
        catcher.end().expect(0, out=[': a test$'])


@test
def a_wrong_password_is_refused():
    with secured() as catcher:
        mailchute(secrets(catcher, password='wrong'), TO, stdin=SIMPLE).expect(
            77, 'AUTH_REFUSED', hides=['wrong'])


@cases(('as an option of its own', ('--catch-auth=any',)), ('as a setting', ('--auth=any',)),
       ('behind a blank', ('--auth', 'any')), ('alone', ('--auth',)))
def any_name_and_password_are_right_and_the_name_is_shown(options):
    with Catcher('--catch-format=summary', *options) as catcher:
        with catcher.smtplib() as client:
            client.login(USER, PASSWORD)
            client.sendmail('app@lab.example', [TO], 'Subject: one\n\n')
        catcher.send(text='Subject: two\n\n')
        result = catcher.end().expect(0, out=[
            f'^from <app@lab.example> to <{TO}>, signed in as {USER}: one$',
            f'^from <app@lab.example> to <{TO}>: two$'])
        check(PASSWORD not in result.text(), 'it shows the password')


@test
def a_place_behind_an_option_without_a_value_is_a_place():
    path = folder() / 'smtp'
    with Catcher('--auth', f'unix:{path}', place=None) as catcher:
        check_equal(catcher.place, str(path), 'where it listens')
    with Catcher('--auth', '127.0.0.1:0', place=None) as catcher, catcher.smtplib() as client:
        client.login(USER, PASSWORD)


@test
def a_name_that_is_a_header_is_shown_on_one_line():
    place = folder() / 'mails'
    with Catcher('--auth=any', f'--catch-to=mbox:{place}') as catcher:
        with catcher.smtplib() as client:
            client.ehlo()
            client.docmd('AUTH LOGIN', base64.b64encode(b'x\r\nX-Evil: y').decode())
            client.docmd(base64.b64encode(b'secret').decode())
            client.sendmail('app@lab.example', [TO], 'Subject: hi\n\n')
    check('\nX-Evil' not in place.read_text(), 'it became a header')
    check('secret' not in place.read_text(), 'it shows the password')


@test
def who_has_signed_in_can_be_expected():
    with Catcher('--auth=any', f'--expect=user={USER}', '--catch-timeout=60') as catcher:
        with catcher.smtplib() as client:
            client.login(USER, PASSWORD)
            client.sendmail('app@lab.example', [TO], 'Subject: hi\n\n')
        catcher.end(by=None).expect(0)


@cases(('the server asks', True), ('the client says it unasked', False))
def auth_login_takes_the_name_where(asked):
    with Catcher(f'--auth={USER}:{PASSWORD}') as catcher, catcher.smtplib() as client:
        client.ehlo()
        user, password = (base64.b64encode(s.encode()).decode() for s in (USER, PASSWORD))
        if asked:
            check_equal(client.docmd('AUTH', 'LOGIN'), (334, b'VXNlcm5hbWU6'), 'the first prompt')
        code = client.docmd(user) if asked else client.docmd('AUTH LOGIN', user)
        check_equal(code, (334, b'UGFzc3dvcmQ6'), 'the second prompt')
        check_equal(client.docmd(password)[0], 235, 'the judgement')


@cases(('as a setting', ('--tls=self',)), ('behind a blank', ('--tls', 'self')),
       ('alone', ('--tls',)))
def tls_is_offered(options):
    with Catcher(*options) as catcher, catcher.smtplib() as client:
        check_equal(client.starttls(context=trusting())[0], 220, 'STARTTLS')
        check_equal(client.ehlo()[0], 250, 'EHLO')


@test
def tls_may_come_first():
    with Catcher('--tls=self', '--tls-starttls=off', '--catch-format=summary') as catcher:
        mailchute(secrets(catcher, tls_starttls=False, auth=False), TO, stdin=SIMPLE).expect(0)
        with socket.create_connection(('127.0.0.1', catcher.port)) as client:
            client.sendall(b'EHLO c\r\n')
            client.shutdown(socket.SHUT_WR)
            check(not client.recv(100).startswith(b'2'), 'it speaks in the clear')
        catcher.end().expect(0, out=[': a test$'])


@test
def another_certificate_than_the_one_it_has_is_noticed():
    with secured() as catcher:
        conf = secrets(catcher, tls_fingerprint=':'.join(['00'] * 32))
        mailchute(conf, TO, stdin=SIMPLE).expect(69, 'CERT_PIN')


@test
def nothing_is_taken_without_tls_or_without_a_sign_in():
    with secured() as catcher, catcher.smtplib() as client:
        client.ehlo()
        check(client.docmd('AUTH', 'PLAIN AGEAYg==')[0] >= 500, 'AUTH without TLS')
        check_equal(client.mail('app@lab.example')[0], 530, 'MAIL without TLS')
        client.starttls(context=trusting())
        client.ehlo()
        check_equal(client.mail('app@lab.example')[0], 530, 'MAIL without AUTH')
        client.login(USER, PASSWORD)
        check_equal(client.mail('app@lab.example')[0], 250, 'MAIL')


@test
def without_tls_a_password_is_enough_on_this_machine():
    with Catcher(f'--catch-auth={USER}:{PASSWORD}') as catcher, catcher.smtplib() as client:
        client.ehlo()
        check_equal(client.mail('app@lab.example')[0], 530, 'MAIL without AUTH')
        client.user, client.password = USER, PASSWORD
        check_equal(client.auth('PLAIN', client.auth_plain)[0], 235, 'AUTH PLAIN')
        check_equal(client.mail('app@lab.example')[0], 250, 'MAIL')


@test
def a_place_that_cannot_be_had_is_told_at_the_start():
    for kind in ('maildir', 'eml', 'mbox', 'json'):
        mailchute(None, '--catch=0', f'--catch-to={kind}:{folder()}/no/such').expect(
            74, r'no/such: No such file or directory \[CATCH\]')


@test
def a_password_in_the_line_that_signs_in_is_starred():
    with Catcher(f'--catch-auth={USER}:{PASSWORD}', '-v') as catcher:
        with catcher.smtplib() as client:
            client.ehlo()
            client.user, client.password = USER, PASSWORD
            check_equal(client.auth('PLAIN', client.auth_plain)[0], 235, 'AUTH PLAIN')
        shown = catcher.end().out
    check('--> AUTH PLAIN ****\n' in shown, f'the line is not starred: {shown}')


if __name__ == '__main__':
    main()
