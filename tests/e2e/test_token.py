#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_token.py - our certificate and key in a token (PKCS#11), named by URIs; the PIN

SoftHSM plays the token: its files lie in a folder of this test, and p11-kit loads it as its package
says. Each test that spoils the PIN has a token of its own.
"""
import re
import subprocess

from certs import cert
from harness import (cases, check, check_equal, environment, folder, mailchute, main, need,
                     settings, shared, test)
from hostile import Server
from mail import SIMPLE, check_arrived

ONE = 'one@lab.example'
PIN = 'sesame-4711'
CERT, KEY = 'pkcs11:token=ours;object=us;type=cert', 'pkcs11:token=ours;object=us;type=private'


def new_token():
    """A token "ours" that holds certificate and key "us"; returns the environment that shows it."""
    place = folder('token')
    (place / 'conf').write_text(f'directories.tokendir = {place}\nobjectstore.backend = file\n'
                                'log.level = ERROR\n')
    env = environment(SOFTHSM2_CONF=place / 'conf', GNUTLS_PIN=PIN)
    run([need('softhsm2-util', 'softhsm2'), '--init-token', '--free', '--label', 'ours', '--pin',
         PIN, '--so-pin', PIN], env)
    own = cert('client')
    write = [need('p11tool', 'gnutls-bin'), '--batch', '--login', '--write', '--label', 'us',
             '--id', '0a']
    run([*write, '--load-privkey', own.key, 'pkcs11:token=ours'], env)
    run([*write, '--load-certificate', own.cert, 'pkcs11:token=ours'], env)
    del env['GNUTLS_PIN']
    return env


def run(argv, env):
    """A program that must succeed."""
    done = subprocess.run([str(arg) for arg in argv], env=env, capture_output=True, check=False)
    check_equal(done.returncode, 0, f'{argv[0]}: {done.stdout + done.stderr}')


@shared
def token():
    """The token that most tests use."""
    return new_token()


def account(server, **more):
    """An account that has both in the token, with the PIN as its password."""
    return server.account(**{'auth': False, 'user': None, 'password': PIN, 'tls_cert_file': CERT,
                             'tls_key_file': KEY, **more})


def wanting():
    """A server that wants to see our certificate."""
    return Server(client_ca='ca')


@cases(
    ('password', {}),
    ('passwordeval', {'password': None, 'passwordeval': f'echo {PIN}'}),
    ('the URI', {'password': None, 'tls_key_file': f'{KEY}?pin-value={PIN}'}),
)
def the_pin_comes_from(more):
    with wanting() as server:
        mailchute(account(server, **more), ONE, stdin=SIMPLE, env=token()).expect(0, hides=[PIN])
        check_arrived(server.mail(), SIMPLE)


@test
def who_only_looks_at_the_server_shows_it_too():
    """Nobody signs in then, and the PIN is needed all the same."""
    with wanting() as server:
        mailchute(account(server), '--serverinfo', env=token()).expect(
            0, hides=[PIN], out=['^Capabilities:$'])


@test
def the_certificate_may_lie_in_a_file():
    with wanting() as server:
        mailchute(account(server, tls_cert_file=cert('client').cert), ONE, stdin=SIMPLE,
                  env=token()).expect(0)
        check_arrived(server.mail(), SIMPLE)


@test
def a_token_and_auth_external_go_together():
    signed_in = []

    def auth(session, mechanism, _initial):
        signed_in.append(mechanism)
        return session.judged(mechanism == 'EXTERNAL')
    with Server(client_ca='ca', mechanisms='EXTERNAL', auth=auth) as server:
        mailchute(account(server, auth='external'), ONE, stdin=SIMPLE, env=token()).expect(0)
        check_arrived(server.mail(), SIMPLE)
        check_equal(signed_in, ['EXTERNAL'], 'sign-ins')


@cases(
    ('no pin', {'password': None}, 78, 'tls_key_file pkcs11:token=ours.*wants a PIN.*password'),
    ('a wrong pin', {'password': 'wrong-0815'}, 78, 'tls_key_file pkcs11:token=ours.*PIN'),
    ('a wrong pin in the URI', {'password': None, 'tls_key_file': f'{KEY}?pin-value=wrong-0815'},
     66, 'tls_key_file pkcs11:token=ours'),
    ('no such key', {'tls_key_file': 'pkcs11:token=ours;object=them;type=private'}, 66,
     'tls_key_file pkcs11:token=ours;object=them.*no token'),
    ('no such certificate', {'tls_cert_file': 'pkcs11:token=ours;object=them;type=cert'}, 66,
     'tls_cert_file pkcs11:token=ours;object=them.*no token'),
    ('no such token', {'tls_key_file': 'pkcs11:token=theirs;object=us;type=private'}, 66,
     'tls_key_file pkcs11:token=theirs.*no token'),
    ('a key of another certificate', {'tls_cert_file': lambda: cert('good').cert}, 66,
     'tls_key_file pkcs11:token=ours.*match'),
    ('no URI', {'tls_key_file': 'pkcs11:nonsense'}, 66, 'tls_key_file pkcs11:nonsense'),
)
def what_is_wrong_with_the_token_is_told(more, status, words):
    env = new_token()
    more = {name: value() if callable(value) else value for name, value in more.items()}
    with wanting() as server:
        result = mailchute(account(server, **more), ONE, stdin=SIMPLE, env=env)
        result.expect(status, words, hides=[PIN, 'wrong-0815'])
        server.nothing_arrived()


@test
def after_many_wrong_pins_the_right_one_is_still_taken():
    env = new_token()
    with wanting() as server:
        for _ in range(20):
            mailchute(account(server, password='wrong-0815'), ONE, stdin=SIMPLE, env=env).expect(78)
        mailchute(account(server), ONE, stdin=SIMPLE, env=env).expect(0)


@test
def print_config_shows_no_pin():
    conf = settings(host='localhost', tls_cert_file=CERT,
                    tls_key_file=f'{KEY}?pin-value={PIN}')
    mailchute(conf, '-P').expect(0, hides=[PIN], out=[
        '^tls_key_file = ' + re.escape(KEY) + r'\?pin-value=\*$'])


if __name__ == '__main__':
    main()
