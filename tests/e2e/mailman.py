# SPDX-License-Identifier: ISC
"""mailman.py - a private Mailman 3 with one list, of which only the LMTP runner runs

So what it has been given stays where that runner puts it: each queue shows what came for it.
"""
import os
import pwd
import subprocess

from daemon import Daemon, free_port
from harness import Skip, folder, need, need_root

LIST = 'travel@lists.example'
PROGRAMS = '/usr/lib/mailman3/bin'

CONF = """\
[mailman]
layout: here
site_owner: owner@lists.example
[paths.here]
var_dir: {place}/var
bin_dir: {programs}
queue_dir: $var_dir/queue
log_dir: $var_dir/logs
lock_dir: $var_dir/locks
data_dir: $var_dir/data
cache_dir: $var_dir/cache
messages_dir: $var_dir/messages
template_dir: $var_dir/templates
archive_dir: $var_dir/archives
list_data_dir: $var_dir/lists
etc_dir: {place}
ext_dir: $var_dir/ext
pid_file: $var_dir/master.pid
[database]
class: mailman.database.sqlite.SQLiteDatabase
url: sqlite:///{place}/mailman.db
[mta]
incoming: mailman.mta.null.NullMTA
lmtp_host: 127.0.0.1
lmtp_port: {port}
"""


class Mailman(Daemon):
    """A context; .port is where its LMTP listens, .queued() what it got."""

    def __init__(self):
        need_root()
        need(f'{PROGRAMS}/runner', 'mailman3')
        self.place = folder('mailman')
        self.port = free_port()
        conf = self.place / 'mailman.cfg'
        conf.write_text(CONF.format(place=self.place, programs=PROGRAMS, port=self.port))
        try:
            user = pwd.getpwnam('list')
        except KeyError as error:
            raise Skip('no user list') from error
        for path in self.place, conf:
            os.chown(path, user.pw_uid, user.pw_gid)
        as_list = ['setpriv', '--reuid', 'list', '--regid', 'list', '--clear-groups', '--', 'env',
                   '-i', f'HOME={self.place}', 'PATH=/usr/bin:/bin', 'LC_ALL=C.UTF-8',
                   'PYTHONDONTWRITEBYTECODE=1']
        subprocess.run([*as_list, f'{PROGRAMS}/mailman', '-C', conf, 'create', LIST], check=True,
                       stdout=subprocess.DEVNULL, cwd=self.place)
        super().__init__([*as_list, f'{PROGRAMS}/runner', '-C', conf, '--runner=lmtp'],
                         self.place / 'log', [self.port])

    def queued(self, queue):
        """How many messages wait in that queue: in (posts), command, bounces, ..."""
        return len(list((self.place / 'var/queue' / queue).glob('*.pck')))
