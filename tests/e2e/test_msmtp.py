#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_msmtp.py - a drop-in for msmtp: what msmtp 1.8 does with the same words, files and servers

The cases are data: msmtp/offline.json has those that need no server, msmtp/network.json those that
do. Their exit status, standard output and mail are msmtp's, except where a case says under "ours"
why it is better otherwise, and for a temporary failure, which ends with 75 here. Words on standard
error are our own.
"""
import json
import os
import re
import subprocess
from pathlib import Path

from certs import trust
from harness import (Skip, binary, cases, check, check_equal, environment, folder, main,
                     public_binary, test)
from hostile import Server, Session

NOBODY = 65534
HERE = Path(__file__).resolve().parent / 'msmtp'


def load(name):
    """The cases of a file as rows for @cases."""
    return [(case['name'], case) for case in json.loads((HERE / name).read_text())]


def put(home, name, content, mode):
    """Write a file of the case below its home folder."""
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content.replace('{{HOME}}', str(home)), newline='')
    path.chmod(mode)


def prepare(case):
    """The home folder of the case."""
    home = folder('home')
    if 'config' in case:
        put(home, case.get('config_path', '.msmtprc'), case['config'],
            int(case.get('config_mode', '0600'), 8))
    for name, text in case.get('files', {}).items():
        put(home, name, text, 0o600 if name == '.netrc' else 0o644)
    if case.get('as_nonroot'):
        for path in [home, *home.rglob('*')]:
            os.chown(path, NOBODY, NOBODY)
    return home


def run(case, home, *more):
    """Run the case; returns the exit status, stdout and stderr, with {{HOME}} for its folder."""
    def here(text):
        return text.replace('{{HOME}}', str(home)).replace('{{CERT}}', trust())
    program = public_binary() if case.get('as_nonroot') else binary()
    if 'argv0' in case:
        (home / case['argv0']).symlink_to(program)
        program = home / case['argv0']
    env = {**environment(), 'HOME': str(home), 'USER': 'tester', 'TZ': 'UTC',
           'HOSTNAME': 'testhost.example'}
    for name, value in case.get('env', {}).items():
        env.pop(name, None)
        if value is not None:
            env[name] = here(value)
    who = {'user': NOBODY, 'group': NOBODY, 'extra_groups': []} if case.get('as_nonroot') else {}
    result = subprocess.run(
        [program, *more, *map(here, case.get('args', []))], env=env, cwd=home, timeout=60,
        input=case.get('stdin', '').encode('utf-8', 'surrogateescape'), capture_output=True,
        start_new_session=True, check=False, **who)
    return (result.returncode, *(text.decode('utf-8', 'replace').replace(str(home), '{{HOME}}')
                                 for text in (result.stdout, result.stderr)))


def judge(expect, status, out, err):
    """Compare what the program did with what the case wants."""
    story = f'exit {status}\nstdout: {out}\nstderr: {err}'
    check(status == expect['exit'] or (expect['exit'] == 'nonzero' and status != 0),
          f"exit status {status}, wanted {expect['exit']}\n{story}")
    for text, name in (out, 'stdout'), (err, 'stderr'):
        for pattern in expect.get(name + '_re', []):
            check(re.search(pattern, text, re.M), f'{name} lacks /{pattern}/\n{story}')
        for pattern in expect.get(name + '_not_re', []):
            check(not re.search(pattern, text, re.M), f'{name} has /{pattern}/\n{story}')


@cases(*load('offline.json'))
def without_a_server(case):
    if case.get('as_nonroot') and os.geteuid() != 0:
        raise Skip('not root')
    home = prepare(case)
    judge(case['expect'], *run(case, home))
    for name, patterns in case['expect'].get('file_re', {}).items():
        text = (home / name).read_text().replace(str(home), '{{HOME}}')
        for pattern in patterns if isinstance(patterns, list) else [patterns]:
            check(re.search(pattern, text, re.M), f'the file {name} lacks /{pattern}/\n{text}')


class Scripted(Session):
    """A server as network.json describes it: replies to commands by pattern."""
    greeting = '220 fake ESMTP'
    name = 'fake.example'
    caps = ('PIPELINING', 'SIZE 10000000', '8BITMIME', 'DSN', 'SMTPUTF8')
    mechanisms = ''
    replies = {}
    caps_tls = None              # in place of caps, inside TLS
    data_reply = '250 2.0.0 Ok queued as X'
    close_after_data_reply = False

    def ehlo(self, name):
        if self.secure and self.caps_tls:
            self.caps = self.caps_tls
        return super().ehlo(name)

    def data(self):
        return '354 go'

    def received(self, _mail):
        self.say(self.data_reply if isinstance(self.data_reply, list) or not self.lmtp
                 else [self.data_reply] * len(self.recipients))
        if self.close_after_data_reply:
            self.hang_up()

    def _command(self, line):
        text = self.commands[-1]
        for pattern, reply in self.replies.items():
            if re.match(pattern, text, re.I):
                self.say(reply)
                return
        super()._command(line)


def server_of(case):
    """The server that the case asks for."""
    script = dict(case.get('server', {}))
    script['name'] = script.pop('helo_name', Scripted.name)
    if 'ETRN' in script.get('caps', ()):
        script['replies'] = {'ETRN': '250 ok', **script.get('replies', {})}
    return Server(tls=script.pop('tls', None), session=Scripted, **script)


def lines_of(mail):
    """The lines of a message, as text."""
    return mail.data.decode('utf-8', 'surrogateescape').split('\r\n')[:-1]


@cases(*load('network.json'))
def with_a_server(case):
    home, expect = prepare(case), case['expect']
    with server_of(case) as server:
        result = run(case, home, '--host=127.0.0.1', f'--port={server.port}')
        judge(expect, *result)
        mails = [mail for session in server.sessions for mail in session.mails]
        if 'data_lines_re' in expect and expect['data_lines_re']:
            check_equal(len(mails), 1, 'mails')
            got, wanted = lines_of(mails[0]), expect['data_lines_re']
            check(len(got) == len(wanted) and all(map(matches, wanted, got)),
                  f'the mail is\n{got}\nand not\n{wanted}')
        for pattern in expect.get('data_not_re', []):
            text = '\n'.join(line for mail in mails for line in lines_of(mail))
            check(mails and not re.search(pattern, text, re.M), f'the mail has /{pattern}/\n{text}')
        for pattern in expect.get('cmds_not_re', []):
            heard = [line for session in server.sessions for line in session.commands]
            check(not any(re.search(pattern, line) for line in heard), f'the server heard {heard}')
        if 'sent_to' in expect:
            check_equal([mail.recipients for mail in mails], [expect['sent_to']], 'recipients')


def matches(pattern, line):
    """Whether the pattern describes the whole line."""
    return re.fullmatch(pattern, line, re.S)


@test
def the_cases_are_there():
    for name, least in ('offline.json', 200), ('network.json', 60):
        check(len(load(name)) >= least, f'{name} has lost its cases')


if __name__ == '__main__':
    main()
