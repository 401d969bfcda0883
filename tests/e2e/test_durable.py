#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_durable.py - killed at any call, or told of any error: a mail is kept whole, or not at all

Status 0 means that the mail is in the queue, whole; any other that the caller has it still. A kill
may come after the mail was kept and before that was said: then both have it.
"""
import re

from harness import (cases, check, check_equal, folder, mailchute, main, settings, settings_file,
                     strace, test)
from hostile import Server
from spool import entries, names

BOB = 'bob@lab.example'
SHORT = b'From: joe@lab.example\nTo: bob@lab.example\nSubject: kept\n\nhello\n'
LONG = SHORT + b'a line of no great interest\n' * 20_000
ERRORS = ('ENOSPC', 'EIO', 'EDQUOT')
# What keeping a mail is made of; where it has no O_TMPFILE, there is also unlinkat.
CALLS = ('openat', 'mkdirat', 'write', 'lseek', 'pwritev', 'fsync', 'linkat')
NAMES = tuple(zip(('a short mail', 'a long mail'), (SHORT, LONG)))


def account(queue):
    # a part of so large a queue_size that hardly any mail has all looked at that waits, by chance: so
    # the runs make the same calls
    return settings(**{'host': '127.0.0.1', 'port': 9, 'from': 'joe@lab.example',
                       'queue': 'always', 'queue_dir': queue, 'queue_size': 1_000_000})


def traced(mail, *options):
    """Keep a mail in a new queue; the queue, the result, and the calls that were made."""
    place = folder()
    log = place / 'trace'
    prefix = [strace(), '-o', str(log), '-e', 'trace=' + ','.join(CALLS + ('unlinkat',)), *options]
    result = mailchute(account(place / 'state/queue'), BOB, stdin=mail, prefix=prefix)
    return place / 'state/queue', result, log.read_text().splitlines()


def count(calls, name):
    return sum(line.startswith(name + '(') for line in calls)


def is_linked(line):
    """By its descriptor; where the kernel is older, through /proc once that was refused."""
    return line.startswith('linkat(') and line.endswith(' = 0')


def is_whole(queue, mail):
    """How many mails there are; each must be all of the mail."""
    found = entries(queue)
    for entry in found:
        body = mail.partition(b'\n\n')[2].replace(b'\n', b'\r\n')
        check(entry.message.endswith(b'\r\n\r\n' + body), 'a mail without its end')
    return len(found)


@cases(*NAMES)
def the_file_is_on_disk_before_its_name_and_both_before_it_is_accepted(mail):
    queue, result, calls = traced(mail)
    result.expect(0)
    check_equal(is_whole(queue, mail), 1, 'mails')
    at = {}
    for number, line in enumerate(calls):
        opened = re.match(r'openat\((\d+), "(new|\.)", (.*)\) = (\d+)', line)
        if opened and 'O_TMPFILE' in opened[3]:
            at['file'] = opened[4]
        elif opened and opened[2] == 'new':
            at['folder'] = opened[4]
        if re.match(r'p?writev?\(%s,' % at.get('file', 'none'), line):
            at['last write'] = number
        if line.startswith(f'fsync({at.get("file")})'):
            at['fsync of file'] = number
        if is_linked(line) and re.search(r'[(/]%s[",]' % at.get('file', 'none'), line):
            at['linkat'] = number
        if line.startswith(f'fsync({at.get("folder")})'):
            at['fsync of folder'] = number
    order = [at[step] for step in ('last write', 'fsync of file', 'linkat', 'fsync of folder')]
    check_equal(order, sorted(order), f'the order of {at}')
    check_equal(sum(map(is_linked, calls)), 1, 'links')
    written = len([line for line in calls if line.startswith('pwritev(')])
    check_equal(written, 1 if mail == SHORT else 2, 'writes beside those of the buffer')


@cases(*((f'after {n} bytes', n) for n in (3, 72, 75, 79)))
def a_write_that_was_cut_short_goes_on(n):
    """A call that is said to have written so much, and has not, leaves zeros there only."""
    queue, result, calls = traced(SHORT, '-e', f'inject=pwritev:retval={n}:when=1')
    result.expect(0)
    check_equal(count(calls, 'pwritev'), 2, 'writes')
    whole = b'mailchute-queue v1 '.ljust(72) + b'hello\r\n'  # head and body
    file, = ((queue / 'new' / name).read_bytes() for name in names(queue, 'new'))
    check_equal(file[:n], bytes(n), 'what was not written')
    check_equal([file[n:19], file[max(n, 72):79]], [whole[n:19], whole[max(n, 72):79]], 'head, body')
    check(file[79:].startswith(b'Date: '), file[79:])


@test
def what_is_made_for_a_new_queue_is_on_disk_as_well():
    queue, result, calls = traced(SHORT)
    result.expect(0)
    made = [n for n, line in enumerate(calls) if line.startswith('mkdirat(')]
    check_equal(len(made), 3, 'directories made')
    for number in made:
        parent = re.match(r'mkdirat\((\d+),', calls[number])[1]
        check(calls[number + 1].startswith(f'fsync({parent})'), calls[number + 1])
    check_equal(names(queue, 'tmp'), [], 'what is left in tmp')


@cases(*NAMES)
def killed_at_any_call_it_has_kept_the_mail_whole_or_not_at_all(mail):
    total = kept = 0
    calls = traced(mail)[2]
    for name in CALLS:
        for number in range(1, count(calls, name) + 1):
            queue, result, made = traced(mail, '-e', f'inject={name}:signal=KILL:when={number}')
            total += 1
            # what waits is weighed now and then only, so there may be one call less
            check(result.status != 0 or count(made, name) < number, f'{name} {number}: not killed')
            found = is_whole(queue, mail)
            check(found <= 1, f'{name} {number}: {found} mails')
            kept += found
    check(total > 20 and kept >= 1, f'{total} kills, {kept} after the mail was linked')


@cases(*((f'{error}, {label}', error, mail) for error in ERRORS for label, mail in NAMES))
def with_an_error_at_any_call_the_caller_keeps_its_mail_or_it_is_kept_whole(error, mail):
    calls = traced(mail)[2]
    for name in CALLS:
        for number in range(1, count(calls, name) + 1):
            queue, result, now = traced(mail, '-e', f'inject={name}:error={error}:when={number}')
            found = is_whole(queue, mail)
            where = f'{name} {number}\n{result.text()}\n' + '\n'.join(now[-6:])
            check_equal(found, int(result.status == 0), f'mails after {where}')
            if name in ('fsync', 'linkat'):
                check(result.status == 75 and '[QUEUE]' in result.err, where)
            check_equal(names(queue, 'tmp'), [], f'what is left in tmp after {where}')


@cases(*NAMES)
def where_a_file_cannot_be_named_by_its_descriptor_it_is_through_proc(mail):
    """As before Linux 6.10, for all but root."""
    queue, result, calls = traced(mail, '-e', 'inject=linkat:error=ENOENT:when=1')
    result.expect(0)
    check_equal(is_whole(queue, mail), 1, 'mails')
    check(any(is_linked(line) and '/proc/self/fd/' in line for line in calls), calls[-4:])


@cases(*NAMES)
def without_files_that_have_no_name_it_is_the_same(mail):
    """As on file systems that know no O_TMPFILE: the openat with it is told so."""
    calls = traced(mail)[2]
    opens = [line for line in calls if line.startswith('openat(')]
    number = 1 + next(n for n, line in enumerate(opens) if 'O_TMPFILE' in line)
    refuse = ('-e', f'inject=openat:error=EOPNOTSUPP:when={number}')
    queue, result, calls = traced(mail, *refuse)
    result.expect(0)
    check_equal(is_whole(queue, mail), 1, 'mails')
    check_equal(names(queue, 'tmp'), [], 'what is left in tmp')
    for name in ('write', 'pwritev', 'fsync', 'linkat', 'unlinkat'):
        for which in range(1, count(calls, name) + 1):
            queue, result, _ = traced(mail, *refuse, '-e',
                                      f'inject={name}:signal=KILL:when={which}')
            check(is_whole(queue, mail) <= 1, f'{name} {which}: more than one mail')


# --- sending it -----------------------------------------------------------------------------------

SENDING = ('openat', 'write', 'ftruncate', 'fdatasync', 'fsync', 'unlinkat', 'renameat', 'clone',
           'sendto')


def queued(server):
    """A queue with one mail for the server, and its settings."""
    place = folder() / 'queue'
    conf = settings_file(server.account(queue='always', queue_dir=place))
    mailchute(conf, BOB, stdin=SHORT).expect(0)
    return place, conf


def most_of_a_process(calls, name):
    """The most calls of that name that one process has made: each has a count of its own."""
    of = {}
    for line in calls:
        pid, _, call = line.partition(' ')
        of[pid] = of.get(pid, 0) + call.strip().startswith(name + '(')
    return max(of.values(), default=0)


def run_queue(conf, *options):
    """Run the queue under strace; the calls that were made."""
    log = folder() / 'trace'
    mailchute(conf, '-q', prefix=[strace(), '-f', '-o', str(log), '-e',
                                  'trace=' + ','.join(SENDING), *options])
    return log.read_text().splitlines()


@cases(('a kill', 'signal=KILL'), *((error, f'error={error}') for error in ERRORS))
def whatever_happens_while_it_is_sent_it_arrives_and_twice_only_if_it_had(what):
    with Server() as server:
        calls = run_queue(queued(server)[1])
    total = 0
    for name in SENDING:
        for number in range(1, most_of_a_process(calls, name) + 1):
            where = f'{name} {number}'
            with Server() as server:
                place, conf = queued(server)
                run_queue(conf, '-e', f'inject={name}:{what}:when={number}')
                before = arrived(server)
                mailchute(conf, '-q').expect(0)
                mails = arrived(server)
            total += 1
            check(1 <= mails <= 2, f'{where}: it arrived {mails} times')
            check(mails == 1 or before == 1, f'{where}: it was sent twice in one run')
            check_equal([names(place, f) for f in ('new', 'failed', 'tmp')], [[], [], []],
                        f'{where}: what is left')
    check(total > 20, f'{total} calls')


def arrived(server):
    """How many mails the server has said 250 to; each is whole."""
    server.settle()
    mails = [mail for session in server.sessions for mail in session.mails]
    for mail in mails:
        check(mail.data.endswith(b'\r\n\r\nhello\r\n'), f'only a part of it: {mail.data!r}')
    return len(mails)


if __name__ == '__main__':
    main()
