#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_submit.py - who has no account hands mail to a service of the machine, over a socket"""
import os
import subprocess
from pathlib import Path

from harness import (cases, check, check_equal, folder, main, need, need_root, sendmail, test)
from hostile import Server
from served import daemon

MAIL = b'Subject: s\n\nx\n'
UNITS = Path(os.environ.get('srcdir', '.')) / 'conf' / 'systemd'


@cases(
    ('a user', None, ()),
    ('a user without an entry in the user database', 123456, ()),
    ('one who can get no privileges', 123456, ('setpriv', '--no-new-privs', '--')),
    ('one without a home', 65534, ('env', '-u', 'HOME')),
)
def it_sends_for(uid, prefix):
    if uid is not None:
        need_root()
    path = folder() / 'submit.sock'
    with Server(tls=None) as server, daemon(server, listen=f'unix:{path}'):
        sendmail(None, '-i', 'b@x.example', stdin=MAIL, uid=uid, prefix=prefix,
                 env={'MAILCHUTE_SOCKET': path}).expect(0)
        mail = server.mail()
        check_equal(mail.recipients, ['b@x.example'], 'recipients')
        check(f'(uid {os.getuid() if uid is None else uid})'.encode() in mail.data, mail.data)


@test
def what_the_smarthost_says_comes_back():
    path = folder() / 'submit.sock'
    with Server(tls=None, rcpt=lambda s, a: '550 5.1.1 no such user') as server, \
            daemon(server, listen=f'unix:{path}'):
        sendmail(None, '-i', 'b@x.example', stdin=MAIL, env={'MAILCHUTE_SOCKET': path}) \
            .expect(67, 'no such user')


@test
def a_service_that_is_down_is_a_reason_to_try_later():
    sendmail(None, '-i', 'b@x.example', stdin=MAIL,
             env={'MAILCHUTE_SOCKET': folder() / 'none'}).expect(75, 'cannot connect')


@test
def the_service_is_well_shut_in():
    need('systemd-analyze', 'systemd')
    done = subprocess.run(['systemd-analyze', 'security', '--offline=true', '--threshold=15',
                           UNITS / 'mailchute-submit.service'], capture_output=True, check=False)
    check_equal(done.returncode, 0, done.stdout.decode()[-300:])


main()
