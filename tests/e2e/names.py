# SPDX-License-Identifier: ISC
"""names.py - host names for one process only: its own hosts file and its own name server

The files that say how names are found are replaced in a mount namespace, which goes with the
process. The name server is a script on a loopback address of its own.
"""
import contextlib
import ipaddress
import socket
import struct
import subprocess
import threading

from harness import Skip, environment, folder, loopback, need_root, shared

# One for each script: several may run at a time.
SERVER = loopback()
TYPES = {1: 'A', 12: 'PTR', 28: 'AAAA', 33: 'SRV'}
NOTHING, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5

MOUNT = 'for f in hosts nsswitch.conf resolv.conf; do ' \
    'mount --bind "$0/$f" "/etc/$f" || exit; done; exec "$@"'


def known(name, *addresses):
    """A prefix for a command that finds this name in its hosts file, and asks no name server."""
    _works()
    return _prefix(''.join(f'{address} {name}\n' for address in addresses), 'files')


def asked(options=''):
    """A prefix for a command that asks our name server about all names (resolv.conf(5))."""
    _works()
    return _prefix('', 'dns', options)


def order(prefix, name):
    """The addresses of the name in the order in which such a command gets them."""
    lines = _getent(prefix, name).stdout.splitlines()
    return [line.split()[0] for line in lines if 'STREAM' in line]


def _prefix(hosts, source, options=''):
    need_root()
    place = folder('etc')
    (place / 'hosts').write_text(hosts)
    (place / 'nsswitch.conf').write_text(f'hosts: {source}\n')
    (place / 'resolv.conf').write_text(f'nameserver {SERVER}\n{options}\n')
    return ['unshare', '--mount', 'sh', '-c', MOUNT, str(place)]


def _getent(prefix, name):
    return subprocess.run([*prefix, 'getent', 'ahosts', name], env=environment(), text=True,
                          capture_output=True, check=False)


@shared
def _works():
    """Skip where files of the system cannot be replaced, or where something else answers."""
    done = _getent(_prefix('127.0.0.9 probe.lab.example\n', 'files'), 'probe.lab.example')
    if not done.stdout.startswith('127.0.0.9 '):
        raise Skip(f"/etc/hosts cannot be replaced here: {done.stderr.strip() or 'no effect'}")


class NameServer:
    """A context: each keyword names a type and says what is answered for any name: addresses, a
    response code, or None for silence; or a dict says it for each name, and that no other exists;
    or a function does, which may take its time.
    For PTR give names; for SRV give tuples of priority, weight, port and target; bytes are sent as
    the data of a record as they are. .asked are the types that were asked for, in order; .names
    the names."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked, self.names = [], []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        need_root()
        try:
            self.socket.bind((SERVER, 53))
        except OSError as error:
            raise Skip(f'no name server can be at {SERVER}, port 53: {error}') from error
        self.thread.start()
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):  # it is not connected, but this wakes up the thread
            self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join(10)
        self.socket.close()

    def _serve(self):
        while True:
            query, client = self.socket.recvfrom(1000)
            if not query:
                return
            end = query.index(b'\0', 12) + 5  # of the question: the name, its type, its class
            kind = TYPES[struct.unpack('!H', query[end - 4:end - 2])[0]]
            self.asked.append(kind)
            self.names.append(_name_of(query[12:end - 4]))
            answer = self.answers[kind]
            if isinstance(answer, dict):
                answer = answer.get(self.names[-1].lower(), NXDOMAIN)
            if callable(answer):
                threading.Thread(target=lambda *to: self._send(answer(), *to), daemon=True,
                                 args=(query, end, client)).start()
            else:
                self._send(answer, query, end, client)

    def _send(self, answer, query, end, client):
        with contextlib.suppress(OSError):  # the one who answers late may be closed by now
            if answer is not None:
                self.socket.sendto(_reply(query[:2], query[12:end], answer), client)


def _name_of(labels):
    """The name of a question: its labels, each behind its length."""
    parts = []
    while labels[0]:
        parts.append(labels[1:labels[0] + 1].decode('latin-1'))
        labels = labels[labels[0] + 1:]
    return '.'.join(parts)


def _labels(name):
    return b''.join(bytes([len(part)]) + part.encode('latin-1')
                    for part in name.split('.') if part) + b'\0'


def _data(kind, record):
    """The data of a record of this type."""
    if isinstance(record, bytes):
        return record
    if kind == 'SRV':
        priority, weight, port, target = record
        return struct.pack('!HHH', priority, weight, port) + _labels(target)
    return _labels(record) if kind == 'PTR' else ipaddress.ip_address(record).packed


def _reply(number, question, answer):
    """RFC 1035, 4.1: the header, the question, and records whose name is that of the question."""
    code, records = (answer, []) if isinstance(answer, int) else (NOTHING, answer)
    reply = number + struct.pack('!HHHHH', 0x8180 | code, 1, len(records), 0, 0) + question
    for record in records:
        data = _data(TYPES[struct.unpack('!H', question[-4:-2])[0]], record)
        reply += b'\xc0\x0c' + question[-4:] + struct.pack('!IH', 60, len(data)) + data
    return reply
