#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_queue_wreck.py - a process that sends queued mails and is killed takes none with it, and a
mail that kills them is sent alone, and in the end not at all
"""
import os
import signal

from harness import check, check_equal, finish, mailchute, main, start, test, wait_until
from hostile import Gone, Server
from queued import Queue, children, mails

POISON = 'poison@lab.example'


class Killed:
    """A server to which one recipient, or any greeting, is deadly for the process that sends."""

    def __init__(self, at='rcpt', by=signal.SIGKILL, times=1000):
        self.by, self.times, self.runner = by, times, None
        # as functions, which become the session's
        methods = {'rcpt': lambda session, address: self.rcpt(session, address),
                   'ehlo': lambda session, name: self.ehlo(session, name)}
        self.server = Server(tls=None, **{at: methods[at]})

    def kill(self, session):
        """The lanes of the runner."""
        wait_until(lambda: self.runner, 'the runner is known')
        self.times -= 1
        session.flush()
        for pid in children(self.runner.pid):
            os.kill(pid, self.by)
        raise Gone('the client is killed')

    def rcpt(self, session, address):
        """The reply to RCPT TO."""
        if address == POISON and self.times > 0:
            self.kill(session)
        return '250 ok'

    def ehlo(self, session, _name):
        """The reply to EHLO."""
        if self.times > 0:
            self.kill(session)
        return '250 mx.lab.example'

    def run(self, queue, wish='-q'):
        """Run the queue once."""
        self.runner = None
        self.runner = start(queue.conf, wish, stdin=None)
        return finish(self.runner)


def came(server):
    """How often each got a mail."""
    got = [r for m in mails(server) for r in m.recipients]
    return {r: got.count(r) for r in got}


def mixed(server):
    """A queue with mails before and behind one that kills."""
    queue = Queue(server.account(auth=False, queue_lanes=1))
    for who in ('a', 'b', 'poison', 'c', 'd'):
        queue.add(f'{who}@lab.example')
    return queue


@test
def all_mails_go_out_after_a_process_was_killed_once():
    killed = Killed(times=1)
    with killed.server as server:
        queue = mixed(server)
        killed.run(queue).expect(0, 'account default', 'killed by signal 9', 'tried again')
        killed.run(queue).expect(0, hides=['killed'])
        check_equal(queue.names(), [], 'what is left')
        check_equal(sorted(came(server)), sorted(
            f'{w}@lab.example' for w in ('a', 'b', 'poison', 'c', 'd')), 'who got a mail')
        check(max(came(server).values()) <= 2, f'too often: {came(server)}')
        check_equal(came(server)[POISON], 1, 'how often it came that had not been taken')


@test
def it_is_said_which_signal_it_was():
    killed = Killed(by=signal.SIGUSR1, times=1)
    with killed.server as server:
        killed.run(mixed(server)).expect(0, f'signal {int(signal.SIGUSR1)} .User defined')


@test
def a_mail_that_kills_each_time_keeps_back_no_others_and_is_set_aside():
    killed = Killed()
    with killed.server as server:
        queue = mixed(server)
        name = queue.names()[2]
        killed.run(queue).expect(0, f'the mail {name} under way', 'in 5 minutes')
        mailchute(queue.conf, '--queue-run=due').expect(0)
        check(name in queue.names(), 'it is put off')
        killed.run(queue).expect(0, f'the mail {name} under way', 'in 15 minutes')
        check_equal(queue.names(), [name], 'what is left')
        killed.run(queue).expect(0, f'{name} under way', f'mailchute queue show {name}')
        check_equal((queue.names(), queue.names('failed')), ([], [name]), 'where it is')
        before = len(server.sessions)
        killed.run(queue).expect(0)
        check_equal(len(server.sessions), before, 'connections')
        queue.command('list').expect(0, out=[name, 'killed by signal 9'])
        queue.command('retry', name).expect(0)
        killed.times = 0
        killed.run(queue).expect(0)
        check_equal(came(server)[POISON], 1, 'how often it came')


@test
def a_run_that_stays_does_not_try_it_again_at_once():
    killed = Killed()
    with killed.server as server:
        queue = mixed(server)
        killed.run(queue, '--queue-run=due').expect(0)
        suspects = queue.names()
        check_equal(killed.times, 999, 'how often it has killed')
        killed.run(queue, '--queue-run=due').expect(0)
        check_equal(queue.names(), suspects, 'those that are put off')
        check_equal(killed.times, 999, 'how often it has killed then')


@test
def a_process_that_is_killed_before_it_sends_anything_puts_off_its_account():
    killed = Killed(at='ehlo')
    with killed.server as server:
        queue = mixed(server)
        killed.run(queue).expect(0, 'account default waits', 'killed by signal 9',
                                 'tried again in 1 minute')
        check_equal(len(queue.names()), 5, 'mails that wait')
        check('KILLED' in queue.state(), f'the state: {queue.state()}')
        killed.run(queue, '--queue-run=due').expect(0, hides=['killed'])
        killed.times = 0
        killed.run(queue).expect(0, 'works again')
        check_equal(queue.names(), [], 'what is left')


if __name__ == '__main__':
    main()
