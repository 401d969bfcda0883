#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_queue_place.py - where a queue can't be, or has no room left, a mail stays with its program
"""
import os
import subprocess

from harness import (Skip, cases, check, check_equal, environment, folder, mailchute, main,
                     need_root, sendmail, settings, settings_file, test)
from hostile import Server
from mail import SIMPLE
from queued import away, closed_port
from spool import entries

BOB = 'bob@lab.example'


def _link(path):
    (path.parent / 'elsewhere').mkdir()
    path.symlink_to(path.parent / 'elsewhere')


def _file(path):
    path.write_text('')


def _open_to_all(path):
    path.mkdir()
    path.chmod(0o777)


def _foreign(path):
    need_root()
    path.mkdir()
    os.chown(path, 4242, 4242)


def _foreign_folder(path):
    need_root()
    (path / 'new').mkdir(parents=True)
    os.chown(path / 'new', 4242, 4242)
    path.chmod(0o700)


@cases(('a symbolic link', _link, 'symbolic link', 'queue_dir DIRECTORY'),
       ('a file', _file, 'no directory', 'queue_dir DIRECTORY'),
       ('open to all', _open_to_all, r'others may write to .* \(mode 0777\)', 'chmod 700 /'),
       ('of another user', _foreign, 'belongs to user 4242', 'chown -R 0 /'),
       ('a folder in it is of another user', _foreign_folder, 'must belong to user', 'queue_dir'))
def a_queue_that_cannot_be_trusted_is_refused_with_the_fix(make, words, fix):
    queue = folder() / 'queue'
    make(queue)
    mailchute(away(queue, 'always'), BOB, stdin=SIMPLE).expect(73, words, fix, r'\[QUEUE_DIR\]')
    with Server() as server:
        conf = away(queue, 'on_failure', port=server.port)
        mailchute(conf, BOB, stdin=SIMPLE).expect(0, r'^mailchute: warning: ', words)
        server.mail()


def mounted(options, script):
    """A place, and the prefix of a command that has a file system there, of its own. In the shell
    script "$0" is the place, and "$@" the command."""
    need_root()
    place = folder('mount')
    if subprocess.run(['unshare', '-m', 'true'], capture_output=True, check=False).returncode:
        raise Skip('no mount namespaces here')
    mount = f'mount -t tmpfs -o {options} tmpfs "$0" && '
    return place, ['unshare', '-m', 'sh', '-c', mount + script, place]


@test
def on_a_read_only_disk_it_says_so():
    place, prefix = mounted('size=1m,ro', '"$@"')
    mailchute(away(place / 'queue', 'always'), BOB, stdin=SIMPLE, prefix=prefix).expect(
        73, 'read-only', r'\[QUEUE_DIR\]')


FILL = """mkdir -m 700 "$0/queue" "$0/queue/new" && cd "$0" && {
    dd if=/dev/zero of=filler bs=4k count=200 2>/dev/null; "$@"; status=$?
    find queue -type f | sed 's/^/left: /' >&2; exit $status; }"""


@cases(('a short mail', SIMPLE), ('a long mail', SIMPLE + b'a line of no great interest\n' * 40_000))
def on_a_full_disk_nothing_is_kept_and_the_caller_keeps_its_mail(mail):
    place, prefix = mounted('size=400k', FILL)
    result = mailchute(away(place / 'queue', 'always'), BOB, stdin=mail, prefix=prefix)
    result.expect({74, 75}, 'No space left|less than 1 % of the disk', r'\[(QUEUE|STORE)\]')
    check('left:' not in result.err, f'it left something\n{result.text()}')


@test
def a_queue_without_room_keeps_no_mail_from_a_server_that_takes_it():
    place, prefix = mounted('size=400k', FILL)
    with Server() as server:
        conf = away(place / 'queue', 'on_failure', port=server.port)
        mailchute(conf, '-v', BOB, stdin=SIMPLE + b'a line of no great interest\n' * 40_000,
                  prefix=prefix).expect(0, out='no room to buffer the mail')
        check_equal(server.mail().data.count(b'no great interest\r\n'), 40_000, 'lines that came')


@test
def a_hundredth_of_the_disk_stays_free():
    place, prefix = mounted('size=4m', 'mkdir -m 700 "$0/queue" && '
                            'dd if=/dev/zero of="$0/filler" bs=4k count=1018 2>/dev/null; "$@"')
    mailchute(away(place / 'queue', 'always'), BOB, stdin=SIMPLE, prefix=prefix).expect(
        75, 'less than 1 % of the disk is free', r'df .*/queue', r'\[QUEUE\]')


@test
def a_program_that_runs_wild_fills_no_queue_without_end():
    queue = folder() / 'queue'
    (queue / 'new').mkdir(mode=0o700, parents=True)
    queue.chmod(0o700)
    conf = settings_file(away(queue, 'always'))
    (queue / 'new' / 'wild').touch()
    for n in range(19_998):
        os.link(queue / 'new' / 'wild', queue / 'new' / f'{n:016}')
    mailchute(conf, BOB, stdin=SIMPLE).expect(0)
    mailchute(conf, BOB, stdin=SIMPLE).expect(75, '20000 mails wait in', r'mailchute queue list',
                                            r'\[QUEUE\]')
    conf = settings_file(away(queue, 'always', queue_mails=20001))
    mailchute(conf, BOB, stdin=SIMPLE).expect(0)
    mailchute(conf, BOB, stdin=SIMPLE).expect(75, '20001 mails wait in')


@test
def all_mails_together_are_no_larger_than_set():
    queue = folder() / 'queue'
    conf = settings_file(away(queue, 'always', queue_size=2))
    large = SIMPLE + b'a line of no great interest\n' * 25_000
    for _ in range(2):
        mailchute(conf, BOB, stdin=large).expect(0)
    mailchute(conf, BOB, stdin=large).expect(
        75, '3 MB would wait in', 'queue_size is 2', 'mailchute queue list', r'\[QUEUE\]')
    check_equal(len(entries(queue)), 2, 'mails that are kept')


@test
def a_flood_of_short_mails_ends_at_that_size_or_little_more():
    queue = folder() / 'queue'
    conf = settings_file(away(queue, 'always', queue_size=1))
    mail = SIMPLE + b'a line of no great interest\n' * 350
    for n in range(120):
        if mailchute(conf, BOB, stdin=mail).status == 75:
            break
    check(90 <= n <= 110, f'it ended after {n} mails of 10 kB')


@test
def users_who_share_a_place_have_a_queue_each():
    need_root()
    place = folder() / 'all'
    place.mkdir()
    place.chmod(0o1777)
    for uid in (4242, 4243):
        sendmail(away(place, 'always'), BOB, stdin=SIMPLE, uid=uid).expect(0)
        check_equal(len(entries(place / f'u{uid}')), 1, 'mails')
        check_equal((place / f'u{uid}').stat().st_mode & 0o7777, 0o700, 'mode')
        check_equal((place / f'u{uid}').stat().st_uid, uid, 'owner')
    (place / 'u4244').symlink_to(place / 'u4242')
    sendmail(away(place, 'always'), BOB, stdin=SIMPLE, uid=4244).expect(73, 'symbolic link')


@test
def the_usual_place_is_in_the_home_directory():
    env = environment()
    mailchute(settings(host='127.0.0.1', port=closed_port(), queue='always',
                       **{'from': 'joe@lab.example'}), BOB, stdin=SIMPLE, env=env).expect(0)
    queue = folder('x').parent / 'home/.local/state/mailchute/queue'
    check_equal(len(entries(queue)), 1, 'mails')
    check_equal(queue.stat().st_mode & 0o7777, 0o700, 'mode')


if __name__ == '__main__':
    main()
