#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_resident.py - -bd with -q: one service takes mail and sends what waits"""
import os
import signal

from harness import (cases, check, check_equal, finish, folder, main, process_state, start,
                     start_sendmail, test, wait_until)
from hostile import Server
from served import Daemon, daemon


def mails(server):
    """All that the server has taken."""
    return [mail for session in server.sessions for mail in session.mails]


def served(server, *args, **more):
    """A service that keeps all mail, and says more than where it listens."""
    return daemon(server, args=args or ('-bd', '-q30m'), queue='always',
                  queue_dir=folder() / 'queue', **more)


def as_sendmail(conf, *args, stdin=None, **_more):
    """The same settings under the other name, which finds them in the home folder."""
    return start_sendmail(conf.read_text(), *args, stdin=stdin)


def is_gone(pid):
    """Whether a process has ended."""
    try:
        return process_state(pid) == 'Z'
    except OSError:
        return True


def submit(service):
    """A mail, which is kept."""
    with service.client() as client:
        client.sendmail('a@x.example', ['b@b.example'], 'Subject: s\n\nx\n')


@cases(('mailchute', start, ('-bd', '-q30m')), ('mailchute, the other way round', start,
                                                ('--queue-run=30m', '-bd')),
       ('sendmail', as_sendmail, ('-bd', '-q30m')),
       ('sendmail, the other way round', as_sendmail, ('-q1h', '-bd')),
       ('sendmail without a time', as_sendmail, ('-bd', '-q')))
def mail_that_waits_is_sent_by(begin, args):
    with Server(tls=None) as server, served(server, *args, begin=begin) as service:
        line = service.shown()
        check('running the queue' in line, line)
        for count in 1, 2:
            submit(service)
            wait_until(lambda: len(mails(server)) == count, 'the mail to be sent')


@test
def a_runner_that_is_killed_is_begun_anew():
    with Server(tls=None) as server, served(server) as service:
        [runner] = service.children()
        os.kill(runner, signal.SIGKILL)
        wait_until(lambda: service.children() not in ([], [runner]), 'another runner')
        submit(service)
        wait_until(lambda: mails(server), 'the mail to be sent')


@test
def a_runner_is_begun_anew_when_settings_are_read_again():
    with Server(tls=None) as server, served(server) as service:
        [runner] = service.children()
        service.process.send_signal(signal.SIGHUP)
        wait_until(lambda: service.children() not in ([], [runner]), 'another runner')


@test
def a_runner_stays_where_settings_have_a_mistake():
    with Server(tls=None) as server, served(server) as service:
        before = service.children()
        service.conf.write_text('nonsense on\n' + service.conf.read_text())
        service.process.send_signal(signal.SIGHUP)
        service.said()
        with service.client():
            check_equal(service.children()[:1], before, 'the runner')


@cases(('stopped', signal.SIGTERM), ('killed', signal.SIGKILL))
def the_runner_ends_when_the_service_is(number):
    with Server(tls=None) as server:
        service = Daemon(server, args=('-bd', '-q30m'), queue='always',
                         queue_dir=folder() / 'queue')
        try:
            [runner] = service.children()
            service.process.send_signal(number)
            finish(service.process)
            wait_until(lambda: is_gone(runner), 'the end of the runner')
        finally:
            service.process.kill()


@test
def a_service_whose_queue_nobody_runs_says_so():
    with Server(tls=None) as server, served(server, '-bd') as service:
        line = service.shown()
        check('nobody runs it' in line and '-bd -q30m' in line, line)
        check_equal(service.children(), [], 'processes')


if __name__ == '__main__':
    main()
