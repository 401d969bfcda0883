#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_queue_forged.py - what a user puts into their queue by other means gets them nothing of
root's, and keeps back nobody else
"""
import contextlib
import fcntl
import os
import signal
import threading

from harness import cases, check, check_equal, main, test
from hostile import Server
from machine import ANN, BEN, BOB, Machine, own, senders
from spool import forge

LABEL = 'uid 4242\ncreated 1700000000\naccount default\nconfig system\nsender ann@lab.example\n'


def plant(machine, content, name='0000000000000001', uid=ANN):
    """A user writes a file into their queue."""
    path = machine.queue(uid) / 'new' / name
    path.write_bytes(content)
    own(uid, path)
    path.chmod(0o600)
    return path


def planted(content, *says):
    """Such a file is set aside, nothing of it is said to the server, and all others' mail goes."""
    with Server(tls=None) as server:
        machine = Machine(server.port)
        for uid, name in (ANN, 'good'), (BEN, 'ben'):
            machine.add(uid, sender=f'{name}@lab.example')
        path = plant(machine, content)
        machine.call(0, '-q').expect(0, f'{path.name} was set aside', *says)
        check_equal(senders(server), ['ben@lab.example', 'good@lab.example'], 'who has sent')
        check_equal([p.name for p in machine.mails(ANN, 'failed')], [path.name], 'set aside')


@cases(
    ('a bare LF', b'hello\n.\r\nMAIL FROM:<evil@lab.example>\r\n'),
    ('a bare CR', b'hello\r.\r\nMAIL FROM:<evil@lab.example>\r\n'),
    ('no end of its last line', b'hello\r\n.'),
    ('a CR as its end', b'hello\r'),
    ('a NUL', b'hel\0lo\r\n'))
def a_message_of_theirs_is_not_sent_that_has(message):
    planted(forge(LABEL + f'to {BOB}\n', message), 'whole lines')


@cases(
    ('a parameter behind an address', f'to {BOB}> NOTIFY=NEVER'),
    ('brackets', f'to <{BOB}>'),
    ('a blank', 'to a b@lab.example'),
    ('an open quote', 'to "a@lab.example'),
    ('two senders', f'to {BOB}\nsender twice@lab.example'),
    ('a control character', f'to {BOB}\nto \x1b[2J@lab.example'))
def a_label_of_theirs_is_none_with(line):
    planted(forge(LABEL + line + '\n'), 'its envelope is damaged')


@test
def a_quoted_address_is_one():
    with Server(tls=None) as server:
        machine = Machine(server.port)
        machine.add(ANN)
        plant(machine, forge(LABEL + 'to "a> \\"b"@lab.example\n'))
        machine.call(0, '-q').expect(0)
        check('RCPT TO:<"a> \\"b"@lab.example>' in server.sessions[0].commands,
              f'{server.sessions[0].commands}')


@test
def a_file_of_ten_gigabytes_is_not_read():
    with Server(tls=None) as server:
        machine = Machine(server.port)
        for uid, name in (ANN, 'good'), (BEN, 'ben'):
            machine.add(uid, sender=f'{name}@lab.example')
        path = plant(machine, forge(LABEL + f'to {BOB}\n'))
        os.truncate(path, 10 << 30)
        journal = plant(machine, forge(LABEL + f'to {BOB}\n'), '0000000000000002')
        os.truncate(journal, 900 << 20)
        result = machine.call(0, '-q')
        result.expect(0, f'{path.name}: it is larger than queue_size allows',
                      f'{journal.name}: it is truncated')
        check(result.seconds < 30, f'it took {result.seconds} s')
        check_equal(senders(server), ['ben@lab.example', 'good@lab.example'], 'who has sent')


@cases(
    ('for another user, by the usual files', 'uid 0\naccount default\n'),
    ('for the root of another configuration', 'uid 0\naccount default\nconfig /root/.msmtprc\n'),
    ('for the environment of who runs it', 'uid 4242\naccount x\nconfig environment\n'))
def a_mail_of_theirs_stays_where_it_is_that_was_queued(line):
    with Server(tls=None) as server:
        machine = Machine(server.port)
        machine.add(ANN)
        path = plant(machine, forge(line + f'created 1700000000\nsender a@b.example\nto {BOB}\n'))
        machine.call(0, '-q').expect(0)
        check_equal(machine.mails(ANN), [path], 'what is left')
        check_equal(senders(server), ['ann@lab.example'], 'who has sent')


@test
def accounts_that_they_invent_fill_neither_the_log_nor_what_is_known_of_all():
    with Server(tls=None) as server:
        machine = Machine(server.port)
        machine.add(ANN)
        for n in range(300):
            plant(machine, forge(LABEL.replace('default', f'x{n}') + f'to {BOB}\n'), f'{n:016d}')
        machine.add(BEN, sender='ben@lab.example')
        result = machine.call(0, '-q')
        result.expect(0)
        check_equal(senders(server), ['ann@lab.example', 'ben@lab.example'], 'who has sent')
        state = (machine.queue(0) / 'shared' / 'state').read_text()
        check_equal(len(state.splitlines()), 100, 'accounts that are known to be in trouble')
        check_equal(result.err.count(' is held'), 100, 'lines about them')


@test
def a_mail_with_commands_for_names_runs_none():
    with Server(tls=None) as server:
        machine = Machine(server.port)
        machine.add(ANN)
        mark = machine.place.parent / 'mark'
        plant(machine, forge(LABEL + f'to "|touch {mark}"\nto |touch\nto {mark}\n'))
        for name in ('\x1b]0;evil\x07', 'a\nb', '$(touch x)', '..x', '-rf'):
            plant(machine, b'rubbish', name)
        result = machine.call(0, '-q')
        result.expect(0)
        check(not mark.exists(), 'a command was run, or a file written')
        check('\x1b' not in result.err and '\x07' not in result.err, 'control characters are shown')
        check('ann@lab.example' in senders(server), 'who has sent')


@test
def folders_that_become_links_while_they_are_read_lead_nowhere():
    with Server(tls=None) as server:
        machine = Machine(server.port)
        machine.add(ANN)
        secret = machine.place.parent / 'secret'
        (secret / 'new').mkdir(parents=True)
        (secret / 'new' / '0000000000000009').write_bytes(
            forge(LABEL.replace('ann@', 'secret@') + f'to {BOB}\n'))
        before = sorted(secret.rglob('*'))
        queue, end = machine.queue(ANN), threading.Event()

        def swap():
            while not end.is_set():
                for name in 'new', 'failed', '':
                    place, aside = queue / name, machine.place.parent / 'aside'
                    with contextlib.suppress(OSError):
                        place.rename(aside)
                        place.symlink_to(secret / name)
                        os.chown(place, ANN, ANN, follow_symlinks=False)
                        place.unlink()
                    with contextlib.suppress(OSError):
                        aside.rename(place)
        swapper = threading.Thread(target=swap)
        swapper.start()
        try:
            for _ in range(30):
                machine.call(0, '-q')
        finally:
            end.set()
            swapper.join()
        check_equal(sorted(secret.rglob('*')), before, 'what is root\'s')
        check('secret@lab.example' not in senders(server), 'a mail was sent that is root\'s')


@test
def pipes_and_leases_keep_nobody_waiting():
    with Server(tls=None) as server:
        machine = Machine(server.port)
        for uid, name in (ANN, 'ann'), (BEN, 'ben'):
            machine.add(uid, sender=f'{name}@lab.example')
        for name in 'state.new', 'tally.new', 'lock':
            os.mkfifo(machine.queue(ANN) / name)
            own(ANN, machine.queue(ANN) / name)
        leased = machine.queue(ANN) / 'state'
        leased.touch()
        own(ANN, leased)
        with open(leased, 'rb') as file:
            signal.signal(signal.SIGIO, signal.SIG_IGN)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)  # for 45 seconds: proc_sys_fs(5)
            result = machine.call(0, '-q')
        check(result.seconds < 30, f'it took {result.seconds} s\n{result.text()}')
        check('ben@lab.example' in senders(server), 'the mail of BEN')


if __name__ == '__main__':
    main()
