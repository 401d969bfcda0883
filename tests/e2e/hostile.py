# SPDX-License-Identifier: ISC
"""hostile.py - an SMTP server that does what a test tells it, and remembers what it was told

A Server accepts connections; each becomes a Session in a thread of its own. A Session answers as a
good server would; keywords of Server replace its attributes and methods one by one:

    Server(tls='starttls', caps=('PIPELINING',), rcpt=lambda s, address: '451 4.7.1 Greylisted')

A method gets the session and returns the reply (None: say nothing; a list: one reply each). It may
call hang_up(), reset() or silence() on the session instead. Replies are sent when the server is
about to read, as real servers do, so `flights` counts how often the client waited for an answer.
"""
import base64
import contextlib
import io
import re
import socket
import ssl
import struct
import threading
from typing import NamedTuple

from certs import cert, trust
from daemon import bound
from harness import Failure, check, check_equal, settings

LIMIT = 60  # seconds until a session gives up on its client
PASSWORD = 'sw0rdfish'  # of the user ops; it looks like nothing that is said elsewhere


class Gone(Exception):
    """The session is over; the text says how."""


class Mail(NamedTuple):
    """One accepted or refused transaction; .wire are the bytes between DATA and the last dot, or
    those of all chunks."""
    sender: str
    recipients: list
    wire: object
    chunked: bool = False

    @property
    def data(self):
        """The message with the doubled dots single again."""
        return self.wire if self.chunked else re.sub(rb'(^|\r\n)\.', rb'\1', self.wire)


class Session:
    """One connection, in protocol order. Public attributes are what the client did."""
    greeting = '220 mx.lab.example ESMTP ready'
    name = 'mx.lab.example'
    caps = ('PIPELINING', 'SIZE 1000000000', '8BITMIME', 'SMTPUTF8', 'DSN', 'ENHANCEDSTATUSCODES')
    mechanisms = 'PLAIN LOGIN'   # announced only inside TLS
    user, password = 'ops', PASSWORD
    final = '250 2.0.0 queued as TEST1'
    bye = '221 2.0.0 bye'
    lmtp = False
    strict = True                # RCPT without an accepted MAIL is refused
    knows_bdat = True            # where CHUNKING is offered: what it means, too
    sink = io.BytesIO            # where the bytes of a message go

    def __init__(self, server, sock, peer):
        self.server, self.sock, self.peer = server, sock, peer
        self.sock.settimeout(LIMIT)
        self.commands = []       # every line, as text
        self.clear = b''         # what came before TLS
        self.mails = []          # complete messages: the last dot was seen
        self.partial = None      # the sink of a message that broke off
        self.flights = 0
        self.early = []          # commands that did not wait although they had to
        self.secure = self.signed_in = False
        self.ended = None        # how it ended
        self.failure = None      # what the test's method found wrong
        self.sender, self.recipients, self.parameters = None, [], ''
        self._in, self._out, self._spoke = b'', b'', True

    # --- what a test may replace -----------------------------------------------------------------

    def connected(self):
        """The greeting."""
        return self.greeting

    def ehlo(self, _name):
        """The capabilities: STARTTLS before TLS, AUTH after."""
        caps = list(self.caps)
        if self.server.tls == 'starttls' and not self.secure:
            caps.insert(0, 'STARTTLS')
        if self.mechanisms and (self.secure or not self.server.tls):
            caps.insert(0, 'AUTH ' + self.mechanisms)
        lines = [self.name] + caps
        return '\r\n'.join(f"250{'-' if line is not lines[-1] else ' '}{line}" for line in lines)

    def starttls(self):
        """Agree, then shake hands."""
        self.say('220 2.0.0 go ahead')
        self.start_tls()

    def auth(self, mechanism, initial):
        """Check a password; initial is None when the client sent no initial response."""
        if mechanism == 'PLAIN':
            got = self.challenge(b'') if initial is None else initial
            right = got.split(b'\0')[-2:] == [self.user.encode(), self.password.encode()]
        else:
            right = [self.challenge(b'Username:'), self.challenge(b'Password:')] == \
                [self.user.encode(), self.password.encode()]
        return self.judged(right)

    def mail(self, _address):
        """The reply to MAIL FROM; the whole argument is in .parameters."""
        return '250 2.1.0 sender ok'

    def rcpt(self, _address):
        """The reply to RCPT TO."""
        return '250 2.1.5 recipient ok'

    def data(self):
        """The reply to DATA."""
        return '354 go on, end with a dot' if self.recipients else '554 5.5.1 no valid recipients'

    def chunk(self, _size):
        """The reply to a chunk that isn't the last."""
        return '250 2.0.0 ok'

    def received(self, _mail):
        """The reply to the last dot, or to the last chunk (a list in LMTP, one for each recipient)."""
        return [self.final] * len(self.recipients) if self.lmtp else self.final

    def quit(self):
        """The reply to QUIT."""
        return self.bye

    # --- what such a method may do ---------------------------------------------------------------

    def say(self, reply):
        """Queue a reply; more than one line is given with CRLF between them."""
        for one in reply if isinstance(reply, list) else [reply]:
            if one is not None:
                self._out += (one if isinstance(one, bytes) else one.encode()) + b'\r\n'

    def raw(self, data):
        """Queue bytes as they are."""
        self._out += data

    def flush(self):
        """Send what is queued."""
        out, self._out = self._out, b''
        if out:
            self._spoke = True
            self.sock.sendall(out)

    def challenge(self, data):
        """One step of SASL: ask, and return the decoded answer."""
        self.say(b'334 ' + base64.b64encode(data))
        line = self.read_line()
        if line == b'*':
            raise Gone('the client cancelled AUTH')
        return base64.b64decode(line, validate=True)

    def judged(self, right):
        """The reply that ends AUTH."""
        self.signed_in = right
        return '235 2.7.0 welcome' if right else '535 5.7.8 wrong user name or password'

    def start_tls(self):
        """Shake hands now."""
        self.flush()
        self.clear += self._in
        self._in = b''
        self.sock = self.server.context.wrap_socket(self.sock, server_side=True,
                                                    suppress_ragged_eofs=False)
        self.secure = True

    def hang_up(self):
        """Close the connection; under TLS without the goodbye (close_notify) that is due."""
        self.flush()
        self.sock.shutdown(socket.SHUT_RDWR)
        raise Gone('we hung up')

    def reset(self):
        """Close with a TCP reset."""
        self.flush()
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        raise Gone('we reset the connection')

    def silence(self):
        """Say nothing more, and wait until the client goes."""
        self.flush()
        while True:
            self._receive()

    def drip(self, data, pause=0.2):
        """Send one byte at a time: each comes soon enough, all of them never."""
        for byte in data:
            self.raw(bytes([byte]))
            self.flush()
            self.server.stopping.wait(pause)

    # --- the machinery ---------------------------------------------------------------------------

    def run(self):
        """Serve until either side ends it."""
        try:
            if self.server.tls == 'implicit':
                self.start_tls()
            self.say(self.connected())
            while True:
                self._command(self.read_line())
        except Gone as gone:
            self.ended = str(gone)
        except OSError as error:
            self.ended = f'{type(error).__name__}: {error}'
        except Exception as error:  # of the test's own method: Server tells
            self.failure = error
            self.ended = f'the test itself failed: {error!r}'
        finally:
            self.sock.close()

    def read_line(self):
        """The next line, without its end."""
        while b'\n' not in self._in:
            self.flush()
            self._in += self._receive()
        line, _, self._in = self._in.partition(b'\n')
        if not self.secure:
            self.clear += line + b'\n'
        self.commands.append(line.rstrip(b'\r').decode('utf-8', 'surrogateescape'))
        return line.rstrip(b'\r')

    def read_bytes(self, count):
        """So many bytes."""
        while len(self._in) < count:
            self.flush()
            self._in += self._receive()
        chunk, self._in = self._in[:count], self._in[count:]
        return chunk

    def read_body(self, sink):
        """Copy to the sink up to the last dot."""
        window = b'\r\n'  # as if a line had just ended: the first may be the dot
        held = 2  # bytes of the window that are no part of the message
        while True:
            at = window.find(b'\r\n.\r\n')
            if at >= 0:
                sink.write(window[held:at + 2])
                self._in = window[at + 5:]
                return
            keep = max(len(window) - 4, 0)
            sink.write(window[held:keep])
            held = max(held - keep, 0)
            window = window[keep:]
            if self._in:
                window, self._in = window + self._in, b''
            else:
                self.flush()
                window += self._receive()

    def _receive(self):
        got = self.sock.recv(65536)
        if not got:
            raise Gone('the client closed')
        self.flights += self._spoke
        self._spoke = False
        return got

    def _command(self, line):
        text = self.commands[-1]
        verb, _, rest = text.partition(' ')
        verb = verb.upper()
        if self._in and verb != 'BDAT' and (  # whose chunk it is
                'PIPELINING' not in map(str.upper, self.caps) or
                verb in ('EHLO', 'LHLO', 'STARTTLS', 'AUTH', 'DATA')):
            self.early.append(text)
        if verb in ('EHLO', 'LHLO') and self.lmtp == (verb == 'LHLO'):
            self.say(self.ehlo(rest))
        elif verb == 'HELO' and not self.lmtp:
            self.say('250 ' + self.name)
        elif verb == 'STARTTLS':
            self.say(self.starttls())
        elif verb == 'AUTH':
            mechanism, _, initial = rest.partition(' ')
            self.say(self.auth(mechanism.upper(), self._initial(initial)))
        elif verb == 'MAIL':
            self._mail(self._path(rest), rest)
        elif verb == 'RCPT':
            self._rcpt(self._path(rest))
        elif verb == 'DATA':
            self._data()
        elif verb == 'BDAT' and self.knows_bdat and 'CHUNKING' in self.caps:
            self._bdat(*rest.upper().split())
        elif verb == 'QUIT':
            self.say(self.quit())
            self.flush()
            self._until_closed()
        elif verb in ('RSET', 'NOOP'):
            self.say('250 2.0.0 ok')
        else:
            self.say('500 5.5.2 what?')

    @staticmethod
    def _initial(text):
        if not text:
            return None
        return b'' if text == '=' else base64.b64decode(text, validate=True)

    @staticmethod
    def _path(rest):
        match = re.match(r'(?:FROM|TO):<(.*?)>(?: |$)', rest, re.I)
        return match.group(1) if match else rest

    @staticmethod
    def _is(reply, code):
        return bool(reply) and reply[:len(code)] in (code, code.encode())

    def _mail(self, address, parameters):
        reply = self.mail(address)
        self.sender = address if self._is(reply, '2') else None
        self.recipients, self.parameters = [], parameters
        self.say(reply)

    def _rcpt(self, address):
        if self.sender is None and self.strict:
            self.say('503 5.5.1 MAIL first')
            return
        reply = self.rcpt(address)
        if self._is(reply, '2'):
            self.recipients.append(address)
        self.say(reply)

    def _data(self):
        reply = self.data()
        self.say(reply)
        if self._is(reply, '354'):
            self.take_message()

    def take_message(self):
        """Read the message that was invited, and answer it."""
        self.partial = self.sink()
        self.read_body(self.partial)
        wire = self.partial.getvalue() if hasattr(self.partial, 'getvalue') else self.partial
        mail = Mail(self.sender, list(self.recipients), wire)
        self.mails.append(mail)
        self.partial = None
        self.say(self.received(mail))

    def _bdat(self, size, last=''):
        """A chunk is read whatever becomes of it (RFC 3030, 2)."""
        self.partial = self.partial or self.sink()
        self.partial.write(self.read_bytes(int(size)))
        if self.sender is None or not self.recipients:
            self.partial = None
            self.say('503 5.5.1 no valid recipients')
        elif last:
            mail = Mail(self.sender, list(self.recipients), self.partial.getvalue(), True)
            self.partial, self.sender = None, None
            self.mails.append(mail)
            self.say(self.received(mail))
        else:
            self.say(self.chunk(int(size)))

    def _until_closed(self):
        """After QUIT: the client may say goodbye in TLS or may just close."""
        try:
            while self.sock.recv(4096):
                pass
            raise Gone('quit')
        except ssl.SSLError:
            raise Gone('quit without close_notify') from None


class Server:
    """A context: a scripted server on loopback.

    address: of an interface, or the path of a unix socket; port: 0 takes a free one; tls: None, 'starttls' or 'implicit'; certificate: a kind of certs.py;
    newest: the highest TLS version; client_ca: demand a client certificate; ciphers: OpenSSL's, for
    TLS 1.2. All other keywords replace parts of Session.
    """

    def __init__(self, tls='starttls', certificate='good', newest=None, client_ca=None, ciphers=None,
                 address='127.0.0.1', port=0, session=Session, context=None, **script):
        for name in script:
            check(hasattr(session, name), f'Session has no {name}')
        self.session = type('Script', (session,), script)
        self.tls = tls
        self.context = context or (
            server_context(certificate, newest, client_ca, ciphers) if tls else None)
        self.sessions, self.threads = [], []
        self.lock = threading.Lock()  # the client may be gone before both lists know the session
        self.stopping = threading.Event()
        self.listener = bound(address, port)
        self.listener.listen(20)
        self.address = address
        self.port = None if '/' in address else self.listener.getsockname()[1]
        self.acceptor = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self):
        self.acceptor.start()
        return self

    def __exit__(self, _type, failure, _traceback):
        self._stop()
        wrong = [session.failure for session in self.sessions if session.failure]
        if wrong and not failure:
            raise Failure(f'the server: {wrong[0]!r}')
        if isinstance(failure, Failure):
            failure.args = (f'{failure}\n{self._story()}',)

    def _stop(self):
        self.stopping.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for session in self.sessions:
            with contextlib.suppress(OSError):
                sock = session.sock  # ssl's own shutdown() would have it read on without TLS
                how = socket.socket if isinstance(sock, socket.socket) else type(sock)
                how.shutdown(sock, socket.SHUT_RDWR)
        for thread in self.threads + [self.acceptor]:
            thread.join(10)

    def _accept(self):
        while not self.stopping.is_set():
            try:
                sock, peer = self.listener.accept()
            except OSError:
                return
            session = self.session(self, sock, peer[0] if peer else None)
            thread = threading.Thread(target=session.run, daemon=True)
            with self.lock:
                self.sessions.append(session)
                thread.start()
                self.threads.append(thread)

    def _story(self):
        """What the sessions heard, for a failure's report."""
        return '\n'.join(f"server heard: {' | '.join(session.commands[:40])}\n"
                         f'server ended: {session.ended}' for session in self.sessions)

    def settings(self, **more):
        """Settings of an account that uses this server."""
        values = {'host': 'localhost', 'port': self.port, 'tls': bool(self.tls),
                  'socket': None if self.port else self.address, 'from': 'sender@lab.example'}
        if self.tls:
            values.update(tls_starttls=self.tls == 'starttls', tls_trust_file=trust())
        if self.session.lmtp:
            values.update(protocol='lmtp')
        return {**values, **more}

    def account(self, **more):
        """The same as the text of a settings file, with a user who may sign in."""
        who = {'auth': 'plain', 'user': self.session.user, 'password': self.session.password}
        return settings(**self.settings(**{**who, **more}))

    def first(self):
        """The first session, after it ended; call it when the client is gone."""
        with self.lock:
            check(self.sessions, 'nobody connected')
        self.settle()
        return next((session for session in self.sessions if session.commands), self.sessions[0])

    def mail(self):
        """The one message that arrived, in the one session in which anything was said: on a busy
        machine a second address may be tried before the first has answered (RFC 8305)."""
        self.first()
        spoken = [session for session in self.sessions if session.commands]
        check_equal(len(spoken), 1, 'sessions')
        session = spoken[0]
        check_equal(len(session.mails), 1, f'messages ({session.ended}; {session.commands})')
        return session.mails[0]

    def settle(self):
        """Wait until all sessions have ended; call it when the client is gone."""
        with self.lock:
            threads = list(self.threads)
        for thread in threads:
            thread.join(LIMIT)
            check(not thread.is_alive(), 'the session goes on although the client is gone')

    def nothing_arrived(self):
        """Check that no message came to its end in any session."""
        self.settle()
        for session in self.sessions:
            check_equal(session.mails, [], 'messages that arrived whole')


def server_context(certificate, newest=None, client_ca=None, ciphers=None):
    """The TLS side of a server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if newest and newest < ssl.TLSVersion.TLSv1_2:
        context.set_ciphers('DEFAULT:@SECLEVEL=0')
        context.minimum_version = ssl.TLSVersion.TLSv1
    if newest:
        context.maximum_version = newest
    if ciphers:
        context.set_ciphers(ciphers)
    context.load_cert_chain(*cert(certificate))
    if client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(trust(client_ca))
    return context
