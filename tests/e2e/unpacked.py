# SPDX-License-Identifier: ISC
"""unpacked.py - programs of packages that can't be installed beside others (see `conflicting`)

Such a program finds its own users and folders in a mount namespace, which goes with it.
"""
import os
from pathlib import Path

from harness import Skip, folder, need_root

PLACE = Path(os.environ.get('MAILCHUTE_UNPACKED') or Path(__file__).resolve().parents[2] / 'unpacked')

# $0 is the folder with what replaces that of the machine.
MOUNT = 'for f in etc/passwd etc/group var/spool var/lib run; do ' \
    'mount --bind "$0/$f" "/$f" || exit; done; exec "$@"'
ID = 61_000  # and those behind it: nobody else's, by all likelihood


def unpacked(package, path):
    """A file of the package, by its name there; or the test is skipped."""
    found = PLACE / package / path
    if not found.exists():
        raise Skip(f'no {found}: bootstrap check unpacks the Debian package {package}')
    return found


def machine(*users):
    """A folder for what such a program finds of the machine: these users, each with a group of its
    name, and in /var/spool, /var/lib and /run what is put there."""
    need_root()
    place = folder('machine')
    for name in ('etc', 'var/spool', 'var/lib', 'run'):
        (place / name).mkdir(parents=True)
    for file, rest in (('passwd', ':{}::/nonexistent:/usr/sbin/nologin'), ('group', ':')):
        lines = [line for line in Path('/etc', file).read_text().splitlines()
                 if line.split(':')[0] not in users]
        lines += [f'{user}:x:{uid}' + rest.format(uid) for uid, user in enumerate(users, ID)]
        (place / 'etc' / file).write_text('\n'.join(lines) + '\n')
    return place


def on(place):
    """A prefix for a command that finds itself on this machine."""
    return ['unshare', '--mount', 'sh', '-c', MOUNT, str(place)]
