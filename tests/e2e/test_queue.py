#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_queue.py - what can't be sent now, or isn't to be, is kept, shown and acted upon"""
import contextlib
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import threading

from harness import (binary, cases, check, check_equal, environment, finish, folder, mailchute,
                     main, named, need_root, public_binary, sendmail, settings, settings_file, test)
from hostile import Server
from queued import away, closed_port
from spool import entries, names, the_entry

BOB = 'bob@lab.example'
MAIL = b'From: joe@lab.example\nTo: bob@lab.example\nSubject: kept\n\nline\n.\nend\n'
BODY = b'\r\nline\r\n.\r\nend\r\n'
KEPT = r'kept in the queue as [0-9a-z]{16}\b'


@test
def with_the_server_away_a_mail_is_kept_with_the_reason_and_all_is_well():
    queue = folder() / 'queue'
    result = mailchute(away(queue), BOB, 'eve@lab.example', stdin=MAIL).expect(0)
    check_equal(result.err, '', 'words')
    kept = the_entry(queue)
    check(kept.message.endswith(BODY) and b'Subject: kept\r\n' in kept.message, kept.message)
    check_equal(kept.values('to'), [BOB, 'eve@lab.example'], 'recipients')
    check_equal(kept.values('sender'), ['joe@lab.example'], 'sender')
    check_equal(kept.values('account'), ['default'], 'account')
    check_equal(len(re.findall(r'^[0-9a-f]{8} T [01] .* CONNECT connect ', kept.journal, re.M)), 2,
                'records of a try that failed')


@cases(('that somebody must mend', '535 5.7.8 no such password', ['kept in the queue as', 'mend']),
       ('that passes', '454 4.7.0 later', []))
def where_nobody_sits_at_a_terminal_one_line_tells_of_trouble(reply, says):
    queue = folder('queue')
    with Server(auth=lambda *_: reply) as server:
        done = mailchute(server.account(queue='on_failure', queue_dir=queue), BOB,
                         stdin=MAIL).expect(0, *says)
        check_equal(done.err.count('\n'), len(says[:1]), 'lines on standard error')
    check_equal(len(names(queue)), 1, 'mails that are kept')


@test
def what_goes_by_a_route_has_the_queue_of_who_has_the_route():
    queue, port = folder('queue'), closed_port()
    lists = settings('lists', host='127.0.0.1', port=port, tls=False, protocol='lmtp')
    people = settings(host='127.0.0.1', port=port, tls=False, route='lists.example lists',
                      queue='on_failure', queue_dir=queue, **{'from': 'joe@lab.example'})
    both = 'b@x.example', 'a@lists.example'
    mailchute(lists + people, *both, stdin=MAIL).expect(0)
    check_equal({e.values('account')[0] for e in entries(queue)}, {'lists', 'default'}, 'whose')
    mailchute(lists + 'queue off\n' + people, *both, stdin=MAIL).expect(range(64, 79))
    check_equal(len(names(queue)), 3, 'where it says that it has none')


@test
def its_name_and_the_next_try_are_told_with_v():
    queue = folder() / 'queue'
    mailchute(away(queue), '-v', BOB, stdin=MAIL).expect(
        0, r'\[CONNECT\]', KEPT + r'; next try at \d\d:\d\d')
    mailchute(away(queue, 'always'), '-v', BOB, stdin=MAIL).expect(0, KEPT)


@test
def a_server_that_cannot_be_reached_is_asked_again_after_a_minute():
    queue = Queue()
    queue.put(BOB, policy='on_failure')
    row = json.loads(queue('list', '--json').expect(0).out)
    check_equal(row['recipients'][0]['next_try'] - row['arrival_time'], 60, 'seconds to wait')


@test
def a_run_of_what_is_due_shows_until_when_nothing_is():
    queue = Queue()
    queue.put(BOB, policy='on_failure')
    mailchute(queue.conf, '-qdue', '-v').expect(
        0, out=[r'^\* nothing is due before .*: mailchute -q$'])


@test
def with_always_no_server_is_asked():
    queue = folder() / 'queue'
    with Server() as server:
        mailchute(away(queue, 'always', port=server.port), BOB, stdin=MAIL).expect(0)
        check_equal(len(server.sessions), 0, 'connections')
    check_equal(the_entry(queue).journal, '', 'journal')


@test
def without_a_queue_the_caller_learns_and_nothing_is_kept():
    place = folder()
    mailchute(away(place / 'queue', 'off'), BOB, stdin=MAIL,
              env=environment(XDG_STATE_HOME=place)).expect(75, r'\[CONNECT\]')
    check_equal(os.listdir(place), [], 'files')


@cases(('-odi', '-odi', 'always', 1), ('-odf', '-odf', 'always', 1),
       ('-odb', '-odb', 'always', 0), ('-odb on failure', '-odb', 'on_failure', 1),
       ('-odq', '-odq', 'on_failure', 0), ('-odd', '-odd', 'on_failure', 0),
       ('-ODeliveryMode=q', '-ODeliveryMode=q', 'on_failure', 0),
       ('-odq without a queue', '-odq', 'off', 1))
def an_option_of_sendmail_says_when(option, policy, sent):
    queue = folder() / 'queue'
    with Server() as server:
        sendmail(away(queue, policy, port=server.port), option, BOB, stdin=MAIL).expect(0)
        check_equal(len(server.sessions), sent, 'connections')
    check_equal(len(entries(queue)), 1 - sent, 'mails in the queue')


@test
def what_may_work_is_kept_and_what_is_refused_for_good_is_for_the_sender_to_be_told():
    answers = {'a': '550 5.1.1 no such user', 'b': '451 4.7.1 later', 'c': '250 2.1.5 ok'}

    queue = folder() / 'queue'
    with Server(rcpt=lambda session, address: answers[address[0]]) as server:
        mailchute(away(queue, port=server.port), 'a@x', 'b@x', 'c@x', stdin=MAIL).expect(
            0, r'<a@x>', r'2 of 3')
    later, refused = sorted(entries(queue), key=lambda entry: entry.values('to'), reverse=True)
    check_equal([later.values('to'), refused.values('to')], [['b@x'], ['a@x']], 'recipients')
    check(re.search(r'^\w+ T .* 451 4\.7\.1 4\.7\.1 later', later.journal), later.journal)
    check(re.search(r'^\w+ F .* 550 5\.1\.1 5\.1\.1 no such user', refused.journal), refused.journal)


@test
def settings_of_the_command_line_cannot_be_kept_so_the_mail_is_not():
    queue = folder() / 'queue'
    mailchute(away(queue), '--tls=off', BOB, stdin=MAIL).expect(75)
    mailchute(away(queue), '--queue=always', BOB, stdin=MAIL).expect(0)
    check_equal(len(entries(queue)), 1, 'mails in the queue')


@test
def the_log_has_its_name():
    queue, log = folder() / 'queue', folder() / 'log'
    mailchute(away(queue, 'always', logfile=log), BOB, stdin=MAIL).expect(0)
    check(f' queue={names(queue)[0]} ' in log.read_text(), log.read_text())


@test
def a_long_mail_is_linked_into_the_queue_and_not_copied():
    queue = folder() / 'queue'
    body = b'a line of no great interest\n' * 40_000
    env = {**environment(), 'TMPDIR': '/nonexistent'}
    mailchute(away(queue, 'always'), BOB, stdin=MAIL + body, env=env).expect(0)
    check(the_entry(queue).message.endswith(body.replace(b'\n', b'\r\n')), 'another message')


@test
def of_ten_writers_at_once_every_mail_is_kept_once():
    queue = folder() / 'queue'
    conf = away(queue, 'always')
    failed = []

    def write(writer):
        for number in range(10):
            result = mailchute(conf, BOB, stdin=MAIL + b'%d %d\n' % (writer, number))
            if result.status != 0:
                failed.append(result.text())
    threads = [threading.Thread(target=write, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check_equal(failed, [], 'failures')
    got = sorted(entry.message.split(b'end\r\n')[1] for entry in entries(queue))
    check_equal(got, sorted(b'%d %d\r\n' % (w, n) for w in range(10) for n in range(10)), 'mails')


# --- looking and acting --------------------------------------------------------------------------

class Queue:
    """A queue with mail in it, and the program for it: with -C, or as mailq without."""

    def __init__(self):
        self.place = folder() / 'queue'
        self.conf = settings_file(away(self.place))

    def put(self, *recipients, sender='joe@lab.example', policy='always'):
        """The name of a mail that is kept."""
        before = set(names(self.place))
        mailchute(self.conf, f'--queue={policy}', '-f', sender, *recipients, stdin=MAIL).expect(0)
        return (set(names(self.place)) - before).pop()

    def __call__(self, *words):
        argv = [binary(), 'queue', *words, '-C', str(self.conf)]
        return run(argv)

    def mailq(self, *words):
        home = folder('home')
        (home / '.msmtprc').write_text(self.conf.read_text())
        (home / '.msmtprc').chmod(0o600)
        return run([named('mailq'), *words], HOME=home)


def run(argv, **env):
    """Run it, with no terminal to ask at."""
    return finish(subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env={**environment(), **env},
                                   start_new_session=True))


def counts_of_check_mailq(text):
    """What the two parsers of check_mailq (monitoring-plugins) make of it: of sendmail, which
    reads all lines, and of postfix, which reads the last."""
    last = text.rstrip('\n').split('\n')[-1]
    of_sendmail = re.search(r'^\s+Total Requests:\s(\d+)$', text, re.I | re.M)
    of_postfix = re.search(r'Kbytes in (\d+)', last)
    empty = re.search('Mail queue is empty', last)
    return [int(m[1]) if m else 0 if empty else None for m in (of_sendmail, of_postfix)]


@cases(('mailq', []), ('mailq -v', ['-v']))
def an_empty_queue_is_said_to_be(words):
    result = Queue().mailq(*words).expect(0)
    check_equal(result.out, 'Mail queue is empty\n', 'words')


@test
def a_name_that_no_mail_has_does_not_make_the_queue_an_empty_one():
    queue = Queue()
    one = queue.put(BOB)
    queue.mailq('foo', one, 'bar').expect(66, r'foo.*\[NO_ENTRY\]', r'bar.*\[NO_ENTRY\]', out=[f'^{one} '])
    result = queue.mailq('foo').expect(66, r'foo.*\[NO_ENTRY\]', 'fix:  mailq$')
    check_equal(result.out, '', 'what stands where the list does')
    result = queue('list', '--rcpt=nobody').expect(0, 'warning: no mail in the queue is meant')
    check_equal(result.out, '', 'what stands where the list does')
    queue('list', '--rcpt=nobody', '--json').expect(0, 'warning: no mail in the queue is meant')


@cases(('--help', '--help'), ('-h', '-h'))
def mailq_tells_how_it_is_used(word):
    run([named('mailq'), word]).expect(0, out=[r'^Usage: mailq \[--json\]', 'waits in the queue'])


@test
def those_who_watch_queues_read_its_size_and_people_the_reason():
    queue = Queue()
    one, two = queue.put(BOB), queue.put('eve@lab.example', policy='on_failure')
    result = queue.mailq().expect(0, out=[
        f'^{one} +\\d+ .* joe@lab.example$', f'^{two} ', 'Connection refused', r'next try at \d\d:\d\d',
        'next try with the next run', f'^ +{BOB}$'])
    check_equal(counts_of_check_mailq(result.out), [2, 2], 'counts')
    check_equal(counts_of_check_mailq('Mail queue is empty\n')[1], 0, 'an empty one')
    check_equal(run([named('sendmail'), '-bpc'], HOME=folder('home')).expect(0).out, '0\n', '-bpc')


def _held():
    """A queue with a mail, whose account has a password that the server refused."""
    queue = Queue()
    queue.put(BOB)
    with Server(auth=lambda *_: '535 5.7.8 no such password') as server:
        queue.conf.write_text(server.account(queue='always', queue_dir=queue.place))
        mailchute(queue.conf, '-q').expect(0)
    return queue


@test
def an_account_that_is_held_is_said_to_be_with_what_mends_it():
    queue = _held()
    queue('list').expect(0, out=[
        r'^\(account default is held, .*refused the user name or password.*next try at .*to mend it',
        'Total requests: 1$'])


@test
def of_an_account_for_which_no_mail_waits_nothing_is_said():
    queue = _held()
    queue('delete', '--all').expect(0)
    done = queue('list').expect(0, out=['^Mail queue is empty$'])
    check('held' not in done.out, done.out)


@test
def runs_of_the_queue_are_counted():
    queue = Queue()
    queue.put(BOB, 'eve@x')
    with Server(rcpt=lambda _, address: '550 5.1.1 no' if address == 'eve@x' else '250 ok') as server:
        queue.conf.write_text(re.sub('port .*', f'port {server.port}', queue.conf.read_text()))
        mailchute(queue.conf, '-q').expect(0)
    text = run([binary(), '--metrics', '-C', str(queue.conf)]).expect(0).out
    for line in ('sent_total 2', 'failed_total 1'):  # the mail, and a notice to its sender
        check(f'\nmailchute_{line}\n' in text, f'{line} is not in\n{text}')
    check(re.search(r'last_success_timestamp_seconds [1-9]', text), text)


@test
def programs_get_an_object_a_line():
    queue = Queue()
    names_put = [queue.put(BOB, 'eve@x'), queue.put('"a\\"b"@x', policy='on_failure')]
    for result in (queue('list', '--json'), queue.mailq('--json')):
        rows = [json.loads(line) for line in result.expect(0).out.splitlines()]
        check_equal([row['queue_id'] for row in rows], names_put, 'names')
        check_equal([r['address'] for row in rows for r in row['recipients']],
                    [BOB, 'eve@x', '"a\\"b"@x'], 'recipients')
        check('refused' in rows[1]['recipients'][0]['delay_reason'], rows)
        check(rows[1]['recipients'][0]['next_try'] > rows[1]['arrival_time'], rows)


@test
def a_choice_that_no_mail_fits_is_told():
    queue = Queue()
    queue.put(BOB)
    queue('delete', '--rcpt=nobody-else').expect(0, 'warning: no mail in the queue is meant')
    queue('list').expect(0, out=['Total requests: 1$'])


@test
def mail_is_held_released_retried_shown_and_deleted_by_name():
    queue = Queue()
    one, two = queue.put(BOB), queue.put(BOB, policy='on_failure')
    queue('hold', one).expect(0, out=[f'{one}: held'])
    check_equal([names(queue.place, f) for f in ('new', 'hold')], [[two], [one]], 'folders')
    queue('list').expect(0, out=[f'^{one}! ', 'held until'])
    queue('release', two).expect(66, 'NO_ENTRY')
    queue('release', '--all').expect(0, out=[f'{one}: released'])
    queue('retry', two).expect(0, out=[f'{two}: due'])
    check('next try at' not in queue('list').out, 'it is not due')
    queue('show', one).expect(0, out=[f'^to: {BOB}', '^Subject: kept$', '^end$'])
    queue('delete', one, 'nonsense').expect(66, 'nonsense', out=[f'{one}: deleted'])
    check_equal(names(queue.place), [two], 'mails that are left')


@cases(('recipient', ['--rcpt=EVE@'], [1]), ('sender', ['--sender', 'ann'], [2]),
       ('both', ['--sender=joe', '--rcpt=bob'], [0]), ('all', ['--all'], [0, 1, 2]))
def mail_is_chosen_by(words, gone):
    queue = Queue()
    put = [queue.put(BOB), queue.put('eve@x', BOB), queue.put('cy@x', sender='ann@x')]
    if words[0] == '--sender=joe':
        queue('delete', '--rcpt=eve').expect(0)
        put[1] = None
    queue('delete', *words).expect(0)
    check_equal(names(queue.place), [n for i, n in enumerate(put) if n and i not in gone], 'left')


def at_terminal(answer, *argv):
    """Run a program at a terminal of its own, where somebody answers; its status and its words."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(argv[0], argv, environment())
    words = b''
    with contextlib.suppress(OSError):  # the end of a terminal
        while piece := os.read(terminal, 4096):
            words += piece
            if b'Type yes' in words and answer:
                os.write(terminal, answer)
                answer = b''
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), words.decode()


@test
def at_a_terminal_deleting_has_to_be_confirmed():
    queue = Queue()
    queue.put(BOB)
    for answer, wanted, left in (b'no\n', 1, 1), (b'\n', 1, 1), (b'yes\n', 0, 0):
        status, words = at_terminal(answer, binary(), 'queue', 'delete', '--all', '-C',
                                    str(queue.conf))
        check('delete 1 mail for good' in words, f'it did not ask: {words}')
        check(wanted == 0 or words.endswith('\nnothing was deleted\r\n'), f'an answer: {words}')
        check_equal((status, len(names(queue.place))), (wanted, left), 'status, and what is left')


@test
def at_a_terminal_a_name_that_is_none_asks_nothing():
    queue = Queue()
    status, words = at_terminal(b'no\n', binary(), 'queue', 'delete', 'nosuch', '-C', str(queue.conf))
    check('for good' not in words and 'NO_ENTRY' in words, f'its words: {words}')
    check(status not in (0, 64), f'status {status}')


@cases(('nothing', [], 64), ('no verb', ['purge'], 64), ('which', ['delete'], 64))
def it_has_to_be_said_what_and_which(words, status):
    Queue()(*words).expect(status, r'\[USAGE\]')


@test
def options_may_stand_before_it():
    queue = Queue()
    queue.put(BOB)
    run([binary(), '-C', str(queue.conf), 'queue', 'list']).expect(0, out=['Total requests: 1$'])
    run([binary(), '-C', str(queue.conf), 'queue', 'delete', '--all']).expect(0)
    check_equal(names(queue.place), [], 'mails')


@test
def as_msmtp_and_behind_two_dashes_it_is_a_recipient():
    with Server() as server:
        conf = str(settings_file(server.account()))
        run([binary(), '-C', conf, '--', 'queue', 'list']).expect(0)
        run([binary(), '-C', conf, 'queue@lab.example', 'list']).expect(0)
    with Server() as server:
        run([named('msmtp'), 'queue', '-C', str(settings_file(server.account()))]).expect(0)


@test
def a_damaged_file_is_shown_and_can_be_deleted():
    queue = Queue()
    queue.put(BOB)
    bad = queue.put(BOB)
    path = queue.place / 'new' / bad
    path.write_bytes(path.read_bytes()[:-9])
    queue('list').expect(0, out=[f'^{bad}', 'truncated', 'Total requests: 2'])
    entry, = (e for e in map(json.loads, queue('list', '--json').expect(0).out.splitlines())
              if e['queue_id'] == bad)
    check_equal([entry['sender'], entry['recipients']], [None, []], 'what can not be read')
    queue('hold', bad).expect(65, 'QUEUE_ENTRY')
    check_equal(names(queue.place, 'failed'), [bad], 'what is set aside')
    queue('delete', bad).expect(0)
    check_equal(names(queue.place, 'failed'), [], 'what is set aside')


@test
def what_is_being_sent_is_left_alone():
    queue = Queue()
    one = queue.put(BOB)
    with open(queue.place / 'new' / one, 'r+b') as file:
        # an open file description's lock, as a runner has it: struct flock64
        fcntl.fcntl(file, 37, struct.pack('hhqqi4x', fcntl.F_WRLCK, 0, 0, 0, 0))
        queue('delete', one).expect(75, r'\[BUSY\]')
    check_equal(names(queue.place), [one], 'mails')


def _queue_as(uid, conf, *words):
    return finish(subprocess.Popen(
        ['setpriv', f'--reuid={uid}', f'--regid={uid}', '--clear-groups', public_binary(), 'queue',
         *words, '-C', str(conf)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=environment()))


@test
def users_see_their_own_mail_and_root_sees_all():
    need_root()
    place = folder() / 'all'
    place.mkdir()
    place.chmod(0o1777)
    conf = settings_file(away(place, 'always'), mode=0o644)
    for uid in (4242, 4243):
        mailchute(conf, BOB, stdin=MAIL, uid=uid).expect(0)
    check_equal(mailchute(conf, uid=4242, prefix=()).status, 64, 'no recipient')
    _queue_as(4242, conf, 'list').expect(0, out=['Total requests: 1$'])
    run([binary(), 'queue', 'list', '-C', str(conf)]).expect(0, out=['Total requests: 2$'])


@test
def what_root_looks_at_stays_the_users():
    need_root()
    place = folder() / 'all'
    place.mkdir()
    place.chmod(0o1777)
    conf = settings_file(away(place, 'always'), mode=0o644)
    mailchute(conf, BOB, stdin=MAIL, uid=4242).expect(0)
    made = sorted(p.name for p in (place / 'u4242').iterdir())
    run([binary(), 'queue', 'list', '-C', str(conf)]).expect(0, out=['Total requests: 1$'])
    run([binary(), '--metrics', '-C', str(conf)]).expect(0)
    check_equal(sorted(p.name for p in (place / 'u4242').iterdir()), made, 'after a look')
    run([binary(), 'queue', 'hold', '--all', '-C', str(conf)]).expect(0)
    check_equal((place / 'u4242' / 'hold').stat().st_uid, 4242, 'the owner of what root made')
    _queue_as(4242, conf, 'release', '--all').expect(0)
    check_equal(len(names(place / 'u4242')), 1, 'mails that wait again')


@test
def a_folder_of_somebody_elses_is_named_with_the_fix():
    need_root()
    queue = Queue()
    one = queue.put(BOB)
    (queue.place / 'hold').mkdir()
    os.chown(queue.place / 'hold', 4242, 4242)
    queue('hold', one).expect(73, f'{queue.place}/hold must belong to user 0',
                              f'fix:  chown -R 0 {queue.place}/hold', r'\[QUEUE_DIR\]')
    check_equal(names(queue.place), [one], 'mails that wait')


@test
def figures_are_shown_or_put_into_a_file():
    queue, file = Queue(), folder() / 'mailchute.prom'
    queue.put(BOB)
    queue('hold', queue.put(BOB)).expect(0)
    (queue.place / 'tally').write_text('sent 7\nfailed 2\ndeferred 5\nlast_success 1700000000\n')
    text = run([binary(), '--metrics', '-C', str(queue.conf)]).expect(0).out
    for line in ('queue_messages{state="new"} 1', 'queue_messages{state="hold"} 1',
                 'queue_messages{state="failed"} 0', 'sent_total 7', 'failed_total 2',
                 'deferred_total 5', 'last_success_timestamp_seconds 1700000000'):
        check(f'\nmailchute_{line}\n' in text, f'{line} is not in\n{text}')
    run([binary(), f'--metrics={file}', '-C', str(queue.conf)]).expect(0)
    check('mailchute_sent_total 7\n' in file.read_text(), file.read_text())
    check_equal(sorted(p.name for p in file.parent.iterdir()), [file.name], 'files')
    run([binary(), f'--metrics={file}/no', '-C', str(queue.conf)]).expect(74, 'OUTPUT')


if __name__ == '__main__':
    main()
