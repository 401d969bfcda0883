#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_callers.py - what programs hand to sendmail: their words and bytes, as they were recorded

The cases are data: callers/programs.json has what real programs pass, callers/edge.json what is
rare. A case has the arguments, the bytes on standard input, and what must come of them: the exit
status, the sender, the recipients, header fields (as patterns) and the body. Programs that run for
real are in test_real_*.py.
"""
import email
import email.policy
import json
import re
import subprocess
from pathlib import Path

from harness import (binary, cases, check, check_equal, environment, folder, main, need_root,
                     settings, test)
from hostile import Server
from mail import check_header, check_wire

HERE = Path(__file__).resolve().parent / 'callers'
CAPS = ('PIPELINING', 'SIZE 50000000', '8BITMIME', 'DSN', 'SMTPUTF8')


def load(name):
    """The cases of a file as rows for @cases."""
    return [(case['name'], case) for case in json.loads((HERE / name).read_text())]


def home_of_root(port):
    """A home folder with settings, aliases, and the program under the name sendmail."""
    home = folder('home')
    (home / 'sendmail').symlink_to(binary())
    (home / 'aliases').write_text('# local names\nroot: admin@lab.example\n')
    (home / '.msmtprc').write_text(settings(
        host='127.0.0.1', port=port, tls=False, auth=False, timeout=10, maildomain='lab.example',
        domain='client.lab.example', aliases=home / 'aliases'))
    (home / '.msmtprc').chmod(0o600)
    return home


def run(case, home):
    """Run it as such programs do: with hardly an environment."""
    kept = ('PATH', 'ASAN_OPTIONS', 'UBSAN_OPTIONS', 'LSAN_OPTIONS')
    env = {name: value for name, value in environment().items() if name in kept}
    return subprocess.run(
        [home / 'sendmail', *case['argv']], input=case['stdin'].encode('utf-8', 'surrogateescape'),
        env={**env, 'HOME': str(home), 'USER': 'root', 'LOGNAME': 'root'}, cwd=home, timeout=60,
        capture_output=True, start_new_session=True, check=False)


def without_blank_lines(lines):
    """The lines up to the last that has something in it."""
    lines = list(lines)
    while lines and not lines[-1]:
        lines.pop()
    return lines


def check_mail(mail, want):
    """Compare the mail that arrived with what the case wants."""
    check_equal(mail.sender, want['sender'], 'sender')
    check_equal(sorted(mail.recipients), sorted(want['recipients']), 'recipients')
    check_wire(mail)
    check_header(mail.data)
    message = email.message_from_bytes(mail.data, policy=email.policy.compat32)
    for name, pattern in want.get('headers', {}).items():
        value = re.sub(r'\r?\n', '', str(message[name]))
        check(re.search(pattern, value), f'{name} is {value!r}, wanted /{pattern}/')
    if 'body' in want:
        body = mail.data.partition(b'\r\n\r\n')[2].decode('utf-8', 'surrogateescape')
        check_equal(without_blank_lines(body.split('\r\n')), without_blank_lines(want['body']),
                    'body')
    if 'body_decoded' in want:
        text = message.get_payload(decode=True).decode().replace('\r\n', '\n')
        check_equal(without_blank_lines(text.split('\n')), want['body_decoded'], 'decoded body')


def what_was_recorded_arrives(case):
    need_root()
    want = case['want']
    with Server(tls=None, caps=CAPS, mechanisms='') as server:
        done = run(case, home_of_root(server.port))
        check_equal(done.returncode, want.get('exit', 0),
                    f"exit status ({done.stderr.decode(errors='replace').strip()})")
        check('-v' in case['argv'] or not done.stdout, f'standard output: {done.stdout!r}')
        if want.get('exit', 0):
            server.nothing_arrived()
        else:
            check_mail(server.mail(), want)


@cases(*load('programs.json'))
def a_program_gets_its_mail_out(case):
    what_was_recorded_arrives(case)


@cases(*load('edge.json'))
def what_is_rare_works(case):
    what_was_recorded_arrives(case)


@test
def the_cases_are_there():
    for name, least in ('programs.json', 17), ('edge.json', 16):
        check(len(load(name)) >= least, f'{name} has lost its cases')


if __name__ == '__main__':
    main()
