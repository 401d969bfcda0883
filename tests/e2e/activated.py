#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""activated.py - a program as systemd starts it: activated.py GROUPS COMMAND...

It is handed an rtnetlink socket for these groups, and can't open one itself, as with
RestrictAddressFamilies=."""
import ctypes
import os
import platform
import re
import socket
import struct
import sys
from pathlib import Path

SOURCES = Path(os.environ.get('srcdir') or Path(__file__).parents[2])
FIRST = 3
SOCKET_CALL = {'x86_64': 41, 'aarch64': 198}
NO_NEW_PRIVS, SECCOMP, SECCOMP_FILTER = 38, 22, 2
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
CALL, FIRST_ARGUMENT = 0, 16  # where they are in what a filter sees
ALLOW, FAIL = 0x7fff0000, 0x00050000 | 97  # with EAFNOSUPPORT


class Program(ctypes.Structure):
    """What seccomp(2) takes."""
    _fields_ = [('n', ctypes.c_ushort), ('code', ctypes.c_char_p)]


def forbid(family, call):
    """From here on, socket() for this family fails."""
    steps = [(LOAD, 0, 0, CALL), (EQUAL, 0, 3, call), (LOAD, 0, 0, FIRST_ARGUMENT),
             (EQUAL, 0, 1, family), (RETURN, 0, 0, FAIL), (RETURN, 0, 0, ALLOW)]
    code = b''.join(struct.pack('=HBBI', *step) for step in steps)
    libc, none = ctypes.CDLL(None, use_errno=True), ctypes.c_ulong(0)
    program = Program(len(steps), code)
    if (libc.prctl(NO_NEW_PRIVS, ctypes.c_ulong(1), none, none, none)
            or libc.prctl(SECCOMP, ctypes.c_ulong(SECCOMP_FILTER), ctypes.byref(program), none,
                          none)):
        raise OSError(ctypes.get_errno(), 'seccomp')


def run(groups, command):
    """Become the command."""
    news = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK,
                         socket.NETLINK_ROUTE)
    news.bind((0, groups))
    if news.fileno() != FIRST:
        os.dup2(news.fileno(), FIRST)
    os.set_inheritable(FIRST, True)
    if platform.machine() in SOCKET_CALL:
        forbid(socket.AF_NETLINK, SOCKET_CALL[platform.machine()])
    os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))
    os.execvp(command[0], command)


def activated():
    """What stands before a command that is to be started so: with the groups of our unit."""
    unit = (SOURCES / 'conf' / 'systemd' / 'mailchute-queue.socket').read_text()
    groups = re.search(r'^ListenNetlink=route ([0-9]+)$', unit, re.M)[1]
    return [sys.executable, '-B', str(Path(__file__).resolve()), groups]


if __name__ == '__main__':
    run(int(sys.argv[1]), sys.argv[2:])
