# SPDX-License-Identifier: ISC
"""mail.py - the messages tests send, and the bytes a server should get for them"""
import email
import email.policy
import re
from email.utils import getaddresses

from harness import check, check_equal

# With these present nothing is added, so that all bytes can be compared.
HEADER = (b'From: sender@lab.example\n'
          b'To: one@lab.example\n'
          b'Date: Sun, 01 Nov 2026 10:00:00 +0000\n'
          b'Message-ID: <1.test@lab.example>\n'
          b'MIME-Version: 1.0\n'
          b'Content-Type: text/plain; charset=utf-8\n'
          b'Content-Transfer-Encoding: 8bit\n'
          b'Subject: a test\n')

SIMPLE = HEADER + b'\nhello\n'

DOTS = b'.\n..\n. \n.a\n...\n\n.\n\n.QUIT\nlast\n.\n'
EIGHT_BIT = 'Grüße, 日本語, Ελληνικά\n'.encode()


def crlf(text):
    """What goes out for a text: CRLF at each line's end, and one at the very end."""
    wire = re.sub(rb'\r?\n', b'\r\n', text)
    return wire if wire.endswith(b'\r\n') else wire + b'\r\n'


def check_wire(mail):
    """No reader, however lenient, may see the end of the message, a line end or a NUL elsewhere."""
    check(not re.search(rb'\r(?!\n)|(?<!\r)\n|\0', mail.wire), 'bare CR, bare LF or NUL was sent')
    check(mail.chunked or not re.search(rb'(^|\r\n)\.\r\n', mail.wire),
          'a dot stands alone in the message')


def check_arrived(mail, text):
    """The message came as it was given, byte by byte."""
    check_wire(mail)
    check_equal(mail.data, crlf(text), 'the message at the server')


def check_header(data):
    """What a header must be, whoever wrote it: well-formed, complete, telling no secrets."""
    header = data.partition(b'\r\n\r\n')[0].removesuffix(b'\r\n')
    for line in header.split(b'\r\n'):
        check(re.match(rb'[\x21-\x39\x3b-\x7e]+:|[ \t]+\S', line), f'no header line: {line[:60]!r}')
        check(line.isascii(), f'8-bit text in the header: {line[:60]!r}')
    check(max(map(len, data.split(b'\r\n'))) <= 998, 'a line is longer than 998 bytes')
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    for name in 'From', 'Date', 'Message-ID':
        check_equal(len(message.get_all(name) or []), 1, f'fields named {name}')
    for name in 'Bcc', 'Resent-Bcc':
        check(name not in message, f'{name} was sent')
    for name in 'From', 'To', 'Cc':
        for _, address in getaddresses(message.get_all(name) or []):
            check('@' in address or not address, f'{name} has an address without a domain')
    check(getaddresses([message['From']])[0][1], 'From has no address')
