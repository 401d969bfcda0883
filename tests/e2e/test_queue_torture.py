#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_queue_torture.py - many who write and send at once, and are killed at any moment, lose no
mail, and send none in part
"""
import collections
import contextlib
import os
import random
import re
import signal
import threading
import time
from pathlib import Path

from harness import check, check_equal, folder, mailchute, main, settings_file, start, test
from hostile import Server

BOB = 'bob@lab.example'
END = b'the end of it\r\n'
SEED = int(os.environ.get('SEED', '1'))
SECONDS = 4
LONG = 6000  # lines: more than is held in memory


class Queue:
    """One that many share, with a server."""

    def __init__(self, server):
        self.path = folder('queue')
        self.path.chmod(0o700)
        self.conf = settings_file(server.account(queue='always', queue_dir=self.path,
                                                 maildomain='lab.example', tls_certcheck=False))

    def write(self, name, long=False):
        """Start a writer."""
        body = 'a line of no great interest\n' * (LONG if long else 10)
        mail = f'Subject: mail {name}.\n\n{body}the end of it\n'.encode()
        writer = start(self.conf, '-f', 'joe@lab.example', BOB)
        threading.Thread(target=feed, args=(writer.stdin, mail)).start()
        return writer

    def left(self):
        """The mails in it."""
        return sorted(p.name for p in (self.path / 'new').iterdir())


def feed(stdin, mail):
    """Whoever reads it may be killed."""
    with contextlib.suppress(OSError):
        stdin.write(mail)
        stdin.close()


def wait(process):
    """The end of one who has its input already."""
    with process:
        process.stdout.read()
        process.stderr.read()
        return process.wait(30)


def arrived(server):
    """How often each mail came; all are whole."""
    count = collections.Counter()
    for session in server.sessions:
        for mail in session.mails:
            check(mail.data.endswith(END), f'it came in part: ...{mail.data[-80:]!r}')
            count[re.search(rb'^Subject: mail (\S+)\.', mail.data, re.M)[1].decode()] += 1
    return count


def together(*functions):
    """Run them at once, each in a thread."""
    threads = [threading.Thread(target=f) for f in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@test
def ten_who_write_and_four_who_send_at_once_send_each_mail_once():
    with Server() as server:
        queue, kept, done = Queue(server), [], threading.Event()

        def writer(number):
            for n in range(8):
                name = f'{number}-{n}'
                if wait(queue.write(name, long=n == 0)) == 0:
                    kept.append(name)

        def runner():
            while not done.is_set():
                wait(start(queue.conf, '--queue-run=due', stdin=None))

        def writers():
            together(*(lambda n=n: writer(n) for n in range(10)))
            done.set()

        together(writers, runner, runner, runner, runner)
        mailchute(queue.conf, '-q').expect(0)
        check_equal(len(kept), 80, 'mails that were kept')
        check_equal(arrived(server), collections.Counter(kept), 'how often each mail came')
        check_equal(queue.left(), [], 'what is left')


def kill(process):
    """With the lanes of a runner, of which none gets to finish what it does."""
    pids = [process.pid]
    with contextlib.suppress(OSError):
        pids += Path(f'/proc/{process.pid}/task/{process.pid}/children').read_text().split()
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(int(pid), signal.SIGKILL)
    wait(process)


@test
def whoever_is_killed_at_any_moment_has_lost_nothing_that_was_accepted():
    chance, kept, kills = random.Random(SEED), [], [0]
    end = time.monotonic() + SECONDS
    with Server() as server:
        queue = Queue(server)

        def writers(dice, number):
            n = 0
            while time.monotonic() < end or not kept:
                name, n = f'{number}-{n}', n + 1
                writer = queue.write(name, long=dice.random() < 0.2)
                if dice.random() < 0.5:
                    time.sleep(dice.random() * 0.03)
                    writer.kill()
                if wait(writer) == 0:
                    kept.append(name)

        def runners(dice):
            while time.monotonic() < end or not kills[0]:
                runner = start(queue.conf, '-q', stdin=None)
                time.sleep(dice.random() * 0.2)
                kill(runner)
                kills[0] += 1

        together(*(lambda n=n, d=random.Random(chance.random()): writers(d, n) for n in range(3)),
                 lambda: runners(random.Random(chance.random())))
        mailchute(queue.conf, '-q').expect(0)
        mailchute(queue.conf, '-q').expect(0)
        count = arrived(server)
        check(kept and kills[0], 'nothing was tried')
        lost = sorted(set(kept) - set(count))
        check(not lost, f'{len(lost)} of {len(kept)} mails are lost: {lost[:5]} (SEED={SEED})')
        again = sum(count.values()) - len(count)
        check(again <= 20 * kills[0], f'{again} came twice, with {kills[0]} kills')
        check_equal(queue.left(), [], 'what is left')


if __name__ == '__main__':
    main()
