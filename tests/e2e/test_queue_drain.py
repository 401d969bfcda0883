#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_queue_drain.py - each mail goes once, in few sessions, whatever the servers do meanwhile
"""
import email
import email.policy
import os
import re
import signal
import threading
from pathlib import Path

from daemon import free_port
from harness import (cases, check, check_equal, finish, folder, mailchute, main, process_state, start,
                     test, wait_until)
from hostile import Gone, Server
from mail import SIMPLE
from queued import Queue, Queues, children, commands, late, mails, yes_the_second_time


def told(server):
    """The notices among them, parsed."""
    return [email.message_from_bytes(m.data, policy=email.policy.default)
            for m in mails(server) if not m.sender]


def check_report(notice, action, status):
    """A notice is a report (RFC 6522) in three parts, of which the second is for programs."""
    check_equal(notice.get_content_type(), 'multipart/report', 'the type of the notice')
    check_equal(notice['Content-Type'].params['report-type'], 'delivery-status', 'its report-type')
    check_equal(notice['Auto-Submitted'], 'auto-replied', 'Auto-Submitted')
    check('MAILER-DAEMON@lab.example' in notice['From'], 'the notice has another author')
    parts = list(notice.iter_parts())
    check_equal([p.get_content_type() for p in parts[:2]],
                ['text/plain', 'message/delivery-status'], 'its parts')
    fields = parts[1].get_payload()
    check(fields[0]['Reporting-MTA'], 'no Reporting-MTA')
    check_equal([(f['Action'], f['Status']) for f in fields[1:]], [(action, status)],
                'what became of the recipients')
    return parts


# --- what goes well -----------------------------------------------------------------------------

@test
def a_hundred_mails_go_through_one_connection_and_one_sign_in():
    with Server() as server:
        queue = Queue(server.account(queue_lanes=1))
        queue.add(n=100)
        check_equal(len(queue.names()), 100, 'mails in the queue')
        queue.run().expect(0)
        check_equal(queue.names(), [], 'what is left')
        check_equal(len(mails(server)), 100, 'mails that came')
        check_equal(len([s for s in server.sessions if s.commands]), 1, 'connections')
        check_equal(commands(server, 'AUTH'), 1, 'sign-ins')
        check_equal(commands(server, 'MAIL'), 100, 'MAIL commands')


@cases(('whoever sent it is told', 'sender@lab.example', 1), ('there is nobody to tell', '', 0))
def who_is_refused_beside_others_is_a_matter_of_the_queue(sender, notices):
    """Where mail is handed over at once, and is kept only if that fails."""
    def rcpt(session, address):
        return '550 5.1.1 never heard' if address == 'reject@lab.example' else '250 ok'
    with Server(rcpt=rcpt) as server:
        queue = Queue(server.account())
        queue.conf.write_text(queue.conf.read_text().replace('queue always', 'queue on_failure'))
        mailchute(queue.conf, '-f', sender, 'reject@lab.example', 'one@lab.example',
                  stdin=SIMPLE).expect(0, 'never heard', r'went to 1 of 2 recipients')
        check_equal(len(queue.names()), 1, 'what is kept')
        queue.run().expect(0)
        check_equal(commands(server, 'RCPT TO:<REJECT'), 1, 'how often it was asked')
        check_equal(queue.names(), [], 'what is left')
        check_equal(len(queue.names('failed')), 1 - notices, 'what is set aside')
        check_equal(len(mails(server)), 1 + notices, 'mails that came')
        for notice in told(server)[-notices:] if notices else ():
            check_report(notice, 'failed', '5.1.1')
        mailchute(queue.conf, '-f', sender, 'reject@lab.example', stdin=SIMPLE).expect(65)
        check_equal(queue.names(), [], 'who is refused alone is told at once')


@test
def what_waited_for_a_server_goes_out_once_when_it_is_back():
    port = free_port()  # which nobody else gets while its server is away
    with Server(port=port) as server:
        queue = Queue(server.account())
    queue.add()
    queue.run().expect(0, 'mail is kept')
    check_equal(len(queue.names()), 1, 'mails in the queue')
    check('CONNECT' in queue.state(), f'the state says nothing: {queue.state()}')
    with Server(port=port) as server:
        queue.run('due').expect(0)
        queue.run('due', '-v').expect(
            0, out=[r'\* account default is not tried before .* 1 mail waits for it: .*-q$'])
        check_equal(len(queue.names()), 1, 'the account has its pause')
        queue.run().expect(0, 'works again')
        queue.run().expect(0)
        check_equal(len(mails(server)), 1, 'mails that came')
    check_equal(queue.names(), [], 'what is left')


@test
def two_runners_at_once_send_each_mail_once():
    with Server() as server:
        queue = Queue(server.account())
        queue.add(n=20)
        runs = [start(queue.conf, '-q', stdin=None) for _ in range(4)]
        for run in runs:
            finish(run).expect(0)
        check_equal(len(mails(server)), 20, 'mails that came')
        check_equal(queue.names(), [], 'what is left')


@test
def only_mails_that_were_asked_for_go_out():
    with Server() as server:
        queue = Queue(server.account())
        queue.add('one@lab.example')
        queue.add('two@lab.example')
        queue.run('Rtwo@').expect(0)
        check_equal([m.recipients for m in mails(server)], [['two@lab.example']], 'what went')
        queue.run('I' + queue.names()[0]).expect(0)
        check_equal(queue.names(), [], 'what is left')
        queue.run('nonsense').expect(64, 'nonsense')


@test
def greylisting_is_waited_out():
    seen = set()

    def rcpt(_, address):
        if address in seen:
            return '250 ok'
        seen.add(address)
        return '451 4.7.1 greylisted, try again'

    with Server(rcpt=rcpt) as server:
        queue = Queue(server.account())
        queue.add()
        queue.run().expect(0)
        queue.run('due').expect(0)
        check_equal((len(queue.names()), commands(server, 'RCPT')), (1, 1), 'it waits for its time')
        late(1)
        queue.run().expect(0)
        check_equal((len(mails(server)), queue.names()), (1, []), 'it came')


# --- notices ------------------------------------------------------------------------------------

@test
def who_was_refused_is_told_of_and_the_others_get_the_mail():
    def rcpt(_, address):
        return '550 5.1.1 nobody here' if address.startswith('bad') else '250 ok'

    with Server(rcpt=rcpt) as server:
        queue = Queue(server.account())
        queue.add('bad@lab.example', 'good@lab.example')
        queue.run().expect(0)
        check_equal([m.recipients for m in mails(server)],
                    [['good@lab.example'], ['sender@lab.example']], 'who got something')
        parts = check_report(told(server)[0], 'failed', '5.1.1')
        check('550 5.1.1 nobody here' in parts[1].as_string(), 'no words of the server')
        check('bad@lab.example' in parts[0].get_content(), 'nobody is named')
        check_equal(parts[2].get_content_type(), 'message/rfc822', 'the third part')
        check('hello' in parts[2].get_payload()[0].get_content(), 'the mail is not in it')
        check_equal(queue.names(), [], 'what is left')


@cases(('by an alias', 'joe@lab.example', 'aliases', 'admin@lab.example'),
       ('a user of the system', 'root@lab.example', 'root_to', 'ops@lab.example'),
       ('a person with a mailbox', 'joe@lab.example', 'root_to', 'joe@lab.example'),
       ('another domain', 'root@x.example', 'root_to', 'root@x.example'))
def a_notice_to_a_local_sender_goes_where_their_mail_goes(sender, setting, told_is):
    aliases = folder('aliases') / 'aliases'
    aliases.write_text('joe: admin@lab.example\n')
    value = {'aliases': aliases, 'root_to': 'ops@lab.example'}[setting]
    with Server(rcpt=lambda _, a: '550 5.1.1 no' if a.startswith('bad') else '250 ok') as server:
        queue = Queue(server.account(**{setting: value}))
        queue.add('bad@lab.example', sender=sender)
        queue.run().expect(0)
        check_equal([m.recipients for m in mails(server)], [[told_is]], 'who is told')


@test
def a_mail_from_nobody_that_is_refused_is_set_aside():
    with Server(rcpt=lambda *_: '550 5.1.1 nobody here') as server:
        queue = Queue(server.account())
        queue.add(sender='<>')
        queue.run().expect(0, 'set aside')
        queue.run().expect(0)
        check_equal((queue.names(), len(queue.names('failed'))), ([], 1), 'where it is')
        check_equal(commands(server, 'MAIL'), 1, 'attempts')


@test
def a_notice_that_is_refused_is_the_last():
    with Server(rcpt=lambda *_: '550 5.1.1 nobody here') as server:
        queue = Queue(server.account())
        queue.add()
        queue.run().expect(0)
        queue.run().expect(0)
        check_equal((queue.names(), len(queue.names('failed'))), ([], 1), 'where the notice is')
        check_equal(commands(server, 'MAIL'), 2, 'mails that were tried: one, and the notice')


@test
def what_is_too_old_is_given_up_and_told_of_once():
    with Server(rcpt=lambda _, a: '250 ok' if 'sender' in a else '451 4.3.0 later') as server:
        queue = Queue(server.account(queue_lifetime='3s'))
        queue.add()
        queue.run().expect(0)
        late(3)
        queue.run().expect(0)
        queue.run().expect(0)
        check_equal(len(told(server)), 1, 'notices')
        check_report(told(server)[0], 'failed', '4.4.7')
        check_equal(queue.names(), [], 'what is left')
        mailchute(queue.conf, '--metrics').expect(0, out=['^mailchute_failed_total 1$'])


@test
def who_waited_for_want_of_a_run_is_tried_whatever_its_age():
    with Server() as server:
        queue = Queue(server.account(queue_warn='1s', queue_lifetime='1s'))
        queue.add()
        late(2)
        queue.run().expect(0)
        check_equal(len(server.mail().recipients), 1, 'recipients')
        check_equal((len(told(server)), queue.names()), (0, []), 'notices, and what is left')


@test
def a_delay_is_told_of_once():
    with Server(rcpt=lambda _, a: '250 ok' if 'sender' in a else '451 4.3.0 later') as server:
        queue = Queue(server.account(queue_warn='3s'))
        queue.add()
        queue.run().expect(0)
        for _ in range(5):
            late(1)
            queue.run().expect(0)
        check_equal(len(told(server)), 1, 'notices')
        parts = check_report(told(server)[0], 'delayed', '4.3.0')
        check(parts[1].get_payload()[1]['Will-Retry-Until'], 'no Will-Retry-Until')
        check_equal(len(queue.names()), 1, 'the mail waits on')


@test
def success_is_told_of_where_that_is_wanted_and_the_server_does_not():
    for caps, notices in ((('PIPELINING',), 1), (('PIPELINING', 'DSN'), 0)):
        with Server(caps=caps) as server:
            queue = Queue(server.account(dsn_notify='success'))
            queue.add()
            queue.run().expect(0)
            check_equal(len(told(server)), notices, f'notices where the server has {caps}')
            if notices:
                check_report(told(server)[0], 'relayed', '2.0.0')
            check_equal(queue.names(), [], 'what is left')


def notify(queue, wishes):
    """One mail to all these, by SMTP, with what the sender wants to hear of each."""
    rcpt = ''.join(f'RCPT TO:<{name}@lab.example> NOTIFY={wish}\r\n'
                   for name, wish in wishes.items())
    said = mailchute(queue.conf, '-bs', stdin=(
        f'EHLO c\r\nMAIL FROM:<sender@lab.example>\r\n{rcpt}'
        'DATA\r\nSubject: s\r\n\r\nx\r\n.\r\nQUIT\r\n').encode()).expect(0).out
    check_equal(said.count('\n250 '), 3 + len(wishes), said)


@cases(
    ('the server has no DSN', ('PIPELINING',),
     {'relayed': ['good-success'], 'failed': ['bad-failure']}),
    ('the server tells of success', ('PIPELINING', 'DSN'), {'failed': ['bad-failure']}))
def each_recipient_is_told_of_as_the_sender_wishes(caps, wanted):
    with Server(caps=caps,
                rcpt=lambda _, a: '550 5.1.1 no' if 'bad' in a else '250 ok') as server:
        queue = Queue(server.account())
        notify(queue, {'good-success': 'SUCCESS', 'good-never': 'NEVER', 'bad-never': 'NEVER',
                       'bad-success': 'SUCCESS', 'bad-failure': 'FAILURE,DELAY'})
        queue.run().expect(0)
        found = {}
        for notice in told(server):
            for fields in notice.get_payload()[1].get_payload()[1:]:
                name = fields['Final-Recipient'].partition(';')[2].strip().partition('@')[0]
                found.setdefault(fields['Action'], []).append(name)
        check_equal(found, wanted, 'who is told of')
        check_equal(queue.names(), [], 'what is left')


@test
def a_delay_is_told_of_those_of_whom_that_is_wanted():
    with Server(rcpt=lambda _, a: '250 ok' if 'sender' in a else '451 4.3.0 later') as server:
        queue = Queue(server.account(queue_warn='3s'))
        notify(queue, {'delay': 'DELAY', 'failure': 'FAILURE', 'never': 'NEVER'})
        for _ in range(3):
            queue.run().expect(0)
            late(1)
        queue.run().expect(0)
        check_equal(len(told(server)), 1, 'notices')
        fields = told(server)[0].get_payload()[1].get_payload()[1:]
        check_equal([f['Final-Recipient'] for f in fields], ['rfc822; delay@lab.example'], 'whom')


@test
def after_twenty_notices_one_tells_of_all_the_rest():
    with Server(rcpt=lambda _, a: '250 ok' if 'sender' in a else '550 5.1.1 no') as server:
        queue = Queue(server.account())
        queue.add('bad@lab.example', n=30)
        queue.run().expect(0)
        notices = told(server)
        check_equal(len(notices), 20, 'notices')
        fields = [n.get_payload()[1].get_payload()[1:] for n in notices]
        check_equal(sum(map(len, fields)), 30, 'recipients they tell of')
        check_equal(max(map(len, fields)), 11, 'the digest')
        check_equal(queue.names(), [], 'what is left')


@test
def a_digest_tells_of_a_hundred_mails_and_the_others_wait():
    with Server(rcpt=lambda _, a: '250 ok' if 'sender' in a else '550 5.1.1 no') as server:
        queue = Queue(server.account())
        queue.add('bad@lab.example', n=125)
        queue.run().expect(0)
        told_of = [len(n.get_payload()[1].get_payload()) - 1 for n in told(server)]
        check_equal(sorted(told_of), [1] * 19 + [100], 'recipients that the notices tell of')
        check_equal(len(queue.names()), 6, 'what is left')


# --- accounts in trouble ------------------------------------------------------------------------

@test
def a_refused_password_is_tried_once_in_a_pause_and_nothing_bounces():
    with Server(auth=lambda *_: '535 5.7.8 no such password') as server:
        queue = Queue(server.account(queue_lifetime='1s'))
        queue.add(n=5)
        queue.run().expect(0, 'held', 'user name or password')
        late(2)
        for _ in range(3):
            result = queue.run().expect(0)
            check_equal(result.err, '', 'nothing is new')
        check_equal(commands(server, 'AUTH'), 1, 'sign-ins')
        check_equal(len(queue.names()), 5, 'mails that are kept')
        check('\theld\t' in queue.state(), 'the account is held')


@test
def a_changed_configuration_releases_the_account():
    with Server(auth=yes_the_second_time) as server:
        queue = Queue(server.account())
        queue.add()
        queue.run().expect(0, 'held')
        queue.run('due', '-v').expect(0, out=['is not tried before .*--check=default$'])
        queue.run().expect(0)
        check_equal(commands(server, 'AUTH'), 1, 'sign-ins')
        queue.change(timeout=100)
        queue.run('due').expect(0, 'works again')
        check_equal((len(mails(server)), queue.names()), (1, []), 'it came')


@cases(('all that waits', ['-q'], 2), ('what is due', ['-qdue'], 2),
       ('of one account', ['-q', '-a', 'other'], 1))
def a_run_is_about_the_queues_of_all_accounts(wish, sent):
    with Server() as server:
        queues = Queues(server)
        for name in queues.NAMES:
            queues.add(name)
        mailchute(queues.conf, *wish).expect(0)
        check_equal(len(mails(server)), sent, 'mails that came')


@test
def an_account_that_is_not_there_any_more_keeps_its_mail():
    with Server() as server:
        queue = Queue(server.account())
        queue.add()
        text = queue.conf.read_text()
        queue.conf.write_text(text.replace('account default', 'account other'))
        mailchute(queue.conf, '-q', '-a', 'other').expect(0, 'held', 'default')
        check_equal(len(queue.names()), 1, 'mails that are kept')
        queue.conf.write_text(text)
        queue.run('due').expect(0)
        check_equal((len(mails(server)), queue.names()), (1, []), 'it came')


@test
def a_mail_that_a_server_can_not_stand_keeps_back_no_others():
    def mail(session, address):
        if address == 'poison@lab.example':
            session.flush()  # the answer to the mail before
            raise Gone('poisoned')
        return '250 ok'

    with Server(mail=mail) as server:
        queue = Queue(server.account())
        queue.add(n=3)
        queue.add(sender='poison@lab.example')
        queue.add(n=3)
        queue.run().expect(0)
        check_equal((len(mails(server)), len(queue.names())), (6, 1), 'what came, and what is left')


@test
def a_server_that_says_goodbye_gets_the_rest_in_another_session():
    def mail(session, _):
        return '250 ok' if len(session.mails) < 3 else '421 4.3.2 enough for now'

    with Server(mail=mail) as server:
        queue = Queue(server.account(queue_lanes=1))
        queue.add(n=10)
        queue.run().expect(0)
        check_equal((len(mails(server)), queue.names()), (10, []), 'what came, and what is left')
        check_equal(len([s for s in server.sessions if s.mails]), 4, 'sessions')


# --- the end comes too soon ---------------------------------------------------------------------

@test
def a_runner_killed_between_the_answer_and_its_record_repeats_that_mail_at_most():
    runner, killed = [], threading.Event()

    def received(session, _):
        if len(mails(session.server)) == 3 and not killed.is_set():
            wait_until(lambda: runner, 'the runner is known')
            for pid in children(runner[0].pid) + [runner[0].pid]:
                os.kill(pid, signal.SIGKILL)
            runner[0].wait()
            killed.set()
        return '250 2.0.0 ok'

    with Server(received=received, caps=('8BITMIME',)) as server:
        queue = Queue(server.account(queue_lanes=1))
        for i in range(6):
            queue.add(f'r{i}@lab.example')
        runner.append(start(queue.conf, '-q', stdin=None))
        wait_until(killed.is_set, 'the runner is killed')
        queue.run().expect(0)
        came = [m.recipients[0] for m in mails(server)]
        check_equal(sorted(set(came)), [f'r{i}@lab.example' for i in range(6)], 'who got it')
        check(len(came) <= 7, f'more than one got it twice: {came}')
        check_equal(queue.names(), [], 'what is left')


@test
def a_line_lost_after_the_whole_mail_makes_it_go_again_as_the_same():
    def received(session, _):
        if len(session.server.sessions) == 1:
            raise Gone('before the answer')
        return '250 ok'

    with Server(received=received) as server:
        queue = Queue(server.account())
        queue.add()
        queue.run().expect(0)
        check_equal(len(queue.names()), 1, 'it is kept')
        late(1)
        queue.run().expect(0)
        came = {re.search(rb'Message-ID: (.*)\r', m.data)[1] for m in mails(server)}
        check_equal((len(mails(server)), len(came), queue.names()), (2, 1, []), 'what came')


def waits_for(pid, number):
    """Whether the signal waits for the process, which doesn't run now."""
    text = Path(f'/proc/{pid}/status').read_text()
    return int(re.search(r'^ShdPnd:\s*(\w+)$', text, re.M)[1], 16) & 1 << number - 1


@test
def a_signal_ends_the_run_behind_the_mail_under_way():
    runner = []

    def received(session, _):
        if len(session.mails) == 2:
            wait_until(lambda: runner, 'the runner is known')
            lane, = children(runner[0].pid)
            os.kill(lane, signal.SIGSTOP)  # so that it can be seen when it is told
            wait_until(lambda: process_state(lane) == 'T', 'the lane is stopped')
            runner[0].send_signal(signal.SIGTERM)
            wait_until(lambda: waits_for(lane, signal.SIGTERM), 'the lane is told')
            os.kill(lane, signal.SIGCONT)
        return '250 ok'

    with Server(received=received, caps=('8BITMIME',)) as server:
        queue = Queue(server.account(queue_lanes=1))
        queue.add(n=6)
        runner.append(start(queue.conf, '-q', stdin=None))
        finish(runner[0]).expect(0)
        check_equal((len(mails(server)), len(queue.names())), (2, 4), 'what came, and what is left')
        check(server.first().commands[-1] == 'QUIT', 'it left without a word')


if __name__ == '__main__':
    main()
