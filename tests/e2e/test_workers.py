#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_workers.py - mailchute -bd: the processes that serve one client behind the other"""
import contextlib
import os
import resource
import shutil
import signal
import socket
from pathlib import Path

from harness import cases, check, check_equal, folder, main, test, wait_until
from hostile import Server
from served import ENVELOPE, LIMIT, Client, daemon, unchecked, users
from spool import entries

@contextlib.contextmanager
def queueing(**more):
    """A server that only keeps what it gets; and where."""
    queue = folder('queue')
    with Server(tls=None) as server, daemon(server, queue='always', queue_runner=False,
                                            queue_dir=queue, **more) as d:
        yield d, queue


def only(d):
    """The one process that there is."""
    check_equal(len(d.children()), 1, 'processes')
    return d.children()[0]


def signed_in(d):
    """By TLS, with a name and a password."""
    client = d.client()
    client.starttls(context=unchecked())
    client.login('ops', 'sw0rd fish')
    client.mail('other@lab.example')
    client.rcpt('gone@x.example')
    client.close()


def in_envelope(d):
    """A sender, his wishes, and a recipient."""
    client = Client(d.port)
    client.say(b'EHLO before\r\n', b'MAIL FROM:<other@lab.example> SIZE=7 ENVID=before\r\n',
               b'RCPT TO:<gone@x.example>\r\n')
    client.leave()


def in_message(d):
    """Half a mail, and more in the pipe."""
    client = Client(d.port)
    client.say(b'EHLO before\r\n', *ENVELOPE, b'DATA\r\n')
    client.socket.sendall(b'Subject: before\r\n\r\n' + b'half of it\r\n' * 10_000)
    client.leave()


def after_mistakes(d):
    """One less than too many."""
    client = Client(d.port)
    client.say(*[b'EXPN x\r\n'] * 19)
    client.leave()


def with_commands_unread(d):
    """They stand behind a goodbye."""
    client = Client(d.port)
    client.say(b'QUIT\r\n' + b''.join(ENVELOPE))
    client.leave()


def well(d):
    """A mail, and goodbye."""
    Client(d.port).send(b'before')


@cases(*((leaves.__name__.replace('_', ' '), leaves) for leaves in (
    signed_in, in_envelope, in_message, after_mistakes, with_commands_unread, well)))
def a_client_finds_nothing_of_one_that_left(leaves):
    with queueing(listen_connections=1, listen_tls=True, listen_auth_file=users(),
                  env={'STATE_DIRECTORY': folder('state')}) as (d, queue):
        leaves(d)
        worker = only(d)
        client = Client(d.port)
        check_equal(only(d), worker, 'the process')
        check_equal(client.say(ENVELOPE[1], b'DATA\r\n'), [503, 503], 'without a sender')
        client.send()
        kept = entries(queue)
        check_equal(len(kept), 2 if leaves is well else 1, 'mails')
        check(b'Received: from next ([127.0.0.1])' in kept[-1].message and
              b' with ESMTP id ' in kept[-1].message, kept[-1].message)
        for word in ('before', 'other', 'gone'):
            check(word not in kept[-1].message.decode() + kept[-1].label, kept[-1].label)


def submitters(queue):
    """For whom each mail is kept, in order."""
    return [who for entry in entries(queue) for who in entry.values('submitter')]


@test
def each_mail_is_kept_for_the_client_it_came_from():
    with queueing(listen_connections=1, listen_auth_file=users()) as (d, queue):
        Client(d.port).send()
        worker = only(d)
        client = d.client()
        client.sendmail('a@lab.example', 'b@x.example', 'Subject: s\r\n\r\nx\r\n')
        client.login('ops', 'sw0rd fish')
        client.sendmail('a@lab.example', 'b@x.example', 'Subject: s\r\n\r\nx\r\n')
        client.quit()
        Client(d.port).send()
        check_equal(only(d), worker, 'the process')
        check_equal(submitters(queue), ['127.0.0.1', '127.0.0.1', 'ops', '127.0.0.1'],
                    'submitters')


@test
def a_queue_that_was_lost_is_found_by_the_next_client():
    with queueing(listen_connections=1) as (d, queue):
        Client(d.port).send()
        worker = only(d)
        shutil.rmtree(queue / 'new')
        client = Client(d.port)
        replies = client.say(b'EHLO c\r\n', *ENVELOPE, b'DATA\r\n')
        if replies[-1] == 354:
            replies += client.say(b'Subject: s\r\n\r\nx\r\n.\r\n')
        check_equal(replies[-1] // 100, 4, 'the last reply')
        client.leave()
        Client(d.port).send()
        check_equal(only(d), worker, 'the process')
        check_equal(len(entries(queue)), 1, 'mails')


@test
def the_session_with_the_smarthost_ends_with_the_client_s():
    with Server(tls=None) as server, daemon(server, listen_connections=1) as d:
        Client(d.port).send()
        worker = only(d)
        server.settle()
        check_equal(only(d), worker, 'the process')
        Client(d.port).send()
        check_equal(len(server.sessions), 2, 'sessions with the smarthost')


@test
def a_server_without_descriptors_waits_and_goes_on_when_it_has_some():
    with queueing() as (d, _), contextlib.ExitStack() as stack:
        pid = d.process.pid
        held = len(os.listdir(f'/proc/{pid}/fd'))
        _, most = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (held, most))
        sock = stack.enter_context(socket.create_connection(('127.0.0.1', d.port), LIMIT))
        before = processor_time(pid)
        sock.settimeout(1)
        with contextlib.suppress(TimeoutError):
            check(False, f'it was let in: {sock.recv(100)}')
        check(processor_time(pid) - before < .2, 'it was busy with nothing')
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (most, most))
        sock.settimeout(LIMIT)
        check(sock.recv(4) == b'220 ', 'the greeting')


def processor_time(pid):
    """What a process has used of it, in seconds."""
    words = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf('SC_CLK_TCK')


@test
def clients_that_come_one_behind_the_other_share_a_few_processes():
    with queueing(listen_connections=1) as (d, queue):
        seen = set()
        for _ in range(130):
            client = Client(d.port)
            seen.add(only(d))
            client.send()
        check(2 <= len(seen) < 13, f'{len(seen)} processes')
        check_equal(len(entries(queue)), 130, 'mails')


@test
def who_waits_for_a_client_in_vain_ends():
    with queueing() as (d, _):
        Client(d.port).send()
        wait_until(lambda: not d.children(), 'it ends')
        Client(d.port).send()


@test
def who_waits_has_no_client_once_there_are_other_settings():
    with queueing(listen_connections=1) as (d, _):
        Client(d.port).send()
        d.conf.write_text(d.conf.read_text() + 'listen_size 4711\n')
        d.process.send_signal(signal.SIGHUP)
        client = Client(d.port)
        check_equal(client.say(b'EHLO c\r\n', b'MAIL FROM:<a@lab.example> SIZE=4712\r\n'),
                    [250, 552], 'replies')
        client.leave()


@test
def one_that_is_killed_while_it_waits_is_no_client_s_loss():
    with queueing(listen_connections=1) as (d, queue):
        for _ in range(5):
            client = Client(d.port)
            worker = only(d)
            client.send()
            os.kill(worker, signal.SIGKILL)
            wait_until(lambda w=worker: w not in d.children(), 'it is gone')
        Client(d.port).send()
        check_equal(len(entries(queue)), 6, 'mails')


@test
def one_that_is_killed_takes_its_own_client_with_it_and_no_other():
    with queueing(listen_connections=2) as (d, queue):
        victim = Client(d.port)
        worker = only(d)
        other = Client(d.port)
        check_equal(victim.say(*ENVELOPE, b'DATA\r\n')[-1], 354, 'the message may come')
        victim.socket.sendall(b'half of it\r\n')
        os.kill(worker, signal.SIGKILL)
        check_equal(victim.reply(), None, 'what the victim hears')
        victim.leave()
        other.send()
        both = [Client(d.port), Client(d.port)]
        for client in both:
            client.send()
        check_equal(len(entries(queue)), 3, 'mails')


@test
def as_many_at_once_as_are_wanted_and_again_and_again():
    with queueing(listen_connections_each=3) as (d, _):
        for _ in range(4):
            clients = [Client(d.port) for _ in range(3)]
            extra = socket.create_connection(('127.0.0.1', d.port), LIMIT)
            check(extra.recv(200).startswith(b'421 '), 'one too many')
            extra.close()
            check(len(d.children()) <= 6, d.children())
            for client in clients:
                client.send()


@test
def a_client_that_comes_while_the_server_is_told_to_stop_is_greeted_or_never_let_in():
    with queueing() as (d, _):
        Client(d.port).send()
        d.process.terminate()
        with contextlib.suppress(OSError):
            with socket.create_connection(('127.0.0.1', d.port), LIMIT) as late:
                check(late.recv(200)[:4] in (b'', b'220 ', b'421 '), 'what it hears')
        check_equal(d.process.wait(LIMIT), 0, 'exit status')


if __name__ == '__main__':
    main()
