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
import ssl
import subprocess
import threading
import time
from email.message import EmailMessage

from catcher import Catcher, TO
from harness import Skip, cases, check, check_equal, folder, mailchute, main, settings, test
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
        line = catcher.process.stdout.readline().decode()
        check_equal(line, f'from <app@lab.example> to <{TO}>: hi\n', 'the line')


PYTHON = '''
import asyncore, smtpd, sys
server = smtpd.DebuggingServer(('127.0.0.1', 0), None)
print(server.socket.getsockname()[1], file=sys.stderr, flush=True)
asyncore.loop()
'''
ODD = ('Subject: it\'s "so"\r\nX: \\ \t a\r\n\r\n..dot\r\nd\'oh\r\n"quoted"\r\nGr\u00fc\u00dfe \x7f\x01\r\n'
       '\r\nlast\r\n').encode()


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


@cases(('an address', '127.77.3.9', '127.77.3.9', 1025), ('two', '127.77.3.9,127.77.3.10',
                                                          '127.77.3.9', 1025))
def where_no_port_is_given_it_is_the_usual_one(place, address, port):
    with Catcher(place=place) as catcher:
        check_equal((catcher.place, catcher.port), (address, port), 'where it listens')
        for one in place.split(','):
            with smtplib.SMTP(one, port) as client:
                client.noop()


@cases(('another address', '0.0.0.0:0'), ('all of IPv6', '[::]:0'))
def it_does_not_listen_for_other_machines(place):
    mailchute(None, f'--catch={place}').expect(64, 'other machines', 'loopback')


@cases(('a name', 'example.org:25'), ('a port that is none', '127.0.0.1:99999'),
       ('rubbish', '127.0.0.1:x'), ('an empty path', 'unix:'))
def it_cannot_listen_at(place):
    mailchute(None, f'--catch={place}').expect(78, 'listen', 'CONFIG')


@test
def a_port_that_is_taken_is_told():
    with Catcher() as catcher:
        mailchute(None, f'--catch={catcher.port}').expect(69, 'in use', 'LISTEN', 'ss -ltnp')


# --- TLS and AUTH -------------------------------------------------------------------------------------

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


@cases(('Python asks', True), ('the client says it unasked', False))
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


def trusting():
    """TLS with whomever."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


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


# --- an assertion for shell scripts ---------------------------------------------------------------

@test
def it_ends_with_0_when_the_expected_mail_has_come():
    with Catcher(f'--expect=to={TO} subject~hi', '--catch-timeout=60') as catcher:
        catcher.send('taro@lab.example')
        catcher.send(text='Subject: other\n\nhello\n')
        check_equal(catcher.process.poll(), None, 'exit status before the mail came')
        catcher.send()
        catcher.end(by=None).expect(0)


@test
def the_client_of_the_last_mail_hears_that_it_was_taken():
    with Catcher('--catch-count=1') as catcher:
        mailchute(catcher.account(), TO, stdin=SIMPLE).expect(0)
        catcher.end(by=None).expect(0)


@test
def it_ends_with_1_when_the_expected_mail_has_not_come_in_time():
    with Catcher('--expect=to=taro@lab.example', '--expect=to=' + TO,
                 '--catch-timeout=1') as catcher:
        catcher.send()
        result = catcher.end(by=None)
        result.expect(1, "the one mail that came isn't as expected: to=taro@lab.example",
                      rf'mail 1: to=taro@lab.example isn.t so: it is "{TO}"')
        check(f'expected: to={TO}' not in result.err, f'it complains of what has come\n{result.text()}')


@test
def the_mail_that_came_nearest_is_told():
    with Catcher(f'--expect=to={TO} subject~Welcome', '--catch-count=3') as catcher:
        for to, subject in ('x@y', 'Welcome'), (TO, 'Goodbye'), ('x@y', 'Hello'):
            catcher.send(to, f'Subject: {subject}\n\n')
        catcher.end(by=None).expect(1, f'none of the 3 mails that came is as expected: to={TO}',
                                    'nearest is mail 1: to=')
    with Catcher('--expect=to=a@b subject=Welcome text~link', '--catch-count=2') as catcher:
        catcher.send('x@y')
        catcher.send('a@b', 'Subject: Goodbye\n\nlink\n')
        catcher.end(by=None).expect(
            1, 'nearest is mail 2: subject=Welcome isn.t so: it is "Goodbye"')


@test
def no_mail_at_all_is_told():
    with Catcher('--expect=subject~Welcome', '--catch-timeout=1') as catcher:
        catcher.end(by=None).expect(1, 'no mail came; expected: subject~Welcome')


@test
def it_ends_with_1_when_too_few_mails_have_come():
    with Catcher('--catch-count=2', '--catch-timeout=1') as catcher:
        catcher.send()
        catcher.end(by=None).expect(1, '1 of 2 mails came')


@test
def a_timeout_alone_ends_with_0():
    with Catcher('--catch-timeout=1') as catcher:
        catcher.end(by=None).expect(0)


@cases(('an expectation', '--expect=who=me', '--expect who=me'),
       ('a failure', '--fail=rctp:550', '--fail rctp:550'),
       ('a number', '--catch-count=x', '--catch-count x'))
def a_mistake_is_told(option, says):
    mailchute(None, '--catch=0', option).expect(64, says, 'USAGE')


@cases(('expectations', '--expect=to=a@lab.example'), ('failures', '--fail=rcpt:550'))
def there_can_be_64_of(option):
    mailchute(None, '--catch=0', *[option] * 65).expect(64, 'can stand 64 times at most')


@test
def options_of_a_catcher_mean_nothing_without_it():
    mailchute(None, '--fail=rcpt:550', TO, stdin=SIMPLE).expect(64, 'go with --catch')


# --- failures on purpose --------------------------------------------------------------------------

@cases(('connect', 'connect:554', 76), ('a goodbye', 'mail:421', 75), ('mail', 'mail:550', 65), ('rcpt', 'rcpt:550', 65),
       ('data', 'data:451', 75), ('message', 'message:554', 69),
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
    with Catcher(f'--catch-exec=cat > {place}; echo "550 5.7.1 not from $CAUGHT_SENDER"') as catcher:
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
