#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_bad_input.py - wrong options, settings, addresses and files: refused before a call

Each case runs against a server that would take the mail; it must never hear of it.
"""
import re

from dovecot import NOBODY
from harness import (cases, check, check_equal, folder, mailchute, main, need_root, settings_file,
                     test)
from hostile import PASSWORD, Server
from mail import HEADER, SIMPLE, check_arrived

ONE = 'one@lab.example'


def refused(status, *says, args=(ONE,), text=SIMPLE, more=None, conf=None, hides=(PASSWORD,)):
    """Run it and check that no server was called; `conf` gets the text of working settings."""
    with Server() as server:
        working = server.account(**(more or {}))
        mailchute(conf(working) if conf else working, *args, stdin=text).expect(
            status, *says, hides=hides)
        check_equal(len(server.sessions), 0, 'connections')


# --- the command line ---------------------------------------------------------------------------

@cases(
    ('an unknown long option', ['--no-such-option', ONE], 'no-such-option'),
    ('an unknown short option', ['-Z', ONE], 'Z'),
    ('a port that is none', ['--port=smtp', ONE], 'port'),
    ('a port out of range', ['--port=65536', ONE], 'port'),
    ('a word for a switch', ['--tls=maybe', ONE], 'tls'),
    ('a method nobody knows', ['--auth=magic', ONE], 'magic'),
    ('a protocol nobody knows', ['--protocol=uucp', ONE], 'uucp'),
    ('a time-out of nothing', ['--timeout=0', ONE], 'timeout'),
    ('an option without its argument', [ONE, '--host'], 'host'),
    ('an account and a host', ['--account=default', '--host=localhost', ONE], 'host'),
)
def a_wrong_command_line_ends_with_64(args, says):
    refused(64, says, args=args)


@cases(
    ('none at all', [], SIMPLE),
    ('-t and an empty header', ['-t'], b'Subject: x\n\nTo: one@lab.example\n'),
    ('-t and an empty group', ['-t'], b'To: undisclosed-recipients:;\n\nx\n'),
)
def no_recipients_end_with_64(args, text):
    refused(64, 'recipient', args=args, text=text)


# --- addresses ----------------------------------------------------------------------------------

@cases(*((repr(address), address) for address in (
    'two words@lab.example', 'one@', '@lab.example', 'one@lab.example>', '<one@lab.example',
    'one@@lab.example', 'one@lab.example extra', '"one@lab.example', 'one(@lab.example')))
def a_recipient_that_is_no_address_ends_with_65_and_is_named(address):
    refused(65, 'not a mail address', re.escape(address), args=['two@lab.example', address])


@cases(
    ('CR LF', 'one@lab.example\r\nRCPT TO:<evil@lab.example>'),
    ('LF', 'one@lab.example\nBcc: evil@lab.example'),
    ('a parameter', 'one@lab.example> NOTIFY=NEVER'),
    ('a control character', 'one\x01@lab.example'),
    ('an escape sequence', 'one\x1b[31m@lab.example'),
    ('CR LF in a quoted name', '"one\r\nDATA\r\n"@lab.example\x07'),
    ('CR LF in the domain', 'one@lab.example\r\nDATA'),
)
def nothing_in_an_address_becomes_a_command(address):
    refused(65, args=[address])
    refused(range(64, 79), args=['-f', address, ONE])
    refused(range(64, 79), args=[ONE], more={'from': address.replace('\r', '').replace('\n', '\r')})


@cases(
    ('CR in To', b'To: one@lab.example\r.evil\nSubject: x\n\nx\n'),
    ('NUL in To', b'To: one@lab.example\0, two@lab.example\nSubject: x\n\nx\n'),
    ('no address in To', b'To: one two three\nSubject: x\n\nx\n'),
    ('unbalanced', b'To: "one <one@lab.example>\nSubject: x\n\nx\n'),
)
def an_address_in_the_header_that_cannot_be_read_ends_with_65(text):
    refused(65, 'To', args=['-t'], text=text)


@cases(*((repr(text), text) for text in (
    b'', b'From:\n', b'From: two words\n', b'From: <>\n', b'From: group:;\n', b'From: a@x>\n',
    b'From: <a@x> NOTIFY=NEVER\n', b'From: m\xfcller@lab.example\n', b'Sender: a@x\n')))
def a_sender_that_the_header_does_not_name_ends_with_64(header):
    refused(64, 'no From header with an address', args=['--read-envelope-from', ONE],
            text=header + b'Subject: x\n\nx\n')


@cases(
    ('several', b'a@lab.example, b@lab.example', 'a@lab.example'),
    ('a group', b'staff: a@lab.example, b@lab.example;', 'a@lab.example'),
    ('an encoded name and comments', b'=?utf-8?Q?J=40x?= (a@b) <a@lab.example> (c)',
     'a@lab.example'),
    ('8-bit text in the name', b'J\xf6rg <a@lab.example>', 'a@lab.example'),
    ('folding', b'\n  "Joe"\n\t<a@lab.example>', 'a@lab.example'),
    ('a pattern', b'%U%H%M%C@lab.example', '%U%H%M%C@lab.example'),
    ('a quoted local part', b'"a b"@lab.example', '"a b"@lab.example'),
)
def the_sender_is_the_first_in_a_from_header_of(text, sender):
    with Server() as server:
        mailchute(server.account(), '--read-envelope-from', ONE,
                  stdin=b'From: ' + text + b'\nSubject: x\n\nx\n').expect(0)
        check_equal(server.mail().sender, sender, 'sender')


@cases(
    ('-f', ['-f', 'evil@lab.example']), ('--from=', ['--from=evil@lab.example']),
    ('the null sender', ['-f', '<>']), ('no sender', ['--from=']),
    ('--read-envelope-from', ['--read-envelope-from']),
    ('a short form', ['--fro', 'evil@lab.example']),
    ('one of the patterns', ['-f', 'any@own.example']),
)
def an_account_that_allows_no_override_sends_as_itself(args):
    with Server() as server:
        conf = server.account(allow_from_override='off',
                              **{'from': 'me@lab.example, *@own.example'})
        mailchute(conf, *args, ONE, stdin=b'From: evil@lab.example\nSender: evil@lab.example\n'
                  b'Resent-From: evil@lab.example\n\nx\n').expect(0)
        check_equal(server.mail().sender, 'me@lab.example', 'sender')


@cases(('<>', '<>'), ('a list with <>', 'two@lab.example, <>'), ('nobody', 'group:;'))
def mail_for_root_is_never_given_to_nobody(root_to):
    refused(78, 'root_to', args=['root'], more={'root_to': root_to})


@cases(
    ('-F with LF', ['-F', 'Ops\nBcc: evil@lab.example']),
    ('-F with CR LF', ['-F', 'Ops\r\nX-Evil: yes']),
    ('--domain with CR LF', ['--domain=me\r\nMAIL FROM:<evil@lab.example>']),
    ('--domain with LF', ['--domain=me\nRSET']),
    ('--domain with a blank', ['--domain=me you']),
    ('--host with LF', ['--host=localhost\nevil']),
    ('--user with NUL-like control', ['--user=ops\x01']),
)
def a_line_end_in_an_option_reaches_no_server(args):
    """Refused, or harmless; never a line of its own in the dialogue or the header."""
    with Server() as server:
        result = mailchute(server.account(), *args, ONE, stdin=b'Subject: x\n\nx\n')
        for session in server.sessions:
            check(all('evil' not in line and line != 'RSET' for line in session.commands),
                  f'injected: {session.commands}')
            for mail in session.mails:
                head = mail.data.partition(b'\r\n\r\n')[0]
                check(b'\r\nX-Evil' not in head and b'\r\nBcc' not in head, f'injected: {head!r}')
        check(result.status != 0, f'it was taken\n{result.text()}')
        check_equal([len(session.mails) for session in server.sessions if session.mails], [],
                    'mails')


@test
def a_quote_in_a_full_name_stays_inside_it():
    with Server() as server:
        mailchute(server.account(), '-F', 'A" <evil@lab.example>, "B', ONE,
                  stdin=b'Subject: x\n\nx\n').expect(0)
        head = server.mail().data.partition(b'\r\n\r\n')[0].split(b'\r\n')
        line = next(line for line in head if line.startswith(b'From:'))
        check_equal(line, rb'From: "A\" <evil@lab.example>, \"B" <sender@lab.example>', 'From')


@test
def an_argument_without_end_is_refused():
    refused(range(64, 79), args=['x' * 100_000 + '@lab.example'])
    refused(range(64, 79), args=['-f', 'x' * 100_000 + '@lab.example', ONE])


# --- settings -----------------------------------------------------------------------------------

@test
def a_settings_file_that_is_missing_is_named():
    refused({66, 74, 78}, '/no/such/file', conf=lambda _: '/no/such/file')


@test
def a_settings_file_that_may_not_be_read_is_named():
    need_root()
    with Server() as server:
        path = settings_file(server.account(), mode=0o600)
        mailchute(path, ONE, stdin=SIMPLE, uid=NOBODY).expect(
            {66, 74, 77, 78}, str(path), 'Permission denied')
        check_equal(len(server.sessions), 0, 'connections')


@cases(
    ('an unknown command', 'hots localhost', ['hots', 'host']),
    ('a value that is none', 'port smtp', ['smtp']),
    ('a word for a switch', 'tls maybe', ['maybe']),
    ('no value', 'host', ['host']),
    ('a method nobody knows', 'auth magic', ['magic']),
    ('an account that is not there', 'account x : y', ['y', 'not']),
    ('an account twice', 'account default', ['default', 'already']),
    ('a control character', 'domain a\x01b', ['']),
    ('a fingerprint that is none', 'tls_fingerprint 12:34', ['tls_fingerprint']),
)
def a_wrong_line_ends_with_78_and_is_quoted_with_its_number(line, says):
    with Server() as server:
        conf = settings_file(server.account() + line + '\n')
        number = conf.read_text().count('\n')
        mailchute(conf, ONE, stdin=SIMPLE).expect(78, f'{conf}:{number}: ', *says, hides=[PASSWORD])
        check_equal(len(server.sessions), 0, 'connections')


@cases(
    ('host', {'host': None}, 'host'),
    ('from', {'from': None}, 'from|sender'),
    ('key without certificate', {'tls_key_file': '/dev/null'}, 'tls_cert_file'),
    ('an account default', {'account': 'other'}, 'default'),
)
def a_missing_setting_ends_with_78(more, says):
    refused(78, says, more=more)


@test
def a_file_that_is_no_text_ends_with_78():
    refused(78, conf=lambda _: b'\x7fELF\n\0\0\0\xff\xfe\n' * 100, hides=())


# --- files with secrets -------------------------------------------------------------------------

@cases(('by all', 0o644), ('by the group', 0o640), ('and written by all', 0o666))
def a_file_with_a_password_that_others_can_read_is_refused(mode):
    need_root()
    with Server() as server:
        path = settings_file(server.account(), mode=mode, owner=NOBODY)
        result = mailchute(path, ONE, stdin=SIMPLE, uid=NOBODY)
        result.expect(78, str(path), 'EXPOSED', hides=[PASSWORD])
        check_equal(len(server.sessions), 0, 'connections')


@test
def a_file_with_a_password_of_somebody_else_is_refused():
    need_root()
    with Server() as server:
        path = settings_file(server.account(), mode=0o604, owner=1)
        result = mailchute(path, ONE, stdin=SIMPLE, uid=NOBODY)
        result.expect(78, str(path), 'belongs to somebody else', hides=[PASSWORD])
        check_equal(len(server.sessions), 0, 'connections')


@cases(('a password for its owner only', {}, 0o600),
       ('no password for everybody', {'password': None, 'passwordeval': f'echo {PASSWORD}'}, 0o644))
def a_file_is_read_that_has(more, mode):
    need_root()
    with Server() as server:
        path = settings_file(server.account(**more), mode=mode, owner=NOBODY)
        mailchute(path, ONE, stdin=SIMPLE, uid=NOBODY).expect(0, hides=[PASSWORD])
        check_arrived(server.mail(), SIMPLE)


# --- messages -----------------------------------------------------------------------------------

@test
def a_header_line_that_is_none_does_not_hide_the_rest():
    """ZFS' mailer once left out the blank line: the text must not be lost."""
    text = HEADER + b'this is text and no header\nmore text\n'
    with Server() as server:
        mailchute(server.account(), ONE, stdin=text).expect(0)
        data = server.mail().data
        body = data.partition(b'\r\n\r\n')[2]
        check(b'this is text and no header\r\nmore text\r\n' in body, f'sent as {data!r}')


@test
def a_message_in_a_file_that_cannot_be_read_to_its_end_is_not_sent():
    """A folder opened as a file gives EISDIR on the first read."""
    with Server() as server, open(folder() / 'x', 'wb') as write_only:
        mailchute(server.account(), ONE, stdin=write_only).expect(66)
        check_equal(len(server.sessions), 0, 'connections')


if __name__ == '__main__':
    main()
