# SPDX-License-Identifier: ISC
"""socks.py - a SOCKS5 proxy (RFC 1928) that does what a test tells it, and remembers what it heard

A Proxy accepts connections, one thread each. What it says to the hello and to the request can be
replaced, by bytes or by a function of the connection's socket:

    Proxy(names={'mail.lab.example': '127.0.0.1'}, request=refusal(5))
"""
import contextlib
import ipaddress
import socket
import struct
import threading
from typing import NamedTuple

from daemon import bound

LIMIT = 60  # seconds until a connection is given up
IPV4, DOMAIN, IPV6 = 1, 3, 4
HELLO = b'\5\0'  # no sign-in is needed


class Request(NamedTuple):
    """What the client asked to be connected to, and how it wrote that."""
    kind: int
    host: str
    port: int


def refusal(code):
    """The reply with this code."""
    return b'\5' + bytes([code]) + b'\0\1\0\0\0\0\0\0'


def granted(kind=IPV4):
    """The reply that says yes, with the proxy's own address in one of the three forms."""
    address = {IPV4: b'\x7f\0\0\1', IPV6: bytes(15) + b'\1', DOMAIN: b'\x09localhost'}[kind]
    return b'\5\0\0' + bytes([kind]) + address + b'\x10\x92'


class Proxy:
    """A context. names: the addresses of the hosts that the proxy knows; no others are looked up.

    .requests is what was asked for, .peers who asked, .hellos what came first.
    """

    def __init__(self, names=None, hello=HELLO, request=granted(), address='127.0.0.1',
                 at_once=False):
        self.names, self.hello, self.request = names or {}, hello, request
        self.at_once = at_once  # the reply and the server's greeting in one piece
        self.requests, self.peers, self.hellos = [], [], []
        self.stopping = threading.Event()
        self.sockets, self.threads = [], []
        self.listener = bound(address)
        self.listener.listen(20)
        self.address, self.port = self.listener.getsockname()[:2]

    def __enter__(self):
        self._thread(self._accept)
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for sock in list(self.sockets):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        for thread in list(self.threads):
            thread.join(10)

    def settings(self, **more):
        """What sends an account through this proxy."""
        return {'proxy_host': self.address, 'proxy_port': self.port, **more}

    def _thread(self, function, *args):
        thread = threading.Thread(target=function, args=args, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _accept(self):
        while not self.stopping.is_set():
            try:
                sock, peer = self.listener.accept()
            except OSError:
                return
            sock.settimeout(LIMIT)
            self.sockets.append(sock)
            self.peers.append(peer[0])
            self._thread(self._serve, sock)

    def _serve(self, sock):
        try:
            with sock:
                self._connection(sock)
        except (OSError, EOFError):
            pass

    def _connection(self, sock):
        version, n = _exactly(sock, 2)
        self.hellos.append(bytes([version, n]) + _exactly(sock, n))
        if not self._say(sock, self.hello):
            return
        request = self._read_request(sock)
        self.requests.append(request)
        if callable(self.request) or self.request[1] != 0:
            self._say(sock, self.request)
            return
        target = self.names.get(request.host, request.host)
        with socket.create_connection((target, request.port), timeout=LIMIT) as server:
            self.sockets.append(server)
            sock.sendall(self.request + (server.recv(4096) if self.at_once else b''))
            self._thread(_copy, server, sock)
            _copy(sock, server)

    @staticmethod
    def _say(sock, words):
        """Whether the conversation may go on."""
        if callable(words):
            words(sock)
            return False
        sock.sendall(words)
        return words == HELLO

    @staticmethod
    def _read_request(sock):
        _version, _connect, _reserved, kind = _exactly(sock, 4)
        if kind == DOMAIN:
            host = _exactly(sock, _exactly(sock, 1)[0]).decode('ascii')
        else:
            host = str(ipaddress.ip_address(_exactly(sock, 4 if kind == IPV4 else 16)))
        return Request(kind, host, struct.unpack('>H', _exactly(sock, 2))[0])


def _exactly(sock, n):
    data = b''
    while len(data) < n:
        more = sock.recv(n - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def _copy(source, target):
    """Until the source ends, in peace or by a reset: then the target has heard the last, too."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


# --- what is no SOCKS5 proxy: for Proxy(hello=...) or Proxy(request=...) -------------------------

def silent(sock):
    """Say nothing until the client goes."""
    while sock.recv(4096):
        pass


def closes(_sock):
    """Close the connection without a word."""


def says(words):
    """Say this, and no more."""
    def say(sock):
        sock.sendall(words)
        silent(sock)
    return say


def drips(words, pause=0.3):
    """Say it byte by byte: each comes soon, all of them take too long."""
    def drip(sock):
        for i in range(len(words)):
            sock.sendall(words[i:i + 1])
            threading.Event().wait(pause)
    return drip
