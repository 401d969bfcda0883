# SPDX-License-Identifier: ISC
"""daemon.py - start a server that stays in the foreground, and stop it by its process id

Should the test be killed, a small watcher ends the server: it sees our end of a pipe close. (The
kernel's parent-death signal does not serve here: Postfix and Dovecot change their effective user,
and that clears it.)
"""
import os
import signal
import socket
import subprocess
from pathlib import Path

from harness import Failure, wait_until


def free_port(address='127.0.0.1'):
    """A port nobody listens on now; another process could take it, but hardly ever does."""
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


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
