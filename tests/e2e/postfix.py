# SPDX-License-Identifier: ISC
"""postfix.py - a private Postfix: submission with STARTTLS and with TLS from the first byte, and a
port that takes mail from this machine without TLS or sign-in

It has its own configuration, queue and log and asks a private Dovecot, or Cyrus SASL, who may sign
in; given neither, nobody may. Mail to lab.example ends in Maildirs that we can read byte by byte.
master(8) is run directly, so neither a service manager nor syslog is needed.
"""
import grp
import os
import pwd
import re

from certs import cert, trust
from daemon import Daemon, free_port
from dovecot import NOBODY, maildir
from harness import folder, need, need_root, wait_until

DOMAIN = 'lab.example'
MAILBOXES = ('one', 'two', 'three')
SIZE_LIMIT = 200_000

MAIN = """\
compatibility_level = 3.6
queue_directory = {place}/queue
data_directory = {place}/data
maillog_file = {place}/log
maillog_file_prefixes = {place}
myhostname = mx.{domain}
mydestination =
local_recipient_maps =
alias_maps =
inet_interfaces = loopback-only
mynetworks =
smtputf8_enable = yes
message_size_limit = {limit}
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {place}/mail
virtual_mailbox_maps = inline:{{{boxes}}}
virtual_uid_maps = static:{nobody}
virtual_gid_maps = static:{nobody}
virtual_mailbox_limit = 0
smtpd_tls_cert_file = {cert.cert}
smtpd_tls_key_file = {cert.key}
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
{sasl}
smtpd_sasl_security_options = noanonymous
# A refused MAIL FROM is refused at once and not only at the first recipient.
smtpd_delay_reject = no
smtpd_sender_login_maps = inline:{{ {{ sender@{domain} = ops }}, {{ boss@{domain} = boss }} }}
smtpd_sender_restrictions = reject_sender_login_mismatch
smtpd_recipient_restrictions =
    $grey_recipients, permit_sasl_authenticated, reject
grey_recipients = check_recipient_access inline:{{ {{ grey@{domain} = 451 4.7.1 Greylisted }} }}
open_recipient_restrictions = $grey_recipients, permit_mynetworks, reject
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_error_sleep_time = 0
# The only domain whose mail ETRN starts.
fast_flush_domains = flush.{domain}
# Nothing is tidied up here that mailchute should have tidied up.
message_drop_headers =
local_header_rewrite_clients =
always_add_missing_headers = no
smtpd_client_connection_count_limit = 0
notify_classes =
{more}"""

MASTER = """\
127.0.0.1:{starttls} inet n - n - - smtpd
127.0.0.1:{smtps} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
127.0.0.1:{open} inet n - n - - smtpd -o mynetworks=127.0.0.1 -o smtpd_sasl_auth_enable=no
    -o smtpd_sender_restrictions= -o smtpd_relay_restrictions=permit_mynetworks,reject
    -o smtpd_recipient_restrictions=$open_recipient_restrictions
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
flush     unix  n - n 1000? 0 flush
verify    unix  - - n - 1 verify
proxymap  unix  - - n - - proxymap
anvil     unix  - - n - 1 anvil
error     unix  - - n - - error
retry     unix  - - n - - error
virtual   unix  - n n - - virtual
postlog   unix-dgram n - n - 1 postlogd
"""

# Queue folders that Postfix owns, those of root, and those that its set-gid tools would use.
OURS = 'active bounce corrupt defer deferred flush hold incoming private saved trace'.split()
SHARED = 'maildrop public'.split()


class Postfix(Daemon):
    """A context; settings() describe how to reach it, mails() what it delivered.

    more: further settings.
    """

    def __init__(self, sasl=None, more=''):
        need_root()
        need('postconf', 'postfix')
        self.place = folder('postfix')
        self.starttls_port, self.smtps_port, self.open_port = free_port(), free_port(), free_port()
        self._make_folders()
        (self.place / 'conf/main.cf').write_text(MAIN.format(
            place=self.place, domain=DOMAIN, limit=SIZE_LIMIT, cert=cert('good'),
            nobody=NOBODY, sasl=self._sasl(sasl), more=more,
            boxes=', '.join(f'{{ {box}@{DOMAIN} = {box}/ }}' for box in MAILBOXES)))
        (self.place / 'conf/master.cf').write_text(MASTER.format(
            starttls=self.starttls_port, smtps=self.smtps_port, open=self.open_port))
        super().__init__(['/usr/lib/postfix/sbin/master', '-d', '-c', self.place / 'conf'],
                         self.place / 'log', [self.starttls_port, self.smtps_port],
                         env={'PATH': '/usr/bin:/bin', 'MAIL_CONFIG': str(self.place / 'conf')})

    def _sasl(self, sasl):
        if sasl is None:
            return 'smtpd_sasl_auth_enable = no'
        return f"smtpd_sasl_auth_enable = yes\n{sasl.for_postfix(self.place / 'conf')}"

    def _make_folders(self):
        postfix, postdrop = pwd.getpwnam('postfix').pw_uid, grp.getgrnam('postdrop').gr_gid
        for name in ('conf', 'data', 'mail', 'queue', 'queue/pid'):
            (self.place / name).mkdir()
        for name in OURS + SHARED:
            path = self.place / 'queue' / name
            path.mkdir(mode=0o700)
            os.chown(path, postfix, postdrop if name in SHARED else 0)
            path.chmod(0o710 if name in SHARED else 0o700)
        os.chown(self.place / 'data', postfix, 0)
        os.chown(self.place / 'mail', NOBODY, NOBODY)

    def settings(self, implicit=False):
        """Settings of an account that submits here."""
        return {'host': 'localhost', 'port': self.smtps_port if implicit else self.starttls_port,
                'tls': True, 'tls_starttls': not implicit, 'tls_trust_file': trust(),
                'from': f'sender@{DOMAIN}'}

    def mails(self, box, count):
        """Wait until the mailbox holds this many mails and return them, oldest first."""
        wait_until(lambda: len(maildir(self.place / 'mail' / box)) >= count,
                   f'{count} mails in {box}; log:\n{self.log_text()}')
        return maildir(self.place / 'mail' / box)

    def count(self, box):
        """How many mails the mailbox holds when all that was accepted is delivered."""
        wait_until(self._queue_is_empty, f'the queue is empty; log:\n{self.log_text()}')
        return len(maildir(self.place / 'mail' / box))

    def taken(self):
        """The senders of the mails that all mailboxes hold."""
        return [re.search(rb'^Return-Path: <(.*)>$', mail, re.M)[1].decode()
                for box in MAILBOXES if self.count(box)
                for mail in maildir(self.place / 'mail' / box)]

    def _queue_is_empty(self):
        return not any(path.is_file() for name in ('incoming', 'active', 'deferred')
                       for path in (self.place / 'queue' / name).rglob('*'))

    def log_text(self):
        """What Postfix logged."""
        return re.sub(r'^.*?postfix/', '', self.log.read_text(errors='replace'), flags=re.M)
