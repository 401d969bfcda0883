#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_cyrus.py - sign-in where Cyrus SASL checks it: NTLM, and a second opinion on the others"""
from cyrus import MECHANISMS, PASSWORD, USER, Cyrus
from harness import cases, check_equal, keep, mailchute, main, settings, shared, test, wait_until
from mail import SIMPLE
from postfix import Postfix

ONE = 'one@lab.example'


@shared
def postfix():
    """The server all tests here use."""
    return keep(Postfix(Cyrus()))


def send(**more):
    """One mail with these settings."""
    conf = settings(**{**postfix().settings(), 'user': USER, 'password': PASSWORD, **more})
    return mailchute(conf, ONE, stdin=SIMPLE, limit=20)


def signed_in(name):
    """How many sign-ins by this mechanism Postfix has logged."""
    return postfix().log_text().count(f'sasl_method={name.upper()}, sasl_username={USER}\n')


@cases(*((name, name) for name in MECHANISMS))
def a_mechanism_signs_in(name):
    before = signed_in(name)
    send(auth=name).expect(0, hides=[PASSWORD])
    wait_until(lambda: signed_in(name) > before, f'Postfix logs a sign-in by {name}')


@test
def auth_on_takes_the_strongest_mechanism():
    before = signed_in('scram-sha-256')
    send(auth='on').expect(0, hides=[PASSWORD])
    wait_until(lambda: signed_in('scram-sha-256') > before, 'Postfix logs SCRAM-SHA-256')


@cases(*((name, name) for name in MECHANISMS))
def a_wrong_password_ends_with_77(name):
    before = postfix().count('one')
    send(auth=name, password='not the password at all').expect(
        77, r'localhost:\d+: .*\[AUTH_REFUSED\]', '535', hides=['not the password at all'])
    check_equal(postfix().count('one'), before, 'mails')


@test
def an_unknown_user_of_ntlm_ends_with_77():
    before = postfix().count('one')
    send(auth='ntlm', user='nobody').expect(77, r'\[AUTH_REFUSED\]', '535', hides=[PASSWORD])
    check_equal(postfix().count('one'), before, 'mails')


if __name__ == '__main__':
    main()
