# SPDX-License-Identifier: ISC
"""dovecot.py - a private Dovecot: SASL for Postfix, and LMTP with TLS into Maildirs

Dovecot 2.3 knows no -PLUS mechanism; test_auth.py has a server of its own for these.
"""
import base64
import hashlib
import hmac
import json
import os
import time
from pathlib import Path

from certs import cert, trust
from daemon import Daemon, free_port
from harness import folder, need, need_root, wait_until

# Spaces, quotes and signs that a careless reader of settings or replies would trip over.
PASSWORD = 'correct #7 "horse" \\ battery'
USERS = ('ops', 'team')
MECHANISMS = ('plain', 'login', 'cram-md5', 'digest-md5', 'scram-sha-1', 'scram-sha-256',
              'xoauth2', 'oauthbearer')
NOBODY = 65534
TOKEN_KEY = b'a key that signs the tokens of this test'

CONF = """\
protocols = lmtp
base_dir = {place}/run
state_dir = {place}/state
log_path = {place}/log
mail_location = maildir:{place}/mail/%n
mail_uid = {nobody}
mail_gid = {nobody}
first_valid_uid = 1
default_internal_user = dovecot
default_login_user = dovenull
ssl = yes
ssl_cert = <{cert.cert}
ssl_key = <{cert.key}
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
auth_verbose = yes
# The part before the @ is the user's name.
auth_username_format = %n
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {place}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  args = {place}/users
}}
userdb {{
  driver = passwd-file
  args = {place}/users
}}
service auth {{
  unix_listener {place}/auth {{
    mode = 0666
  }}
}}
service lmtp {{
  unix_listener {place}/lmtp {{
    mode = 0666
  }}
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp_port}
  }}
}}
# No growing pause after each wrong password from the same address.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
{more}"""

SUBMISSION = """\
protocols = lmtp submission
hostname = mx.lab.example
disable_plaintext_auth = no
submission_relay_host = 127.0.0.1
submission_relay_port = {relay}
service submission-login {{
  inet_listener submission {{
    address = 127.0.0.1
    port = {port}
  }}
}}
"""


class Dovecot(Daemon):
    """A context; .auth is the SASL socket's name, .lmtp_port the port, .mails() what arrived.

    more: further settings.
    """

    def __init__(self, mechanisms=MECHANISMS, more=''):
        need_root()
        program = need('dovecot', 'dovecot-core')
        need('/usr/lib/dovecot/lmtp', 'dovecot-lmtpd')
        self.place = folder('dovecot')
        self.auth = str(self.place / 'auth')
        self.lmtp_port = free_port()
        for name in ('mail', 'state'):
            (self.place / name).mkdir()
        os.chown(self.place / 'mail', NOBODY, NOBODY)
        secret = base64.b64encode(PASSWORD.encode()).decode()
        (self.place / 'users').write_text(''.join(
            f'{user}:{{PLAIN.b64}}{secret}:{NOBODY}:{NOBODY}::{self.place}\n' for user in USERS))
        self._token_settings()
        (self.place / 'conf').write_text(CONF.format(
            place=self.place, nobody=NOBODY, cert=cert('good'), lmtp_port=self.lmtp_port,
            mechanisms=' '.join(mechanisms), more=more))
        super().__init__([program, '-F', '-c', self.place / 'conf'], self.place / 'log',
                         [self.lmtp_port])

    def __enter__(self):
        super().__enter__()
        wait_until(lambda: os.path.exists(self.auth), 'Dovecot makes its auth socket')
        return self

    def _token_settings(self):
        """Tokens are checked with a key in a file, so that no identity provider is needed."""
        (self.place / 'oauth2.conf').write_text(
            'introspection_mode = local\n'
            f'local_validation_key_dict = fs:posix:prefix={self.place}/keys/\n'
            'username_attribute = sub\n'
            'use_grant_password = no\n')
        keys = self.place / 'keys/default/HS256'
        keys.mkdir(parents=True)
        (keys / 'default').write_bytes(base64.b64encode(TOKEN_KEY))

    def for_postfix(self, _conf):
        """What makes a Postfix ask this Dovecot."""
        return f'smtpd_sasl_type = dovecot\nsmtpd_sasl_path = {self.auth}'

    def lmtp(self):
        """Settings of an account that delivers here."""
        return {'host': 'localhost', 'port': self.lmtp_port, 'protocol': 'lmtp', 'tls': True,
                'tls_trust_file': trust(), 'from': 'sender@lab.example'}

    def lmtp_socket(self):
        """The same over a unix socket, without TLS."""
        return {'socket': self.place / 'lmtp', 'protocol': 'lmtp', 'from': 'sender@lab.example'}

    def mails(self, user):
        """The mails in the user's inbox, as bytes, oldest first."""
        return maildir(self.place / 'mail' / user)


class Submission(Dovecot):
    """A context: a Dovecot that takes mail at .port from those who sign in, and asks the server
    behind it at each step."""

    def __init__(self, server):
        need('/usr/lib/dovecot/submission', 'dovecot-submissiond')
        self.port = free_port()
        super().__init__(more=SUBMISSION.format(relay=server.port, port=self.port))
        self.ports.append(self.port)

    @staticmethod
    def who():
        """Settings of an account that signs in, but for where."""
        return {'auth': 'plain', 'user': 'ops', 'password': PASSWORD}


def maildir(place):
    """The mails in a Maildir, as bytes, oldest first."""
    files = list((Path(place) / 'new').glob('*')) + list((Path(place) / 'cur').glob('*'))
    return [path.read_bytes() for path in sorted(files, key=lambda p: p.stat().st_mtime_ns)]


def token(user='ops', key=TOKEN_KEY):
    """A JSON Web Token (RFC 7519, HS256) that says its bearer is this user."""
    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b'=')
    now = int(time.time())
    claims = {'sub': user, 'iat': now - 10, 'exp': now + 3600, 'iss': 'test'}
    signed = part(json.dumps({'alg': 'HS256', 'typ': 'JWT'}).encode()) + b'.' + \
        part(json.dumps(claims).encode())
    return (signed + b'.' + part(hmac.new(key, signed, hashlib.sha256).digest())).decode()
