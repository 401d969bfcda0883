# SPDX-License-Identifier: ISC
"""cyrus.py - Cyrus SASL with a user of its own, for a private Postfix

It is a library inside Postfix, not a server. It knows NTLM, which Dovecot knows no more, and is a
second opinion on the other mechanisms.
"""
import glob
import shutil
import subprocess

from harness import Skip, folder, need

USER, REALM = 'ops', 'mx.lab.example'
PASSWORD = 'correct #7 "horse" \\ battery'
MECHANISMS = ('plain', 'login', 'cram-md5', 'digest-md5', 'scram-sha-1', 'scram-sha-256', 'ntlm')

CONF = """\
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: {users}
mech_list: {mechanisms}
"""


class Cyrus:
    """The users' file; for_postfix() makes a Postfix ask it."""

    def __init__(self):
        tool = need('saslpasswd2', 'sasl2-bin')
        if not glob.glob('/usr/lib/*/sasl2/libntlm.so'):
            raise Skip('no libntlm.so (Debian package libsasl2-modules)')
        self.users = folder('cyrus') / 'users'
        subprocess.run([tool, '-p', '-c', '-f', self.users, '-u', REALM, USER],
                       input=PASSWORD.encode(), check=True, capture_output=True)

    def for_postfix(self, conf):
        """Debian's Postfix looks for the settings of Cyrus SASL in its own folder of settings."""
        shutil.chown(self.users, 'postfix')
        (conf / 'sasl').mkdir()
        (conf / 'sasl/smtpd.conf').write_text(CONF.format(
            users=self.users, mechanisms=' '.join(MECHANISMS).upper()))
        return 'smtpd_sasl_type = cyrus\nsmtpd_sasl_path = smtpd'
