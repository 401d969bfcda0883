# SPDX-License-Identifier: ISC
"""devlog.py - a /dev/log that only the programs of a test see, in a mount namespace of theirs"""
import contextlib
import socket
import subprocess

from harness import Skip, environment, folder, need_root

DEV = 'mount -t tmpfs none "$DEV" && : >"$DEV/null" && mount --bind /dev/null "$DEV/null" && ' \
      'ln -s "$DEV_LOG" "$DEV/log" && mount --rbind "$DEV" /dev && exec "$0" "$@"'
PREFIX = ['unshare', '--mount', 'sh', '-c', DEV]


class Syslog:
    """A context: somebody who listens at a /dev/log, for programs with PREFIX and these variables."""

    def __init__(self):
        need_root()
        place = folder('dev')
        self.variables = {'DEV': folder('mount'), 'DEV_LOG': place / 'log'}
        self.env = environment(**self.variables)
        tried = subprocess.run([*PREFIX, 'true'], env=self.env, capture_output=True, text=True,
                               check=False)
        if tried.returncode:
            raise Skip(f'mounting is not allowed here: {tried.stderr.strip()}')
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(place / 'log'))
        self.socket.setblocking(False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def lines(self):
        """All that has come."""
        found = []
        with contextlib.suppress(BlockingIOError):
            while True:
                found.append(self.socket.recv(1 << 20).decode())
        return found
