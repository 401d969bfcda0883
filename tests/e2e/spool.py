# SPDX-License-Identifier: ISC
"""spool.py - the files of a queue, read by other means than the program's own"""
from harness import Failure, check

HEAD = 72


def _table():
    rows = []
    for row in range(256):
        for _ in range(8):
            row = (row >> 1) ^ (0x82f63b78 if row & 1 else 0)
        rows.append(row)
    return rows


_TABLE = _table()


def checksum(data):
    """CRC-32C."""
    value = 0xffffffff
    for byte in data:
        value = (value >> 8) ^ _TABLE[(value ^ byte) & 255]
    return value ^ 0xffffffff


class Entry:
    """A queued mail; a Failure where it isn't whole."""

    def __init__(self, path):
        data = path.read_bytes()
        check(data[:19] == b'mailchute-queue v1 ' and data[HEAD - 1:HEAD] == b'\n',
              f'{path}: not a head: {data[:HEAD]!r}')
        size, header, label, body_sum, label_sum = (int(n, 16) for n in data[19:HEAD - 1].split())
        end = HEAD + size
        body_end = end - header
        self.message = data[body_end:end] + data[HEAD:body_end]
        self.label = data[end:end + label].decode()
        self.journal = data[end + label:].decode()
        check(len(data) >= end + label, f'{path}: truncated')
        check(checksum(self.message) == body_sum, f'{path}: the message is damaged')
        check(checksum(data[end:end + label] + data[:HEAD - 10]) == label_sum,
              f'{path}: the envelope is damaged')

    def values(self, key):
        """The values of a key, in order."""
        return [line.partition(' ')[2] for line in self.label.splitlines()
                if line.partition(' ')[0] == key]


def forge(label, message=b'Subject: x\r\n\r\nhello\r\n', journal=b'', size=None):
    """The bytes of an entry with such a label, or which says that its message has that size."""
    text = label.encode()
    head = (f'mailchute-queue v1 {len(message) if size is None else size:016x} {0:08x} '
            f'{len(text):08x} {checksum(message):08x} ').encode()
    return head + b'%08x\n' % checksum(text + head[:-1]) + message + text + journal


def names(queue, folder='new'):
    """The names in a folder of a queue, in order of time."""
    path = queue / folder
    return sorted(entry.name for entry in path.iterdir()) if path.is_dir() else []


def entries(queue, folder='new'):
    """All mails in it; each must be whole."""
    return [Entry(queue / folder / name) for name in names(queue, folder)]


def the_entry(queue):
    """The only one."""
    found = entries(queue)
    if len(found) != 1:
        raise Failure(f'{len(found)} mails in the queue, and not one')
    return found[0]
