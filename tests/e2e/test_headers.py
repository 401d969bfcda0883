#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_headers.py - headers that settings replace: To, From; and what no header may become

The message that the server got tells.
"""
from harness import cases, check, check_equal, folder, mailchute, main, test
from hostile import Server

OWN = 'sender@lab.example'  # of the accounts here
REST = b'Date: d\nMessage-ID: <x@y>\n\nhello\n'


def sent(stdin, *args, says=(), **values):
    """Send one mail; the header that the server got, as a list of lines, and the mail."""
    with Server() as server:
        result = mailchute(server.account(**values), *args, stdin=stdin)
        result.expect(0, *says)
        check(says or not result.err, f'unexpected words:\n{result.err}')
        mail = server.mail()
        lines = mail.data.partition(b'\r\n\r\n')[0].decode().split('\r\n')
        return [line for line in lines if not line.startswith(('Date: ', 'Message-ID: '))], mail


# --- To -----------------------------------------------------------------------------------------

@cases(
    ('off', None, ['r@x'], ['From: a@b', 'To: c@d', 'Cc: e@f']),
    ('on', 'on', ['r@x', 's@x'], ['To: r@x, s@x', 'From: a@b']),
    ('undisclosed', 'undisclosed_recipients', ['r@x'],
     ['To: undisclosed-recipients:;', 'From: a@b']),
    ('on, and a blind copy', 'on', ['-t'], ['To: c@d, e@f', 'From: a@b']),
)
def set_to_header_replaces_the_recipients_in_the_header(value, args, wanted):
    text = b'From: a@b\nTo: c@d\nCc: e@f\nBcc: g@h\n' + REST
    got, mail = sent(text, *args, set_to_header=value)
    check_equal(got, wanted, 'header')
    if '-t' in args:
        check_equal(mail.recipients, ['c@d', 'e@f', 'g@h'], 'recipients')


@test
def a_to_header_shows_whom_aliases_lead_to():
    path = folder('al') / 'aliases'
    path.write_text('root: hanako@lab.example, taro@lab.example\n')
    got, mail = sent(b'From: a@b\nTo: root\n' + REST, 'root', set_to_header='on', aliases=path)
    check_equal(got, ['To: hanako@lab.example, taro@lab.example', 'From: a@b'], 'header')
    check_equal(mail.recipients, ['hanako@lab.example', 'taro@lab.example'], 'recipients')


@test
def a_long_to_header_is_folded():
    names = [f'user{i}@lab.example' for i in range(200)]
    got, _ = sent(b'From: a@b\n' + REST, *names, set_to_header='on')
    check(all(len(line) <= 78 for line in got), f'{got}')
    joined = ''.join(line if line.startswith('To: ') else line for line in got[:-1])
    check_equal(joined, 'To: ' + ', '.join(names), 'To header')


# --- From ---------------------------------------------------------------------------------------

CRON = b'From: root (Cron Daemon)\nTo: root\n' + REST
STRANGER = b'From: Joe <joe@else.example>\nTo: r@x\n' + REST


@cases(
    ('off', CRON, {}, ['From: root (Cron Daemon)', 'To: root']),
    ('a local one', CRON, {'from_rewrite': 'auto'},
     [f'From: Cron Daemon <{OWN}>', 'X-Original-From: root (Cron Daemon)', 'To: root']),
    ('of a local domain', b'From: Web <www@vm.example>\n' + REST,
     {'from_rewrite': 'auto', 'local_domains': 'vm.example'},
     [f'From: Web <{OWN}>', 'X-Original-From: Web <www@vm.example>']),
    ('another one', STRANGER, {'from_rewrite': 'auto'},
     ['From: Joe <joe@else.example>', 'To: r@x']),
    ('another one, always', STRANGER, {'from_rewrite': 'always'},
     [f'From: Joe <{OWN}>', 'X-Original-From: Joe <joe@else.example>',
      'Reply-To: Joe <joe@else.example>', 'To: r@x']),
    ('one that is allowed', STRANGER,
     {'from_rewrite': 'always', 'from_allow': 'a@b, *@ELSE.example'},
     ['From: Joe <joe@else.example>', 'To: r@x']),
    ('one of its own', STRANGER,
     {'from_rewrite': 'always', 'from': f'{OWN}, *@else.example'},
     ['From: Joe <joe@else.example>', 'To: r@x']),
    ('none', b'To: r@x\n' + REST, {'from_rewrite': 'always'}, [f'From: {OWN}', 'To: r@x']),
)
def from_rewrite_replaces(text, values, wanted):
    got, mail = sent(text, 'r@x', **values)
    check_equal(got, wanted, 'header')
    check_equal(mail.sender, OWN, 'sender')


@cases(
    ('auto', 'auto', 'stays as it is', ['From: a@x, root']),
    ('always', 'always', 'was replaced', [f'From: {OWN}', 'X-Original-From: a@x, root']),
)
def several_authors_are_told(value, words, wanted):
    got, _ = sent(b'From: a@x, root\n' + REST, 'r@x', from_rewrite=value,
                  says=[f"warning: its From header isn't one address, and {words}: a@x, root"])
    check_equal(got, wanted, 'header')


@cases(
    ('off', 'root@localhost', {}, 'root@localhost'),
    ('auto, a local one', 'root@localhost', {'from_rewrite': 'auto'}, OWN),
    ('auto, another one', 'joe@else.example', {'from_rewrite': 'auto'}, 'joe@else.example'),
    ('always', 'joe@else.example', {'from_rewrite': 'always'}, OWN),
    ('always, but allowed', 'joe@else.example',
     {'from_rewrite': 'always', 'from_allow': 'joe@*'}, 'joe@else.example'),
    ('always, but its own', 'two@lab.example',
     {'from_rewrite': 'always', 'from': f'{OWN}, two@lab.example'}, 'two@lab.example'),
    ('the null sender', '<>', {'from_rewrite': 'always'}, ''),
)
def the_sender_that_f_gives_follows_the_same_rule(given, values, wanted):
    _, mail = sent(b'From: sender@lab.example\n' + REST, '-f', given, 'r@x', **values)
    check_equal(mail.sender, wanted, 'sender')


@test
def the_sender_that_the_mail_gives_follows_it_too():
    got, mail = sent(CRON, '--read-envelope-from', 'r@x', from_rewrite='auto')
    check_equal(mail.sender, OWN, 'sender')
    check_equal(got[0], f'From: Cron Daemon <{OWN}>', 'From')


@test
def without_an_address_of_its_own_there_is_nothing_to_put_there():
    with Server() as server:
        conf = server.account(from_rewrite='always', **{'from': '*@lab.example'})
        mailchute(conf, '-f', '<>', 'r@x', stdin=CRON).expect(
            78, 'from_rewrite knows no address of the account: set from')
        mailchute(conf, '-f', 'two@lab.example', 'r@x', stdin=CRON).expect(0)
        check(b'From: Cron Daemon <two@lab.example>\r\n' in server.sessions[-1].mails[0].data,
              'From')


# --- what no header may become ------------------------------------------------------------------

@cases(
    ('a comma in a name', ['-F', 'Doe, John'], f'From: "Doe, John" <{OWN}>'),
    ('the null sender', ['-f', '<>'], 'From: MAILER-DAEMON@'),
)
def a_from_that_is_added_is_whole(args, wanted):
    got, _ = sent(b'Subject: x\n' + REST, *args, 'r@x')
    check(got[0].startswith(wanted), f'{got}')


@test
def the_address_of_a_server_is_no_domain():
    with Server(tls=None) as server:
        mailchute(server.account(host='127.0.0.1'), '-f', '<>', 'r@x',
                  stdin=b'Subject: x\n\nhello\n').expect(0)
        data = server.mail().data
        check(b'From: MAILER-DAEMON@localhost\r\n' in data, f'{data}')
        check(b'@localhost>\r\n' in data, f'{data}')


@cases(
    ('quoted', '"john doe"@x', ['"john doe"@x']),
    ('quoted in brackets', '<"john doe"@x>', ['"john doe"@x']),
    ('IPv6', 'user@[IPv6:::1]', ['user@[IPv6:::1]']),
)
def an_odd_recipient_keeps_all_of_its_address(given, wanted):
    _, mail = sent(b'From: a@b\n' + REST, given)
    check_equal(mail.recipients, wanted, 'recipients')


@cases(
    ('two in one', 'a@b x@y'),
    ('a line end', 'r@x\nBcc: evil@x'),
    ('CR LF and a command', 'r@x>\r\nRCPT TO:<evil@x'),
)
def a_recipient_that_is_none_is_refused(given):
    with Server() as server:
        mailchute(server.account(), given, stdin=CRON).expect(65)
        check_equal(len(server.sessions), 0, 'connections')


@test
def blind_copies_are_removed_in_all_their_forms():
    text = b'From: a@b\nTo: c@d\nBcc : e@f\nResent-Bcc: g@h\nBCC: i@j,\n k@l\n' + REST
    got, _ = sent(text, 'r@x')
    check_equal(got, ['From: a@b', 'To: c@d'], 'header')


@test
def a_resent_header_that_names_nobody_hides_no_recipient():
    _, mail = sent(b'Resent-From: a@b\nFrom: a@b\nTo: c@d\n' + REST, '-t')
    check_equal(mail.recipients, ['c@d'], 'recipients')
    got, _ = sent(b'Resent-From: a@b\nTo: c@d\n' + REST, '-t')
    check_equal(got[0], f'From: {OWN}', 'From')


if __name__ == '__main__':
    main()
