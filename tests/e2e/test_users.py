#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_users.py - who signs in to a server of ours, whose password it knows only as a hash"""
import base64
import hashlib
import hmac
import ssl

from harness import cases, check, check_equal, folder, mailchute, main, settings, test
from hostile import Server
from served import daemon

PASSWORD = 'sw0rd fish'
SHA512 = '$6$rounds=1000$saltsalt$hPLWTGtQ9mbKoH2HhSJbAsaneGQwNy7.jYRuBL/Iwmh76Mbp4q3HcVVHvMD1j9Ol' \
    '.B2zy9e7WEenWLhYzDUiT.'
BCRYPT = '$2b$04$abcdefghijklmnopqrstuuaK/1cMdr1j8L/hFRnKCM/cXumtGl7i6'


def scram_keys():
    """As Dovecot's doveadm pw -s SCRAM-SHA-256 makes them."""
    salt = b'0123456789abcdef'
    salted = hashlib.pbkdf2_hmac('sha256', PASSWORD.encode(), salt, 4096)
    stored = hashlib.sha256(hmac.digest(salted, b'Client Key', 'sha256')).digest()
    server = hmac.digest(salted, b'Server Key', 'sha256')
    return '{SCRAM-SHA-256}4096,' + ','.join(base64.b64encode(part).decode()
                                              for part in (salt, stored, server))


def users(*lines):
    """A file of users."""
    path = folder() / 'users'
    path.write_text('\n'.join(lines) + '\n')
    path.chmod(0o600)
    return path


def served(server, file, **more):
    """A server of ours, with TLS, for these users."""
    return daemon(server, listen_auth_file=file, listen_tls=True,
                  env={'STATE_DIRECTORY': folder('state')}, **more)


@cases(
    ('a hash, by PLAIN', SHA512, 'plain', PASSWORD, True),
    ('a hash, by LOGIN', BCRYPT, 'login', PASSWORD, True),
    ('a line of shadow(5)', SHA512 + ':19000:0:99999:7:::', 'plain', PASSWORD, True),
    ('a hash, as the client likes it', SHA512, 'on', PASSWORD, True),
    ('keys, by PLAIN', scram_keys(), 'plain', PASSWORD, True),
    ('keys, by SCRAM', scram_keys(), 'scram-sha-256', PASSWORD, True),
    ('a hash, and a wrong password', SHA512, 'plain', 'sw0rd', False),
    ('a hash, given as the password', SHA512, 'plain', SHA512, False),
    ('keys, and a wrong password', scram_keys(), 'scram-sha-256', 'sw0rd', False),
    ('a lock', '!' + SHA512, 'plain', PASSWORD, False),
)
def a_user_signs_in_where_the_file_has(kept, method, password, right):
    with Server(tls=None) as server, served(server, users('web:x', 'ops:' + kept)) as d:
        conf = settings(host='127.0.0.1', port=d.port, tls=True, tls_certcheck=False, auth=method,
                        user='ops', password=password, **{'from': 'a@lab.example'})
        mailchute(conf, 'b@x.example', stdin=b'Subject: s\n\nx\n').expect(0 if right else 77)
        if right:
            check(b' with ESMTPSA id ' in server.mail().data, server.mail().data)
        else:
            server.nothing_arrived()


@cases(
    ('all can do', ['ops:x', 'web:' + scram_keys()], 'PLAIN LOGIN SCRAM-SHA-256'),
    ('one cannot do', ['ops:x', 'web:' + SHA512], 'PLAIN LOGIN'),
)
def scram_is_offered_where(lines, offered):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with Server(tls=None) as server, served(server, users(*lines)) as d, d.client() as client:
        client.starttls(context=context)
        client.ehlo()
        check_equal(client.esmtp_features['auth'].split(), offered.split(), 'methods')


@test
def a_user_who_signs_in_has_senders_and_a_name_to_be_counted_by():
    with Server(tls=None) as server, \
            served(server, users('ops:x', 'web:y'), listen_sender='ops,web *@lab.example',
                   listen_mails_day=1) as d:
        said = []
        for user, password, sender in (('ops', 'x', 'a@lab.example'), ('ops', 'x', 'a@x.example'),
                                       ('web', 'y', 'a@x.example'), ('ops', 'x', 'b@lab.example')):
            with d.client() as client:
                client.login(user, password)
                said.append(client.mail(sender))
        check_equal([code for code, _ in said], [250, 550, 550, 450], 'replies')
        check(b'web as a@x.example' in said[2][1] and b'listen_sender web a@x.example' in
              said[2][1], said[2][1])
        check(b'ops may have 1 mail a day' in said[3][1], said[3][1])


@cases(
    ('that is not known', 'web:{SSHA}c2VjcmV0', {}, 'the password of web is kept as {SSHA}'),
    ('that needs TLS, which is off', 'web:' + SHA512,
     {'listen': '0.0.0.0:0', 'listen_public': True}, 'listen_tls on'),
)
def it_does_not_start_with_a_hash(line, more, words):
    conf = settings(**{'host': '127.0.0.1', 'port': 1, 'tls': False, 'listen': '127.0.0.1:0',
                       'listen_auth_file': users(line), **more})
    mailchute(conf, '-bd', limit=20).expect(78, words, hides=['c2VjcmV0'])


main()
