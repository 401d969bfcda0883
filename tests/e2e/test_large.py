#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_large.py - a mail of 100 MB arrives whole and takes no more memory than a small one

What goes out is compared by SHA-256. Memory is VmHWM, the most that was ever resident, read while
mailchute waits for the reply to the last dot: all the work is then behind it.
"""
import hashlib
import re
from pathlib import Path

from harness import (Skip, cases, check, check_equal, finish, folder, main, sanitized, start, test,
                     wait_until)
from hostile import Server
from mail import HEADER, crlf

ONE = 'one@lab.example'
LINES = b''.join(b'%sline %d of many, with a tail%s\n' %
                 (b'.' if number % 7 == 0 else b'', number, b' x' * (number % 30))
                 for number in range(15_000))
ALLOWED = 1024  # KiB that a large mail may take more than a small one


class Digest:
    """A sink that keeps no bytes."""

    def __init__(self):
        self.size, self.sha = 0, hashlib.sha256()

    def write(self, data):
        """Add to the sum."""
        self.size += len(data)
        self.sha.update(data)

    def getvalue(self):
        """Size and sum."""
        return self.size, self.sha.hexdigest()


def stuffed(text):
    """The bytes between DATA and the last dot for a text of whole lines."""
    return re.sub(rb'^\.', b'..', crlf(text), flags=re.M)


def send(path, **script):
    """Send a file inside TLS; return what the server summed up and the memory it took in KiB."""
    started, peak = [], []

    def received(session, _mail):
        wait_until(lambda: started, 'we know which process it is')
        status = Path(f'/proc/{started[0].pid}/status').read_text()
        peak.append(int(re.search(r'VmHWM:\s*(\d+)', status)[1]))
        return session.final
    with Server(sink=Digest, received=received, **script) as server, open(path, 'rb') as file:
        started.append(start(server.account(), ONE, stdin=file))
        finish(started[0]).expect(0)
        return server.mail().wire, peak[0]


def write_large(path, size):
    """A mail of at least this size; returns what the server's sink should say."""
    want = Digest()
    with open(path, 'wb') as file:
        file.write(HEADER + b'\n')
        want.write(stuffed(HEADER + b'\n'))
        piece, on_wire = LINES, stuffed(LINES)
        while file.tell() < size:
            file.write(piece)
            want.write(on_wire)
    return want.getvalue()


@cases(('starttls', 'starttls'), ('tls from the first byte', 'implicit'))
def a_mail_of_100_mb_arrives_whole_in_no_more_memory(tls):
    place = folder()
    small, large = place / 'small', place / 'large'
    small.write_bytes(HEADER + b'\n' + LINES[:1800].rpartition(b'\n')[0] + b'\n')
    want = write_large(large, 100_000_000)
    _, little = send(small, tls=tls)
    got, much = send(large, tls=tls)
    check_equal(got, want, 'size and SHA-256 of the mail')
    if sanitized():
        raise Skip(f'the mail arrived whole; memory ({much} KiB) means nothing with sanitizers')
    check(much - little <= ALLOWED, f'{much} KiB for a large mail, {little} KiB for a small one')


@test
def a_line_of_10_mb_arrives_whole():
    path = folder() / 'message'
    text = HEADER + b'\n' + b'.' + b'0123456789' * 1_000_000 + b'\n.\nlast'
    path.write_bytes(text)
    wanted = Digest()
    wanted.write(stuffed(text))
    got, _ = send(path)
    check_equal(got, wanted.getvalue(), 'size and SHA-256 of the mail')


@test
def a_header_of_10_mb_ends_in_bounded_memory():
    """A single header field without end is no mail. Taken or refused, it must not fill memory."""
    path = folder() / 'message'
    path.write_bytes(HEADER + b'X-Long: ' + b'0123456789' * 1_000_000 + b'\n\nhello\n')
    with Server() as server, open(path, 'rb') as file:
        result = finish(start(server.account(), ONE, stdin=file))
        result.expect({0, 65})
        if result.status:
            server.nothing_arrived()


@test
def a_hundred_thousand_short_lines_take_a_few_writes():
    """Not one record for each line: 8 kB a record would be 100 records for this mail."""
    sizes = []

    class Counting(Digest):
        """Counts the pieces that come."""

        def write(self, data):
            sizes.append(len(data))
            super().write(data)
    path = folder() / 'message'
    path.write_bytes(HEADER + b'\n' + b'1234567\n' * 100_000)
    with Server(sink=Counting) as server, open(path, 'rb') as file:
        finish(start(server.account(), ONE, stdin=file)).expect(0)
    check(len(sizes) < 400, f'{len(sizes)} pieces for 900 kB')


if __name__ == '__main__':
    main()
