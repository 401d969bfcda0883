# SPDX-License-Identifier: ISC
"""turns.py - a proxy that shows how often a client waited for an answer

What the server says is held back while the client has more to say, as a long line would: so a turn
is what the client says before it hears an answer, however fast the server is.
"""
import select
import socket
import threading

from daemon import bound

QUIET = 0.03  # seconds in which a client says what it can say without an answer


class Turns:
    """A context: .port; .sessions holds for each connection the turns, as what was said in each."""

    def __init__(self, port):
        self.server = port
        self.sessions, self.threads = [], []
        self.listener = bound('127.0.0.1')
        self.listener.listen(20)
        self.port = self.listener.getsockname()[1]
        self.acceptor = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self):
        self.acceptor.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in [self.acceptor, *self.threads]:
            thread.join(10)

    def counts(self):
        """How many turns each session had, of those in which anything was said."""
        return [len(turns) for turns in self.sessions if turns]

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.sessions.append([])
            self.threads.append(threading.Thread(
                target=self._pass_on, args=(client, self.sessions[-1]), daemon=True))
            self.threads[-1].start()

    def _pass_on(self, client, turns):
        with client, socket.create_connection(('127.0.0.1', self.server)) as server:
            held, heard, ends = b'', True, [client, server]
            while True:
                ready, _, _ = select.select(ends, [], [], QUIET if held else None)
                if client in ready:
                    said = _receive(client)
                    if not said:
                        return
                    if heard:
                        turns.append(b'')
                    turns[-1] += said
                    heard = False
                    _send(server, said)
                if server in ready:
                    answer = _receive(server)
                    held += answer
                    if not answer:
                        ends.remove(server)
                if not ready or server not in ends:
                    _send(client, held)
                    heard, held = heard or bool(held), b''
                if server not in ends:
                    return


def _receive(sock):
    try:
        return sock.recv(65536)
    except OSError:  # a server that resets the connection has said all it says
        return b''


def _send(sock, data):
    try:
        sock.sendall(data)
    except OSError:  # who has closed is heard of by reading
        pass
