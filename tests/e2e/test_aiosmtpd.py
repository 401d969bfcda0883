#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_aiosmtpd.py - a server that nobody here wrote and that is not Postfix: Python's aiosmtpd"""
from certs import trust
from daemon import free_port
from harness import Skip, cases, check, check_equal, keep, mailchute, main, settings, shared, test
from hostile import server_context
from mail import DOTS, EIGHT_BIT, HEADER, SIMPLE, crlf

try:
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import SMTP, AuthResult
except ImportError:
    Controller = None

USER, PASSWORD = 'ops@lab.example', 'pass word with "quotes"'


class Handler:
    """Keeps what arrives; refuses one recipient."""

    def __init__(self):
        self.envelopes, self.methods = [], []

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        """The hook's name is aiosmtpd's."""
        if address.startswith('nobody@'):
            return '550 5.1.1 no such mailbox'
        envelope.rcpt_tos.append(address)
        return '250 2.1.5 ok'

    async def handle_DATA(self, _server, _session, envelope):
        """Called after the last dot."""
        self.envelopes.append(envelope)
        return '250 2.0.0 kept'

    def authenticate(self, _server, _session, _envelope, mechanism, data):
        """Check user and password."""
        self.methods.append(mechanism)
        right = data.login == USER.encode() and data.password == PASSWORD.encode()
        return AuthResult(success=right, handled=False)


class StartTls(Controller or object):
    """A controller whose server starts in the clear and wants STARTTLS and a sign-in."""

    def __init__(self):
        super().__init__(Handler(), hostname='127.0.0.1', port=free_port(),
                         ready_timeout=30)

    def factory(self):
        """A server for one connection."""
        return SMTP(self.handler, hostname='mx.lab.example', tls_context=server_context('good'),
                    require_starttls=True, auth_required=True, enable_SMTPUTF8=True,
                    authenticator=self.handler.authenticate, data_size_limit=5_000_000)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()


@shared
def server():
    """The server all tests here use."""
    if Controller is None:
        raise Skip('no aiosmtpd (Debian package python3-aiosmtpd)')
    return keep(StartTls())


def account(**more):
    """Settings that work, unless the test changes one."""
    values = {'host': 'localhost', 'port': server().port, 'tls': True, 'tls_trust_file': trust(),
              'from': 'sender@lab.example', 'auth': 'plain', 'user': USER, 'password': PASSWORD}
    return settings(**{**values, **more})


@cases(('plain', 'plain'), ('login', 'login'))
def a_mail_arrives_byte_by_byte(method):
    text = HEADER + b'\n' + DOTS + EIGHT_BIT + b'the end'
    mailchute(account(auth=method), 'one@lab.example', 'two@lab.example', stdin=text).expect(0)
    check_equal(server().handler.methods[-1].lower(), method, 'method')
    envelope = server().handler.envelopes[-1]
    check_equal(envelope.mail_from, 'sender@lab.example', 'sender')
    check_equal(envelope.rcpt_tos, ['one@lab.example', 'two@lab.example'], 'recipients')
    check_equal(envelope.content, crlf(text), 'message')


@test
def a_wrong_password_ends_with_77():
    before = len(server().handler.envelopes)
    mailchute(account(password='something else'), 'one@lab.example', stdin=SIMPLE).expect(
        77, '535', hides=['something else'])
    check_equal(len(server().handler.envelopes), before, 'mails')


@test
def a_server_that_wants_a_sign_in_and_gets_none_ends_without_mail():
    before = len(server().handler.envelopes)
    result = mailchute(account(auth=False), 'one@lab.example', stdin=SIMPLE)
    result.expect({65, 77}, '530')
    check_equal(len(server().handler.envelopes), before, 'mails')


@test
def a_refused_recipient_is_named_and_the_other_gets_the_mail():
    before = len(server().handler.envelopes)
    result = mailchute(account(), 'nobody@lab.example', 'two@lab.example', stdin=SIMPLE)
    result.expect(67, 'nobody@lab.example', '550 5.1.1 no such mailbox')
    check_equal(len(server().handler.envelopes), before + 1, 'mails')
    check_equal(server().handler.envelopes[-1].rcpt_tos, ['two@lab.example'], 'recipients')


@test
def an_address_outside_ascii_is_declared():
    mailchute(account(), 'füße@lab.example', stdin=SIMPLE).expect(0)
    envelope = server().handler.envelopes[-1]
    check_equal(envelope.rcpt_tos, ['füße@lab.example'], 'recipients')
    check(envelope.smtp_utf8, 'MAIL had no SMTPUTF8 parameter')


if __name__ == '__main__':
    main()
