#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_step_down.py - a server that root has started serves as somebody else"""
import contextlib
import os
import pwd
import signal
import smtplib
import socket
import subprocess
from pathlib import Path

from harness import (Skip, cases, check, check_equal, environment, finish, folder, mailchute, main,
                     need_root, next_line, settings, settings_file, start, test, wait_until)

NOBODY = 'nobody'


def low_port():
    """One that only root may take."""
    for port in range(600, 1024):
        with contextlib.suppress(OSError), socket.socket() as sock:
            sock.bind(('127.0.0.1', port))
            return port
    raise Skip('no port below 1024 is free')


def place(name):
    """A folder of nobody's."""
    made = folder(name)
    os.chown(made, pwd.getpwnam(NOBODY).pw_uid, -1)
    return made


def conf(**more):
    """Settings that nobody can read, and root alone else."""
    need_root()
    values = {'host': '127.0.0.1', 'port': 1, 'tls': False, 'queue': 'always',
              'queue_dir': place('home') / 'queue', 'listen': f'127.0.0.1:{low_port()}',
              'listen_user': NOBODY, 'maildomain': 'lab.example', **more}
    return values, settings_file(settings(**values), owner=pwd.getpwnam(NOBODY).pw_uid)


def status_of(pid):
    """What the kernel says of a process."""
    lines = Path(f'/proc/{pid}/status').read_text().splitlines()
    return dict(line.split(':\t', 1) for line in lines if ':\t' in line)


def submit(port):
    """The reply to a mail, and the process that took it."""
    with smtplib.SMTP('127.0.0.1', port, timeout=20) as client:
        return client.sendmail('a@lab.example', ['b@x.example'], 'Subject: s\r\n\r\nx\r\n')


@test
def it_takes_a_port_of_roots_and_gives_up_all_else():
    values, file = conf(listen_tls=True, listen_mails_hour=9)
    uid, state = pwd.getpwnam(NOBODY).pw_uid, place('state')
    process = start(file, '-bd', stdin=subprocess.DEVNULL,
                    env=environment(STATE_DIRECTORY=state))
    try:
        port = int(next_line(process, process.stdout).decode().rpartition(':')[2])
        of = status_of(process.pid)
        check_equal(of['Uid'].split(), [str(uid)] * 4, 'who it is')
        check_equal((int(of['CapPrm'], 16), int(of['CapEff'], 16)), (0, 0), 'capabilities')
        check('0' not in of['Groups'].split(), of['Groups'])
        check_equal(submit(port), {}, 'refused')
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: submit(port) == {}, 'a mail with the settings that were read again')
        process.terminate()
        finish(process).expect(0)
    finally:
        process.kill()
        process.wait()
    made = [*(values['queue_dir'] / 'new').iterdir(), *state.iterdir()]
    check_equal(sorted(p.name for p in state.iterdir()), ['tls.pem', 'usage'], 'what it made')
    check_equal({p.stat().st_uid for p in made}, {uid}, 'whose it is')


@cases(
    ('that there is not', {'listen_user': 'no-such-user'}, 'useradd --system no-such-user'),
    ('who can not read the users', {'listen_auth_file': __file__ + '.none'}, 'listen_auth_file'),
)
def it_does_not_start_for_a_user(more, words):
    _, file = conf(**more)
    mailchute(file, '-bd', limit=20, env=environment(STATE_DIRECTORY=place('state'))).expect(
        {66, 78}, words)


@test
def it_does_not_start_where_the_user_can_not_read_the_settings():
    _, file = conf()
    os.chown(file, 0, 0)
    mailchute(file, '-bd', limit=20, env=environment(STATE_DIRECTORY=place('state'))).expect(
        74, f'{file}: Permission denied', 'as the user nobody')


@test
def it_does_not_start_where_the_user_can_not_read_the_password():
    password = settings_file('secret\n', owner=0)
    password.chmod(0o600)
    _, file = conf(user='joe', password_file=password)
    mailchute(file, '-bd', limit=20, env=environment(STATE_DIRECTORY=place('state'))).expect(
        {74, 77, 78}, f'password_file {password}: Permission denied', 'as the user nobody')


@test
def a_password_file_that_is_not_there_is_told_of_and_may_come_later():
    process = start(settings(host='127.0.0.1', listen='127.0.0.1:0', user='joe',
                             password_file=folder() / 'none'), '-bd', stdin=subprocess.DEVNULL)
    try:
        next_line(process, process.stdout)
        process.terminate()
        finish(process).expect(0, 'warning: password_file .*none: No such file')
    finally:
        process.kill()
        process.wait()


@test
def who_is_not_root_becomes_nobody_else():
    need_root()
    file = settings_file(settings(host='127.0.0.1', listen='127.0.0.1:0', listen_user='daemon'),
                         owner=12345)
    mailchute(file, '-bd', uid=12345, limit=20).expect(
        78, 'only root can go on as another user')


@test
def root_is_told_where_it_stays_root():
    need_root()
    process = start(settings(host='127.0.0.1', listen='127.0.0.1:0'), '-bd',
                    stdin=subprocess.DEVNULL)
    try:
        said = next_line(process, process.stdout) + next_line(process, process.stdout)
        check(b'listen_user' in said, said)
        process.terminate()
        finish(process).expect(0)
    finally:
        process.kill()
        process.wait()


main()
