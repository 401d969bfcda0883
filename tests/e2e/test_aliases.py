#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_aliases.py - who gets the mail for local names: aliases, local domains, root_to

The envelope that the server heard tells.
"""
import socket

from harness import (cases, check, check_equal, folder, mailchute, main, settings, settings_file,
                     test)
from hostile import Server
from mail import SIMPLE

TEXT = b'From: sender@lab.example\nTo: root\nSubject: x\n\nhello\n'


def alias_file(text):
    """Put aliases into a file of their own, and return its name."""
    path = folder('al') / 'aliases'
    path.write_text(text)
    return path


def envelope(aliases, *recipients, stdin=TEXT, status=0, says=(), **values):
    """Send one mail; the recipients that the server heard."""
    with Server() as server:
        if aliases is not None:
            values['aliases'] = alias_file(aliases)
        result = mailchute(server.account(**values), *recipients, stdin=stdin)
        result.expect(status, *says)
        return server.mail().recipients


# --- aliases ------------------------------------------------------------------------------------

@cases(
    ('one address', 'root: a@lab.example\n', ['root'], ['a@lab.example']),
    ('several', 'root: a@lab.example, b@lab.example\n', ['root'],
     ['a@lab.example', 'b@lab.example']),
    ('each of several names', 'a: a@x\nb: b@x\nc: c@x\nd: d@x\n', ['a', 'b', 'c', 'd'],
     ['a@x', 'b@x', 'c@x', 'd@x']),
    ('a list in one argument', 'root: r@x\nadmin: s@x\n', ['root,admin'], ['r@x', 's@x']),
    ('names through names', 'cron: root\nroot: a@x\n', ['cron', 'b@x'], ['a@x', 'b@x']),
    ('in capitals', 'root: a@x\n', ['Root'], ['a@x']),
    ('each once', 'root: a@x, b@x\n', ['b@x', 'root'], ['b@x', 'a@x']),
    ('a name without an alias', 'root: a@x\n', ['nobody'], ['nobody']),
    ('the entry for the others', 'default: d@x\n', ['nobody'], ['d@x']),
    ('localhost', 'root: a@x\n', ['root@localhost'], ['a@x']),
    ('the name itself', 'root: root\n', ['root'], ['root']),
    ('somebody else', 'root: a@x\n', ['root@lab.example'], ['root@lab.example']),
    ('continued lines and comments', '# all\nall: a@x,\n  b@x # two\n', ['all'],
     ['a@x', 'b@x']),
    ('more than 32', 'all: ' + ', '.join(f'u{i}@x' for i in range(100)) + '\n', ['all'],
     [f'u{i}@x' for i in range(100)]),
)
def the_mail_goes_to(aliases, recipients, wanted):
    check_equal(envelope(aliases, *recipients), wanted, 'recipients')


@test
def the_header_stays_and_its_recipients_are_expanded():
    with Server() as server:
        conf = server.account(aliases=alias_file('root: a@x\nops: b@x\n'))
        mailchute(conf, '-t', stdin=b'To: root\nCc: ops, c@x\nSubject: y\n\nhi\n').expect(0)
        mail = server.mail()
        check_equal(mail.recipients, ['a@x', 'b@x', 'c@x'], 'recipients')
        check(b'\r\nTo: root\r\nCc: ops, c@x\r\n' in mail.data, f'{mail.data!r}')


@test
def the_name_of_this_machine_and_listed_domains_are_local():
    host = socket.gethostname()
    names = [f'root@{host}', 'ops@vm.example', f'ops@{host.split(".")[0]}', 'web@Intern.example']
    aliases = 'root: a@x\nops: b@x\nweb: c@x\n'
    check_equal(envelope(aliases, *names, local_domains='vm.example, intern.example'),
                ['a@x', 'b@x', 'c@x'], 'recipients')


@test
def a_mail_domain_has_aliases_but_real_mailboxes_too():
    check_equal(envelope('root: a@x\ndefault: d@x\n', 'root@lab.example', 'ann@lab.example',
                         maildomain='lab.example', root_to='r@x'),
                ['a@x', 'ann@lab.example'], 'recipients')


@test
def lists_are_included():
    path = folder('list') / 'team'
    path.write_text('# the team\na@x, root\nb@x\n')
    check_equal(envelope(f'team: :include:{path}, c@x\nroot: r@x\n', 'team'),
                ['a@x', 'r@x', 'b@x', 'c@x'], 'recipients')


@test
def commands_and_files_are_left_out_and_told():
    check_equal(envelope('team: root, "|/bin/x", /tmp/f\nroot: a@x\n', 'team',
                         says=[r'warning: .*aliases:1: "\|/bin/x" is left out',
                               r'warning: .*aliases:1: "/tmp/f" is left out']),
                ['a@x'], 'recipients')


# --- what goes wrong ----------------------------------------------------------------------------

@test
def a_circle_stops_only_those_in_it():
    says = [r'stands behind the alias <a>: aliases go round in a circle: a, b, a \(.*aliases:1\)',
            'the mail went to 1 of 2 recipients']
    check_equal(envelope('a: b\nb: a\n', 'a', 'j@x', status=78, says=says), ['j@x'], 'recipients')


@test
def a_circle_with_a_way_out_is_a_warning():
    check_equal(envelope('a: b, j@x\nb: a\n', 'a', says=['warning: .*in a circle: a, b, a']),
                ['j@x'], 'recipients')


@cases(
    ('a circle', 'a: b\nb: a\n', 'aliases go round in a circle: a, b, a'),
    ('an empty alias', 'a:\n', 'aliases:1 has none'),
    ('a command only', 'a: |x\n', r'aliases:1: "\|x" is left out'),
)
def nobody_is_left_so_nothing_is_sent(aliases, words):
    with Server() as server:
        log = folder('log') / 'log'
        conf = server.account(aliases=alias_file(aliases), logfile=log)
        mailchute(conf, 'a', stdin=TEXT).expect(78, r'\[ALIAS\]', words, 'could not send mail')
        check_equal(len(server.sessions), 0, 'connections')
        check('exitcode=EX_CONFIG' in log.read_text(), log.read_text())


@cases(
    ('no colon', '\na b\n', 'aliases:2: "a b" is no alias: write NAME: ADDRESS'),
    ('twice', 'a: b\nA: c\n', "aliases:2: duplicate alias 'A': line 1"),
    ('no address', 'b: c d\n', 'aliases:1: "c d" is not a mail address'),
    ('no list', 'a: :include:none\n', 'aliases:1: :include:.*none can.t be read: No such file'),
)
def a_mistake_in_the_file_is_told_with_its_line(aliases, words):
    with Server() as server:
        mailchute(server.account(aliases=alias_file(aliases)), 'a', stdin=TEXT).expect(78, words)
        check_equal(len(server.sessions), 0, 'connections')


@test
def the_file_is_opened_only_for_local_names():
    with Server() as server:
        conf = server.account(aliases='/nonexistent/aliases')
        mailchute(conf, 'a@x', stdin=SIMPLE).expect(0)
        mailchute(conf, 'root', stdin=SIMPLE).expect(78, '/nonexistent/aliases: No such file')


@test
def mail_for_nobody_on_purpose_is_not_sent():
    with Server() as server:
        conf = server.account(aliases=alias_file('nobody: /dev/null\n'))
        mailchute(conf, 'nobody', stdin=TEXT).expect(0, 'warning: .*/dev/null')
        check_equal(len(server.sessions), 0, 'connections')
        mailchute(conf, 'nobody', 'a@x', stdin=TEXT).expect(0)
        check_equal(server.mail().recipients, ['a@x'], 'recipients')


@test
def print_config_checks_the_aliases():
    good, bad = alias_file('root: a@x\n'), alias_file('root: cron\ncron: root\n')
    base = settings(host='h.example', **{'from': 's@x'})
    mailchute(settings_file(base + f'aliases {good}\n'), '-P', 'root').expect(0)
    mailchute(settings_file(base + f'aliases {bad}\n'), '-P', 'root').expect(
        78, 'in a circle: root, cron, root')
    mailchute(settings_file(base + f'aliases {bad}\n'), '-P', 'a@x').expect(0)
    mailchute(settings_file(base + 'aliases /nonexistent\n'), '-P', 'root').expect(78, 'No such')


# --- the rest -----------------------------------------------------------------------------------

@cases(
    ('all that is local', None, ['cron', 'root@localhost', 'a@x'], ['r@x', 's@x', 'a@x']),
    ('what aliases leave', 'root: b@x\n', ['root', 'cron'], ['b@x', 'r@x', 's@x']),
    ('a circle', 'a: b\nb: a\n', ['a'], ['r@x', 's@x']),
)
def root_to_gets(aliases, recipients, wanted):
    check_equal(envelope(aliases, *recipients, root_to='r@x, Root <s@x>'), wanted, 'recipients')


@test
def delivery_notices_tell_of_the_name_that_was_given():
    with Server() as server:
        conf = server.account(aliases=alias_file('root: a@x\n'), dsn_notify='failure')
        mailchute(conf, 'root', 'b@x', stdin=TEXT).expect(0)
        commands = server.first().commands
        check('RCPT TO:<a@x> NOTIFY=FAILURE ORCPT=rfc822;root' in commands, f'{commands}')
        check('RCPT TO:<b@x> NOTIFY=FAILURE' in commands, f'{commands}')


if __name__ == '__main__':
    main()
