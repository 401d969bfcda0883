#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_cost.py - what a run asks of the kernel: counts, never times"""
import contextlib
import os
import re
import shutil
import subprocess

from harness import (Skip, binary, cases, check, check_equal, environment, finish, folder, main,
                     need, sanitized, sendmail, settings, settings_file, start, strace,
                     test)
from hostile import Server
from mail import HEADER
from served import ENVELOPE, Client, daemon

ONE = 'one@lab.example'
SMALL = HEADER + b'\n' + b'thirty-one bytes in this line..\n' * 60
LARGE = HEADER + b'\n' + b'as it is in base64, a line of seventy-six letters and no more than that...\n' * 50_000
LIBRARY = re.compile(r'/lib(gnutls|gsasl|idn2)\.so')


class Trace(str):
    """What strace has noted down: one system call a line."""

    def calls(self, *names):
        """The lines of these calls, or of all."""
        return [line for line in self.splitlines()
                if re.match(r'\d+ +(%s)\(' % ('|'.join(names) or r'\w+'), line)]

    def opened(self):
        """The files that were opened, in order."""
        return [match[1] for line in self.calls('open', 'openat')
                if (match := re.search(r'"([^"]*)".* = \d+$', line))]

    def libraries(self):
        """Those of the three big ones that were loaded."""
        return {match[1] for path in self.opened() if (match := LIBRARY.search(path))}


def traced(argv, stdin, **more):
    """The trace of a run that must go well; stdin: an open file, or bytes for a pipe."""
    log = folder() / 'strace'
    prefix = [strace(), '-f', '-s', '64', '-o', str(log)]
    is_bytes = isinstance(stdin, bytes)
    done = subprocess.run([*prefix, *map(str, argv)], input=stdin if is_bytes else None,
                          stdin=None if is_bytes else stdin, env=environment(), timeout=60,
                          capture_output=True, check=False, **more)
    check_equal(done.returncode, 0, f'exit status ({done.stderr})')
    return Trace(log.read_text())


def instructions(*args, stdin=b''):
    """Of a run that must go well."""
    log = folder() / 'cachegrind'
    subprocess.run([need('valgrind', 'valgrind'), '-q', '--tool=cachegrind', '--cache-sim=no',
                    f'--cachegrind-out-file={log}', '--log-file=/dev/null', binary(),
                    *map(str, args)], input=stdin, env=environment(), timeout=120,
                   capture_output=True, check=True)
    return int(re.search(r'^summary: (\d+)', log.read_text(), re.M)[1])


def pages(*args):
    """That runs touch which must go well; where libraries lie in memory changes a few."""
    path, counts = folder() / 'mail', []
    path.write_bytes(SMALL)
    for _ in range(10):
        with open(path, 'rb') as file:
            process = subprocess.Popen([binary(), *map(str, args)], stdin=file,
                                       stdout=subprocess.DEVNULL, env=environment())
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        check_equal(process.returncode, 0, 'exit status')
        counts.append(usage.ru_minflt)
    return min(counts)


def send(text, program=None, as_file=True, **script):
    """The trace of one mail, from a file or a pipe."""
    path = folder() / 'mail'
    path.write_bytes(text)
    with Server(**script) as server, open(path, 'rb') as file:
        more = {'auth': True} if server.tls else {'auth': False}
        conf = settings_file(server.account(host='127.0.0.1', **more))
        return traced([program or binary(), '-C', conf, ONE], file if as_file else text)


def queue(waiting=0):
    """A new queue, in which so many wait, and the settings of an account that keeps all in it."""
    place = folder('queue')
    (place / 'new').mkdir(mode=0o700)
    place.chmod(0o700)
    (place / 'new' / f'{0:016}').touch()
    for n in range(1, waiting):
        os.link(place / 'new' / f'{0:016}', place / 'new' / f'{n:016}')
    # a part of so large a queue_size that none has all looked at for it by chance
    return settings_file(settings(host='127.0.0.1', port=9, queue='always', queue_dir=place,
                                  queue_size=1_000_000, **{'from': 'joe@lab.example'}))


def keep(conf, text):
    """The trace of one mail that is put into a queue."""
    return traced([binary(), '-C', conf, '-odq', '-f', 'joe@lab.example', '--', ONE], text)


@test
def a_mail_for_the_queue_takes_few_system_calls():
    trace = keep(queue(), SMALL)
    count = len(trace.calls())
    check(count <= 80, f'{count} system calls')  # a third of them is the loader's
    for names, number in ((('fsync', 'fdatasync'), 2), (('linkat',), 2), (('poll',), 0),
                          (('write', 'pwritev'), 2)):  # one says that no core is wanted
        check(len(trace.calls(*names)) <= number, '\n'.join(trace.calls(*names)))


@test
def a_mail_for_the_queue_needs_no_library_and_asks_nobody():
    trace = keep(queue(), SMALL)
    check_equal(trace.libraries(), set(), 'libraries')
    opened = trace.opened()
    asked = {'/etc/passwd', '/etc/nsswitch.conf', '/etc/resolv.conf', '/etc/hosts'} & set(opened)
    check(not asked, f'opened: {opened}')


@cases(('with a from header', SMALL, set()), ('without one', SMALL.partition(b'\n')[2],
                                              {'/etc/passwd'}))
def sendmail_asks_who_calls_it_only_where_that_is_written_into_the_mail(text, wanted):
    check(SMALL.startswith(b'From: '), 'this test knows the header')
    log = folder() / 'strace'
    conf = settings(host='127.0.0.1', port=9, queue='always', queue_dir=folder('queue'),
                    maildomain='lab.example', **{'from': 'joe@lab.example'})
    sendmail(conf, ONE, stdin=text, prefix=[strace(), '-f', '-o', str(log)]).expect(0)
    asked = {'/etc/passwd'} & set(Trace(log.read_text()).opened())
    check_equal(asked, wanted, 'what was looked up')


@test
def a_mail_for_the_queue_takes_as_many_calls_whatever_waits_there():
    kind = subprocess.run(['stat', '-f', '-c', '%T', folder()], capture_output=True, text=True,
                          check=True).stdout.strip()
    if kind not in ('btrfs', 'ext2/ext3', 'f2fs', 'tmpfs', 'xfs'):
        raise Skip(f'the size of a folder on {kind} may be the count of its names')
    few, many = (keep(queue(waiting), SMALL) for waiting in (1, 3000))
    check_equal(len(many.calls()), len(few.calls()), 'system calls')
    check_equal(many.calls('getdents64'), [], 'names that were read')


@test
def a_long_mail_for_the_queue_is_written_once():
    trace = keep(queue(), LARGE)
    written = sum(int(line.rpartition(' = ')[2]) for line in trace.calls('write', 'pwritev'))
    check(written <= len(LARGE) * 1.05, f'{written} bytes are written of {len(LARGE)}')
    check_equal(len(trace.calls('fsync', 'fdatasync')), 2, 'fsync')


@test
def a_mail_for_the_queue_takes_not_much_more_than_a_start():
    """In instructions, of which telling the version takes three quarters."""
    if sanitized():
        raise Skip('this is an address-sanitizer build, which valgrind cannot run')
    start_up = instructions('--version')
    ours = instructions('-C', queue(), '-odq', '-f', 'joe@lab.example', '--', ONE, stdin=SMALL)
    check(ours <= 1.35 * start_up, f'{ours} instructions, and {start_up} of a start')


@test
def a_small_mail_takes_not_much_more_than_a_start():
    """In instructions, and in pages that are touched: they take longer than most calls."""
    if sanitized():
        raise Skip('this is an address-sanitizer build, which valgrind cannot run')
    with Server(tls=None) as server:
        args = '-C', settings_file(server.account(host='127.0.0.1', auth=False)), ONE
        ours, start_up = instructions(*args, stdin=SMALL), instructions('--version')
        check(ours <= 1.5 * start_up, f'{ours} instructions, and {start_up} of a start')
        ours, start_up = pages(*args), pages('--version')
        check(ours <= start_up + 20, f'{ours} pages, and {start_up} of a start')


MESSAGE = b'Subject: s\r\n\r\n.\r\n'


@contextlib.contextmanager
def traced_server(log, **more):
    """One that only keeps what it gets, where there is much room."""
    with Server(tls=None) as server, daemon(server, prefix=[strace(), '-D', '-f', '-o', log],
                                            queue='always', queue_dir=folder('queue'),
                                            queue_runner=False, queue_size=1_000_000, **more) as d:
        yield d


def last_mail(log):
    """What the last mail but one took, from a name in the queue to the next."""
    return Trace(log.read_text().rsplit(' linkat(', 2)[1])


@cases(('step by step', [(line, 1) for line in (*ENVELOPE, b'DATA\r\n')]),
       ('in a group', [(b''.join(ENVELOPE) + b'DATA\r\n', 3)]))
def a_mail_by_smtp_takes_few_system_calls(envelope):
    log = folder() / 'strace'
    with traced_server(log) as d:
        sock, lines = d.raw()
        lines.readline()
        for text, replies in [*envelope, (MESSAGE, 1)] * 3:
            sock.sendall(text)
            for _ in range(replies):
                lines.readline()
        lines.close()
        sock.close()
    last, flights = last_mail(log), len(envelope) + 1
    for name in 'sendto', 'poll', 'recvfrom':
        check_equal(len(last.calls(name)), flights, f'{name} in\n{last}')
    check(len(last.calls()) <= 12 + 3 * flights, last)


@cases(('from the same sender', b'a@lab.example', 0), ('from another', b'c@lab.example', 2))
def a_client_behind_another_takes_few_system_calls(other, folders):
    log = folder() / 'strace'
    with traced_server(log, listen_connections=1) as d:
        for sender in b'a@lab.example', other, b'a@lab.example':
            client = Client(d.port)
            client.send(sender=sender)
            workers = d.children()
        check_equal(len(workers), 1, 'processes')
    ours = Trace('\n'.join(line for line in last_mail(log).splitlines()
                           if line.startswith(f'{workers[0]} ')))
    check_equal(len(ours.opened()), 1 + folders, f'files, and the mail, in\n{ours}')
    check(len(ours.calls()) <= 30 + 6 * folders, f'{len(ours.calls())} calls:\n{ours}')


@test
def a_small_mail_takes_few_system_calls():
    ours = len(send(SMALL, tls=None).calls())
    check(ours <= 110, f'{ours} system calls')  # a third of them is the loader's


@test
def a_small_mail_takes_at_most_half_the_system_calls_of_msmtp():
    if not shutil.which('msmtp'):
        raise Skip('no msmtp (Debian package msmtp)')
    ours, theirs = (len(send(SMALL, program, tls=None).calls()) for program in (None, 'msmtp'))
    check(2 * ours <= theirs, f'{ours} system calls, and {theirs} of msmtp')


@cases(('without tls', None), ('with tls', 'starttls'))
def no_file_is_opened_twice(tls):
    opened = send(SMALL, tls=tls).opened()
    twice = {path for path in opened if opened.count(path) > 1} - {'/etc/ld.so.cache'}
    check(not twice, f'opened twice: {twice}')


@cases(('the version', '--version'), ('the help', '--help'))
def no_library_is_loaded_for(option):
    check_equal(traced([binary(), option], b'').libraries(), set(), 'libraries')


@cases(
    ('none without tls', {'tls': None}, set()),
    ('those of tls', {'tls': 'implicit'}, {'gnutls', 'idn2'}),
    ('and of the sign-in', {'tls': 'implicit', 'mechanisms': 'LOGIN'},
     {'gnutls', 'gsasl', 'idn2'}),
)
def the_libraries_of_a_mail_are(script, libraries):
    check_equal(send(SMALL, **script).libraries(), libraries, 'libraries')


@test
def nobody_is_asked_for_the_name_of_an_address():
    opened = send(SMALL, tls=None).opened()
    check(not {'/etc/resolv.conf', '/etc/nsswitch.conf', '/etc/hosts'} & set(opened), opened)


@cases(
    # 64 kB at a time; in TLS, records of 16 kB, which is as long as they can be
    ('in clear', None, ('sendto', 'sendmsg', 'write'), 64 * 1024),
    ('in tls', 'implicit', ('sendto', 'sendmsg'), 16 * 1024),
)
def a_large_mail_takes_few_writes(tls, names, size):
    trace = send(LARGE, tls=tls)
    writes, needed = len(trace.calls(*names)), len(LARGE) // size
    check(writes <= needed * 1.05 + 20, f'{writes} writes where {needed} are needed')


@cases(('a file is not copied', True, 0), ('a pipe is', False, 1))
def of_a_large_mail(as_file, copies):
    made = [line for line in send(LARGE, as_file=as_file, tls=None).calls('openat')
            if 'O_TMPFILE' in line]
    check_equal(len(made), copies, 'temporary files')


@test
def the_place_in_a_file_is_behind_the_mail():
    """Whoever calls us may read on from there."""
    path = folder() / 'mail'
    path.write_bytes(LARGE)
    with Server(tls=None) as server, open(path, 'rb') as file:
        finish(start(server.account(auth=False), ONE, stdin=file)).expect(0)
        check_equal(file.seek(0, 1), len(LARGE), 'place')


if __name__ == '__main__':
    main()
