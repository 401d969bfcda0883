#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_bd_users.py - mailchute -bd: by TLS, for those who sign in, and for other machines"""
import os
import re
import smtplib
import socket

from harness import cases, check, check_equal, folder, mailchute, main, settings, test
from hostile import Server
from served import MESSAGE, daemon, mails, unchecked, users


@test
def it_makes_a_certificate_once_and_speaks_tls_with_it():
    state = folder('state')
    shown = []
    with Server(tls=None) as server:
        for _ in range(2):
            with daemon(server, listen_tls=True, env={'STATE_DIRECTORY': state}) as d:
                with d.client() as client:
                    client.starttls(context=unchecked())
                    shown.append(client.sock.getpeercert(binary_form=True))
                    client.sendmail('a@lab.example', ['b@x.example'], MESSAGE)
        check_equal(len(mails(server)), 2, 'mails')
        check(b' with ESMTPS id ' in mails(server)[0].data, mails(server)[0].data)
    check_equal(shown[0], shown[1], 'certificates')
    check_equal((state / 'tls.pem').stat().st_mode & 0o777, 0o600, 'mode')


@test
def a_certificate_that_nobody_writes_is_named_in_time():
    pipe = folder() / 'pipe'
    os.mkfifo(pipe)
    mailchute(settings(host='localhost', listen='127.0.0.1:0', listen_tls=True,
                       listen_tls_cert_file=pipe), '-bd', limit=20) \
        .expect(66, f'cannot read {pipe}: it is a pipe')


@test
def what_was_put_behind_starttls_is_forgotten():
    with Server(tls=None) as server, \
            daemon(server, listen_tls=True, env={'STATE_DIRECTORY': folder('state')}) as d:
        sock, lines = d.raw()
        sock.sendall(b'EHLO c\r\nMAIL FROM:<a@lab.example>\r\nSTARTTLS\r\nRSET\r\nNOOP\r\n')
        while not lines.readline().startswith(b'220 2.0.0'):
            pass
        with unchecked().wrap_socket(sock) as inside:
            inside.sendall(b'RCPT TO:<b@x.example>\r\nQUIT\r\n')
            said = b''
            while b'221 ' not in said:
                said += inside.recv(1000)
        check_equal(re.findall(rb'^(\d\d\d) ', said, re.M), [b'503', b'221'], said)
        lines.close()


@test
def who_signed_in_before_tls_has_not():
    with Server(tls=None) as server, daemon(server, listen_tls=True, listen_auth_file=users(),
                                            env={'STATE_DIRECTORY': folder('state')}) as d:
        with d.client() as client:
            client.login('ops', 'sw0rd fish')
            client.starttls(context=unchecked())
            client.ehlo()
            check(client.has_extn('AUTH'), 'it may sign in')
            client.login('ops', 'sw0rd fish')


@cases(('PLAIN', 'plain', 'ops', 'sw0rd fish', True), ('LOGIN', 'login', 'ops', 'sw0rd fish', True),
       ('SCRAM', 'scram-sha-256', 'ops', 'sw0rd fish', True),
       ('a colon in it', 'plain', 'hanako', 'geheim:nis', True),
       ('PLAIN, wrong', 'plain', 'ops', 'sw0rd', False),
       ('LOGIN, wrong', 'login', 'ops', 'sw0rd fishes', False),
       ('SCRAM, wrong', 'scram-sha-256', 'ops', 'x', False),
       ('SCRAM, nobody', 'scram-sha-256', 'nobody', 'sw0rd fish', False),
       ('nobody', 'plain', 'nobody', 'sw0rd fish', False))
def users_sign_in(method, user, password, right):
    log = folder('log') / 'log'
    with Server(tls=None) as server, daemon(
            server, listen_auth_file=users(), listen_tls=True, logfile=log,
            env={'STATE_DIRECTORY': folder('state')}) as d:
        conf = settings(host='127.0.0.1', port=d.port, tls=True, tls_certcheck=False, auth=method,
                        user=user, password=password, **{'from': 'a@lab.example'})
        mailchute(conf, 'b@x.example', stdin=b'Subject: s\n\nx\n').expect(0 if right else 77)
        check_equal(len(mails(server)), 1 if right else 0, 'mails')
        if right:
            check(b' with ESMTPSA id ' in server.mail().data, server.mail().data)
            check(f" submitter='{user}' machine='127.0.0.1'\n" in log.read_text(), log.read_text())


@test
def who_guesses_passwords_is_sent_away():
    with Server(tls=None) as server, daemon(server, listen_auth_file=users()) as d:
        sock, lines = d.raw()
        sock.sendall(b'EHLO c\r\n' + b'AUTH PLAIN AG9wcwBndWVzcw==\r\n' * 10)
        said = lines.read().decode()
        check_equal(re.findall(r'^(\d\d\d) ', said, re.M), '220 250 535 535 535 535 421'.split(),
                    said)
        lines.close()
        sock.close()


@test
def a_file_of_users_that_others_can_read_is_not_used():
    conf = settings(host='127.0.0.1', port=1, tls=False, listen='127.0.0.1:0',
                    listen_auth_file=users(mode=0o644))
    mailchute(conf, '-bd', limit=20).expect(78, 'chmod 600')


@cases(
    ('all addresses', {'listen': '0.0.0.0:0'}, 78, 'listen_public on'),
    ('IPv6, too', {'listen': '[::]:0'}, 78, 'listen_public on'),
    ('in public, from anybody', {'listen': '*:0', 'listen_public': True}, 78, 'listen_from'),
    ('no place', {'listen': 'example.org:25'}, 78, 'no place to listen at'),
    ('IPv4 as IPv6', {'listen': '[::ffff:127.0.0.1]:0'}, 78, 'written without ::ffff:'),
    ('no network', {'listen': '127.0.0.1:0', 'listen_from': 'everybody'}, 78, 'no network'),
    ('a folder that is not there', {'listen': 'unix:/nowhere/sock'}, 69, 'cannot listen'),
)
def it_does_not_start(values, status, words):
    conf = settings(host='127.0.0.1', port=1, tls=False, **values)
    mailchute(conf, '-bd', limit=20).expect(status, words)


@test
def other_machines_have_to_be_known():
    """Our own address, where it isn't the loopback's, stands for another machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(('192.0.2.1', 9))
            own = probe.getsockname()[0]
        except OSError:
            own = '127.0.0.1'
    if own.startswith('127.'):
        return
    with Server(tls=None) as server:
        with daemon(server, listen='0.0.0.0:0', listen_public=True, listen_auth_file=users()) as d:
            with smtplib.SMTP(own, d.port, timeout=20) as client:
                client.ehlo()
                check_equal(client.mail('a@lab.example')[0], 530, 'MAIL without a sign-in')
                check_equal(client.esmtp_features['auth'].split(), ['SCRAM-SHA-256'], 'methods')
        for known, greeting in (('203.0.113.7', b'554 '), (f'203.0.113.7, {own}', b'220 ')):
            with daemon(server, listen='0.0.0.0:0', listen_public=True, listen_from=known) as d:
                with socket.create_connection((own, d.port), 20) as sock:
                    check(sock.recv(200).startswith(greeting), known)


main()
