# SPDX-License-Identifier: ISC
"""opensmtpd.py - a private OpenSMTPD that takes mail, and keeps it in its queue"""
from daemon import Daemon, free_port
from unpacked import machine, on, unpacked

# Nobody listens at port 1, so that what it takes stays where it is.
CONF = """\
listen on 127.0.0.1 port {port} hostname mx.lab.example
table known {{ {known} }}
action keep relay host smtp://127.0.0.1:1
match from any for rcpt-to <known> action keep
"""


class OpenSmtpd(Daemon):
    """A context; .port, and taken(). known: the recipients that it takes mail for."""

    def __init__(self, known):
        program = unpacked('opensmtpd', 'usr/sbin/smtpd')
        self.place, self.port = machine('opensmtpd', 'opensmtpq'), free_port()
        self.spool = self.place / 'var/spool/smtpd'
        self.spool.mkdir(mode=0o711)
        (self.place / 'var/lib/opensmtpd/empty').mkdir(parents=True)
        (self.place / 'conf').write_text(CONF.format(
            port=self.port, known=', '.join(f'"{address}"' for address in known)))
        super().__init__(
            [*on(self.place), program, '-d',
             '-f', self.place / 'conf'], self.place / 'log', [self.port])

    def taken(self):
        """The senders of the mails that it took."""
        found = [path.read_text() for path in self.spool.glob('queue/*/*/*')
                 if path.name != 'message']
        return [line.partition(': ')[2] for text in found for line in text.splitlines()
                if line.startswith('sender: ')]
