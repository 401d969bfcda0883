#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_queue_killed.py - a run of the queue that is killed at any call loses no mail

What a server has accepted may come twice, if the run ended before that was written down; what it
has not comes once, and whoever was refused is told of, once at least.
"""
import collections
import re

from harness import (Failure, cases, check, check_equal, folder, mailchute, main, settings_file,
                     strace, test, wait_until)
from hostile import Server
from mail import SIMPLE
from spool import names

CALLS = ('write', 'pwritev', 'fsync', 'fdatasync', 'linkat', 'unlinkat', 'renameat')
GOOD = [f'good{i}@lab.example' for i in range(4)]
BAD = 'bad@lab.example'


class Run:
    """A queue with mails for all, run once under strace with these options."""

    def __init__(self, server, *options):
        self.server, self.begun = server, len(server.sessions)
        self.queue = folder('queue')
        self.queue.chmod(0o700)
        self.conf = settings_file(server.account(
            auth=False, queue='always', queue_dir=self.queue, maildomain='lab.example'))
        for recipient in [*GOOD[:2], BAD, *GOOD[2:]]:
            mailchute(self.conf, recipient, stdin=SIMPLE).expect(0)
        self.log = folder('trace') / 'calls'
        self.result = mailchute(self.conf, '-q', prefix=[
            strace(), '-f', '-o', str(self.log), '-e', 'trace=' + ','.join(CALLS), *options])

    def came(self):
        """How often each got something."""
        return collections.Counter(r for s in self.server.sessions[self.begun:] for m in s.mails
                                   for r in m.recipients)

    def calls(self):
        """The most calls of each name that one process made."""
        made = collections.Counter(re.findall(r'^(\d+) +(\w+)\(', self.log.read_text(), re.M))
        return {name: max([n for (_, call), n in made.items() if call == name], default=0)
                for name in CALLS}

    def end(self, where):
        """Run the queue until it is empty: everybody has got their mail."""
        def empty():
            mailchute(self.conf, '-q').expect(0)
            return not names(self.queue, 'new')

        try:
            wait_until(empty, 'the queue is empty')
            came = self.came()
            check_equal({r for r in came if r in GOOD}, set(GOOD), 'who got their mail')
            check(max(came[r] for r in GOOD) <= 2, f'too often: {came}')
            check(1 <= came['sender@lab.example'] <= 2, f'notices: {came}')
        except Failure as failure:
            raise Failure(f'{where}: {failure}\n{self.result.text()}') from None


def refuse(_, address):
    return '550 5.1.1 nobody here' if address == BAD else '250 ok'


@test
def without_trouble_each_mail_and_notice_comes_once():
    with Server(tls=None, rcpt=refuse) as server:
        run = Run(server)
        check_equal(names(run.queue, 'new'), [], 'what is left')
        check_equal(run.came(), {r: 1 for r in [*GOOD, 'sender@lab.example']}, 'who got what')
        calls = run.calls()
        check(all(calls[name] > 0 for name in CALLS), f'calls that are not made: {calls}')


@cases(*((name, name) for name in CALLS))
def killed_at_any(name):
    with Server(tls=None, rcpt=refuse) as server:
        for number in range(1, Run(server).calls()[name] + 1):
            run = Run(server, '-e', f'inject={name}:signal=KILL:when={number}')
            run.end(f'killed at {name} {number}')


@cases(*((f'{error} at {name}', error, name) for error in ('ENOSPC', 'EIO') for name in CALLS))
def told_of(error, name):
    with Server(tls=None, rcpt=refuse) as server:
        for number in range(1, Run(server).calls()[name] + 1):
            run = Run(server, '-e', f'inject={name}:error={error}:when={number}')
            run.end(f'{error} at {name} {number}')


if __name__ == '__main__':
    main()
