#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""demo.py - the main job, visibly done, with no account and no Internet

Starts mailchute as a smarthost on loopback that wants STARTTLS and a sign-in and has a certificate
made for the occasion, writes an account file for it, pipes a message through mailchute, and prints
the session as its user sees it, and what arrived.

usage: demo.py MAILCHUTE
"""
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'e2e'))

from catcher import Catcher  # noqa: E402
from harness import folder, keep, _stack  # noqa: E402

USER, PASSWORD = 'hanako@lab.example', 'correct horse battery staple'

MESSAGE = '''\
To: Taro <taro@lab.example>
Subject: The backup of the night

Everything was saved: 12,043 files.
.. and this line begins with two dots.
'''


def heading(words):
    """A line that stands out."""
    print(f'\n--- {words} ' + '-' * (76 - len(words)), flush=True)


def account_file(port, fingerprint):
    """What the user writes once."""
    path = folder('demo') / 'msmtprc'
    path.write_text(f'''\
defaults
auth           on
tls            on
tls_fingerprint {fingerprint}

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
    os.environ['MAILCHUTE'] = os.path.abspath(sys.argv[1])
    options = ['--catch-tls=self', f'--catch-auth={USER}:{PASSWORD}', '--catch-format=frame']
    with _stack:
        smarthost = keep(Catcher(*options))
        account = account_file(smarthost.port, smarthost.line().split()[-1])
        heading('the smarthost')
        print(f'mailchute --catch={smarthost.port}', *options[:1],
              f"'--catch-auth={USER}:{PASSWORD}'")
        heading('the account')
        print(account.read_text(), end='')
        heading('the message')
        print(MESSAGE, end='')
        heading('mailchute -v -t < message')
        status = subprocess.run([sys.argv[1], '-C', account, '-v', '-t'], input=MESSAGE.encode(),
                                check=False).returncode
        print(f'exit status {status}')
        heading('what arrived')
        arrived = smarthost.end().out
        print(arrived, end='')
    return status if arrived else status or 1


if __name__ == '__main__':
    sys.exit(main())
