#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_catch_expect.py - mailchute --catch --expect: an assertion for shell scripts and CI jobs

The examples of the README are run as they stand there.
"""
import os
import re
import shlex
import smtplib
import subprocess
from pathlib import Path

from catcher import Catcher, TO
from daemon import free_port
from harness import (RUN_LIMIT, cases, check, check_equal, environment, folder, mailchute, main,
                     named, test)
from mail import SIMPLE


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
                 '--catch-timeout=5') as catcher:
        catcher.send()
        result = catcher.end(by=None)
        result.expect(1, "the one mail that came isn't as expected: to=taro@lab.example",
                      rf'mail 1: to=taro@lab.example isn.t so: it is "{TO}"')
        check(f'expected: to={TO}' not in result.err,
              f'it complains of what has come\n{result.text()}')


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
    with Catcher('--catch-count=2', '--catch-timeout=5') as catcher:
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


@test
def a_catcher_in_a_directory_that_is_missing_says_what_to_make():
    mailchute(None, '--catch=unix:/no/such/place/sock', limit=20).expect(
        69, 'No such file or directory', 'fix:  install -d /no/such/place ')


def blocks(kind):
    """The examples of that kind in what the README says about catching."""
    text = (Path(os.environ.get('srcdir', '.')) / 'README.md').read_text()
    text = text[text.index('## 5. Catch mail'):text.index('## Try it')]
    return re.findall(rf'^```{kind}\n(.*?)^```$', text, re.M | re.S)


def with_us_in_path():
    """An environment in which `mailchute` is what is under test."""
    env = environment()
    return {**env, 'PATH': f'{Path(named("mailchute")).parent}:{env["PATH"]}'}


SEND = """#!/usr/bin/python3
import smtplib, sys
host, port = sys.argv[1].split(':')
with smtplib.SMTP(host, int(port)) as client:
    client.sendmail('app@lab.example', [sys.argv[2]], 'Subject: SUBJECT\\n\\n')
"""


@cases(('is as expected', 'Welcome home', 0), ('is not', 'Goodbye', 1))
def the_readme_s_script_tells_whether_a_mail(subject, status):
    script = next(block for block in blocks('sh') if 'send-welcome' in block)
    check_equal(script.count('2525'), 2, 'how often the port stands there')
    script = script.replace('2525', str(free_port()))
    place = folder()
    (place / 'send-welcome').write_text(SEND.replace('SUBJECT', subject))
    (place / 'send-welcome').chmod(0o755)
    (place / 'catch.log').write_text('of the run before\n')
    script = script.replace('timeout=20', f'count=1 --catch-timeout={RUN_LIMIT}')
    result = subprocess.run(['sh', '-c', script], cwd=place, env=with_us_in_path(), check=False,
                            capture_output=True, text=True, timeout=RUN_LIMIT)
    check_equal(result.returncode, status, result.stdout + result.stderr)
    check(status == 0 or f'it is "{subject}"' in result.stdout, result.stdout + result.stderr)


@test
def the_readme_s_test_for_pytest_passes():
    def send_welcome(host, port):
        with smtplib.SMTP(host, port) as client:
            client.sendmail('app@lab.example', [TO], 'Subject: Welcome\n\n')
    names = {'subprocess': subprocess, 'send_welcome': send_welcome}
    before = os.environ['PATH']
    os.environ['PATH'] = with_us_in_path()['PATH']
    try:
        exec(blocks('python')[0], names)  # pylint: disable=exec-used
        names['test_welcome']()
    finally:
        os.environ['PATH'] = before


@test
def the_readme_s_options_are_options():
    lines = [shlex.split(line, comments=True) for line in '\n'.join(blocks('sh')).splitlines()
             if line.startswith('mailchute --catch ')]
    check(len(lines) >= 6, f'examples: {lines}')
    for _, _, *options in lines:
        options = [option.replace('maildir:out', f'maildir:{folder()}/out') for option in options]
        with Catcher(*options) as catcher:
            catcher.end().expect(0)


if __name__ == '__main__':
    main()
