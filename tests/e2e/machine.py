# SPDX-License-Identifier: ISC
"""machine.py - a machine whose users have queues in one place, and a configuration of its own"""
import os
import subprocess

from harness import Skip, finish, folder, mailchute, need_root, public_binary, settings
from hostile import PASSWORD
from mail import SIMPLE

ANN, BEN, SERVICE = 4242, 4243, 4244
BOB = 'bob@lab.example'
SECRET = f'{PASSWORD}\n'


class Machine:
    """A configuration of the system, a place for the queues of its users, and a password that is
    root's alone."""

    def __init__(self, port, **values):
        need_root()
        if 'file name: /etc/mailchute/config' not in mailchute(None, '--version').out:
            raise Skip('the program was built for another sysconfdir than /etc')
        self.etc = folder('etc')
        self.told = folder('told') / 'stderr'  # of a run that stays
        self.place = folder('spool') / 'mailchute'
        self.place.mkdir()
        self.place.chmod(0o1777)
        secret = self.etc / 'password'
        secret.write_text(SECRET)
        secret.chmod(0o600)
        self.conf = self.etc / 'config'
        self.conf.write_text(settings(**{
            'host': '127.0.0.1', 'port': port, 'tls': False, 'auth': 'plain', 'user': 'ops',
            'password_file': '/etc/mailchute/password', 'from': 'ops@lab.example',
            'maildomain': 'lab.example', 'queue': 'always', 'queue_dir': self.place, **values}))
        self.conf.chmod(0o644)
        if subprocess.run([*self.prefix(0), 'true'], capture_output=True, check=False).returncode:
            raise Skip('mounting is not allowed here')

    def prefix(self, uid):
        """Of a command that sees it, as a user."""
        made = '[ -d /etc/mailchute ] || mkdir /etc/mailchute; '
        user = f'setpriv --reuid {uid} --regid {uid} --clear-groups' if uid else ''
        return ['unshare', '--mount', 'sh', '-c',
                f'{made} mount --bind {self.etc} /etc/mailchute && exec {user} "$0" "$@"']

    def serve(self, *args, bits='+no_setuid_fixup'):
        """Run mailchute with two capabilities, but not as root."""
        caps = '+setuid,+setgid'
        return self.call(0, *args, prefix=[
            'setpriv', '--reuid', str(SERVICE), '--regid', str(SERVICE), '--clear-groups',
            '--no-new-privs', '--bounding-set', f'-all,{caps}', '--inh-caps', f'-all,{caps}',
            '--ambient-caps', f'-all,{caps}', '--securebits', bits])

    @staticmethod
    def unit():
        """What stands before a command that root is to start as mailchute-queue.service does:
        with two capabilities."""
        return ['setpriv', '--clear-groups', '--no-new-privs', '--bounding-set',
                '-all,+setuid,+setgid', '--securebits', '+no_setuid_fixup']

    def call(self, uid, *args, stdin=b'', prefix=()):
        """Run mailchute as a user."""
        process = subprocess.Popen(
            ['setpriv', '--pdeathsig', 'KILL', *self.prefix(uid), *prefix, public_binary(), *args],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True, env={'PATH': os.environ['PATH'], 'HOME': '/nowhere'})
        return finish(process, stdin)

    def add(self, uid, *recipients, sender='ann@lab.example'):
        """A user queues a mail; its file."""
        before = set(self.mails(uid))
        self.call(uid, '-f', sender, '--', *(recipients or [BOB]), stdin=SIMPLE).expect(0)
        (new,) = set(self.mails(uid)) - before
        return new

    def queue(self, uid):
        """Of a user."""
        return self.place / f'u{uid}'

    def mails(self, uid, part='new'):
        """In the queue of a user."""
        where = self.queue(uid) / part
        return sorted(where.iterdir()) if where.exists() else []


def senders(server):
    """Of all mails that came."""
    return sorted(m.sender for s in server.sessions for m in s.mails)


def own(uid, path):
    """Give a file to a user."""
    os.chown(path, uid, uid, follow_symlinks=False)
