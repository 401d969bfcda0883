#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""bench.py - what a mail costs, ours beside those of other programs that are installed

    bench.py [--size MB] [WORD...]    rows whose name holds one of the words; none: all

Counts are exact and repeat: how often the client waits for the server, instructions (valgrind,
children included), system calls (strace), the most memory that was resident. For a large mail it
is the client's own processor time, since our server, being Python, is slower than any client. What
stands in brackets is the ratio to ours. Tests look at some of the counts (e2e/test_cost.py,
unit/test_flights.c); nothing but this looks at times.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'e2e'))

from certs import bundle, cert, trust  # noqa: E402
from harness import binary, check_equal, environment, folder, settings_file, whole_run  # noqa: E402
from hostile import PASSWORD, Server  # noqa: E402
from mail import HEADER  # noqa: E402
from served import daemon  # noqa: E402

CAPS = ('PIPELINING', 'CHUNKING', 'SIZE 1000000000', '8BITMIME', 'ENHANCEDSTATUSCODES')
LINE = b'a line of base64 has seventy-six letters, and so they are as many as here..\n'
MEGABYTE = 1_000_000


class Nowhere:
    """A sink that counts."""

    def __init__(self):
        self.size = 0

    def write(self, data):
        """Add to the sum."""
        self.size += len(data)

    def getvalue(self):
        """The sum."""
        return self.size


# --- the programs ---------------------------------------------------------------------------------

def like_msmtp(program):
    """Programs that read our settings."""
    def argv(server, authority, recipients):
        more = {'tls_trust_file': authority} if server.tls else {'auth': False}
        return [program, '-C', str(settings_file(server.account(host='127.0.0.1', **more))),
                *recipients]
    return argv


def curl(server, authority, recipients):
    """A client that is no mailer, and well known."""
    argv = ['curl', '-sS', '-q', '--crlf', '--mail-from', 'sender@lab.example', '--upload-file',
            '-', f'smtp://127.0.0.1:{server.port}/lab.example']
    for recipient in recipients:
        argv += ['--mail-rcpt', recipient]
    if server.tls:
        argv += ['--ssl-reqd', '--cacert', authority, '--user', f'ops:{PASSWORD}',
                 '--login-options', 'AUTH=PLAIN', '--sasl-ir']
    return argv


def programs():
    """Ours, and those of the others that are here."""
    others = {'msmtp': like_msmtp('msmtp'), 'curl': curl}
    return {'mailchute': like_msmtp(binary())} | {
        name: argv for name, argv in others.items() if shutil.which(name)}


# --- one run, looked at in different ways ---------------------------------------------------------

class Run:
    """One mail by one program to a server of its own."""

    def __init__(self, argv, path, tls=None, authority=None, recipients=1):
        self.argv, self.path, self.tls = argv, path, tls
        self.authority = authority
        self.recipients = [f'r{number}@lab.example' for number in range(recipients)]
        self.kilobytes = 0
        self.process = None

    def received(self, session, _mail):
        """Before the last reply all the work is done."""
        status = Path(f'/proc/{self.process.pid}/status').read_text()
        self.kilobytes = int(re.search(r'VmHWM:\s*(\d+)', status)[1])
        return session.final

    def perform(self, prefix=()):
        """Send; returns the server's session and the processor time in seconds."""
        with Server(tls=self.tls, caps=CAPS, sink=Nowhere,
                    received=lambda s, m: self.received(s, m)) as server, \
                open(self.path, 'rb') as file:
            argv = [*prefix, *self.argv(server, self.authority, self.recipients)]
            self.process = subprocess.Popen(argv, stdin=file, env=environment(),
                                            stdout=subprocess.DEVNULL)
            _, status, usage = os.wait4(self.process.pid, 0)
            self.process.returncode = os.waitstatus_to_exitcode(status)
            check_equal(self.process.returncode, 0, f'exit status of {argv[0]}')
            server.mail()
            return server.first(), usage.ru_utime + usage.ru_stime

    def turns(self):
        """How often the client waits for an answer in SMTP."""
        return self.perform()[0].flights

    def instructions(self):
        """Millions."""
        return instructions(self.perform)

    def system_calls(self, kind=r'\w+'):
        """Of all kinds, or of one."""
        log = folder() / 'strace'
        self.perform(['strace', '-f', '-o', str(log)])
        return len(re.findall(rf'^\d+ +{kind}\(', log.read_text(), re.M))

    def memory(self):
        """Megabytes."""
        self.perform()
        return self.kilobytes / 1024

    def seconds(self):
        """Of processor time, the least of three runs."""
        return min(self.perform()[1] for _ in range(3))


class Keep(Run):
    """One mail that is kept in the queue."""

    def __init__(self, path):
        super().__init__(None, path)
        place = folder()
        place.chmod(0o700)
        account = settings_file('account default\nhost localhost\nfrom sender@lab.example\n'
                                f'queue always\nqueue_dir {place}\n')
        self.argv = [binary(), '-C', str(account), '-odq', *self.recipients]
        self.perform()  # the directories are made

    def perform(self, prefix=()):
        """Keep it."""
        with open(self.path, 'rb') as file:
            subprocess.run([*prefix, *self.argv], stdin=file, check=True, env=environment())


class Take:
    """Mails that our server puts into the queue as they come by SMTP."""

    def __init__(self, sessions):
        self.per_session = 1 if sessions else 30

    def trace(self, mails):
        """All system calls of a server that takes so many."""
        log, place = folder() / 'strace', folder('queue')
        prefix = ['strace', '-D', '-f', '-o', str(log)]
        with Server(tls=None) as server, daemon(server, prefix=prefix, queue='always',
                                                queue_dir=place, queue_runner=False) as d:
            for _ in range(mails // self.per_session):
                with d.client() as client:
                    for _ in range(self.per_session):
                        client.sendmail('a@lab.example', ['b@lab.example'], HEADER + LINE * 26)
        return len(re.findall(r'^\d+ +\w+\(', log.read_text(), re.M))

    def system_calls(self):
        """Of one mail among many."""
        return (self.trace(60) - self.trace(30)) / 30


def instructions(perform):
    """Millions of instructions, children included."""
    place = folder()
    perform(['valgrind', '-q', '--tool=cachegrind', '--cache-sim=no', '--trace-children=yes',
             f'--cachegrind-out-file={place}/%p', '--log-file=/dev/null'])
    return sum(int(match[1]) for file in place.iterdir()
               if (match := re.search(r'^summary: (\d+)', file.read_text(), re.M))) / 1e6


def start_up(argv):
    """Of a program that only tells its version."""
    return instructions(lambda prefix: subprocess.run(
        [*prefix, argv, '--version'], check=True, stdout=subprocess.DEVNULL, env=environment()))


# --- the table ------------------------------------------------------------------------------------

def write_mail(size):
    """The name of a mail of that many bytes."""
    path = folder('mail') / 'mail'
    with open(path, 'wb') as file:
        file.write(HEADER + b'\n')
        for _ in range(size // len(LINE) // 1000):
            file.write(LINE * 1000)
        file.write(LINE * (size // len(LINE) % 1000))
    return path


def rows(size):
    """What is measured: a name, a unit, and a function of a program's name and argv."""
    small, large = write_mail(2000), write_mail(size * MEGABYTE)
    many = bundle(['idn', 'client', 'wrong-name'] * 50 + ['ca'])
    mails = {'plain': {}, 'STARTTLS and PLAIN': {'tls': 'starttls', 'authority': trust()},
             'with 150 authorities': {'tls': 'starttls', 'authority': many}}
    yield 'start-up', 'M instructions', lambda name, _: start_up(
        binary() if name == 'mailchute' else name)
    for label, more in mails.items():
        if label != 'with 150 authorities':
            yield f'{label}: waits', '', lambda _, argv, m=more: Run(argv, small, **m).turns()
            yield f'{label}, 100 recipients: waits', '', lambda _, argv, m=more: Run(
                argv, small, recipients=100, **m).turns()
        yield f'{label}: instructions', 'M', lambda _, argv, m=more: Run(
            argv, small, **m).instructions()
        yield f'{label}: system calls', '', lambda _, argv, m=more: Run(
            argv, small, **m).system_calls()
        yield f'{label}: memory', 'MB', lambda _, argv, m=more: Run(argv, small, **m).memory()
    for what, measure in (('instructions, M', Keep.instructions),
                          ('system calls', Keep.system_calls),
                          ('fsync', lambda run: run.system_calls('fsync'))):
        yield f'into the queue: {what}', '', lambda name, _, how=measure: (
            how(Keep(small)) if name == 'mailchute' else None)
    for sessions, what in (False, 'by SMTP into the queue'), (True, 'by SMTP, a session each'):
        yield f'{what}: system calls', '', lambda name, _, each=sessions: (
            Take(each).system_calls() if name == 'mailchute' else None)
    for label in ('plain', 'STARTTLS and PLAIN'):
        more = mails[label]
        yield f'{size} MB, {label}: processor time', 's', lambda _, argv, m=more: Run(
            argv, large, **m).seconds()
        yield f'{size} MB, {label}: memory', 'MB', lambda _, argv, m=more: Run(
            argv, large, **m).memory()


def shown(value, ours):
    """A cell."""
    if value is None:
        return '-'
    number = str(value) if isinstance(value, int) else f'{value:.2f}'
    return number if value is ours else f'{number} ({value / ours:.1f})'


def main():
    """Print the table row by row."""
    parser = argparse.ArgumentParser(description='what a mail costs, beside other programs')
    parser.add_argument('--size', type=int, default=100, help='MB of the large mail')
    parser.add_argument('words', nargs='*', help='rows whose name holds one of them')
    options = parser.parse_args()
    table = programs()
    cert('good')  # made before anything is measured
    print('| |', ' | '.join(table), '|')
    print('|---|' + '---|' * len(table))
    for name, unit, measure in rows(options.size):
        if options.words and not any(word in name for word in options.words):
            continue
        values = [measure(program, argv) for program, argv in table.items()]
        cells = ' | '.join(shown(value, values[0]) for value in values)
        print(f"| {name}{', ' if unit else ''}{unit} | {cells} |", flush=True)


if __name__ == '__main__':
    with whole_run():
        main()
