# SPDX-License-Identifier: ISC
"""certs.py - a throw-away certificate authority and the certificates servers show

Made with GnuTLS' certtool, whose templates can say any validity and purpose. All keys are P-256:
making one takes milliseconds. A certificate is made when it is first asked for.
"""
import base64
import functools
import hashlib
import os
import re
import ssl
import subprocess
import time
from typing import NamedTuple

from harness import folder, need

LOCAL = 'dns_name = localhost\nip_address = 127.0.0.1\nip_address = ::1\n'
SERVER = 'tls_www_server\nsigning_key\n'
VALID = 'activation_date = "2020-01-01 00:00:00"\nexpiration_date = "2099-01-01 00:00:00"\n'
PAST = 'activation_date = "2020-01-01 00:00:00"\nexpiration_date = "2020-02-01 00:00:00"\n'
FUTURE = 'activation_date = "2098-01-01 00:00:00"\nexpiration_date = "2099-01-01 00:00:00"\n'

SOON = time.strftime('activation_date = "2020-01-01 00:00:00"\nexpiration_date = '
                     '"%Y-%m-%d %H:%M:%S"\n', time.gmtime(time.time() + 5 * 86400))

# Those that aren't P-256, and those whose key another one has, too.
RSA = {'rsa': 2048, 'weak-key': 1024}
WEAK_HASH = ('weak-hash',)
SAME_KEY = {'renewed': 'self-signed', 'ca-of-old': 'ca', 'ca-to-come': 'ca', 'ca-by-other': 'ca',
            'middle-of-old': 'middle', 'middle-by-other': 'middle'}

# What each certificate says, and who signs it ('' = itself).
KINDS = {
    'ca': ('cn = "Test CA"\nca\ncert_signing_key\n' + VALID, ''),
    'other-ca': ('cn = "Other CA"\nca\ncert_signing_key\n' + VALID, ''),
    'good': ('cn = localhost\n' + LOCAL + SERVER + VALID, 'ca'),
    'expired': ('cn = localhost\n' + LOCAL + SERVER + PAST, 'ca'),
    'not-yet': ('cn = localhost\n' + LOCAL + SERVER + FUTURE, 'ca'),
    'soon': ('cn = localhost\n' + LOCAL + SERVER + SOON, 'ca'),
    'self-signed': ('cn = localhost\n' + LOCAL + SERVER + VALID, ''),
    'wrong-name': ('cn = mail.lab.example\ndns_name = mail.lab.example\n' + SERVER + VALID, 'ca'),
    'name-only': ('cn = localhost\ndns_name = localhost\n' + SERVER + VALID, 'ca'),
    'idn': ('cn = IDN\ndns_name = xn--mller-kva.example\n' + SERVER + VALID, 'ca'),
    'client-purpose': ('cn = localhost\n' + LOCAL + 'tls_www_client\nsigning_key\n' + VALID, 'ca'),
    'renewed': ('cn = localhost\n' + LOCAL + SERVER + VALID, ''),
    'rsa': ('cn = localhost\n' + LOCAL + SERVER + VALID, 'ca'),
    'twin-ca': ('cn = "Test CA"\nca\ncert_signing_key\n' + VALID, ''),
    'by-twin': ('cn = localhost\n' + LOCAL + SERVER + VALID, 'twin-ca'),
    'ca-of-old': ('cn = "Test CA"\nca\ncert_signing_key\n' + PAST, ''),
    'ca-to-come': ('cn = "Test CA"\nca\ncert_signing_key\n' + FUTURE, ''),
    'ca-by-other': ('cn = "Test CA"\nca\ncert_signing_key\n' + VALID, 'other-ca'),
    'middle': ('cn = "Middle CA"\nca\ncert_signing_key\n' + VALID, 'ca'),
    'middle-of-old': ('cn = "Middle CA"\nca\ncert_signing_key\n' + PAST, 'ca'),
    'middle-by-other': ('cn = "Middle CA"\nca\ncert_signing_key\n' + VALID, 'other-ca'),
    'below': ('cn = localhost\n' + LOCAL + SERVER + VALID, 'middle'),
    'below-expired': ('cn = localhost\n' + LOCAL + SERVER + PAST, 'middle'),
    'below-good': ('cn = localhost\n' + LOCAL + SERVER + VALID, 'good'),
    'cn-only': ('cn = localhost\n' + SERVER + VALID, 'ca'),
    'wildcard': ('cn = wild\ndns_name = *.lab.example\n' + SERVER + VALID, 'ca'),
    'wildcard-part': ('cn = wild\ndns_name = m*.lab.example\n' + SERVER + VALID, 'ca'),
    'wildcard-inside': ('cn = wild\ndns_name = mx.*.example\n' + SERVER + VALID, 'ca'),
    'address-as-name': ('cn = 127.0.0.1\ndns_name = 127.0.0.1\n' + SERVER + VALID, 'ca'),
    'weak-key': ('cn = localhost\n' + LOCAL + SERVER + VALID, 'ca'),
    'weak-hash': ('cn = localhost\n' + LOCAL + SERVER + VALID, 'ca'),
    'middle': ('cn = "Middle CA"\nca\ncert_signing_key\n' + VALID, 'ca'),
    'alone': ('cn = localhost\n' + LOCAL + SERVER + VALID, 'middle'),
    'with-middle': ('cn = localhost\n' + LOCAL + SERVER + VALID, 'middle'),
    'client': ('cn = ops\ntls_www_client\nsigning_key\n' + VALID, 'ca'),
}


class Cert(NamedTuple):
    """File names of a certificate and its key (PEM)."""
    cert: str
    key: str

    def fingerprint(self, algorithm='sha256'):
        """SHA-256 (or another) of the certificate, as tls_fingerprint wants it."""
        with open(self.cert, encoding='ascii') as file:
            der = ssl.PEM_cert_to_DER_cert(file.read())
        digest = hashlib.new(algorithm, der).hexdigest().upper()
        return ':'.join(digest[i:i + 2] for i in range(0, len(digest), 2))

    def key_fingerprint(self):
        """SHA-256 of the public key, as tls_pubkey_fingerprint wants it."""
        shown = _certtool('--pubkey-info', '--load-certificate', self.cert).stdout.decode()
        pem = re.search('-----BEGIN PUBLIC KEY-----(.*?)-----END', shown, re.S).group(1)
        digest = hashlib.sha256(base64.b64decode(pem)).hexdigest().upper()
        return ':'.join(digest[i:i + 2] for i in range(0, len(digest), 2))


@functools.cache
def cert(kind):
    """The certificate of this kind, made now if it is the first time."""
    template, signer = KINDS[kind]
    place = folder('cert-' + kind)
    made = Cert(str(place / 'cert.pem'), str(place / 'key.pem'))
    (place / 'template').write_text(template)
    if kind in SAME_KEY:
        made = made._replace(key=cert(SAME_KEY[kind]).key)
    else:
        how = ['--key-type=rsa', f'--bits={RSA[kind]}'] if kind in RSA else \
            ['--key-type=ecdsa', '--curve=secp256r1']
        _certtool('--generate-privkey', *how, '--outfile', made.key)
    how = ['--generate-self-signed']
    if signer:
        ca = cert(signer)
        how = ['--generate-certificate', '--load-ca-certificate', ca.cert,
               '--load-ca-privkey', ca.key]
    how += ['--hash=SHA1'] if kind in WEAK_HASH else []
    _certtool(*how, '--load-privkey', made.key, '--template', place / 'template',
              '--outfile', made.cert)
    if kind.startswith('with-'):
        with open(made.cert, 'a', encoding='ascii') as file:
            file.write(open(cert(signer).cert, encoding='ascii').read())
    return made


def trust(kind='ca'):
    """The file to give to tls_trust_file."""
    return cert(kind).cert


def bundle(kinds, before=''):
    """A file with these certificates, one behind the other, and `before` in front of them."""
    path = folder('bundle') / 'bundle.pem'
    path.write_text(before + ''.join(open(cert(kind).cert, encoding='ascii').read()
                                     for kind in kinds))
    return str(path)


@functools.cache
def revoked(*kinds, signer='ca', until=2099):
    """A list (CRL) of the certificates that this authority has revoked, good until this year."""
    place = folder('crl')
    (place / 'template').write_text(
        'crl_number = 1\ncrl_this_update_date = "2020-01-01 00:00:00"\n'
        f'crl_next_update_date = "{until}-01-01 00:00:00"\n')
    ca = cert(signer)
    _certtool('--generate-crl', '--load-ca-certificate', ca.cert, '--load-ca-privkey', ca.key,
              *(['--load-certificate', bundle(kinds)] if kinds else []),
              '--template', place / 'template', '--outfile', place / 'crl.pem')
    return str(place / 'crl.pem')


@functools.cache
def dh_params():
    """A file with a group for Diffie-Hellman, of 3072 bits."""
    file = folder('dh') / 'params.pem'
    _certtool('--get-dh-params', '--bits=3072', '--outfile', file)
    return str(file)


def _certtool(*args):
    tool = need('certtool', 'gnutls-bin')
    return subprocess.run([tool, *map(str, args)], check=True, capture_output=True,
                          env={**os.environ, 'TZ': 'UTC'})  # of the dates in a template
