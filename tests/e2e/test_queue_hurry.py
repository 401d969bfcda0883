#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_queue_hurry.py - mail is sent before its time, also where a runner stays"""
import contextlib
import os
import pty
import re
import subprocess

from daemon import free_port
from harness import (binary, cases, check, check_equal, environment, finish, main, mailchute,
                     start, test, wait_until)
from hostile import PASSWORD, Server
from mail import SIMPLE
from queued import Queue, children, commands, mails


@contextlib.contextmanager
def resident(queue, status=0):
    """Who runs the queue until told to end."""
    runner = start(queue.conf, '-q1h', stdin=subprocess.DEVNULL)
    try:
        yield runner
    finally:
        runner.terminate()
        finish(runner).expect(status)


def later():
    """What a server says to a recipient: not now, until there is something in the list."""
    takes = []
    return takes, lambda _session, _address: '250 ok' if takes else '450 4.2.0 later'


def put_off(queue, server, runner):
    """A mail that was tried, and waits for its time; the runner has it no more."""
    queue.add()
    wait_until(lambda: commands(server, 'RCPT') == 1 and waits(queue) and
               not children(runner.pid), 'it is put off')


def waits(queue):
    """Whether one mail waits until later."""
    return len(re.findall(r'^ .*next try at ', queue.command('list').out, re.M)) == 1


def by_retry(queue):
    """One mail, by its name."""
    queue.command('retry', queue.names()[0]).expect(0, out=['due with the next run'])


@cases(('-q', lambda queue: queue.run('').expect(0)),
       ('-qf', lambda queue: queue.run('f').expect(0)),
       ('a part of its name', lambda queue: queue.run('I' + queue.names()[0][-9:]).expect(0)),
       ('its recipient', lambda queue: queue.run('Rone').expect(0)), ('queue retry', by_retry))
def a_runner_that_stays_is_asked_by(ask):
    takes, answer = later()
    with Server(rcpt=answer) as server:
        queue = Queue(server.account())
        with resident(queue) as runner:
            put_off(queue, server, runner)
            takes.append(True)
            ask(queue)
            wait_until(lambda: mails(server), 'the mail to be sent')
            wait_until(lambda: not queue.names(), 'the queue to be empty')
        check_equal(commands(server, 'RCPT'), 2, 'tries')


@test
def who_asks_for_others_sends_nothing_before_its_time():
    takes, answer = later()
    with Server(rcpt=answer) as server:
        queue = Queue(server.account())
        with resident(queue) as runner:
            put_off(queue, server, runner)
            takes.append(True)
            queue.run('due').expect(0)
            queue.run('Rnobody').expect(0)
            queue.add('two@lab.example')
            wait_until(lambda: mails(server), 'the other mail to be sent')
            check_equal(commands(server, 'RCPT TO:<ONE'), 1, 'tries of the first')


@test
def an_account_that_waits_is_tried_at_once():
    port = free_port()  # which nobody else gets while its server is away
    with Server(port=port) as server:
        queue = Queue(server.account())
    with resident(queue):
        queue.add()
        wait_until(lambda: 'CONNECT' in queue.state(), 'the account waits')
        with Server(port=port) as server:
            queue.run('', '-v').expect(0, out=[r'\* another process is running this queue: '
                                               'it was asked to send it now$'])
            wait_until(lambda: mails(server), 'the mail to be sent')


@test
def at_a_terminal_it_is_said_that_another_one_was_asked():
    with Server() as server:
        queue = Queue(server.account())
        with resident(queue):
            wait_until((queue.path / 'lock').exists, 'it runs')
            queue.add()
            wait_until(lambda: mails(server), 'it runs')
            pid, terminal = pty.fork()
            if pid == 0:
                os.execve(binary(), [binary(), '-C', str(queue.conf), '-q'], environment())
            words = b''
            with contextlib.suppress(OSError):  # the end of a terminal
                while piece := os.read(terminal, 4096):
                    words += piece
            os.close(terminal)
            check_equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0, 'status')
            check(b'it was asked to send it now' in words, words)
            check_equal(queue.run().expect(0).err, '', 'what it says where nobody reads it')


def by_check(queue, server):
    """The server has the password changed, and somebody looks whether it works."""
    server.session.password = 'another'
    mailchute(queue.conf, '--check').expect(0)


def by_file(queue, server):
    """The same, and the right one is written into its file, which stays the same."""
    server.session.password = 'another'
    (queue.path.parent / 'password').write_text('another\n')


@cases(('a check', 'another', by_check), ('its file', PASSWORD, by_file))
def what_waited_for_a_password_is_due_once_it_is_mended_by(word, mend):
    """It was sent at once, and so it has a time of its own."""
    with Server(password='unknown') as server:
        queue = Queue(server.account(password=None, queue='on_failure'))
        file = queue.path.parent / 'password'
        file.write_text(word + '\n')
        file.chmod(0o600)
        queue.conf.write_text(re.sub('queue always', f'password_file {file}',
                                     queue.conf.read_text()))
        mailchute(queue.conf, '-f', 'a@lab.example', 'b@lab.example', stdin=SIMPLE).expect(0)
        queue.run().expect(0, 'held')
        check(waits(queue), 'it has no time of its own')
        queue.run('due', '-v').expect(0, out=['nothing is due before'])
        mend(queue, server)
        queue.run('due').expect(0)
        check_equal(len(mails(server)), 1, 'mails that came')


if __name__ == '__main__':
    main()
