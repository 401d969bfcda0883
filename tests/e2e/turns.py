# SPDX-License-Identifier: ISC
"""turns.py - a proxy that shows how often a client waited for an answer

What the server says is held back while the client has more to say, as a long line would: so a turn
is what the client says before it hears an answer, however fast the server is. A client has no more
to say when its process sleeps: on a busy machine it may be silent for long, but is no less awake.
"""
import os
import select
import socket
import threading
from pathlib import Path

from daemon import bound
from harness import open_files, process_state

QUIET = 0.03  # seconds of silence, before we look whether the client sleeps


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
            who = _owner(client)
            while True:
                ready, _, _ = select.select(
                    ends, [], [], QUIET if held or server not in ends else None)
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
                if (not ready or server not in ends) and _waits(who, client):
                    _send(client, held)
                    heard, held = heard or bool(held), b''
                    if server not in ends:
                        return


def _owner(client):
    """The process at the other end of a connection, of IPv4 (proc_net_tcp(5)); None: it has gone."""
    ends = [f'{port:04X}' for port in (client.getpeername()[1], client.getsockname()[1])]
    rows = [line.split() for line in Path('/proc/net/tcp').read_text().splitlines()[1:]]
    wanted = [f'socket:[{row[9]}]' for row in rows if [p[-4:] for p in row[1:3]] == ends]
    return next((int(process) for process in filter(str.isdigit, os.listdir('/proc'))
                 if any(name in wanted for name in open_files(process))), None)


def _waits(process, client):
    """Whether the client has said all it can: it sleeps, and then we have heard all of that."""
    try:
        asleep = process is None or process_state(process) not in 'RD'
    except (FileNotFoundError, ProcessLookupError):
        asleep = True
    return asleep and not select.select([client], [], [], 0)[0]


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
