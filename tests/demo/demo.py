#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""demo.py - the main job, visibly done, with no account and no Internet

Starts a smarthost on loopback that wants STARTTLS and a sign-in and shows a certificate of an
authority made for the occasion, writes an account file for it, pipes a message through mailchute,
and prints the session as its user sees it, and what arrived.

usage: demo.py MAILCHUTE
"""
import logging
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'e2e'))

from aiosmtpd.controller import Controller  # noqa: E402
from aiosmtpd.smtp import SMTP, AuthResult  # noqa: E402

from certs import trust  # noqa: E402
from daemon import free_port  # noqa: E402
from harness import folder, keep, _stack  # noqa: E402
from hostile import server_context  # noqa: E402

USER, PASSWORD = 'hanako@lab.example', 'correct horse battery staple'

MESSAGE = '''\
To: Taro <taro@lab.example>
Subject: The backup of the night

Everything was saved: 12,043 files.
.. and this line begins with two dots.
'''


class Smarthost(Controller):
    """Takes mail from whoever starts TLS and knows the password, and keeps it."""

    def __init__(self):
        self.arrived = []
        super().__init__(self, hostname='127.0.0.1', port=free_port())

    def factory(self):
        """A server for one connection."""
        return SMTP(self, hostname='smarthost.lab.example', tls_context=server_context('good'),
                    require_starttls=True, auth_required=True, authenticator=self.sign_in)

    @staticmethod
    def sign_in(_server, _session, _envelope, _mechanism, data):
        """Check user and password."""
        right = data.login == USER.encode() and data.password == PASSWORD.encode()
        return AuthResult(success=right, handled=False)

    async def handle_DATA(self, _server, _session, envelope):
        """The hook's name is aiosmtpd's: called after the last dot."""
        self.arrived.append(envelope)
        return '250 2.0.0 Ok: taken'

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()


def heading(words):
    """A line that stands out."""
    print(f'\n--- {words} ' + '-' * (76 - len(words)), flush=True)


def account_file(port):
    """What the user writes once."""
    path = folder('demo') / 'msmtprc'
    path.write_text(f'''\
defaults
auth           on
tls            on
tls_trust_file {trust()}

account demo
host           localhost
port           {port}
from           {USER}
user           {USER}
passwordeval   echo {PASSWORD}
account default : demo
''')
    path.chmod(0o600)
    return path


def main():
    """Run it; the exit status is mailchute's."""
    logging.getLogger('mail.log').setLevel(logging.ERROR)
    with _stack:
        smarthost = keep(Smarthost())
        account = account_file(smarthost.port)
        heading('the account')
        print(account.read_text(), end='')
        heading('the message')
        print(MESSAGE, end='')
        heading('mailchute -v -t < message')
        status = subprocess.run([sys.argv[1], '-C', account, '-v', '-t'], input=MESSAGE.encode(),
                                check=False).returncode
        print(f'exit status {status}')
        for envelope in smarthost.arrived:
            heading('what arrived')
            print(f'from {envelope.mail_from} to {", ".join(envelope.rcpt_tos)}\n')
            print(envelope.content.decode().replace('\r\n', '\n'), end='')
    return status if smarthost.arrived else status or 1


if __name__ == '__main__':
    sys.exit(main())
