#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_dialogue.py - what is shown of a session, and that no secret is, whoever says it

Each method of signing in is watched from the server's side: whatever came there after AUTH, in the
form in which it came and decoded, is looked for in all that was shown.
"""
import base64
import re
import secrets as random

from certs import cert
from harness import cases, check, check_equal, mailchute, main, test
from hostile import PASSWORD, Server, Session
from mail import SIMPLE
from scram import Scram

ONE = 'one@lab.example'
TOKEN = 'ya29.t0ken-that-nobody-may-see'


class Watched(Session):
    """Remembers what may never be shown."""

    def __init__(self, *args):
        super().__init__(*args)
        self.heard = []

    def _initial(self, text):
        if text:
            self.heard.append(text)
        return base64.b64decode(text) if text and text != '=' else None

    def challenge(self, data):
        before = len(self.commands)
        answer = super().challenge(data)
        self.heard += self.commands[before:]
        return answer


def one_step(session, _mechanism, initial):
    """For methods whose whole answer is one message."""
    session.judged(True)
    return session.verdict(session.challenge(b'') if initial is None else initial)


def two_steps(session, _mechanism, _initial):
    """LOGIN."""
    session.challenge(b'Username:')
    return session.verdict(session.challenge(b'Password:'))


def cram(session, _mechanism, _initial):
    """CRAM-MD5: the answer is a digest of the password."""
    return session.verdict(session.challenge(b'<%s@lab.example>' % random.token_hex(8).encode()))


def scram(session, _mechanism, initial):
    """SCRAM-SHA-256: proofs."""
    Scram('sha256', session.user, session.password).sign_in(session, initial, True)
    return session.verdict(b'')


def quoting(session, answer):
    """A no from a server that quotes what it doesn't understand."""
    return b'535 5.7.8 no: "' + answer + b'" or ' + base64.b64encode(answer)


METHODS = (
    ('PLAIN', one_step, PASSWORD), ('LOGIN', two_steps, PASSWORD), ('CRAM-MD5', cram, PASSWORD),
    ('SCRAM-SHA-256', scram, PASSWORD), ('XOAUTH2', one_step, TOKEN),
    ('OAUTHBEARER', one_step, TOKEN),
)


def forms(server, secret):
    """All in which the secret could be shown: as it is, in base64, and what was really sent."""
    found = {secret, base64.b64encode(secret.encode()).decode().rstrip('='),
             base64.b64encode(b'\0ops\0' + secret.encode()).decode()}
    for session in server.sessions:
        for text in session.heard:
            found.add(text)
            found.add(base64.b64decode(text).decode('utf-8', 'backslashreplace'))
    return {form for form in found if len(form) > 4}


@cases(*((f'{name}, {options[0]}, {verdict}', name, auth, secret, options, verdict)
         for name, auth, secret in METHODS
         for options in (['-v', ONE], ['-v', '-v', ONE], ['-d', ONE], ['--check', '-vv'],
                         ['--vrfy=joe', '-vv'])
         for verdict in ('taken', 'refused')))
def nothing_of_a_sign_in_is_shown(name, auth, secret, options, verdict):
    def judge(session, answer):
        return '235 2.7.0 welcome' if verdict == 'taken' else quoting(session, answer)
    Watched.verdict = judge
    with Server(session=Watched, mechanisms=name, auth=auth, password=PASSWORD) as server:
        result = mailchute(server.account(auth=name.lower(), password=secret), *options,
                           stdin=SIMPLE)
        shown = result.out + result.err
        check(f'AUTH {name}' in shown, f'the sign-in is not shown\n{result.text()}')
        heard = [text for session in server.sessions for text in session.heard]
        check(heard, 'the server heard nothing of a secret: the test is blind')
        for form in forms(server, secret) - {'ops'}:
            check(form not in shown, f'it shows {form!r}\n{result.text()}')


@test
def the_stages_are_shown_in_their_order():
    with Server() as server:
        out = mailchute(server.account(), '-v', ONE, stdin=SIMPLE).expect(0).out
        stages = re.findall(r'^\* stage: (.*)$', out, re.M)
        check_equal(stages, ['connection', 'greeting', 'hello', 'TLS', 'hello', 'sign-in', 'sender',
                             'recipients', 'message', 'end'], 'stages')
        check('ms  ' not in out and 'certificate:' not in out, 'details that nobody asked for')


@test
def twice_it_shows_times_and_the_certificate():
    with Server() as server:
        for options in (['-v', '-v'], ['-vv']):
            out = mailchute(server.account(), *options, ONE, stdin=SIMPLE).expect(0).out
            lines = out.splitlines()
            check(all(re.match(r' *\d+ ms  (-->|<--|\*) ', line) for line in lines), out)
            times = [int(line.split()[0]) for line in lines]
            check_equal(times, sorted(times), 'times')
            check(f"SHA-256 {cert('good').fingerprint()}" in out and 'issued by CN=Test CA' in out,
                  out)


if __name__ == '__main__':
    main()
