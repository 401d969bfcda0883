#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_killed.py - mailchute is stopped, starved or cut off: no part of a message is ever a mail"""
import os
import signal
import subprocess

from harness import (RUN_LIMIT, Skip, cases, check, check_equal, command, environment, finish,
                     folder, is_alive, mailchute, main, process_state, start, start_sendmail,
                     test, wait_until, waits_for_input)
from hostile import Server
from mail import HEADER, SIMPLE, check_arrived

ONE = 'one@lab.example'
LARGE = HEADER + b'\n' + b'a line of no great interest\n' * 400_000
SIGNALS = [(name, getattr(signal, name)) for name in ('SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL')]


def nothing_left(env):
    """No temporary file stays behind."""
    check_equal(os.listdir(env['TMPDIR']), [], 'files left in TMPDIR')


@cases(*SIGNALS)
def killed_while_it_reads_the_message_it_sends_nothing(number):
    env = environment()
    with Server() as server:
        process = start(server.account(), ONE, env=env)
        process.stdin.write(HEADER + b'\nthe first half\n' + b'x' * 10_000)
        process.stdin.flush()
        wait_until(lambda: waits_for_input(process), 'mailchute has read the first half')
        process.send_signal(number)
        result = finish(process)
        check(result.status != 0, f'exit 0 after a signal\n{result.text()}')
        server.nothing_arrived()
    nothing_left(env)


def killed_in_the_middle(number, *options):
    """sendmail gets a signal when it has read a lone dot and what stands before it."""
    with Server() as server:
        process = start_sendmail(server.account(), *options, ONE)
        process.stdin.write(HEADER + b'\nthe first half\n.\n\n')
        process.stdin.flush()
        wait_until(lambda: waits_for_input(process), 'sendmail has read the first half')
        process.send_signal(number)
        result = finish(process)
        check(result.status != 0, f'exit 0 after a signal\n{result.text()}')
        check_equal(len(server.sessions), 0, 'connections')


@cases(*SIGNALS)
def killed_while_sendmail_reads_the_message_it_sends_nothing(number):
    killed_in_the_middle(number, '-i')


@cases(*SIGNALS)
def killed_behind_a_lone_dot_sendmail_has_sent_nothing(number):
    """What comes behind the dot decides whether it is the end; nothing has come yet."""
    killed_in_the_middle(number)


@cases(*SIGNALS)
def killed_while_it_sends_the_message_it_sends_no_end(number):
    env = environment()
    started, stuck = [], []

    def data(session):
        """Take a little and wait until mailchute has filled all buffers and sleeps."""
        session.say('354 go on')
        session.flush()
        session.sock.recv(1000)
        wait_until(lambda: started, 'we know which process it is')
        process = started[0]
        wait_until(lambda: process_state(process.pid) == 'S', 'mailchute waits to send')
        stuck.append(True)
        process.send_signal(number)
        session.read_body(session.sink())
        session.mails.append('the end of data came')
    with Server(data=data) as server:
        path = folder() / 'message'
        path.write_bytes(LARGE)
        with open(path, 'rb') as file:
            started.append(start(server.account(), ONE, stdin=file, env=env))
        result = finish(started[0])
        check(stuck and result.status != 0, f'it went on\n{result.text()}')
        server.nothing_arrived()
    nothing_left(env)


@cases(*SIGNALS)
def killed_while_a_command_is_asked_for_the_password_it_leaves_nobody_behind(number):
    """Whoever waits for a passphrase holds the terminal."""
    note = folder() / 'pid'
    with Server() as server:
        conf = server.account(password=None, passwordeval=f'echo $$ >{note}; exec sleep 60')
        process = start(conf, ONE)
        process.stdin.write(SIMPLE)
        process.stdin.close()
        process.stdin = None
        child = wait_until(lambda: note.exists() and note.read_text().strip(), 'it runs')
        process.send_signal(number)
        check(finish(process).status != 0, 'exit 0 after a signal')
        wait_until(lambda: not is_alive(child), 'the command has ended')
        check_equal(len(server.sessions), 0, 'connections')


@test
def without_standard_input_it_ends_with_66():
    with Server() as server:
        shell = ['sh', '-c', 'exec "$0" "$@" <&-', *command(server.account(), ONE)]
        done = subprocess.Popen(shell, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=environment())
        finish(done).expect(66, 'standard input|no message')
        check_equal(len(server.sessions), 0, 'connections')


@test
def a_folder_as_standard_input_ends_with_66():
    with Server() as server:
        stdin = os.open('/', os.O_RDONLY)
        try:
            mailchute(server.account(), ONE, stdin=stdin).expect(66, 'directory|no message')
        finally:
            os.close(stdin)
        check_equal(len(server.sessions), 0, 'connections')


@test
def without_standard_output_and_error_the_mail_still_goes_out_clean():
    """The socket must not become descriptor 1 or 2: what is printed would go to the server."""
    with Server() as server:
        shell = ['sh', '-c', 'exec "$0" "$@" >&- 2>&-', *command(server.account(), '-v', ONE)]
        process = subprocess.Popen(shell, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=environment())
        finish(process, SIMPLE).expect(0)
        check_arrived(server.mail(), SIMPLE)


@test
def a_reader_that_left_does_not_stop_the_mail():
    """mailchute -v | head: the pipe breaks while the mail is under way."""
    with Server() as server:
        reader, writer = os.pipe()
        os.close(reader)
        process = subprocess.Popen(command(server.account(), '-v', ONE), stdin=subprocess.PIPE,
                                   stdout=writer, stderr=writer, env=environment())
        os.close(writer)
        process.communicate(SIMPLE, timeout=RUN_LIMIT)
        check(process.returncode >= 0, f'killed by signal {-process.returncode}')
        check_arrived(server.mail(), SIMPLE)


@cases(('the settings', '-P'), ('the server', '-S'), ('the help', '--help'),
       ('the version', '--version'))
def what_can_not_be_shown_is_an_error(option):
    """Scripts read this; half of it must not look like all of it."""
    with Server() as server:
        for end in ('>/dev/full', '>&-'):
            shell = ['sh', '-c', f'exec "$0" "$@" {end}', *command(server.account(), option)]
            process = subprocess.Popen(shell, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, env=environment())
            finish(process).expect(74, "what was asked for can't be written")


@test
def who_has_read_enough_is_told_nothing():
    """As head(1), which closes the pipe."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command(None, '--help'), stdin=subprocess.DEVNULL, stdout=writer,
                          stderr=subprocess.PIPE, env=environment(), check=False, timeout=20)
    os.close(writer)
    check_equal((done.returncode, done.stderr), (74, b''), 'status and words')


@test
def a_dialogue_that_can_not_be_shown_does_not_stop_the_mail():
    for end in ('>/dev/full', '>&-'):
        with Server() as server:
            shell = ['sh', '-c', f'exec "$0" "$@" {end}', *command(server.account(), '-d', ONE)]
            process = subprocess.Popen(shell, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, env=environment())
            finish(process, SIMPLE).expect(0)
            check_arrived(server.mail(), SIMPLE)


@test
def a_full_disk_for_temporary_files_ends_with_nothing_sent():
    """A file system of 256 kB, in a mount namespace that goes with the process."""
    env = environment()
    mount = 'mount -t tmpfs -o size=256k none "$TMPDIR" && exec "$0" "$@"'
    prefix = ['unshare', '--mount', 'sh', '-c', mount]
    tried = subprocess.run([*prefix, 'true'], env=env, capture_output=True, text=True, check=False)
    if tried.returncode:
        raise Skip(f'mounting is not allowed here: {tried.stderr.strip()}')
    with Server() as server:
        mailchute(server.account(), ONE, stdin=LARGE, prefix=prefix, env=env).expect(
            {74, 75}, 'No space left', str(env['TMPDIR']))
        server.nothing_arrived()


@test
def a_limit_on_file_sizes_ends_with_nothing_sent():
    env = environment()
    with Server() as server:
        mailchute(server.account(), ONE, stdin=LARGE, env=env,
                  prefix=['prlimit', '--fsize=300000']).expect({74, 75}, r'large|space|limit')
        server.nothing_arrived()
    nothing_left(env)


@test
def a_temporary_folder_that_is_missing_is_named():
    """Only a large message needs one: a small one is sent all the same."""
    env = environment()
    os.rmdir(env['TMPDIR'])
    with Server() as server:
        mailchute(server.account(), ONE, stdin=LARGE, env=env).expect({74, 75}, env['TMPDIR'])
        server.nothing_arrived()
        mailchute(server.account(), ONE, stdin=SIMPLE, env=env).expect(0)
        check_arrived(server.sessions[-1].mails[0], SIMPLE)


@test
def a_log_on_a_full_disk_changes_nothing():
    with Server() as server:
        mailchute(server.account(logfile='/dev/full'), ONE, stdin=SIMPLE).expect(0, '/dev/full')
        check_arrived(server.mail(), SIMPLE)


@test
def few_descriptors_are_enough():
    with Server() as server:
        mailchute(server.account(), ONE, stdin=SIMPLE, prefix=['prlimit', '--nofile=12']).expect(0)
        check_arrived(server.mail(), SIMPLE)


if __name__ == '__main__':
    main()
