#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_routing.py - one mail, several accounts; and systems that must not write to people"""
import json
import os
import pwd

from harness import (cases, check, check_equal, environment, folder, main, mailchute, sendmail,
                     settings, settings_file, test)
from hostile import Server
from mail import SIMPLE, check_arrived, crlf

LIST, PEOPLE = ['list@lists.example', 'list-join@lists.example'], ['a@x.example', 'b@y.example']


def two(lists, rest, routes='lists.example lists', **more):
    """Settings with a server for lists, and one for all others."""
    return settings('lists', **lists.settings()) + \
        settings(**rest.settings(route=routes, **more))


def recipients(server):
    """Whom the mail that arrived there was for."""
    return server.mail().recipients


@test
def each_recipient_goes_through_the_account_of_its_route():
    with Server(lmtp=True, tls=None, mechanisms='') as lists, Server(mechanisms='') as rest:
        mailchute(two(lists, rest), PEOPLE[0], LIST[0], PEOPLE[1], LIST[1],
                  stdin=SIMPLE).expect(0)
        check_equal(recipients(lists), LIST, 'recipients at the list server')
        check_equal(recipients(rest), PEOPLE, 'recipients at the smarthost')
        check_arrived(lists.mail(), SIMPLE)
        check_arrived(rest.mail(), SIMPLE)


@test
def a_mail_for_one_account_only_reaches_no_other_server():
    with Server(lmtp=True, tls=None, mechanisms='') as lists, Server(mechanisms='') as rest:
        mailchute(two(lists, rest), *LIST, stdin=SIMPLE).expect(0)
        check_equal(recipients(lists), LIST, 'recipients at the list server')
        check_equal(rest.sessions, [], 'sessions with the smarthost')


@cases(('an address', 'LIST@lists.example', 1), ('a list of patterns', 'x,list-*@lists.example', 1),
       ('a domain', 'Lists.Example', 2), ('a domain with its @', '@lists.example', 2),
       ('a list with blanks', 'x, lists.example', 2), ('domains', '*.example', 2), ('all', '*', 2))
def a_route_names(pattern, count):
    with Server(lmtp=True, tls=None, mechanisms='') as lists, Server(mechanisms='') as rest:
        mailchute(two(lists, rest, f'{pattern} lists'), *LIST, stdin=SIMPLE).expect(0)
        check_equal(len(recipients(lists)), count, 'recipients at the list server')


@test
def a_route_given_on_the_command_line_counts():
    with Server(lmtp=True, tls=None, mechanisms='') as lists, Server(mechanisms='') as rest:
        mailchute(two(lists, rest, None), '--route=lists.example lists', *LIST,
                  stdin=SIMPLE).expect(0)
        check_equal(rest.sessions, [], 'sessions with the smarthost')


@test
def a_recipient_refused_by_one_server_leaves_the_others_theirs():
    def no(_session, address):
        return '550 5.1.1 no such list' if 'join' in address else '250 ok'
    with Server(lmtp=True, tls=None, mechanisms='', rcpt=no) as lists, \
            Server(mechanisms='') as rest:
        result = mailchute(two(lists, rest), *LIST, *PEOPLE, stdin=SIMPLE)
        result.expect(67, LIST[1], 'no such list', 'went to 3 of 4')
        check(PEOPLE[0] not in result.err, f'it names a good recipient\n{result.text()}')
        check_equal(recipients(lists), LIST[:1], 'recipients at the list server')
        check_equal(recipients(rest), PEOPLE, 'recipients at the smarthost')


@test
def a_server_that_is_down_is_never_75_where_the_other_took_the_mail():
    with Server(lmtp=True, tls=None, mechanisms='', connected=lambda s: '421 4.3.2 later') as lists, \
            Server(mechanisms='') as rest:
        mailchute(two(lists, rest), *LIST, *PEOPLE, stdin=SIMPLE).expect(
            69, '4.3.2 later', 'lists: ', 'went to 2 of 4')
        check_equal(recipients(rest), PEOPLE, 'recipients at the smarthost')


@test
def both_servers_down_is_75():
    with Server(tls=None, connected=lambda s: '421 4.3.2 later') as lists, \
            Server(tls=None, connected=lambda s: '421 4.3.2 later') as rest:
        mailchute(two(lists, rest), *LIST, *PEOPLE, stdin=SIMPLE).expect(
            75, 'lists: ', 'default: ')


@test
def a_route_to_an_account_that_is_not_there_stops_the_mail_before_any_server():
    with Server(mechanisms='') as rest:
        result = mailchute(settings(**rest.settings(route='lists.example list')), *LIST, *PEOPLE,
                           stdin=SIMPLE)
        result.expect(78, 'a route of account default: account list not found', 'CONFIG')
        check_equal(rest.sessions, [], 'sessions')


@test
def each_part_has_a_line_in_the_log():
    log = folder() / 'log'
    with Server(lmtp=True, tls=None, mechanisms='') as lists, Server(mechanisms='') as rest:
        conf = f'defaults\nlogfile {log}\n' + two(lists, rest)
        mailchute(conf, LIST[0], PEOPLE[0], stdin=SIMPLE).expect(0)
    lines = log.read_text().splitlines()
    check_equal([line.count('recipients=' + who) for line, who in zip(lines, (LIST[0], PEOPLE[0]))],
                [1, 1], f'recipients in the log: {lines}')


@test
def verifying_shows_the_account_of_each_recipient():
    with Server(lmtp=True, tls=None, mechanisms='') as lists, Server(mechanisms='') as rest:
        conf = two(lists, rest, allow_recipients='x.example')
        sendmail(conf, '-bv', LIST[0], *PEOPLE).expect(0, out=[
            rf'^{LIST[0]}: {LIST[0]} \(account lists, localhost:{lists.port}\)$',
            rf'^{PEOPLE[0]}: {PEOPLE[0]}$',
            rf'^{PEOPLE[1]}: {PEOPLE[1]} \(refused: allow_recipients\)$'])
        sendmail(two(lists, rest, redirect_all='me@z'), '-bv', PEOPLE[0]).expect(0, out=[
            rf'^{PEOPLE[0]}: {PEOPLE[0]} \(redirected to me@z\)$'])


# --- systems that must not write to people --------------------------------------------------------

@test
def redirect_all_sends_everybodys_mail_to_one_address():
    with Server(mechanisms='') as server:
        mailchute(settings(**server.settings(redirect_all='me@lab.example')), *LIST, *PEOPLE,
                  stdin=SIMPLE).expect(0)
        check_equal(recipients(server), ['me@lab.example'], 'recipients')
        lead = b'X-Original-To: ' + ',\r\n '.join(LIST + PEOPLE).encode() + b'\r\n'
        check_equal(server.mail().data, lead + crlf(SIMPLE), 'the message')


@test
def redirect_all_holds_for_the_account_that_a_route_leads_to():
    with Server(lmtp=True, tls=None, mechanisms='') as lists, Server(mechanisms='') as rest:
        conf = 'defaults\nredirect_all me@lab.example\n' + two(lists, rest)
        mailchute(conf, LIST[0], PEOPLE[0], stdin=SIMPLE).expect(0)
        for server, who in (lists, LIST[0]), (rest, PEOPLE[0]):
            check_equal(recipients(server), ['me@lab.example'], 'recipients')
            check_equal(server.mail().data.splitlines()[0], b'X-Original-To: ' + who.encode(),
                        'the first line')


@test
def redirect_all_shows_what_the_server_says_to_the_one_address():
    with Server(mechanisms='', rcpt=lambda s, a: '550 5.1.1 no such tester') as server:
        mailchute(settings(**server.settings(redirect_all='me@lab.example')), PEOPLE[0],
                  stdin=SIMPLE).expect(65, 'no such tester')


@test
def allow_recipients_refuses_all_others_by_name():
    with Server(mechanisms='') as server:
        result = mailchute(settings(**server.settings(allow_recipients='x.example,me@lab.example')),
                           *PEOPLE, stdin=SIMPLE)
        result.expect(77, rf'{PEOPLE[1]}> \[GUARDED\]', 'add them to allow_recipients',
                      'went to 1 of 2')
        check_equal(recipients(server), PEOPLE[:1], 'recipients')


@test
def nobody_allowed_means_no_connection():
    with Server(mechanisms='') as server:
        mailchute(settings(**server.settings(allow_recipients='me@lab.example')), *PEOPLE,
                  stdin=SIMPLE).expect(77, *PEOPLE)
        check_equal(server.sessions, [], 'sessions')


@test
def a_guard_from_the_environment_holds_for_any_account():
    with Server(mechanisms='') as server:
        home = folder('home')
        (home / '.msmtprc').write_text(settings(**server.settings()))
        (home / '.msmtprc').chmod(0o600)
        mailchute(None, *PEOPLE, stdin=SIMPLE, env=environment(
            HOME=home, MAILCHUTE_REDIRECT_ALL='me@lab.example')).expect(0)
        check_equal(recipients(server), ['me@lab.example'], 'recipients')


def queued(*recipients, **more):
    """A mail in the queue, under these settings; their file."""
    conf = settings_file(settings(queue='always', queue_dir=folder() / 'queue', **more))
    mailchute(conf, *recipients, stdin=SIMPLE).expect(0)
    return conf


@cases(('the command line', ['--route=lists.example lists'], {}),
       ('the environment', [], {'MAILCHUTE_ROUTE': 'lists.example lists'}))
def a_mail_is_kept_for_the_account_of_a_route_from(args, env):
    with Server(lmtp=True, tls=None, mechanisms='') as lists, Server(mechanisms='') as rest:
        home = folder()
        conf = home / '.msmtprc'
        conf.write_text(two(lists, rest, None, queue='always', queue_dir=folder() / 'queue'))
        mailchute(None, *args, LIST[0], PEOPLE[0], stdin=SIMPLE,
                  env=environment(HOME=home, **env)).expect(0)
        check_equal(lists.sessions + rest.sessions, [], 'sessions')
        mailchute(None, '-q', env=environment(HOME=home)).expect(0)
        check_equal(recipients(lists), LIST[:1], 'recipients at the list server')
        check_equal(recipients(rest), PEOPLE[:1], 'recipients at the smarthost')


@test
def redirect_all_holds_for_what_comes_from_the_queue():
    with Server(mechanisms='') as server:
        conf = queued(*PEOPLE, **server.settings(redirect_all='me@lab.example'))
        check_equal(server.sessions, [], 'sessions')
        mailchute(conf, '-q').expect(0)
        check_equal(recipients(server), ['me@lab.example'], 'recipients')
        check(server.mail().data.startswith(b'X-Original-To: '), server.mail().data[:60])
        mailchute(conf, '-q').expect(0)
        check_equal(recipients(server), ['me@lab.example'], 'recipients after another run')


@test
def allow_recipients_holds_for_what_comes_from_the_queue():
    with Server(mechanisms='') as server:
        conf = queued(*PEOPLE, **server.settings(allow_recipients='x.example'))
        mailchute(conf, '-q')
        mails = [mail for session in server.sessions for mail in session.mails]
        reached = {who for mail in mails for who in mail.recipients}
        check(PEOPLE[0] in reached and PEOPLE[1] not in reached, f'it went to {reached}')


@test
def what_was_queued_for_a_catcher_is_caught():
    out = folder() / 'mails.json'
    conf = queued(*PEOPLE, protocol='catch', catch_to=f'json:{out}',
                  **{'from': 'sender@lab.example'})
    mailchute(conf, '-q').expect(0)
    check_equal(json.loads(out.read_text())['recipients'], PEOPLE, 'recipients')


# --- accounts that catch --------------------------------------------------------------------------

def catching(**more):
    """Settings without any server."""
    return settings(protocol='catch', **{'from': 'sender@lab.example', **more})


@test
def a_caught_mail_is_printed_in_a_frame():
    text = SIMPLE.replace(b'Subject: a test', b'Subject: =?utf-8?B?5pel5pys?=')
    mailchute(catching(), *PEOPLE, stdin=text).expect(0, out=[
        r'^from <sender@lab.example> to <a@x.example>, <b@y.example>: 日本$',
        r'^-{10} MESSAGE FOLLOWS -{10}$', r'^X-Peer: localhost$', r'^hello$',
        r'^-{12} END MESSAGE -{12}$'])


@test
def a_caught_mail_needs_no_server_whatever_else_the_account_says():
    mailchute(catching(host='nowhere.invalid', tls=True, auth=True, user='me'), PEOPLE[0],
              stdin=SIMPLE).expect(0, out=['^hello$'])


@test
def programs_that_call_sendmail_are_caught_by_the_environment_alone():
    out = folder() / 'mails.json'
    with Server(mechanisms='') as server:
        home = folder('home')
        (home / '.msmtprc').write_text(settings(**server.settings()))
        (home / '.msmtprc').chmod(0o600)
        mailchute(None, PEOPLE[0], stdin=SIMPLE, env=environment(
            HOME=home, MAILCHUTE_PROTOCOL='catch', MAILCHUTE_CATCH_TO=f'json:{out}')).expect(0)
        check_equal(server.sessions, [], 'sessions')
    mail = json.loads(out.read_text())
    check_equal((mail['sender'], mail['recipients'], mail['subject']),
                ('sender@lab.example', PEOPLE[:1], 'a test'), 'what was caught')
    check_equal(mail['message'], SIMPLE.decode(), 'the message')


@test
def where_there_is_no_account_at_all_the_environment_is_enough():
    mailchute(None, '-f', 'app@lab.example', PEOPLE[0], stdin=SIMPLE,
              env=environment(MAILCHUTE_PROTOCOL='catch')).expect(
        0, out=[f'^from <app@lab.example> to <{PEOPLE[0]}>: a test$'])
    mailchute(None, PEOPLE[0], stdin=SIMPLE, env=environment(MAILCHUTE_PROTOCOL='smtp')).expect(78)
    mailchute(None, PEOPLE[0], stdin=SIMPLE, env=environment(MAILCHUTE_PROTOCOL='katch')).expect(
        78, 'MAILCHUTE_PROTOCOL', 'katch', 'did you mean "catch"')


@test
def where_there_is_no_account_at_all_an_option_is_enough():
    mailchute(None, '--protocol=catch', '-f', 'app@lab.example', PEOPLE[0],
              stdin=SIMPLE).expect(0, out=[f'^from <app@lab.example> to <{PEOPLE[0]}>: a test$'])
    mailchute(None, '--protocol=smtp', PEOPLE[0], stdin=SIMPLE).expect(78, 'NO_CONFIG')


@test
def a_caught_mail_is_from_the_login_name_where_nothing_else_is_said():
    user = pwd.getpwuid(os.geteuid()).pw_name
    for conf in None, settings(protocol='catch'):
        mailchute(conf, '--protocol=catch', PEOPLE[0], stdin=SIMPLE).expect(
            0, out=[rf'^from <{user}@\S+> to <{PEOPLE[0]}>: a test$'])


@test
def a_place_that_cannot_be_written_is_told():
    mailchute(catching(catch_to='mbox:/nowhere/at/all'), *PEOPLE, stdin=SIMPLE).expect(
        74, '/nowhere/at/all: No such file', 'CATCH')


@cases(('serverinfo', '--serverinfo'), ('rmqs', '--rmqs=@x'))
def an_account_without_a_server_has_no_answer_for(option):
    mailchute(catching(), option).expect(78, 'protocol catch', 'NO_SERVER')


if __name__ == '__main__':
    main()
