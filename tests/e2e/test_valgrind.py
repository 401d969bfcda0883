#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_valgrind.py - whole runs without a wrong access to memory and without a leak"""
from harness import Skip, cases, check, environment, folder, mailchute, main, need, sanitized
from hostile import PASSWORD, Server
from mail import DOTS, EIGHT_BIT, HEADER, check_arrived

ONE = 'one@lab.example'
ERROR = 99  # valgrind's verdict; mailchute has no such exit status
TEXT = HEADER + b'\n' + DOTS + EIGHT_BIT * 200


def under_valgrind(conf, *args, status=0):
    """Run to the end with a clean record; returns the result."""
    if sanitized():
        raise Skip('this is an address-sanitizer build, which valgrind cannot run')
    log = folder() / 'valgrind'
    prefix = [need('valgrind', 'valgrind'), f'--error-exitcode={ERROR}', '--leak-check=full',
              '--errors-for-leak-kinds=definite,indirect,possible', '--child-silent-after-fork=yes',
              f'--log-file={log}']
    result = mailchute(conf, *args, stdin=TEXT, prefix=prefix, env=environment(), limit=120)
    record = log.read_text() if log.exists() else ''
    check('ERROR SUMMARY: 0 errors' in record, f'valgrind says:\n{record[-6000:]}')
    return result.expect(status)


@cases(
    ('starttls and plain', 'starttls', {'auth': 'plain'}),
    ('tls from the first byte and the best mechanism', 'implicit', {'auth': 'on'}),
    ('a password from a command', 'starttls',
     {'password': None, 'passwordeval': f'echo {PASSWORD}'}),
    ('no tls', None, {'auth': False}),
)
def a_delivery_is_clean(tls, more):
    with Server(tls=tls) as server:
        under_valgrind(server.account(**more), ONE, 'two@lab.example')
        check_arrived(server.mail(), TEXT)


@cases(
    ('a wrong password', {'auth': lambda *_: '535 5.7.8 no'}, 77),
    ('a refused recipient', {'rcpt': lambda *_: '550-5.1.1 no\r\n550 5.1.1 such user'}, 65),
    ('a server that hangs up', {'data': lambda s: s.hang_up()}, 75),
    ('a server that is none', {'connected': lambda s: 'HTTP/1.1 400 Bad Request'}, 76),
    ('a wrong certificate', {'certificate': 'wrong-name'}, 69),
)
def a_failure_is_clean(script, status):
    with Server(**script) as server:
        under_valgrind(server.account(), ONE, status=status)


if __name__ == '__main__':
    main()
