# SPDX-License-Identifier: ISC
"""queued.py - a queue for a test, and who runs it"""
import contextlib
import subprocess
import time
from pathlib import Path

from daemon import free_port
from harness import binary, finish, folder, mailchute, settings, settings_file, wait_until
from mail import SIMPLE


class Queue:
    """A queue with an account of its own, in a file, whose changes count."""

    def __init__(self, account):
        self.path = folder('queue')
        self.path.chmod(0o700)
        self.conf = settings_file(account + f'queue always\nqueue_dir {self.path}\n'
                                  'maildomain lab.example\n')

    def add(self, *recipients, n=1, sender='sender@lab.example', mail=SIMPLE, options=()):
        """Queue a mail, or n of the same."""
        for _ in range(n):
            mailchute(self.conf, '-f', sender, *options, '--',
                      *(recipients or ['one@lab.example']), stdin=mail).expect(0)

    def run(self, wish='', *words, **options):
        """Run the queue once."""
        return mailchute(self.conf, '-q' + wish, *words, **options)

    def command(self, *words):
        """What "mailchute queue" does with these words."""
        return finish(subprocess.Popen(
            [binary(), 'queue', *words, '-C', str(self.conf)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE))

    def names(self, part='new'):
        """The mails in a folder of the queue."""
        place = self.path / part
        return sorted(p.name for p in place.iterdir()) if place.exists() else []

    def state(self):
        """What the queue knows about its accounts."""
        place = self.path / 'state'
        return place.read_text() if place.exists() else ''

    def change(self, **values):
        """Give the account other settings."""
        self.conf.write_text(self.conf.read_text() +
                             '\n'.join(settings(**values).splitlines()[1:]) + '\n')


class Queues:
    """Two accounts with a queue each, and none that is called default."""

    NAMES = ('first', 'other')

    def __init__(self, server):
        self.path = folder('queues')
        self.conf = settings_file(''.join(
            server.account(account=name, queue='always', queue_dir=self.path / name,
                           maildomain='lab.example') for name in self.NAMES))

    def add(self, name):
        """Queue a mail that goes by this account."""
        mailchute(self.conf, '-a', name, 'one@lab.example', stdin=SIMPLE).expect(0)


def closed_port():
    """One that nobody listens on: no server gets it by chance, as it would one of those that
    connections get for their own end."""
    return free_port()


def away(queue, policy='on_failure', **more):
    """One whose server is away."""
    return settings(**{'host': '127.0.0.1', 'port': closed_port(), 'from': 'joe@lab.example',
                       'queue': policy, 'queue_dir': queue, **more})


def commands(server, verb):
    """How often the server heard a command, in all sessions."""
    return sum(c.upper().startswith(verb) for s in server.sessions for c in s.commands)


def mails(server):
    """All mails that came, in all sessions."""
    return [m for s in server.sessions for m in s.mails]


def children(pid):
    """The processes that this one has started."""
    return [int(p.name) for p in Path('/proc').glob('[0-9]*')
            if _parent(p) == pid]


def _parent(place):
    with contextlib.suppress(OSError, IndexError, ValueError):
        return int((place / 'stat').read_text().rpartition(')')[2].split()[1])
    return None


def yes_the_second_time(session, *_):
    """What a server says about a password that is put right after the first try."""
    return '535 5.7.8 no' if commands(session.server, 'AUTH') == 1 else '235 2.7.0 yes'


def late(seconds):
    """Wait until so many whole seconds have passed."""
    end = time.time() + seconds + 0.1
    wait_until(lambda: time.time() > end, 'the time passes', limit=seconds + 5)
