#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_queue_machine.py - root runs the queues of all users, who can do nothing by it that they
couldn't do themselves
"""
import contextlib
import fcntl
import os
import pwd
import re
import shutil
import signal
import struct
import subprocess
from pathlib import Path

from activated import activated
from harness import (cases, check, check_equal, folder, main, need, public_binary, settings, test,
                     wait_until)
from hostile import PASSWORD, Server
from machine import ANN, BEN, BOB, SERVICE, Machine, own, senders
from mail import SIMPLE
from queued import children
from spool import Entry

NOBODY = 'nobody'


@test
def root_sends_what_all_users_have_queued_with_a_password_they_can_not_read():
    with Server(tls=None) as server:
        machine = Machine(server.port)
        for uid, name in (ANN, 'ann'), (BEN, 'ben'), (0, 'ops'):
            machine.add(uid, sender=f'{name}@lab.example')
        machine.call(ANN, '-q').expect(0, 'password')
        check_equal(senders(server), [], 'what a user without the password has sent')
        machine.call(0, '-q').expect(0)
        check_equal(senders(server), ['ann@lab.example', 'ben@lab.example', 'ops@lab.example'],
                    'who has sent')
        check_equal([machine.mails(u) for u in (ANN, BEN, 0)], [[], [], []], 'what is left')


@test
def what_root_puts_into_a_queue_is_its_users():
    with Server(tls=None, rcpt=lambda s, address: '550 5.1.1 no such user' if s.sender else
                '451 4.7.1 later') as server:
        machine = Machine(server.port)
        machine.add(ANN)
        machine.call(0, '-q').expect(0)
        notice, = machine.mails(ANN)
        check('Auto-Submitted' in Entry(notice).message.decode(), 'the rest is no notice')
        for path in machine.queue(ANN).rglob('*'):
            check_equal(path.stat().st_uid, ANN, f'the owner of {path}')


@test
def one_login_that_is_refused_is_enough_for_all_and_no_user_can_have_it_repeated():
    with Server(tls=None, password='another') as server:
        machine = Machine(server.port)
        machine.add(ANN)
        machine.call(0, '-q').expect(0, 'is held')
        check_equal((machine.queue(0) / 'shared').stat().st_mode & 0o777, 0o700, 'its mode')
        machine.add(BEN)
        machine.call(0, '--queue-run=due').expect(0)
        (machine.queue(ANN) / 'state').unlink()
        machine.call(0, '--queue-run=due').expect(0)
        check_equal(sum(c.startswith('AUTH') for s in server.sessions for c in s.commands), 1,
                    'sign-ins')
        machine.call(BEN, 'queue', 'list').expect(0, out=['account default is held'])


@contextlib.contextmanager
def resident(machine, *prefix, args=(), status=0):
    """A run of root's that stays, until the context ends; it then ends by SIGTERM."""
    with open(machine.told, 'wb') as told:
        runner = subprocess.Popen(
            ['setpriv', '--pdeathsig', 'KILL', *machine.prefix(0), *prefix, public_binary(),
             '-q1h', *args],
            stdin=subprocess.DEVNULL, stderr=told,
            env={'PATH': os.environ['PATH'], 'HOME': '/nowhere'})
    try:
        yield runner
        runner.send_signal(signal.SIGTERM)
        check_equal(runner.wait(20), status, 'its exit status')
    finally:
        runner.kill()
        runner.wait()


def is_held(machine, uid):
    """Whether the queue of a user says that its account is held."""
    state = machine.queue(uid) / 'state'
    return state.exists() and '\theld\t' in state.read_text()


def released_by(mend):
    """Hold the account of two users, whose runs stay, and mend it so: their mail goes out."""
    with Server(tls=None, password='another') as server:
        machine = Machine(server.port)
        machine.add(ANN)
        machine.add(BEN, sender='ben@lab.example')
        with resident(machine):
            for uid in ANN, BEN:
                wait_until(lambda u=uid: is_held(machine, u), f'the account of {uid} is held')
            check_equal(senders(server), [], 'who has sent')
            mend(machine, server)
            wait_until(lambda: senders(server) == ['ann@lab.example', 'ben@lab.example'],
                       'the mail of both goes out')
            for uid in ANN, BEN:
                wait_until(lambda u=uid: not is_held(machine, u), f'{uid} can see it')


@test
def root_has_a_runner_that_stays_send_what_all_users_have_queued_at_once():
    takes = []
    with Server(tls=None, rcpt=lambda *_: '250 ok' if takes else '450 4.2.0 later') as server:
        machine = Machine(server.port)
        machine.add(ANN)
        machine.add(BEN, sender='ben@lab.example')
        with resident(machine) as runner:
            wait_until(lambda: all('next try at ' in machine.call(uid, 'queue', 'list').out
                                   for uid in (ANN, BEN)) and
                       not any(map(children, children(runner.pid))), 'both wait, and nobody sends')
            takes.append(True)
            machine.call(0, '-q').expect(0)
            wait_until(lambda: senders(server) == ['ann@lab.example', 'ben@lab.example'],
                       'the mail of both goes out')


@test
def a_check_by_root_that_finds_all_in_order_releases_the_account_for_all_users():
    def mend(machine, server):
        server.session.password = PASSWORD
        machine.call(0, '--check').expect(0)

    released_by(mend)


@test
def a_changed_configuration_releases_it_too():
    def mend(machine, _server):
        machine.conf.write_text(machine.conf.read_text().replace(
            'password_file /etc/mailchute/password', 'passwordeval echo another'))

    released_by(mend)


@test
def so_does_a_password_that_is_replaced():
    def mend(machine, _server):
        new = machine.etc / 'new'
        new.write_text('another\n')
        new.chmod(0o600)
        new.rename(machine.etc / 'password')

    released_by(mend)


@test
def without_a_runner_that_stays_a_check_releases_the_account_for_the_next_run():
    with Server(tls=None, password='another') as server:
        machine = Machine(server.port)
        for uid in ANN, BEN:
            machine.add(uid)
        machine.call(0, '-q').expect(0, 'is held')
        server.session.password = PASSWORD
        machine.call(0, '--queue-run=due').expect(0)
        check_equal(senders(server), [], 'who has sent')
        machine.call(0, '--check').expect(0)
        for uid in ANN, BEN, 0:
            check(not is_held(machine, uid), f'{uid} is told that it is held')
        check_equal((machine.queue(ANN) / 'state').stat().st_uid, ANN, 'whose the state is')
        machine.call(0, '--queue-run=due').expect(0)
        check_equal(len(senders(server)), 2, 'mails that came')


@test
def a_service_with_two_capabilities_does_the_same_as_root():
    with Server(tls=None) as server:
        machine = Machine(server.port)
        own(SERVICE, machine.etc / 'password')
        for uid, name in (ANN, 'ann'), (BEN, 'ben'), (0, 'ops'):
            machine.add(uid, sender=f'{name}@lab.example')
        (machine.place / f'u{SERVICE}').mkdir()
        own(ANN, machine.place / f'u{SERVICE}')
        machine.serve('-q').expect(0, f'u{SERVICE} was no queue of the user', hides=['no acting'])
        check_equal(senders(server), ['ann@lab.example', 'ben@lab.example', 'ops@lab.example'],
                    'who has sent')
        for uid in ANN, BEN, 0, SERVICE:
            check_equal(machine.mails(uid), [], f'what is left of {uid}')
            for path in machine.queue(uid).rglob('*'):
                check_equal(path.stat().st_uid, uid, f'the owner of {path}')


@test
def such_a_service_reads_a_password_of_its_group_also_between_mails():
    with Server(tls=None) as server:
        machine = Machine(server.port, allow_recipients='*@lab.example')  # each on its own
        os.chown(machine.etc / 'password', 0, SERVICE)
        (machine.etc / 'password').chmod(0o640)
        for name in 'one', 'two':
            machine.add(ANN, sender=f'{name}@lab.example')
        machine.serve('-q').expect(0)
        check_equal(senders(server), ['one@lab.example', 'two@lab.example'], 'who has sent')


@test
def without_its_securebits_it_leaves_the_mail_of_root():
    with Server(tls=None) as server:
        machine = Machine(server.port)
        own(SERVICE, machine.etc / 'password')
        for uid, name in (ANN, 'ann'), (0, 'ops'):
            machine.add(uid, sender=f'{name}@lab.example')
        machine.serve('-q', bits='-no_setuid_fixup').expect(71, 'SecureBits=no-setuid-fixup')
        check_equal(senders(server), ['ann@lab.example'], 'who has sent')


@cases(
    ('by a setting', {'queue_user': NOBODY}, [], []),
    ('in the unit', {}, Machine.unit(), [f'--queue-user={NOBODY}']),
)
def root_becomes_somebody_else_who_may_no_more_than_act_for_the_users(values, prefix, args):
    user, two = pwd.getpwnam(NOBODY), 1 << 6 | 1 << 7  # CAP_SETGID, CAP_SETUID
    with Server(tls=None) as server:
        machine = Machine(server.port, **values)
        own(user.pw_uid, machine.etc / 'password')
        for uid, name in (ANN, 'ann'), (0, 'ops'):
            machine.add(uid, sender=f'{name}@lab.example')
        with resident(machine, *prefix, args=args) as runner:
            wait_until(lambda: senders(server) == ['ann@lab.example', 'ops@lab.example'],
                       'the mail of both goes out')
            wait_until(lambda: not machine.mails(ANN) + machine.mails(0), 'it is removed')
            said = Path(f'/proc/{runner.pid}/status').read_text()
    check_equal(re.findall(r'^Uid:(.*)', said, re.M)[0].split(), [str(user.pw_uid)] * 4, 'who')
    check_equal(re.findall(r'^Gid:(.*)', said, re.M)[0].split(), [str(user.pw_gid)] * 4, 'group')
    check('0' not in re.findall(r'^Groups:(.*)', said, re.M)[0].split(), said)
    sets = {name: int(bits, 16) for name, bits in re.findall(r'^Cap(...):\s(.*)', said, re.M)}
    check_equal(sets, {'Inh': 0, 'Prm': two, 'Eff': two, 'Bnd': two, 'Amb': 0}, 'capabilities')
    check_equal((machine.queue(user.pw_uid) / 'shared').stat().st_uid, user.pw_uid, 'the keeper')


@cases(
    ('that there is not', 0, 'no-such-user', 'useradd --system no-such-user'),
    ('where it is not root', ANN, NOBODY, 'only root can go on as another user'),
)
def nobody_becomes_a_user(uid, user, words):
    Machine(9).call(uid, '-q', f'--queue-user={user}').expect(78, words)


@cases(
    ('is not heard', {}, 'no-such-user', None),
    ('does not hide the one of the system', {'queue_user': 'no-such-user'}, NOBODY, 'no-such-user'),
)
def a_queue_user_of_another_configuration(values, user, words):
    machine, home = Machine(9, **values), folder('home')
    own_account = re.sub('queue_user.*\n', '', machine.conf.read_text())
    (home / '.msmtprc').write_text(
        own_account.replace('account default', 'account own') + f'queue_user {user}\n')
    result = machine.call(0, '-q', prefix=['env', f'HOME={home}'])
    result.expect(78 if words else 0, *[words] if words else [], hides=[] if words else [user])


@test
def a_forged_mail_gets_nothing_of_root():
    """Neither a file that its user has written nor root's environment is read for it."""
    with Server(tls=None) as server:
        machine = Machine(server.port)
        path = machine.add(ANN)
        mark = machine.place.parent / 'mark'
        conf = machine.place.parent / 'conf'
        conf.write_text(settings(host='127.0.0.1', port=server.port, tls=False, auth='plain',
                                 user='ops', passwordeval=f'touch {mark}', queue='always',
                                 queue_dir=machine.place, **{'from': 'x@lab.example'}))
        conf.chmod(0o644)
        machine.call(ANN, '-C', str(conf), '-f', 'ann@lab.example', BOB, stdin=SIMPLE).expect(0)
        check_equal(len(machine.mails(ANN)), 2, 'mails in the queue')
        machine.call(0, '-q').expect(0)
        check(not mark.exists(), 'root ran a command of the user')
        check_equal(len(machine.mails(ANN)), 1, 'mails in the queue')
        check(path not in machine.mails(ANN), 'the mail of the system was left')


@test
def links_and_what_is_no_file_lead_nowhere():
    with Server(tls=None) as server:
        machine = Machine(server.port)
        machine.add(ANN)
        queue = machine.queue(ANN)
        secret = machine.place.parent / 'secret'
        secret.write_text('root only\n')
        secret.chmod(0o600)
        for name in 'state', 'state.new', 'tally', 'tally.new':
            (queue / name).unlink(missing_ok=True)
            (queue / name).symlink_to(secret)
        os.mkfifo(queue / 'new' / '0123456789abcdef')
        (queue / 'new' / '0123456789abcdeg').symlink_to(secret)
        os.link(secret, queue / 'new' / '0123456789abcdeh')
        (queue / 'new' / '0123456789abcdej').mkdir()
        shutil.rmtree(queue / 'failed', ignore_errors=True)
        (queue / 'failed').symlink_to(machine.place.parent)
        machine.call(0, '-q')
        (queue / 'failed').unlink()
        machine.call(0, '-q')
        check_equal(secret.read_text(), 'root only\n', 'what is root\'s')
        check_equal(secret.stat().st_uid, 0, 'its owner')
        check_equal(senders(server), ['ann@lab.example'], 'who has sent')


@test
def who_holds_locks_for_ever_or_fills_a_queue_with_rubbish_keeps_back_nobody_else():
    with Server(tls=None) as server:
        machine = Machine(server.port)
        busy = machine.add(ANN)
        machine.add(BEN, sender='ben@lab.example')
        for n in range(300):
            path = machine.queue(ANN) / 'new' / f'{n:016d}'
            with open(path, 'wb') as file:
                file.write(b'mailchute-queue v1 ffffffffffffffff 00000000 00000000 0 0\n')
                file.truncate(1 << 40)
            own(ANN, path)
        lock = struct.pack('hhqqi', fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        with open(busy, 'r+b') as file:
            fcntl.fcntl(file, fcntl.F_OFD_SETLK, lock)
            machine.call(0, '-q').expect(0, 'set aside')
            check_equal(senders(server), ['ben@lab.example'], 'who has sent')
        with open(machine.queue(ANN) / 'lock', 'r+b') as file:
            fcntl.fcntl(file, fcntl.F_OFD_SETLK, lock)
            machine.call(0, '-q').expect(0)
            check_equal(machine.mails(ANN), [busy], 'what is left')
        machine.call(0, '-q').expect(0)
        check_equal(senders(server), ['ann@lab.example', 'ben@lab.example'], 'who has sent')


@test
def more_users_than_are_served_at_once_get_their_turn():
    with Server(tls=None) as server:
        machine = Machine(server.port)
        for uid in range(ANN, ANN + 10):  # ROUND_AT_ONCE is 8
            machine.add(uid)
        machine.call(0, '-q').expect(0)
        check_equal(len(senders(server)), 10, 'mails that came')


@test
def a_run_of_a_queue_that_is_killed_is_told_of_and_the_others_go_on():
    with Server(tls=None) as server:
        machine = Machine(server.port)
        machine.add(ANN)
        with resident(machine, status=1) as runner:
            wait_until(lambda: senders(server), 'the mail of ANN')
            wait_until(lambda: not machine.mails(ANN), 'it is removed')
            for pid in children(runner.pid):
                os.kill(pid, signal.SIGKILL)
            said = f'u{ANN} was killed by signal 9 .Killed.; its mail is safe, and tried again in'
            wait_until(lambda: re.search(said, machine.told.read_text()), 'it is said')
            machine.call(BEN, '-f', 'ben@lab.example', BOB, stdin=SIMPLE).expect(0)
            wait_until(lambda: 'ben@lab.example' in senders(server), 'the mail of BEN')
            wait_until(lambda: not machine.mails(BEN), 'it is removed')


@cases(
    ('by its own socket', [], 1),
    ('by one that systemd has opened', activated(), 1),
    ('by one that systemd has opened, for the first of two places', activated(), 2),
)
def a_network_that_comes_up_wakes_the_runs_of_all_users(prefix, places):
    """In a namespace of its own, where not even the loopback is up at first."""
    ip, machine = need('ip', 'iproute2'), Machine(9)
    with open(machine.conf, 'a', encoding='ascii') as conf:
        for n in range(1, places):
            place = folder('spool') / f'other{n}'
            place.mkdir()
            place.chmod(0o1777)
            conf.write(f'account other{n}\nhost h\nqueue always\nqueue_dir {place}\n')

    def tells(words):
        return all((machine.queue(uid) / 'state').exists()
                   and words in (machine.queue(uid) / 'state').read_text() for uid in (ANN, BEN))

    machine.add(ANN)
    machine.add(BEN)
    with resident(machine, 'unshare', '--net', *prefix) as runner:
        wait_until(lambda: tells('unreachable'), 'there is no network')
        subprocess.run(['nsenter', f'--net=/proc/{runner.pid}/ns/net', ip, 'link', 'set', 'lo',
                        'up'], check=True)
        wait_until(lambda: tells('refused'), 'it is tried long before its time')
    told = machine.told.read_text()
    check_equal(told.count('when the network comes up'), places - 1, f'who has no news\n{told}')


@test
def who_makes_queues_of_others_without_end_fills_no_log():
    with Server(tls=None) as server:
        machine = Machine(server.port)
        for uid in range(50_000, 50_300):
            (machine.place / f'u{uid}').mkdir()
            own(ANN, machine.place / f'u{uid}')
        machine.add(ANN)
        result = machine.call(0, '-q')
        result.expect(0, 'set aside')
        check_equal(result.err.count('set aside'), 100, 'lines about it')
        check_equal(senders(server), ['ann@lab.example'], 'who has sent')
        check_equal(list(machine.place.glob('u50*')), [], 'what is not moved')


@test
def who_sits_in_the_place_of_another_is_moved():
    with Server(tls=None) as server:
        machine = Machine(server.port)
        for name in 'u0', f'u{BEN}':
            (machine.place / name).mkdir()
            own(ANN, machine.place / name)
        (machine.place / 'u01').mkdir()
        machine.call(0, '-q').expect(0, f'u{BEN} was no queue of the user', 'set aside')
        machine.add(BEN, sender='ben@lab.example')
        machine.call(0, '-q').expect(0)
        check_equal(senders(server), ['ben@lab.example'], 'who has sent')


@test
def a_runner_that_stays_serves_users_who_come_later_and_ends_when_told():
    with Server(tls=None) as server:
        machine = Machine(server.port)
        with resident(machine):
            wait_until((machine.queue(0) / 'new').exists, 'the runner has begun')
            for uid, sender in (ANN, 'ann@lab.example'), (BEN, 'ben@lab.example'):
                machine.call(uid, '-f', sender, BOB, stdin=SIMPLE).expect(0)
                wait_until(lambda s=sender: s in senders(server), f'the mail of {sender}')
            wait_until(lambda: not machine.mails(BEN), 'it is removed')
            machine.call(ANN, '-f', 'late@lab.example', BOB, stdin=SIMPLE).expect(0)
            wait_until(lambda: 'late@lab.example' in senders(server), 'the mail that came late')


if __name__ == '__main__':
    main()
