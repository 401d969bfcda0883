# SPDX-License-Identifier: ISC
"""scram.py - the server's side of SCRAM (RFC 5802, RFC 7677), with channel binding

Also a TLS 1.3 socket whose exporter can be read (RFC 9266), which Python's own ssl module has not.
"""
import base64
import hashlib
import hmac
import os
import socket
import ssl

from certs import cert
from harness import Skip

try:
    from OpenSSL import SSL
except ImportError:
    SSL = None


class Scram:
    """One sign-in, whose steps can be bent: the iterations, the signature."""

    def __init__(self, digest, user, password, binding=None, iterations=4096, lie=False):
        self.digest, self.iterations, self.lie = digest, iterations, lie
        self.user, self.password = user, password
        self.binding = binding  # (name, function of the socket) for a -PLUS mechanism, else None
        self.salt = b'0123456789abcdef'

    def sign_in(self, session, initial, prove=True):
        """Go through the dialogue; true when the client knows the password."""
        first = session.challenge(b'') if initial is None else initial
        gs2, bare = self._split(first)
        nonce = dict(part.split(b'=', 1) for part in bare.split(b','))[b'r']
        nonce += base64.b64encode(os.urandom(9))
        server_first = b'r=%s,s=%s,i=%d' % (nonce, base64.b64encode(self.salt), self.iterations)
        final = session.challenge(server_first)
        without_proof, _, proof = final.rpartition(b',p=')
        fields = dict(part.split(b'=', 1) for part in without_proof.split(b','))
        right = fields == {b'c': base64.b64encode(gs2 + self._bound(session)), b'r': nonce}
        salted = hashlib.pbkdf2_hmac(self.digest, self.password.encode(), self.salt,
                                     self.iterations)
        message = b','.join([bare, server_first, without_proof])
        right = right and self._proof(salted, message) == base64.b64decode(proof)
        if right and prove:
            signature = self._hmac(self._hmac(salted, b'Server Key'), message)
            session.challenge(b'v=' + base64.b64encode(bytes(32) if self.lie else signature))
        return right

    def _split(self, first):
        """The GS2 header, which must say what our offer calls for, and the rest of the message."""
        flag, _, rest = first.partition(b',')
        wanted = [b'p=' + self.binding[0].encode()] if self.binding else [b'n', b'y']
        if flag not in wanted:
            raise ValueError(f'channel binding flag {flag!r}, wanted {wanted!r}')
        authzid, _, bare = rest.partition(b',')
        if not bare.startswith(b'n=' + self.user.encode() + b',r='):
            raise ValueError(f'unexpected {bare!r}')
        return flag + b',' + authzid + b',', bare

    def _bound(self, session):
        return self.binding[1](session.sock) if self.binding else b''

    def _proof(self, salted, message):
        client_key = self._hmac(salted, b'Client Key')
        stored = hashlib.new(self.digest, client_key).digest()
        signature = self._hmac(stored, message)
        return bytes(a ^ b for a, b in zip(client_key, signature))

    def _hmac(self, key, message):
        return hmac.new(key, message, self.digest).digest()


# What each kind of binding is called, and how the server reads it.
UNIQUE = ('tls-unique', lambda sock: sock.get_channel_binding('tls-unique'))
EXPORTER = ('tls-exporter', lambda sock: sock.exporter())


class ExporterContext:
    """Stands in for an SSLContext; TLS 1.3 only."""

    def __init__(self, kind='good'):
        if SSL is None:
            raise Skip('no OpenSSL module for Python (Debian package python3-openssl)')
        self.context = SSL.Context(SSL.TLS_SERVER_METHOD)
        self.context.set_min_proto_version(SSL.TLS1_3_VERSION)
        self.context.use_certificate_file(cert(kind).cert)
        self.context.use_privatekey_file(cert(kind).key)

    def wrap_socket(self, sock, **_):
        """Shake hands as the server."""
        return ExporterSocket(self.context, sock)


class ExporterSocket:
    """As much of an SSLSocket as a Session uses."""

    def __init__(self, context, sock):
        sock.settimeout(None)
        self.sock, self.tls = sock, SSL.Connection(context, sock)
        self.tls.set_accept_state()
        try:
            self.tls.do_handshake()
        except SSL.Error as error:
            raise ssl.SSLError(str(error)) from error

    def exporter(self):
        """The channel binding of RFC 9266."""
        return self.tls.export_keying_material(b'EXPORTER-Channel-Binding', 32, b'')

    def recv(self, size):
        """Decrypted bytes; none when the client said goodbye."""
        try:
            return self.tls.recv(size)
        except SSL.ZeroReturnError:
            return b''
        except SSL.Error as error:
            raise ssl.SSLError(str(error)) from error

    def sendall(self, data):
        """Encrypt and send."""
        self.tls.sendall(data)

    def shutdown(self, how):
        """Of the socket, not of TLS."""
        self.sock.shutdown(how)

    def setsockopt(self, *args):
        """Of the socket."""
        self.sock.setsockopt(*args)

    def close(self):
        """Free it."""
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()
