#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_repair.py - mails whose programs didn't make them fit for the way, with repair on

Whatever is piped in: the server gets lines that it has to take, in an ASCII header, and what people
read is what was written.
"""
import email
import email.header
import email.policy

from harness import cases, check, check_equal, mailchute, main, test
from hostile import Server
from mail import check_wire, crlf

ONE = 'one@lab.example'
TOP = b'From: sender@lab.example\nDate: Sun, 01 Nov 2026 10:00:00 +0000\nMessage-ID: <1@x.example>\n'
TEXT = 'Grüße, 日本語\n.a dot\ntrailing blank \n=3D and =\n'.encode()
LIMIT = 998


def arrived(text, *args, repair='on', caps=None, says=(), **values):
    """The message that the server gets, and the transaction."""
    options = {} if caps is None else {'caps': caps}
    with Server(**options) as server:
        account = server.account(repair=repair, maildomain='lab.example', **values)
        result = mailchute(account, *(args or (ONE,)), stdin=text)
        result.expect(0, *says)
        check(says or not result.err, f'unexpected words:\n{result.err}')
        mail = server.mail()
        check_wire(mail)
        return mail.data, mail


def header_of(data):
    return data.partition(b'\r\n\r\n')[0]


def check_fit(data):
    """Lines that every server takes, and an ASCII header."""
    for line in data.split(b'\r\n'):
        check(len(line) <= LIMIT, f'a line of {len(line)} bytes: {line[:60]}...')
    check(header_of(data).isascii(), f'8 bits in the header: {header_of(data)}')


def value(data, name):
    """What people read in a header."""
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    parts = email.header.decode_header(message[name].replace('\r\n', ''))
    return ''.join(part if isinstance(part, str) else
                   part.decode('latin-1' if charset == 'unknown-8bit' else charset or 'ascii')
                   for part, charset in parts)


def body_of(data):
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    return message, message.get_payload(decode=True).replace(b'\r\n', b'\n')


# --- Headers ------------------------------------------------------------------------------------

@cases(
    ('a word', 'Grüße'),
    ('words', 'Grüße aus Köln, some ASCII, 日本語 日本語'),
    ('long', 'Grüße ' * 100),
    ('without blanks', '語' * 700),
    ('a long ASCII word', 'y' * 2500),
    ('many words', 'word ' * 500),
    ('in between', 'a ' + 'ü' * 60 + ' b ' + 'ö' * 60 + ' c'),
)
def a_subject_arrives_as_it_was_written(text):
    data, _ = arrived(TOP + b'Subject: ' + text.encode() + b'\n\nx\n')
    check_fit(data)
    check_equal(value(data, 'Subject').strip(), text.strip(), 'Subject')


@test
def bytes_of_no_known_charset_are_kept():
    data, _ = arrived(TOP + b'Subject: Gr\xfc\xdfe\n\nx\n')
    check_fit(data)
    check_equal(value(data, 'Subject'), 'Grüße', 'Subject')


@test
def names_are_encoded_and_addresses_stay():
    data, mail = arrived(b'From: J\xc3\xb6rg <sender@lab.example>\nTo: "\xc3\x9c, A." <a@b.example>,\n'
                         b' c@d.example (Z\xc3\xbcrich)\n\nx\n', '-t')
    check_fit(data)
    check_equal(value(data, 'From'), 'Jörg <sender@lab.example>', 'From')
    check_equal(value(data, 'To'), 'Ü, A. <a@b.example>, c@d.example (Zürich)', 'To')
    check_equal(mail.recipients, ['a@b.example', 'c@d.example'], 'recipients')


@test
def local_names_get_the_mail_domain():
    data, mail = arrived(b'From: root (Cron Daemon)\nTo: ops, x@y.example\n\nx\n', 'ops', 'root',
                         says=())
    check_equal(value(data, 'From'), 'root@lab.example (Cron Daemon)', 'From')
    check_equal(value(data, 'To'), 'ops@lab.example, x@y.example', 'To')
    check_equal(mail.recipients, ['ops@lab.example', 'root@lab.example'], 'recipients')


@cases(
    ('Message-ID', b'Message-ID: <' + b'a' * 1200 + b'@b>\n'),
    ('References', b'References: <' + b'a' * 1200 + b'@b>\n'),
    ('To', b'To: ' + b'a' * 1200 + b'@b\n'),
)
def what_cant_be_folded_is_refused_and_named(line):
    with Server() as server:
        result = mailchute(server.account(repair='on'), ONE,
                           stdin=b'From: a@b.example\n' + line + b'\nx\n')
        result.expect(65, f'its header {line.split(b":")[0].decode()} has a line of', "can't be folded")
        check(not server.sessions, 'the server was bothered')


@test
def a_long_list_of_references_is_folded():
    references = ' '.join(f'<{i}.{"a" * 40}@lab.example>' for i in range(200))
    data, _ = arrived(TOP + f'References: {references}\n\nx\n'.encode())
    check_fit(data)
    check_equal(value(data, 'References'), references, 'References')


@test
def trace_fields_are_removed():
    data, _ = arrived(TOP + b'Return-Path: <a@b>\nContent-Length: 7\n\nx\n')
    check_equal(header_of(data), crlf(TOP)[:-2], 'header')


@test
def a_resent_block_gets_what_it_lacks():
    data, _ = arrived(b'Resent-From: me@lab.example\nResent-To: r@x.example\n' + TOP + b'\nx\n', '-t')
    names = [line.split(b':')[0].decode() for line in header_of(data).split(b'\r\n')]
    check_equal(names, ['Resent-Date', 'Resent-Message-ID', 'Resent-From', 'Resent-To', 'From',
                        'Date', 'Message-ID'], 'header')


# --- Bodies -------------------------------------------------------------------------------------

LABELS = (b'MIME-Version: 1.0\n', b'Content-Type: text/plain; charset=utf-8\n')


@cases(
    ('a server that takes 8 bits', ('8BITMIME',), '8bit'),
    ('a server that takes 7', (), 'quoted-printable'),
)
def an_unlabelled_body_gets_labels(caps, encoding):
    data, mail = arrived(TOP + b'\n' + TEXT, caps=caps)
    message, body = body_of(data)
    check_equal(message['MIME-Version'], '1.0', 'MIME-Version')
    check_equal(message['Content-Type'], 'text/plain; charset=utf-8', 'Content-Type')
    check_equal(message['Content-Transfer-Encoding'], encoding, 'encoding')
    check_equal(body, TEXT, 'body')


@cases(
    ('at the end of the buffer', 'x' * 65535 + 'ü', 'utf-8'),
    ('another charset', b'Gr\xfc\xdfe', 'unknown-8bit'),
    ('broken off', b'abc\xc3', 'unknown-8bit'),
)
def the_charset_is_what_the_bytes_are(text, charset):
    text = (text if isinstance(text, bytes) else text.encode()) + b'\n'
    data, _ = arrived(TOP + b'\n' + text)
    message, body = body_of(data)
    check_equal(message['Content-Type'], f'text/plain; charset={charset}', 'Content-Type')
    check_equal(body, text, 'body')


@cases(
    ('as cron has it', b'text/plain; charset=US-ASCII', 'text/plain; charset=utf-8'),
    ('as the C library has it', b'text/plain; charset=ANSI_X3.4-1968',
     'text/plain; charset=utf-8'),
    ('in quotes', b'Text/Plain; charset="us-ascii"', 'text/plain; charset=utf-8'),
    ('more parameters', b'text/plain; charset=us-ascii; format=flowed',
     'text/plain; charset=us-ascii; format=flowed'),
    ('another charset', b'text/plain; charset=iso-8859-1', 'text/plain; charset=iso-8859-1'),
    ('another type', b'text/html; charset=us-ascii', 'text/html; charset=us-ascii'),
)
def a_label_that_the_text_proves_wrong_is_mended(label, wanted):
    text = 'Grüße\n'.encode()
    top = (TOP + b'MIME-Version: 1.0\nContent-Type: ' + label +
           b'\nContent-Transfer-Encoding: 8bit\nX-Last: is kept\n\n')
    message, body = body_of(arrived(top + text)[0])
    check_equal(message.get_all('Content-Type'), [wanted], 'Content-Type')
    check_equal(message['X-Last'], 'is kept', 'the field behind it')
    check_equal(body, text, 'body')
    message, _ = body_of(arrived(top + b'plain\n')[0])
    check_equal(message.get_all('Content-Type'), [label.decode()], 'Content-Type of ASCII')


@cases(
    ('no labels', b'', b'x' * 2500),
    ('8 bits', b'', 'ü'.encode() * 40_000),
    ('labels', b''.join(LABELS), b'x' * 2500),
    ('7bit', b''.join(LABELS) + b'Content-Transfer-Encoding: 7bit\n', b'word ' * 50_000),
    ('base64', b''.join(LABELS) + b'Content-Transfer-Encoding: base64\n', b'eHh4' * 5000),
    ('quoted-printable', b''.join(LABELS) + b'Content-Transfer-Encoding: quoted-printable\n',
     b'-=C3=BC' * 5000),
)
def long_lines_become_short_ones_and_nothing_is_lost(labels, line):
    text = TOP + labels + b'\n' + line + b'\n'
    data, _ = arrived(text)
    check_fit(data)
    wanted = email.message_from_bytes(text).get_payload(decode=True)
    _, body = body_of(data)
    check_equal(body.strip(b'\n'), wanted.strip(b'\n'), 'body')


@test
def only_the_part_with_long_lines_is_changed():
    def part(text):
        return b'--b\nContent-Type: text/plain; charset=utf-8\n' \
               b'Content-Transfer-Encoding: 8bit\n\n' + text + b'\n'
    data, _ = arrived(TOP + b'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n' +
                      part('ü short'.encode()) + part(b'y' * 3000) + b'--b--\n')
    check_fit(data)
    check(crlf(part('ü short'.encode())) in data, 'the short part was changed')
    parts = email.message_from_bytes(data).get_payload()
    check_equal(parts[1].get_payload(decode=True).strip(), b'y' * 3000, 'the long part')


@cases(
    ('DKIM', b'DKIM-Signature: v=1; b=x\nSubject: \xc3\xbc\n', 'ü\n'.encode()),
    ('DKIM, a long line', b'DKIM-Signature: v=1; b=x\n', b'x' * 2500 + b'\n'),
    ('multipart/signed', b'MIME-Version: 1.0\nContent-Type: multipart/signed; boundary=b\n',
     b'--b\n\n' + b'x' * 2500 + b'\n--b--\n'),
    ('signed inside', b'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=a\n',
     b'--a\nContent-Type: multipart/signed; boundary=b\n\n--b\n\n' + b'x' * 2500 +
     b'\n--b--\n--a--\n'),
)
def what_is_signed_stays_as_it_is(header, body):
    text = TOP + header + b'\n' + body
    data, _ = arrived(text)
    check_equal(data, crlf(text), 'message')


@cases(
    ('no header', b'hello world\nsecond: line\n', b'hello world\r\nsecond: line\r\n'),
    ('a colon', b'Warning: the disk is full\nat /var\n', b'Warning: the disk is full\r\nat /var\r\n'),
    ('a colon alone', b'Warning: x', b'Warning: x\r\n'),
    ('an empty line first', b'\nSubject: x\n', b'Subject: x\r\n'),
    ('nothing', b'', b''),
    ('no empty line', TOP + b'not a header\n', b'not a header\r\n'),
    ('a header alone', TOP, b''),
)
def what_is_no_header_is_the_body(text, body):
    says = ('empty',) if not text else ()
    data, _ = arrived(text, says=says)
    header, separator, rest = data.partition(b'\r\n\r\n')
    check(separator, 'no empty line')
    check_equal(rest, body, 'body')
    for name in (b'From: ', b'Date: ', b'Message-ID: '):
        check_equal(header.count(name), 1, f'{name} fields')


# --- The setting --------------------------------------------------------------------------------

RAW = b'From: root\nSubject: \xc3\xbc\n'
NOT_RAW = b'Return-Path: <x@y>\n' + RAW + b'Date: d\nMessage-ID: <x@y>\n\n\xc3\xbc\n'


@cases(('auto', 'auto'), ('none', None), ('off', 'off'))
def without_it_all_stays_as_it_is(repair):
    data, _ = arrived(NOT_RAW, repair=repair)
    check_equal(data, crlf(NOT_RAW), 'message')


@cases(
    ('mime', 'mime', b'MIME-Version: 1.0\r\n'),
    ('headers', 'headers', b'Subject: =?utf-8?B?w7w=?=\r\n'),
    ('addresses', 'addresses', b'From: root@lab.example\r\n'),
    ('trace', 'trace', None),
)
def each_repair_can_be_had_alone(repair, line):
    data, _ = arrived(NOT_RAW, repair=repair)
    check_equal(b'Return-Path' in data, repair != 'trace', 'Return-Path')
    check_equal(data.count(b'=?utf-8'), int(repair == 'headers'), 'encoded words')
    check(line is None or line in data, f'{line} is missing:\n{data}')


@test
def repairs_are_told_to_who_wants_to_see_them():
    data, _ = arrived(NOT_RAW + b'x' * 1000, '-v', ONE, says=(
        'Return-Path', 'local names', 'encoded words', 'MIME headers', 'quoted-printable'))
    check_fit(data)


if __name__ == '__main__':
    main()
