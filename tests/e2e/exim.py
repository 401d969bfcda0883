# SPDX-License-Identifier: ISC
"""exim.py - a private Exim that takes mail, and keeps it in its queue"""
import os
import re

from daemon import Daemon, free_port
from harness import wait_until
from unpacked import ID, machine, on, unpacked

CONF = """\
primary_hostname = mx.lab.example
exim_user = Debian-exim
exim_group = Debian-exim
never_users =
spool_directory = {place}/spool
log_file_path = {place}/log/%s
log_selector = +received_recipients +smtp_protocol_error
pid_file_path = {place}/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
disable_ipv6 = true
host_lookup =
rfc1413_query_timeout = 0s
keep_environment =
tls_advertise_hosts =
dsn_advertise_hosts = *
queue_only = true
acl_smtp_rcpt = check_rcpt
acl_smtp_data = accept
{more}
begin acl
check_rcpt:
  deny local_parts = nobody
    message = nobody has this name
  defer local_parts = grey
    message = greylisted
  accept
begin routers
"""


class Exim(Daemon):
    """A context; .port, and taken(). more: further settings."""

    def __init__(self, more=''):
        program = unpacked('exim4-daemon-light', 'usr/sbin/exim4')
        self.place, self.port = machine('Debian-exim'), free_port()
        (self.place / 'conf').write_text(CONF.format(place=self.place, port=self.port, more=more))
        for name in ('spool', 'log'):
            (self.place / name).mkdir()
            os.chown(self.place / name, ID, ID)
        super().__init__([*on(self.place), program, '-bdf',
                          '-C', self.place / 'conf'], self.place / 'errors', [self.port])

    def log_text(self):
        """What Exim logged."""
        return ''.join(path.read_text() for path in sorted((self.place / 'log').iterdir()))

    def taken(self):
        """The senders of the mails that it took, in that order."""
        return re.findall(r'^\S+ \S+ \S+ <= (\S+) ', self.log_text(), re.M)

    def wait_for(self, pattern):
        """Wait until it has logged this."""
        wait_until(lambda: re.search(pattern, self.log_text()), f'Exim logs {pattern}')
