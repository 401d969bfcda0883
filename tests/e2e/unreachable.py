# SPDX-License-Identifier: ISC
"""unreachable.py - addresses where nobody answers, or connections are refused"""
import contextlib
import socket
import struct

from daemon import bound
from harness import RUN_LIMIT, Skip, wait_until


def _queue(listener):
    """How many connections wait to be accepted, and behind how many there is no room: what tcp(7)
    says in tcpi_unacked and tcpi_sacked of a socket that listens."""
    info = listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    return struct.unpack_from('II', info, 24)


@contextlib.contextmanager
def deaf(listener):
    """A context in which the listener answers nobody: its queue is full, so Linux drops what comes.

    Accepting what is in the queue wakes it up.
    """
    listener.listen(0)
    with contextlib.ExitStack() as stack:
        def connect(limit):
            stack.enter_context(socket.create_connection(listener.getsockname()[:2], limit))

        waiting, most = _queue(listener)
        while waiting <= most:
            connect(RUN_LIMIT)
            waiting += 1
            wait_until(lambda: _queue(listener)[0] == waiting, 'the queue has the connection')
        with contextlib.suppress(TimeoutError):
            connect(0.05)
            raise Skip('this system answers for a listener whose queue is full')
        yield


@contextlib.contextmanager
def silent(port, *addresses):
    """A context: at this port of these addresses, connections are neither taken nor refused."""
    with contextlib.ExitStack() as stack:
        for address in addresses:
            stack.enter_context(deaf(stack.enter_context(bound(address, port))))
        yield


@contextlib.contextmanager
def refusing(port, *addresses):
    """A context: at this port of these addresses, connections are refused."""
    with contextlib.ExitStack() as stack:
        for address in addresses:
            stack.enter_context(bound(address, port))
        yield
