# SPDX-License-Identifier: ISC
"""mail.py - the messages tests send, and the bytes a server should get for them"""
import re

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
    check(not re.search(rb'(^|\r\n)\.\r\n', mail.wire), 'a dot stands alone in the message')


def check_arrived(mail, text):
    """The message came as it was given, byte by byte."""
    check_wire(mail)
    check_equal(mail.data, crlf(text), 'the message at the server')
