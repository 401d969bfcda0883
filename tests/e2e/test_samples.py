#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_samples.py - the files of conf/ are such as the program reads, and as the manual shows them
"""
import os
import re
from pathlib import Path

from harness import cases, check, check_equal, environment, folder, mailchute, main, test

SOURCES = Path(os.environ.get('srcdir') or Path(__file__).parents[2])
SAMPLES = SOURCES / 'conf'

# Of each account: the server, its port, what TLS and signing in are like.
STARTTLS, AT_ONCE, PLAIN = ('on', 'on'), ('on', 'off'), ('off', 'on')
ACCOUNTS = (
    ('gmail', 'gmail', 'smtp.gmail.com', 587, STARTTLS, 'choose'),
    ('gmail-oauth', 'gmail', 'smtp.gmail.com', 587, STARTTLS, 'OAUTHBEARER'),
    ('microsoft365', 'microsoft365', 'smtp.office365.com', 587, STARTTLS, 'XOAUTH2'),
    ('fastmail', 'fastmail', 'smtp.fastmail.com', 465, AT_ONCE, 'choose'),
    ('amazon-ses', 'ses', 'email-smtp.us-east-1.amazonaws.com', 587, STARTTLS, 'choose'),
    ('qq-163', 'qq', 'smtp.qq.com', 465, AT_ONCE, 'choose'),
    ('qq-163', '163', 'smtp.163.com', 465, AT_ONCE, 'choose'),
    ('yahoo-japan', 'yahoo', 'smtp.mail.yahoo.co.jp', 465, AT_ONCE, 'choose'),
    ('local-postfix', 'default', 'localhost', 25, PLAIN, 'none'),
    ('lmtp', 'dovecot', None, 0, PLAIN, 'none'),
    ('lmtp', 'mailstore', 'mailstore.example.org', 24, PLAIN, 'none'),
    ('tor', 'tor', 'smtp.example.org', 465, AT_ONCE, 'choose'),
    ('by-sender', 'work', 'smtp.example.com', 587, STARTTLS, 'choose'),
    ('by-sender', 'home', 'smtp.example.net', 465, AT_ONCE, 'choose'),
    ('server', 'default', 'smtp.example.org', 587, STARTTLS, 'choose'),
)
CONTAINER = 'container.env'


def samples():
    """The samples of configurations."""
    return [path for path in SAMPLES.iterdir() if path.is_file()]


def commands(name):
    """The lines of a sample, less its comments."""
    lines = (SAMPLES / name).read_text().splitlines()
    return '\n'.join(line for line in lines if not line.startswith('#')).strip('\n')


def defined(name):
    """The accounts that a sample defines, but for the choice of the default."""
    return re.findall(r'^account +([^ :]+)$', commands(name), re.M)


def config(conf, *args, **variables):
    """What counts with this sample: settings and their values."""
    result = mailchute(conf, '--print-config', *args, env=environment(HOME=folder('home'), **variables))
    result.expect(0)
    check_equal(result.err, '', 'words')
    return dict(re.findall(r'^([a-z_ ]+) = (.*)$', result.out, re.M))


def check_account(shown, host, port, tls, auth):
    check_equal((shown['host'], shown['port'], (shown['tls'], shown['tls_starttls']), shown['auth']),
                (host or '(not set)', str(port), tls, auth), 'host, port, TLS, auth')


@cases(*((f'{row[0]}, {row[1]}', *row) for row in ACCOUNTS))
def each_account_is_read_as_it_is_meant(name, account, *wanted):
    check_account(config(SAMPLES / name, '-a', account), *wanted)


@test
def no_account_is_left_out_here():
    there = {(path.name, account) for path in samples() for account in defined(path.name)}
    check_equal(there, {row[:2] for row in ACCOUNTS}, 'accounts')


@cases(*((name,) * 2 for name in sorted({row[0] for row in ACCOUNTS})))
def each_has_a_default_and_can_be_sent_with(name):
    shown = config(SAMPLES / name)
    check(shown['from'] != '(not set)' or shown['maildomain'] != '(not set)', 'there is no sender')
    if shown['auth'] != 'none':
        check(shown['user'] != '(not set)', 'nobody signs in')
        check_equal(shown['tls'], 'on', 'tls where a password goes out')


@cases(
    ('one that is named', 'hanako@example.com', 'smtp.example.com'),
    ('one of a pattern', 'taro@sales.example.com', 'smtp.example.com'),
    ('another account', 'h.yamada@example.net', 'smtp.example.net'),
    ('nobody', 'nobody@example.org', 'smtp.example.net'),
)
def the_sender_chooses(sender, host):
    check_equal(config(SAMPLES / 'by-sender', '-f', sender)['host'], host, 'host')


@test
def a_container_is_told_by_its_environment():
    variables = dict(line.split('=', 1) for line in commands(CONTAINER).splitlines())
    shown = config(None, **variables)
    check_account(shown, 'smtp.example.org', 465, AT_ONCE, 'choose')
    check_equal(shown['password_file'], '/run/secrets/smtp', 'password_file')


@test
def all_are_installed():
    listed = re.search(r'^dist_sample_DATA = ((?:.*\\\n)*.*)', (SOURCES / 'Makefile.am').read_text(), re.M)
    names = listed[1].replace('\\\n', ' ').split()
    check_equal(sorted(names), sorted(f'conf/{path.name}' for path in samples()), 'samples')


@test
def the_manual_shows_them_as_they_are():
    page = (SOURCES / 'man' / 'mailchuterc.5').read_text()
    shown = dict(re.findall(r'^\.Pa (\S+) :\n\.Bd -literal -offset indent\n(.*?)\n\.Ed$', page, re.M | re.S))
    examples = {path.name: commands(path.name) for path in samples()}
    check_equal(sorted(set(examples) - set(shown)), [], 'samples that the manual leaves out')
    for name, text in examples.items():
        check_equal(shown[name].replace('\\e', '\\'), text, f'the sample {name} in the manual')


if __name__ == '__main__':
    main()
