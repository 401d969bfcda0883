#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_downgrade.py - MIME with 8-bit text for a server that takes 7 bits only

What the server gets has no byte above 127 where text was, keeps its structure, and means the same;
where the structure isn't clear, nothing is touched: text that goes as it is can be read by most,
and text that was changed by mistake by nobody.
"""
import email
import email.policy

from harness import cases, check, check_equal, mailchute, main, test
from hostile import Server
from mail import check_wire, crlf

ONE = 'one@lab.example'
TEXT = 'Grüße, 日本語\n.a dot\ntrailing blank \n=3D and =\n'.encode()
TOP = (b'From: sender@lab.example\nDate: Sun, 01 Nov 2026 10:00:00 +0000\n'
       b'Message-ID: <1.test@lab.example>\nMIME-Version: 1.0\n')
UTF_8 = b'Content-Type: text/plain; charset=utf-8\n'
MIXED = b'Content-Type: multipart/mixed; boundary=b\n'


def part(header, body, boundary=b'b'):
    """A part, with the boundary before it."""
    return b'--' + boundary + b'\n' + header + b'\n' + body


def arrived(text):
    """The message that a server without 8BITMIME gets."""
    with Server(caps=('PIPELINING',)) as server:
        mailchute(server.account(), ONE, stdin=text).expect(0)
        mail = server.mail()
        check_wire(mail)
        return mail.data


def texts(data):
    """What the leaves of a message say."""
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    return [(leaf.get_payload(decode=True) or b'').replace(b'\r\n', b'\n')
            for leaf in message.walk() if not leaf.is_multipart()]


LONG = ('ü' * 100_000 + '\n').encode()

CASES = (
    ('a text', TOP + UTF_8 + b'\n' + TEXT),
    ('labelled 8bit', TOP + UTF_8 + b'Content-Transfer-Encoding: 8bit\n\n' + TEXT),
    ('a comment in the label',
     TOP + UTF_8 + b'Content-Transfer-Encoding: (yes) 8bit (no)\n\n' + TEXT),
    ('no final newline', TOP + UTF_8 + b'\n' + TEXT[:-1]),
    ('a long line', TOP + UTF_8 + b'\n' + LONG),
    ('a part that needs none',
     TOP + MIXED + b'\n' + part(b'', b'plain\n') + part(UTF_8, TEXT) + b'--b--\n'),
    ('base64 beside it',
     TOP + MIXED + b'\n' + part(b'Content-Transfer-Encoding: base64\n', b'R3LDvMOfZQ==\n') +
     part(UTF_8, TEXT) + b'--b--\n'),
    ('an encoding nobody knows beside it',
     TOP + MIXED + b'\n' + part(b'Content-Transfer-Encoding: x-own (a)\n', b'\n1234\n') +
     part(UTF_8, TEXT) + b'--b--\n'),
    ('multiparts in multiparts',
     TOP + MIXED + b'\n' + part(b'Content-Type: multipart/alternative; boundary="b b"\n',
                                b'\n' + part(UTF_8, TEXT, b'b b') + b'--b b--\n') +
     part(UTF_8, TEXT) + b'--b--\n'),
    ('a message in it',
     TOP + MIXED + b'\n' + part(b'Content-Type: message/rfc822\n',
                                TOP + UTF_8 + b'\n' + TEXT) + b'--b--\n'),
    ('a digest',
     TOP + b'Content-Type: multipart/digest; boundary=b\n\n' +
     part(b'', TOP + UTF_8 + b'\n' + TEXT) + b'--b--\n'),
    ('no last boundary', TOP + MIXED + b'\n' + part(UTF_8, TEXT)),
    ('a part without an empty line, and long',
     TOP + MIXED + b'\n--b\n<html>' + b'x' * 100_000 + b'</html>\n--b\n' + UTF_8 + b'\n' + TEXT +
     b'--b--\n'),
    ('a boundary behind a parameter that looks like one',
     TOP + b'Content-Type: multipart/mixed; name="x; boundary=no"; boundary=b\n\n' +
     part(UTF_8, TEXT) + b'--b--\n'),
    ('a boundary with blanks behind it',
     TOP + b'Content-Type: multipart/mixed; boundary="b "\n\n' + part(UTF_8, TEXT) + b'--b--\n'),
)


@cases(*CASES)
def eight_bits_become_seven_and_mean_the_same(text):
    data = arrived(text)
    check(max(data) < 128, 'a byte above 127 was sent')
    check_equal(texts(data), texts(crlf(text)), 'what the parts say')


@test
def a_boundary_may_have_quoted_pairs_and_a_comment_behind_it():
    text = TOP + b'Content-Type: multipart/mixed;\n boundary="b\\-\\c" (a (comment))\n\n' + \
        part(UTF_8, TEXT, b'b-c') + b'--b-c--\n'
    data = arrived(text)  # Python can't read that, but it can be seen
    check(b'Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe' in data,
          f'sent as {data!r}')


def odd(content_type, boundary=b'b'):
    """A multipart that isn't clear."""
    return TOP + content_type + b'\n' + part(UTF_8, TEXT, boundary) + b'--' + boundary + b'--\n'


@cases(
    ('nobody says what it means', TOP.replace(b'MIME-Version: 1.0\n', b'') + b'\n' + TEXT),
    ('no boundary is given', odd(b'Content-Type: multipart/mixed\n')),
    ('the boundary never comes', odd(b'Content-Type: multipart/mixed; boundary=c\n')),
    ('the boundary is encoded', odd(b"Content-Type: multipart/mixed; boundary*=us-ascii''b\n")),
    ('the boundary is in pieces', odd(b'Content-Type: multipart/mixed; boundary*0=b\n')),
    ('the boundary is endless', odd(b'Content-Type: multipart/mixed; boundary=' + b'b' * 300 + b'\n',
                                    b'b' * 300)),
)
def what_is_not_clear_goes_as_it_is(text):
    check_equal(arrived(text), crlf(text), 'the message at the server')


@test
def line_ends_at_the_edges_of_buffers_stay_what_they_are():
    for size in range(4090, 4100):
        text = TOP + MIXED + b'\n' + part(b'', b'x' * size + b'\n' + b'y' * 70_000 + b'\n') + \
            part(UTF_8, TEXT) + b'--b--\n' + b'z' * 300_000 + b'\n'
        check_equal(texts(arrived(text)), texts(crlf(text)), f'lines of {size} bytes')


if __name__ == '__main__':
    main()
