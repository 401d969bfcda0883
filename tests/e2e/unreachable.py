# SPDX-License-Identifier: ISC
"""unreachable.py - addresses where nobody answers, or connections are refused"""
import contextlib
import socket

from daemon import bound
from harness import Skip


@contextlib.contextmanager
def deaf(listener):
    """A context in which the listener answers nobody: its queue is full, so Linux drops what comes.

    Accepting what is in the queue wakes it up.
    """
    listener.listen(0)
    with contextlib.ExitStack() as stack:
        for _ in range(10):
            probe = stack.enter_context(socket.socket(listener.family))
            probe.settimeout(0.05)
            try:
                probe.connect(listener.getsockname())
            except TimeoutError:
                probe.close()
                break
        else:
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
