# SPDX-License-Identifier: ISC
"""daemon.py - start a server that stays in the foreground, and stop it by its process id

Should the test be killed, a small watcher ends the server: it sees our end of a pipe close. (The
kernel's parent-death signal does not serve here: Postfix and Dovecot change their effective user,
and that clears it.)
"""
import contextlib
import errno
import os
import random
import signal
import socket
import subprocess
from pathlib import Path

from harness import Failure, Skip, wait_until


# Below the ports that connections get for their own end (ip_local_port_range): what is free here
# stays so until a server takes it, unless another test hits upon the same.
SERVER_PORTS = range(10_240, 32_768)
_given = set()


def free_port(*addresses):
    """A port that nobody uses now at any of the addresses (none given: 127.0.0.1), and another one
    each time."""
    while True:
        port = random.choice(SERVER_PORTS)
        if port in _given:
            continue
        try:
            with contextlib.ExitStack() as stack:
                for address in addresses or ['127.0.0.1']:
                    stack.enter_context(bound(address, port))
            _given.add(port)
            return port
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise


def bound(address, port=0):
    """A socket with this local address, or path. Until it listens, connections to it are refused."""
    if '/' in address:
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(address)
        return sock
    try:
        sock = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET)
        sock.bind((address, port))
    except OSError as error:
        if error.errno in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):  # a container without IPv6
            raise Skip(f'{address}: {error}') from error
        raise
    return sock


WATCHER = 'read -r _; kill -TERM "$1"'


class Daemon:
    """A context: the process runs inside it, in its own session, and is gone after it."""

    def __init__(self, argv, log, ports=(), env=None):
        self.argv, self.log, self.ports, self.env = argv, Path(log), ports, env
        self.process = self.watcher = None

    def __enter__(self):
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen(
                [str(arg) for arg in self.argv], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.env, start_new_session=True)
        self.watcher = subprocess.Popen(
            ['sh', '-c', WATCHER, 'watcher', str(self.process.pid)], stdin=subprocess.PIPE,
            start_new_session=True)
        try:
            for port in self.ports:
                wait_until(lambda port=port: self._answers(port),
                           f'{self.argv[0]} listens on port {port}\n{self._log_text()}')
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.watcher.kill()
        self.watcher.wait()
        self.watcher.stdin.close()
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            pass
        try:  # stragglers of its process group
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def _answers(self, port):
        if self.process.poll() is not None:
            raise Failure(f'{self.argv[0]} ended at once\n{self._log_text()}')
        try:
            socket.create_connection(('127.0.0.1', port), timeout=1).close()
        except OSError:
            return False
        return True

    def _log_text(self):
        return self.log.read_text(errors='replace')[-3000:]
