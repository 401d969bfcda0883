#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_hostile.py - every stage of a session against every way to go wrong

The servers are scripts: tests/hostile/README says what they can do and what is judged.
"""
import base64
import os
import re
from pathlib import Path
from typing import NamedTuple

from certs import cert
from harness import cases, check, mailchute, main, need, sanitized, shared
from hostile import PASSWORD, Server, Session
from mail import SIMPLE

SCRIPTS = Path(os.environ.get('srcdir', '.')) / 'tests/hostile'
RECIPIENTS = ('one@lab.example', 'two@lab.example')
LIMIT = 20  # seconds for a run, on a busy machine; those who wait for a greeting have 30
SHORT = 2   # seconds: the time-out where the server is silent
MEMORY = 4 * 1024 * 1024  # bytes of data; a good session takes a fifth
PROOF = base64.b64encode(f'\0ops\0{PASSWORD}'.encode()).decode()  # of AUTH PLAIN
AT_ONCE = 8  # runs beside each other: most of them wait
HELLO = b'\x16\x03'  # so a TLS handshake begins

# The method of a session that a stage replaces.
STAGES = {'greeting': 'connected', 'ehlo': 'ehlo', 'starttls': 'starttls', 'handshake': 'start_tls',
          'ehlo-again': 'ehlo', 'auth': 'auth', 'mail': 'mail', 'rcpt': 'rcpt', 'data': 'data',
          'message': 'received', 'quit': 'quit'}

# How a stage is called where the words themselves don't tell.
CALLED = {'greeting': 'the greeting', 'ehlo': 'EHLO', 'starttls': 'TLS', 'handshake': 'TLS',
          'ehlo-again': 'EHLO', 'auth': 'AUTH', 'mail': 'MAIL', 'rcpt': 'RCPT', 'data': 'DATA',
          'message': 'message', 'quit': 'QUIT'}
UNPLACED = {'TIMEOUT', 'HANGUP', 'PROTOCOL'}

PLAIN = {'tls': None, 'mechanisms': ''}
WAYS = {'starttls': {'tls': 'starttls'},
        'single': {'tls': 'starttls', 'caps': ('SIZE 1000000', '8BITMIME')},
        'implicit': {'tls': 'implicit'},
        'clear': PLAIN,
        'chunking': {**PLAIN, 'caps': ('PIPELINING', 'CHUNKING', '8BITMIME')},
        'lmtp': {**PLAIN, 'lmtp': True}}


class Case(NamedTuple):
    """One server, and what must come of it."""
    stage: str
    way: str
    actions: list    # (word, bytes)
    statuses: set
    name: str        # of the failure; '-': nothing is said; 'any': something is
    arrives: str     # 'once', 'never' or 'maybe'
    words: str


# --- reading scripts ----------------------------------------------------------------------------

def text(word):
    r"""The bytes that a script writes with \r, \n, \0, \xHH and \\."""
    return word.encode('latin-1').decode('unicode_escape').encode('latin-1')


def action(line):
    """What a server does: a word, and the bytes that stand behind it."""
    word, _, rest = line.partition(' ')
    check(hasattr(Hostile, 'do_' + word), f'no server can "{line}"')
    return word, text(rest)


def judgement(line):
    """Exit statuses, name, arrival, words."""
    statuses, name, arrives, *words = line.split(maxsplit=3)
    check(arrives in ('once', 'never', 'maybe'), f'mail does not arrive "{arrives}"')
    return {int(status) for status in statuses.split('|')}, name, arrives, ''.join(words)


def read(path):
    """The cases of one file, each under its name."""
    lines = [line.rstrip('\n') for line in path.open() if line.strip() and line[0] != '#']
    heads = [number for number, line in enumerate(lines) if line.startswith('at ')]
    for head, end in zip(heads, heads[1:] + [len(lines)]):
        stages, _, ways = lines[head][3:].partition(' over ')
        *script, verdict = [line.strip() for line in lines[head + 1:end]]
        for stage in stages.split(', '):
            for way in (ways or 'starttls').split(', '):
                name = f'{path.stem}: {stage} over {way}: {"; ".join(script)[:60]}'
                yield name, Case(stage, way, [action(line) for line in script], *judgement(verdict))


# --- the server ---------------------------------------------------------------------------------

def quoting(before, line):
    """Words with a line of the client behind them."""
    return b' '.join(filter(None, (before, line.encode())))


class Hostile(Session):
    """A good server with a script for one of its stages."""
    strict = False
    case = None

    def perform(self, usual):
        """Play the script. The last thing that it says is returned, as methods of a session do."""
        last = None
        for word, argument in self.case.actions:
            self.say(last)
            last = getattr(self, 'do_' + word)(argument, usual)
        return last

    def is_second_hello(self):
        """Whether this EHLO is the one inside TLS."""
        return self.secure and self.server.tls == 'starttls'

    def await_hello(self):
        """The first word of the client's handshake."""
        self.flush()
        self.clear += self._in + self._receive()
        self._in = b''

    def do_say(self, line, _usual):
        """A reply."""
        return line.decode('latin-1').encode('latin-1')

    def do_echo(self, before, _usual):
        """What the client said, in a reply or not."""
        return quoting(before, self.commands[-1])

    def do_proof(self, before, _usual):
        """The same of what it said to sign in."""
        return quoting(before, next(c for c in self.commands if c.startswith('AUTH ')))

    def do_send(self, data, _usual):
        """Bytes."""
        self.raw(data)

    def do_answer(self, _, usual):
        """What a good server does."""
        return usual()

    def do_plain(self, data, _usual):
        """Bytes past the TLS session."""
        self.flush()
        os.write(self.sock.fileno(), data)

    def do_drip(self, data, _usual):
        """A byte at a time until the client goes."""
        while not self.server.stopping.is_set():
            self.drip(data, 0.05)

    def do_forever(self, data, _usual):
        """All that the client takes."""
        data *= 1 + 65536 // len(data)
        while not self.server.stopping.is_set():
            self.raw(data)
            self.flush()

    def do_tls(self, _, _usual):
        """The handshake."""
        Session.start_tls(self)

    def do_silence(self, _, _usual):
        """Nothing more."""
        self.silence()

    def do_close(self, _, _usual):
        """The end."""
        self.hang_up()

    def do_reset(self, _, _usual):
        """A rude end."""
        self.reset()


def scripted(case):
    """The method that plays the case at its stage, and before and behind it does as usual."""
    method = STAGES[case.stage]
    usual = getattr(Session, method)

    def play(session, *arguments):
        def good():
            return usual(session, *arguments)
        if method == 'ehlo' and session.is_second_hello() != (case.stage == 'ehlo-again'):
            return good()
        if case.stage == 'handshake':
            session.await_hello()
        reply = session.perform(good)
        if case.stage == 'handshake':
            session.say(reply)
            session.silence()
        if case.stage == 'data' and any(said.startswith(b'354') for _, said in case.actions):
            session.say(reply)
            session.take_message()
            return None
        return reply
    return {method: play, 'case': case}


# --- judging ------------------------------------------------------------------------------------

def check_clear(server):
    """Where TLS was demanded, nothing of worth was said outside."""
    if not server.tls:
        return
    for session in server.sessions:
        said = session.clear.partition(HELLO)[0]  # a spoilt handshake is here, too
        for line in said.splitlines():
            check(line.split(b' ')[0].upper() in (b'EHLO', b'STARTTLS', b'QUIT'),
                  f'in clear: {line!r}')


def check_words(result, case):
    """It is said what went wrong, and where."""
    named = re.search(r'\[(\w+)\]$', result.err, re.M)
    name = named[1] if named else '-'
    check(name in case.name.split('|') or (case.name == 'any' and name != '-'),
          f'it is [{name}], wanted {case.name}\n{result.text()}')
    check(case.words in result.err, f'no "{case.words}"\n{result.text()}')
    if name in UNPLACED and case.name != 'any' and '(at' not in case.words:
        check(f'{CALLED[case.stage]})' in result.err, f'no word of the stage\n{result.text()}')


def check_mails(server, case, recipients):
    """Not twice, and as often as the script says. What is empty is none (RFC 2920, 3.1)."""
    mails = [mail for session in server.sessions for mail in session.mails if mail.wire]
    allowed = {'once': {1}, 'never': {0}, 'maybe': {0, 1}}[case.arrives]
    check(len(mails) in allowed, f'{len(mails)} mails, wanted {case.arrives}')
    for mail in mails:
        check(set(mail.recipients) <= set(recipients), f'for {mail.recipients}')


def timeout(case):
    """The time-out of a run: short where it is waited for, else longer than the run may take, so
    that no server of ours is too slow for it at another stage."""
    words = {word for word, _ in case.actions}
    waits = not words or words & {'silence', 'drip'} or case.stage == 'handshake'
    return SHORT if waits else LIMIT


@shared
def certificate():
    """Made once, before any of the runs that go beside each other."""
    return cert('good')


ALL = [row for path in sorted(SCRIPTS.glob('*.script')) for row in read(path)]


@cases(*ALL)
def a_hostile_server(case):
    way = WAYS[case.way]
    recipients = RECIPIENTS if way.get('lmtp') else RECIPIENTS[:1]
    certificate()
    bounds = () if sanitized() else (need('prlimit', 'util-linux'), f'--data={MEMORY}', '--core=0')
    with Server(session=Hostile, **way, **scripted(case)) as server:
        conf = server.account(timeout=timeout(case), auth='plain' if way['tls'] else False)
        result = mailchute(conf, *recipients, stdin=SIMPLE, limit=30, prefix=bounds)
        result.expect(case.statuses, hides=[PASSWORD, PROOF])
        check(result.seconds < LIMIT, f'it took {result.seconds:.1f} s\n{result.text()}')
        check_words(result, case)
        server.stopping.set()
        server.settle()
        check_clear(server)
        check_mails(server, case, recipients)


if __name__ == '__main__':
    main(AT_ONCE)
