#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_bytes.py - which bytes leave for which message

Line ends are CRLF and nothing else is a line end, whatever came in; all other bytes stay. A server
that reads more leniently than the standard must still see one message (SMTP smuggling).
"""
from harness import cases, check, check_equal, folder, mailchute, main, test
from hostile import Server
from mail import DOTS, EIGHT_BIT, HEADER, SIMPLE, check_arrived, check_wire, crlf

ONE = 'one@lab.example'


def arrived(text, *args):
    """The message that a server inside TLS gets for this text."""
    with Server() as server:
        mailchute(server.account(), *args, ONE, stdin=text).expect(0)
        mail = server.mail()
        check_wire(mail)
        return mail


@cases(
    ('dots', DOTS),
    ('8-bit text', EIGHT_BIT),
    ('bytes that are no text', bytes(range(14, 256)) + b'\n'),
    ('no final newline', b'one\ntwo'),
    ('a dot without newline', b'one\n.'),
    ('empty lines at the end', b'one\n\n\n\n'),
    ('one line of 2000 bytes', b'x' * 2000 + b'\n'),
    ('a dot after 64 kB', b'y' * 65535 + b'\n.\nz\n'),
)
def the_body_stays_as_it_is(body):
    check_equal(arrived(HEADER + b'\n' + body).data, crlf(HEADER + b'\n' + body), 'message')


@cases(*((f'{size} bytes', size) for size in
         (510, 511, 512, 997, 998, 999, 1022, 1023, 1024, 4095, 4096, 8191, 8192, 16383, 16384,
          16385, 32768, 65535, 65536, 65537, 131072, 262143, 262144, 262145)))
def the_end_is_found_wherever_a_buffer_ends(size):
    """The last line has no newline, and header and body together have this size; then the same
    with a last line that is a dot."""
    for end in (b'', b'\n.'):
        text = HEADER + b'\n'
        fill = size - len(text) - len(end)
        text += (b'0123456789' * 10 + b'\n') * (fill // 101) + b'x' * (fill % 101) + end
        check_equal(arrived(text).data, crlf(text), 'message')


@cases(
    ('CRLF', b'one\r\ntwo\r\n', b'one\r\ntwo\r\n'),
    ('mixed', b'one\ntwo\r\nthree\n', b'one\r\ntwo\r\nthree\r\n'),
    ('CR inside a line', b'one\rtwo\n', b'one two\r\n'),
    ('CR and dot', b'one\r.\rtwo\n', b'one . two\r\n'),
    ('a hidden end of data', b'one\r.\r\nMAIL FROM:<evil@x>\r\n',
     b'one .\r\nMAIL FROM:<evil@x>\r\n'),
    ('a hidden end with bare LF', b'one\n.\r\ntwo\n', b'one\r\n.\r\ntwo\r\n'),
    ('two CRs', b'one\r\r\ntwo\n', b'one\r\ntwo\r\n'),
    ('CR at the very end', b'one\r', b'one\r\n'),
    ('NUL', b'o\0ne\r\n\0.\r\ntwo\n', b'one\r\n.\r\ntwo\r\n'),
)
def line_ends_become_crlf(body, wanted):
    check_equal(arrived(HEADER + b'\n' + body).data, crlf(HEADER) + b'\r\n' + wanted, 'message')


@test
def no_reader_finds_a_second_message():
    """Read the bytes as each kind of lenient server would: the end must be at the end."""
    evil = b'.\r\nMAIL FROM:<evil@x>\r\nRCPT TO:<evil@y>\r\nDATA\r\nSubject: x\r\n\r\nevil\r\n.\r\n'
    for before in (b'\r\n', b'\n', b'\r', b'\r\r\n', b'\n\r', b'\r\0\n', b'\r\n\0', b'\0\r\n',
                   b'\x0b', b'\x0c', b'\x85', b'\xe2\x80\xa8'):
        wire = arrived(HEADER + b'\nfirst' + before + evil).wire
        for end in (b'\r\n.\r\n', b'\n.\n', b'\n.\r\n', b'\r.\r', b'\r\n.\n', b'\n.\r', b'\r.\r\n'):
            check(end not in wire, f'{end!r} is in the message after {before!r}')


@cases(
    ('from', b'Subject: x\n\nbody\n', [b'From: sender@lab.example', b'Date: ', b'Message-ID: <']),
    ('only what is missing', b'From: me@lab.example\nDate: Sun, 01 Nov 2026 10:00:00 +0000\n\nx\n',
     [b'Message-ID: <']),
)
def missing_headers_are_added_above_the_others(text, added):
    data = arrived(text).data
    check(data.endswith(crlf(text)), f'what was given was changed:\n{data!r}')
    above = data[:-len(crlf(text))].split(b'\r\n')[:-1]
    check_equal(len(above), len(added), f'headers that were added: {above}')
    for start in added:
        check(any(line.startswith(start) for line in above), f'no {start!r} in {above}')


@cases(
    ('Bcc', b'Bcc: two@lab.example\n'),
    ('BCC', b'BCC: two@lab.example\n'),
    ('a blank before the colon', b'Bcc : two@lab.example\n'),
    ('a tab before the colon', b'Bcc\t: two@lab.example\n'),
    ('folded', b'Bcc:\n two@lab.example,\n\tthree@lab.example\n'),
    ('Resent-Bcc', b'Resent-Bcc: two@lab.example\n'),
    ('twice', b'Bcc: two@lab.example\nbCc: three@lab.example\n'),
)
def blind_recipients_stay_blind(header):
    data = arrived(HEADER + header + b'X-Last: kept\n\nhello\n').data
    check(b'two@' not in data and b'three@' not in data, f'the message tells them:\n{data!r}')
    check(data.endswith(b'X-Last: kept\r\n\r\nhello\r\n'), f'too much is gone: {data!r}')


@cases(
    ('a NUL before its name', b'\0Bcc: two@lab.example\n'),
    ('a NUL in the line before', b'\0X: y\nBcc: two@lab.example\n'),
    ('a line of NULs', b'\0\0\nBcc: two@lab.example\n'),
    ('a CR before its name', b'\rBcc: two@lab.example\n'),
    ('a CR in place of a line end', b'X: y\rBcc: two@lab.example\n'),
    ('very many blanks before its colon', b'Bcc' + b' ' * 70000 + b': two@lab.example\n'),
)
def a_header_that_may_hide_a_blind_recipient_is_refused(header):
    with Server() as server:
        mailchute(server.account(), ONE, stdin=HEADER + header + b'\nhello\n').expect(65, 'header')
        server.nothing_arrived()


@test
def a_byte_order_mark_hides_nothing():
    data = arrived(b'\xef\xbb\xbfBcc: two@lab.example\n' + HEADER + b'\nhello\n').data
    check(b'two@' not in data, f'the message tells them:\n{data!r}')


@test
def text_without_a_header_is_a_body():
    data = arrived(b'hello world\nsecond line\n').data
    check(data.endswith(b'\r\n\r\nhello world\r\nsecond line\r\n'), f'sent as {data!r}')


@test
def an_empty_message_is_sent_with_a_header():
    data = arrived(b'').data
    names = [line.partition(b':')[0] for line in data.rstrip(b'\r\n').split(b'\r\n')]
    check_equal(names, [b'From', b'Date', b'Message-ID'], 'headers')


@test
def a_message_from_a_file_arrives_too():
    """Standard input can be a file: mailchute must not depend on a pipe."""
    path = folder() / 'message'
    path.write_bytes(SIMPLE)
    with Server() as server, open(path, 'rb') as file:
        mailchute(server.account(), ONE, stdin=file).expect(0)
        check_arrived(server.mail(), SIMPLE)


if __name__ == '__main__':
    main()
