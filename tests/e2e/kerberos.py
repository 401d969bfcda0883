# SPDX-License-Identifier: ISC
"""kerberos.py - a private Kerberos realm: its KDC, some principals, and tickets in files

MIT's krb5kdc with its own settings and database on a free port. Nobody here reads /etc/krb5.conf
or asks a name server.
"""
import os
import subprocess

from daemon import Daemon, free_port
from harness import folder, need, wait_until

REALM = 'LAB.EXAMPLE'
PASSWORD = 't1cket please'

EVERYBODY = """\
[libdefaults]
default_realm = {realm}
dns_lookup_kdc = false
dns_lookup_realm = false
dns_canonicalize_hostname = false
qualify_shortname = ""
udp_preference_limit = 1
# A service would remember in /var/tmp which tickets it has seen.
default_rcache_name = none:
[realms]
{realm} = {{
  kdc = 127.0.0.1:{port}
}}
"""

KDC = """\
[kdcdefaults]
kdc_listen = ""
kdc_tcp_listen = 127.0.0.1:{port}
[realms]
{realm} = {{
  database_name = {place}/principal
  key_stash_file = {place}/stash
  acl_file = {place}/acl
}}
[logging]
kdc = FILE:{place}/log
"""


class Kerberos(Daemon):
    """A context; environment() is what a user has, dovecot_settings what a server needs.

    users: names of people; services: such as 'smtp/localhost', their keys are in .keytab;
    strangers: services whose keys nobody has.
    """

    def __init__(self, users, services, strangers=()):
        self.place = folder('kerberos')
        self.port = free_port()
        self.settings_file, self.keytab = self.place / 'krb5.conf', self.place / 'keytab'
        self.settings_file.write_text(EVERYBODY.format(realm=REALM, port=self.port))
        (self.place / 'kdc.conf').write_text(
            KDC.format(realm=REALM, port=self.port, place=self.place))
        self.own = {'PATH': '/usr/bin:/bin', 'KRB5_CONFIG': str(self.settings_file),
                    'KRB5_KDC_PROFILE': str(self.place / 'kdc.conf')}
        program = need('krb5kdc', 'krb5-kdc')
        self._run([need('kdb5_util', 'krb5-kdc'), 'create', '-s', '-P', 'master'])
        self._run([need('kadmin.local', 'krb5-admin-server')], ''.join(
            [f'addprinc -pw "{PASSWORD}" {user}\n' for user in users] +
            [f'addprinc -randkey {name}\n' for name in (*services, *strangers)] +
            [f'ktadd -k {self.keytab} {name}\n' for name in services]))
        self.keytab.chmod(0o644)
        # libgssglue forgets 16 bytes of a list in each gss_import_name().
        (self.place / 'leaks').write_text('leak:libgssapi_krb5.so\n')
        self.dovecot_settings = f'auth_krb5_keytab = {self.keytab}\n' \
            'auth_gssapi_hostname = "$ALL"\n' \
            f'import_environment = KRB5_CONFIG={self.settings_file}\n'
        super().__init__([program, '-n'], self.place / 'stderr', [self.port], env=self.own)

    def _run(self, argv, text='', **more):
        subprocess.run(argv, input=text, env={**self.own, **more}, check=True, text=True,
                       capture_output=True)

    def environment(self, user=None, *options):
        """What mailchute needs in its environment: the realm, and a place with the user's ticket,
        or with none. The options are kinit's."""
        tickets = f"FILE:{folder('tickets')}/tickets"
        if user:
            self._run([need('kinit', 'krb5-user'), *options, user], PASSWORD + '\n',
                      KRB5CCNAME=tickets)
        leaks = f"{os.environ.get('LSAN_OPTIONS', '')}:suppressions={self.place}/leaks"
        return {'KRB5_CONFIG': self.settings_file, 'KRB5CCNAME': tickets,
                'LSAN_OPTIONS': leaks + ':print_suppressions=0'}

    def expired(self, user, service):
        """The same with a ticket whose time is over."""
        env = self.environment(user, '-l', '1s')
        wait_until(lambda: subprocess.run(
            [need('kvno', 'krb5-user'), service], env={**self.own, **env}, check=False,
            capture_output=True).returncode, 'the ticket expires')
        return env
