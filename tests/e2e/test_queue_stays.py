#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_queue_stays.py - a runner that stays is awake when there is something to do, and only then
"""
import contextlib
import os
import re
import signal
import subprocess
import threading
from pathlib import Path

from activated import activated
from harness import (RUN_LIMIT, Failure, Skip, cases, check, check_equal, finish, folder, mailchute,
                     main, need, need_root, sanitized, settings, start, strace, test, wait_until)
from hostile import Server
from queued import Queue, Queues, children, late, mails, yes_the_second_time


@contextlib.contextmanager
def resident(queue, *prefix):
    """A runner that stays, until the context ends; it then ends by SIGTERM."""
    run = start(queue.conf, '-q1h', stdin=None, prefix=prefix)
    try:
        yield run
    finally:
        run.send_signal(signal.SIGTERM)
        finish(run, limit=20).expect(0)


@test
def a_runner_that_stays_sends_what_comes():
    with Server() as server:
        queue = Queue(server.account())
        queue.add()
        with resident(queue):
            wait_until(lambda: not queue.names(), 'what was there goes out')
            queue.add(n=2)
            wait_until(lambda: not queue.names(), 'what comes goes out')
        check_equal(len(mails(server)), 3, 'mails that came')


@test
def a_runner_that_has_nothing_to_do_does_nothing():
    need('strace', 'strace')
    if sanitized():
        raise Skip('a sanitizer looks for leaks by tracing, and two cannot')
    with Server() as server:
        queue = Queue(server.account())
        queue.add()
        trace = folder('trace') / 'calls'
        with resident(queue, 'strace', '-D', '-o', str(trace)) as run:
            wait_until(lambda: not queue.names(), 'what was there goes out')
            wait_until(lambda: not children(run.pid), 'its lane ends')
            wait_until(lambda: re.search(r'ppoll\([^\n]*NULL, [^\n]*$', trace.read_text()),
                       'it waits for nothing but news')
            before = trace.stat().st_size
            late(2)
            check_equal(trace.stat().st_size, before, 'bytes in the list of its calls')


def _runners(queue):
    """Who runs the queue: a runner, and its lanes."""
    return [int(place.name) for place in Path('/proc').glob('[0-9]*')
            if str(queue.path / 'lock') in _open_files(place)]


@test
def who_keeps_a_mail_may_start_a_runner():
    with Server() as server:
        queue = Queue(server.account(queue_runner=True))
        for count in 1, 2:
            queue.add()
            wait_until(lambda n=count: len(mails(server)) == n, 'a runner sends it')
        wait_until(lambda: not _runners(queue), 'it ends when nothing is left to do')
        check_equal(queue.names(), [], 'what is left')


@test
def a_runner_that_was_started_so_ends_when_it_is_told():
    kept, told = threading.Event(), []

    def received(_session, _mail):
        kept.wait(RUN_LIMIT)  # by then, who has kept it has ended
        told.extend(_runners(queue))
        for pid in told:
            os.kill(pid, signal.SIGTERM)
        return '250 ok'

    with Server(received=received) as server:
        queue = Queue(server.account(queue_runner=True))
        queue.add()
        kept.set()
        wait_until(lambda: mails(server) and not _runners(queue), 'it ends')
        check_equal(len(told), 2, 'a runner, and its lane')
        check_equal(queue.names(), [], 'what is left')


def _open_files(place):
    """What the process has open; nothing where a file was closed meanwhile."""
    with contextlib.suppress(OSError):
        return [os.readlink(f) for f in (place / 'fd').iterdir()]
    return []


@test
def a_check_that_finds_all_in_order_releases_the_account():
    with Server(auth=yes_the_second_time) as server:
        queue = Queue(server.account())
        queue.add()
        queue.run().expect(0, 'held')
        with resident(queue):
            mailchute(queue.conf, '--check', limit=60)
            if '\theld\t' in queue.state():
                raise Failure(queue.state())
            wait_until(lambda: mails(server), 'the runner sees it')


@test
def a_runner_whose_queue_is_removed_ends():
    with Server() as server:
        queue = Queue(server.account())
        queue.add()
        run = start(queue.conf, '-q1h', stdin=None)
        wait_until(lambda: mails(server), 'it runs')
        # It may be renaming a file of its own in there: rm goes round again then.
        wait_until(lambda: not subprocess.call(['rm', '-rf', queue.path]), 'it is removed')
        finish(run).expect(73, 'was removed', 'NO_QUEUE')


def _into_log():
    """A file, and what stands before a command so that its standard error goes there."""
    log = folder() / 'log'
    log.touch()
    return log, ('sh', '-c', 'exec "$@" 2>"$0"', str(log))


@test
def a_command_in_the_settings_does_not_get_the_socket():
    seen = folder() / 'seen'
    conf = settings(host='127.0.0.1') + f'eval readlink /proc/self/fd/3 >{seen}; echo\n'
    mailchute(conf, '-P', prefix=activated()).expect(0)
    check_equal(seen.read_text(), '', 'what it has')


@cases(
    ('by its own socket', []),
    ('by one that systemd has opened', activated()),
)
def a_network_that_comes_up_wakes_who_stays(prefix):
    """In a namespace of its own, where not even the loopback is up at first."""
    need_root()
    ip, (log, said) = need('ip', 'iproute2'), _into_log()
    queue = Queue(settings(host='127.0.0.1', port=9))
    queue.add()
    with resident(queue, 'unshare', '--net', *prefix, *said) as run:
        wait_until(lambda: 'unreachable' in log.read_text(), 'there is no network')
        subprocess.run(['nsenter', f'--net=/proc/{run.pid}/ns/net', ip, 'link', 'set', 'lo', 'up'],
                       check=True)
        wait_until(lambda: 'refused' in queue.state(), 'it is tried long before its time')
        check('when the network comes up' not in log.read_text(), log.read_text())


@test
def a_system_that_does_not_tell_of_the_network_is_told_of():
    queue, (log, said) = Queue(settings(host='127.0.0.1', port=9)), _into_log()
    with resident(queue, strace(), '-D', '-o/dev/null', '-einject=socket:error=EAFNOSUPPORT:when=1',
                  *said):
        wait_until(lambda: 'when the network comes up' in log.read_text(), 'a warning')


@test
def who_stays_waits_at_all_queues_and_leaves_them_all():
    with Server() as server:
        queues = Queues(server)
        queues.add('first')
        with resident(queues) as run:
            wait_until(lambda: len(mails(server)) == 1, 'what waited is sent')
            queues.add('other')
            wait_until(lambda: len(mails(server)) == 2, 'what comes is sent')
            runs = children(run.pid)
            check_equal(len(runs), 2, 'runs')
        check(not any(Path(f'/proc/{pid}').exists() for pid in runs), 'a run was left behind')


if __name__ == '__main__':
    main()
