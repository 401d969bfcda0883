# SPDX-License-Identifier: ISC
"""certs.py - a throw-away certificate authority and the certificates servers show

Made with GnuTLS' certtool, whose templates can say any validity and purpose. All keys are P-256:
making one takes milliseconds. A certificate is made when it is first asked for.
"""
import functools
import hashlib
import ssl
import subprocess
from typing import NamedTuple

from harness import folder, need

LOCAL = 'dns_name = localhost\nip_address = 127.0.0.1\nip_address = ::1\n'
SERVER = 'tls_www_server\nsigning_key\n'
VALID = 'activation_date = "2020-01-01 00:00:00"\nexpiration_date = "2099-01-01 00:00:00"\n'
PAST = 'activation_date = "2020-01-01 00:00:00"\nexpiration_date = "2020-02-01 00:00:00"\n'
FUTURE = 'activation_date = "2098-01-01 00:00:00"\nexpiration_date = "2099-01-01 00:00:00"\n'

# What each certificate says, and who signs it ('' = itself).
KINDS = {
    'ca': ('cn = "Test CA"\nca\ncert_signing_key\n' + VALID, ''),
    'other-ca': ('cn = "Other CA"\nca\ncert_signing_key\n' + VALID, ''),
    'good': ('cn = localhost\n' + LOCAL + SERVER + VALID, 'ca'),
    'expired': ('cn = localhost\n' + LOCAL + SERVER + PAST, 'ca'),
    'not-yet': ('cn = localhost\n' + LOCAL + SERVER + FUTURE, 'ca'),
    'self-signed': ('cn = localhost\n' + LOCAL + SERVER + VALID, ''),
    'wrong-name': ('cn = mail.lab.example\ndns_name = mail.lab.example\n' + SERVER + VALID, 'ca'),
    'name-only': ('cn = localhost\ndns_name = localhost\n' + SERVER + VALID, 'ca'),
    'idn': ('cn = IDN\ndns_name = xn--mller-kva.example\n' + SERVER + VALID, 'ca'),
    'client-purpose': ('cn = localhost\n' + LOCAL + 'tls_www_client\nsigning_key\n' + VALID, 'ca'),
    'client': ('cn = ops\ntls_www_client\nsigning_key\n' + VALID, 'ca'),
}


class Cert(NamedTuple):
    """File names of a certificate and its key (PEM)."""
    cert: str
    key: str

    def fingerprint(self):
        """SHA-256 of the certificate, as tls_fingerprint wants it."""
        with open(self.cert, encoding='ascii') as file:
            der = ssl.PEM_cert_to_DER_cert(file.read())
        digest = hashlib.sha256(der).hexdigest().upper()
        return ':'.join(digest[i:i + 2] for i in range(0, len(digest), 2))


@functools.cache
def cert(kind):
    """The certificate of this kind, made now if it is the first time."""
    template, signer = KINDS[kind]
    place = folder('cert-' + kind)
    made = Cert(str(place / 'cert.pem'), str(place / 'key.pem'))
    (place / 'template').write_text(template)
    _certtool('--generate-privkey', '--key-type=ecdsa', '--curve=secp256r1', '--outfile', made.key)
    how = ['--generate-self-signed']
    if signer:
        ca = cert(signer)
        how = ['--generate-certificate', '--load-ca-certificate', ca.cert,
               '--load-ca-privkey', ca.key]
    _certtool(*how, '--load-privkey', made.key, '--template', place / 'template',
              '--outfile', made.cert)
    return made


def trust(kind='ca'):
    """The file to give to tls_trust_file."""
    return cert(kind).cert


def _certtool(*args):
    tool = need('certtool', 'gnutls-bin')
    subprocess.run([tool, *map(str, args)], check=True, capture_output=True)
