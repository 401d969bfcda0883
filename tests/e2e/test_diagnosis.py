#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_diagnosis.py - what people read when it goes wrong: what happened, what was seen, what to do

On a terminal each of these has a line of its own. A log or a mail shows few lines: there all is on
the first, but for what to do.
"""
import os
import pty
import re
import subprocess
import time

from certs import cert
from harness import (cases, check, check_equal, command, environment, folder, loopback, mailchute,
                     main, need_root, settings, settings_file, test)
from hostile import PASSWORD, Server
from mail import SIMPLE
from names import SERVER as NAME_SERVER, asked, known
from unreachable import silent

ONE, TWO, THREE = (f'{name}@lab.example' for name in ('one', 'two', 'three'))
QUICK = 10  # seconds within which a wrong port or TLS mode is recognised; a greeting has 30


def saying(reply):
    """A method of a session that answers this."""
    return lambda *_: reply


def account(server, name='work', **more):
    """The settings of an account of this name."""
    return server.account(**more).replace('account default', f'account {name}', 1) + \
        f'account default : {name}\n'


def on_terminal(conf, *args, prefix=()):
    """The exit status and what a person at a terminal sees on standard error."""
    ours, its = pty.openpty()
    argv = command(conf, *args, prefix=prefix)
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=its,
                          env=environment(HOME=conf.parent), start_new_session=True) as process:
        os.close(its)
        process.stdin.write(SIMPLE)
        process.stdin.close()
        shown = b''
        while True:
            try:
                got = os.read(ours, 4096)
            except OSError:
                break
            if not got:
                break
            shown += got
        os.close(ours)
        return process.wait(), shown.decode().replace('\r\n', '\n')


def line_of(conf, name):
    """Where the setting stands, as people are told."""
    for number, line in enumerate(conf.read_text().splitlines(), 1):
        if line.split(' ')[0] == name:
            return f'~/msmtprc:{number}'
    return '~/msmtprc'


def told(text, status, *lines, args=(ONE,), prefix=()):
    """What is told on a terminal is just these lines; on one line elsewhere, it is the same."""
    conf = settings_file(text)
    lines = [re.sub('@([a-z_]+)@', lambda name: line_of(conf, name.group(1)), line)
             for line in lines]
    lines = [line.replace('~/msmtprc', str(conf)) if line.startswith('  note: ') else line
             for line in lines]
    got, shown = on_terminal(conf, *args, prefix=prefix)
    check_equal(shown.splitlines()[:len(lines)], lines, 'on a terminal')
    check_equal(got, status, 'exit status')
    check(PASSWORD not in shown, 'the password')
    log = mailchute(conf, *args, stdin=SIMPLE, prefix=prefix).expect(status, hides=[PASSWORD])
    code = re.search(r'\[[A-Z0-9_]+\]$', lines[0]).group()
    first = log.err.splitlines()[0]
    check(first.startswith(lines[0][:-len(code) - 1]) and first.endswith(code), log.text())
    for line in lines[1:]:
        if line.startswith(('  said: ', '  note: ')):
            check(line.strip() in first, f'not in one line: {line}\n{log.text()}')
        elif line.startswith('  seen: '):
            check(line[8:] in first, f'not in one line: {line}\n{log.text()}')
    fixes = [line[8:] for line in log.err.splitlines() if line.startswith('  fix:  ')]
    want = [line[8:].replace('~', str(conf.parent)) for line in lines if line.startswith('  fix:')]
    check_equal(fixes, want, 'what to do')
    return shown


@cases(('STARTTLS', {'tls_starttls': True}), ('plain text', {'tls': False}))
def a_port_that_wants_tls_from_the_start_is_told_from(more):
    with Server(tls='implicit') as server:
        start = time.monotonic()
        told(account(server, 'work', **more), 76,
             f'mailchute: work: localhost:{server.port}: the server speaks TLS from the first '
             'byte, but the account does not [TLS_IMPLICIT]',
             '  seen: it sent no greeting, and answered a TLS hello',
             '  fix:  @tls_starttls@  tls_starttls off    (with tls on; or, to start in plain '
             'text, usually: port 587)')
        check(time.monotonic() - start < 2 * QUICK, 'it took too long')


@test
def a_port_that_starts_in_plain_text_is_told_from_tls():
    with Server(tls='starttls') as server:
        start = time.monotonic()
        told(account(server, 'work', tls_starttls=False), 76,
             f'mailchute: work: localhost:{server.port}: the server starts in plain text, but the '
             'account is set to TLS from the start [TLS_STARTTLS]',
             '  seen: "220 mx.lab.example ESMTP ready" came where a TLS record was expected',
             '  fix:  @tls_starttls@  tls_starttls on    (or, for TLS from the start, usually: '
             'port 465)')
        check(time.monotonic() - start < 2 * QUICK, 'it took too long')


@test
def a_server_that_is_slow_to_greet_still_gets_the_mail():
    def late(session):
        session.server.stopping.wait(3.5)
        return session.greeting
    with Server(tls=None, connected=late) as server:
        mailchute(server.account(tls=False, auth='plain'), ONE, stdin=SIMPLE).expect(0)
        check_equal(sum(len(session.mails) for session in server.sessions), 1, 'mails')


@test
def port_25_is_never_asked_for_tls_by_the_way():
    """A server there may take who talks early for a spammer."""
    need_root()
    def late(session):
        session.server.stopping.wait(3.5)
        return session.greeting
    address = loopback()
    with Server(tls=None, connected=late, address=address, port=25) as server:
        mailchute(server.account(host=address, tls=False), ONE, stdin=SIMPLE).expect(0)
        check_equal(len(server.sessions), 1, 'connections')


@test
def starttls_that_is_not_offered_is_told():
    with Server(tls=None) as server:
        told(account(server, 'work', tls=True), 69,
             f'mailchute: work: localhost:{server.port}: the server does not offer STARTTLS; '
             'nothing was sent without encryption [TLS_NONE]',
             '  seen: its answer to EHLO names no STARTTLS',
             '  fix:  @tls@  tls off    (it is a server of this machine: '
             'nobody is on the way to it)')


@test
def a_sign_in_that_is_offered_under_tls_only_is_told():
    with Server(tls='starttls') as server:
        told(account(server, 'work', tls=False), 69,
             f'mailchute: work: localhost:{server.port}: the server does not offer sign-in '
             '[AUTH_NONE]',
             '  seen: its answer to EHLO names no AUTH, but STARTTLS: it offers sign-in under TLS '
             'only',
             '  fix:  @tls@  tls on    (many servers offer sign-in only under TLS)')


@cases(('in clear', None), ('under TLS', 'starttls'))
def a_sign_in_that_is_never_offered_is_told(tls):
    with Server(tls=tls, mechanisms='') as server:
        told(account(server, 'work'), 69,
             f'mailchute: work: localhost:{server.port}: the server does not offer sign-in '
             '[AUTH_NONE]',
             '  seen: its answer to EHLO names no AUTH',
             '  fix:  @auth@  auth off    (if it wants none; else another port: providers take '
             'mail from their users on 587 or 465)')


@cases(('of the certificate', 'tls_fingerprint', 'fingerprint'),
       ('of the key', 'tls_pubkey_fingerprint', 'key_fingerprint'))
def a_wrong_pin_is_told_with_its_place_and_the_right_one(setting, method):
    right, other = (getattr(cert(kind), method)() for kind in ('good', 'other-ca'))
    with Server() as server:
        conf = settings_file(account(server, **{setting: other}))
        status, shown = on_terminal(conf, ONE)
        check_equal(status, 69, 'exit status')
        check_equal(shown.splitlines()[-3:-1],
                    [f'  fix:  {line_of(conf, setting)}  if the operator has confirmed the change:',
                     f'{setting} {right}'], 'the fix')


@test
def a_method_that_the_server_does_not_have_is_told():
    with Server() as server:
        told(account(server, 'work', auth='cram-md5'), 69,
             f'mailchute: work: localhost:{server.port}: there is no sign-in method that both '
             'sides take [AUTH_METHOD]',
             '  seen: the account says CRAM-MD5, and the server offers PLAIN LOGIN',
             '  fix:  @auth@  auth on    (takes the strongest that both have)')


GOOGLE = ('534-5.7.9 Application-specific password required. For more information, go to\r\n'
          '534 5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor')
GOOGLE_FIX = ('make an app password at https://myaccount.google.com/apppasswords and store it in '
              'place of the other; or auth oauthbearer, with passwordeval for a token')


@cases(
    ('Gmail', 'smtp.gmail.com', GOOGLE, 'AUTH_APP_PASSWORD',
     'Google wants an app password or OAuth2, not your normal password', GOOGLE_FIX),
    ('Microsoft', 'smtp.office365.com',
     '535 5.7.139 Authentication unsuccessful, basic authentication is disabled.',
     'AUTH_BASIC_OFF',
     'Microsoft has switched off password login for this mailbox or its organization',
     '@auth@  auth xoauth2    (with passwordeval for a token; or have the administrator switch on '
     'authenticated SMTP for this mailbox)'),
    ('Microsoft, from 2026 on', 'smtp.office365.com',
     '550 5.7.30 Basic authentication is not supported for Client Submission.',
     'AUTH_BASIC_OFF',
     'Microsoft has switched off password login for this mailbox or its organization',
     '@auth@  auth xoauth2    (with passwordeval for a token; or have the administrator switch on '
     'authenticated SMTP for this mailbox)'),
    ('QQ', 'smtp.qq.com',
     '535 Login fail. Please enter your authorization code to login. More information in '
     'https://service.mail.qq.com/', 'AUTH_APP_PASSWORD',
     'QQ Mail needs an authorization code (授权码), not the account password',
     'mail.qq.com → 设置 → 账户 → 开启SMTP服务, and store the code in place of the password'),
    ('163', 'smtp.163.com', '535 Error: authentication failed', 'AUTH_APP_PASSWORD',
     'NetEase Mail needs an authorization code (授权码), not the account password',
     '设置 → POP3/SMTP/IMAP → 开启SMTP服务, and store the code in place of the password'),
)
def a_provider_that_wants_another_password(host, reply, code, sentence, fix):
    with Server(auth=saying(reply)) as server:
        said = [f"  said: {line[:3]} {line[4:]}" for line in reply.split('\r\n')]
        told(account(server, 'mine', host=host, tls_host_override='localhost'), 77,
             f'mailchute: mine: {host}:{server.port}: {sentence} [{code}]', *said,
             *([] if code == 'AUTH_BASIC_OFF' else
               [f'  note: the password came from password (@password@), {len(PASSWORD)} '
                'bytes; user is from @user@']),
             '  fix:  ' + fix, prefix=known(host, '127.0.0.1'))


@test
def where_a_refused_password_came_from_is_told_and_that_it_ends_with_a_blank():
    with Server() as server:
        told(account(server, 'work', password=None, passwordeval="echo 'wr0ng-p4ss '"), 77,
             f'mailchute: work: localhost:{server.port}: the server refused the user name or '
             'password [AUTH_REFUSED]',
             '  said: 535 5.7.8 wrong user name or password',
             '  note: the password came from passwordeval (@passwordeval@), 11 bytes, with a '
             'blank at its end; user is from @user@',
             '  fix:  check that password first, then user; many providers want an app password '
             'here, one made for programs')


@cases(
    ('quotes', '"wr0ng"', ', with quotes around it, which count'),
    ('a comment', 'wr0ng # of work', ', with " #" in it, which begins no comment there'),
    ('nothing', 'wr#ng "x"', ''),
)
def a_refused_password_is_told_to_have_more_than_it_should(password, words):
    file = folder() / 'password'
    file.write_text(password + '\n')
    file.chmod(0o600)
    with Server() as server:
        mailchute(settings_file(account(server, 'work', password=None, password_file=file)), ONE,
                  stdin=SIMPLE).expect(77, f'{len(password)} bytes{re.escape(words)}; user is from',
                                       hides=['wr0ng', 'wr#ng'])


@cases(('that speaks LMTP', 'lmtp', 'smtp'), ('that speaks SMTP', 'smtp', 'lmtp'))
def the_fix_is_the_protocol_for_a_server(speaks, set_to):
    with Server(tls=None, lmtp=speaks == 'lmtp') as server:
        text = account(server, 'work', tls=False, auth='off', protocol=set_to)
        told(text, 76,
             f'mailchute: work: localhost:{server.port}: the server speaks {speaks.upper()}, but '
             f'the account is set to {set_to.upper()} (at EHLO) [PROTOCOL]',
             '  said: 500 5.5.2 what?',
             f'  fix:  @protocol@  protocol {speaks}')
        mended = text.replace(f'protocol {set_to}', f'protocol {speaks}')
        mailchute(settings_file(mended), ONE, stdin=SIMPLE).expect(0)


@test
def port_25_that_is_blocked_is_told_with_the_port_that_is_not():
    need_root()
    address = loopback()
    with silent(25, address), Server(address=address, port=587):
        told(settings('work', host=address, tls=False, timeout_connect=1, **{'from': ONE}) +
             'account default : work\n', 75,
             f'mailchute: work: cannot connect to {address}, port 25: no answer in time; that port '
             'is usually blocked on home, mobile and cloud networks (OP25B) [PORT25_BLOCKED]',
             '  note: it answers on port 587, with STARTTLS',
             '  fix:  ~/msmtprc, in account work:  port 587    (with tls and auth; providers take mail from their '
             'users there, or on 465)')


@test
def a_typing_error_in_the_name_of_the_server_is_noticed():
    with Server() as server:
        told(account(server, 'work', host='smtp.gmial.com'), 68,
             'mailchute: work: cannot locate host smtp.gmial.com: there is no such name [DNS_NONE]',
             '  note: did you mean smtp.gmail.com?',
             '  fix:  @host@  host smtp.gmail.com    (check the spelling of the host setting)',
             prefix=known('x.example', '127.0.0.1'))


@test
def a_name_server_that_does_not_answer_is_told():
    told(settings('work', host='smtp.lab.example', tls=False, timeout_connect=1, **{'from': ONE}) +
         'account default : work\n', 75,
         'mailchute: work: cannot locate host smtp.lab.example: Temporary failure in name '
         'resolution [DNS_TEMP]', f'  note: name servers in /etc/resolv.conf: {NAME_SERVER}',
         '  fix:  is this machine online?',
         prefix=asked('options timeout:1 attempts:1'))


@test
def the_name_in_the_certificate_is_told_with_the_one_expected():
    with Server(certificate='wrong-name') as server:
        told(account(server, 'work'), 69,
             f'mailchute: work: localhost:{server.port}: the certificate is for mail.lab.example, '
             'but "localhost" was expected [CERT_NAME]',
             '  note: to accept just this one: tls_fingerprint ' + cert('wrong-name').fingerprint(),
             '  fix:  @host@  host mail.lab.example    (a name in the certificate must be host, or '
             'tls_host_override; do not switch checking off)')


@cases(('expired', 'expired', r'the certificate expired [0-9]+ days ago, on 2020-02-01'),
       ('not valid yet', 'not-yet',
        'the certificate is not valid yet, for [0-9]+ days: it begins on 2098'))
def a_certificate_outside_its_time_comes_with_a_look_at_the_clock(kind, words):
    with Server(certificate=kind) as server:
        status, shown = on_terminal(settings_file(account(server, 'work')), ONE)
        check_equal(status, 69, 'exit status')
        now = time.strftime('%Y-%m-%d', time.gmtime())
        check(re.search(rf': {words}.* \[CERT_EXPIRED\]\n  note: this machine.s clock says {now} '
                        r'\d\d:\d\d UTC; if that is wrong, set the clock first\n  fix:  if this',
                        shown), shown)


@test
def a_certificate_that_nobody_has_signed_can_be_pinned():
    with Server(certificate='self-signed') as server:
        told(account(server, 'work'), 69,
             f'mailchute: work: localhost:{server.port}: the certificate is signed by nobody that '
             'this machine trusts [CERT_UNKNOWN_CA]',
             '  seen: it is self-signed; its SHA-256 fingerprint is '
             + cert('self-signed').fingerprint(),
             "  fix:  @tls_trust_file@  tls_trust_file with the operator's CA; or, once the "
             'operator has confirmed that the key is theirs:',
             'tls_pubkey_fingerprint ' + cert('self-signed').key_fingerprint())


@cases(
    ('at MAIL', 'mail', '553 5.7.1 not owned by user ops'),
    ('at RCPT', 'rcpt', '553 5.7.1 <root@vm>: Sender address rejected: not owned by user ops'),
    ('after the message', 'received', '554 5.2.252 SendAsDenied; ops not allowed'),
)
def a_sender_that_is_not_ours_is_told(stage, reply):
    with Server(**{stage: saying(reply)}) as server:
        told(account(server, 'work', **{'from': 'root@vm'}), 65,
             f'mailchute: work: localhost:{server.port}: the server does not let you send as '
             '<root@vm> [SENDER_REFUSED]', '  said: ' + reply,
             '  fix:  @from@  from ADDRESS    (one that is yours there; with allow_from_override '
             "off, programs can't change it)", args=(ONE, TWO))


@test
def a_mail_that_is_too_large_is_not_uploaded():
    with Server(caps=('SIZE 1000',)) as server:
        result = mailchute(account(server, 'work'), ONE, stdin=SIMPLE + b'x' * 2000)
        result.expect(65, 'larger than the server takes; nothing was uploaded: the message has .* '
                      r'the server takes 1000 .*\[TOO_LARGE\]', 'fix: .*37 %')
        server.nothing_arrived()


@cases(('a limit of the day', '550 5.4.5 Daily user sending limit exceeded.'),
       ('for now', '421 4.7.0 Daily sending quota exceeded.'))
def a_limit_that_is_reached_asks_for_another_try(reply):
    with Server(received=saying(reply)) as server:
        result = mailchute(account(server, 'work'), ONE, stdin=SIMPLE)
        result.expect(75, rf'sending limit of this account is reached.*{reply[:9]}.*\[QUOTA\]',
                      'fix:  wait')


@test
def of_three_recipients_the_one_that_is_refused_is_named():
    def rcpt(_session, address):
        return '550 5.1.1 no such user' if address == TWO else '250 2.1.5 ok'
    with Server(rcpt=rcpt) as server:
        shown = told(account(server, 'work'), 67,
                     f'mailchute: work: localhost:{server.port}: the server refused the recipient '
                     f'<{TWO}> [REFUSED]', '  said: 550 5.1.1 no such user',
                     args=(ONE, TWO, THREE))
        check('the mail went to 2 of 3 recipients [RCPT_PARTIAL]\n' in shown, shown)


class Stranger(Server):
    """A server of another protocol: it says its line at once, or only when it was asked."""

    def __init__(self, line, waits):
        def connected(session):
            if waits:
                session.flush()
                session.sock.recv(1)
            session.raw(line + b'\r\n')
            session.hang_up()
        super().__init__(tls=None, connected=connected)


@cases(*((f'{line.decode()[:12]}, {label}', line, waits, more, kind)
         for line, waits, kind in ((b'HTTP/1.1 400 Bad Request', True, 'a web server'),
                                   (b'+OK POP3 ready', False, 'a POP3 server'),
                                   (b'* OK [CAPABILITY IMAP4rev1] ready', False, 'an IMAP server'),
                                   (b'SSH-2.0-OpenSSH_9.2p1', False, 'an SSH server'))
         for label, more in (('STARTTLS', {}), ('TLS', {'tls_starttls': False}),
                             ('plain', {'tls': False}))))
def a_server_of_another_protocol_is_named(line, waits, more, kind):
    with Stranger(line, waits) as server:
        conf = account(server, 'work', tls_trust_file=cert('ca').cert,
                              **{'tls': True, **more})
        result = mailchute(conf, ONE, stdin=SIMPLE)
        result.expect(76, rf'another protocol than SMTP: .*as {kind}.* begins \[NOT_SMTP\]',
                      'fix:  check host and port')
        check(result.seconds < QUICK, f'it took {result.seconds} s')


@test
def an_unknown_setting_is_told_with_what_may_have_been_meant():
    conf = settings_file('account default\nhots localhost\n')
    mailchute(conf, ONE, stdin=SIMPLE).expect(
        78, r'msmtprc:2: unknown command hots; did you mean "host"\?', r'\[CONFIG\]')


@test
def a_configuration_that_may_not_be_read_is_told():
    need_root()
    conf = settings_file('account default\nhost localhost\n')
    mailchute(conf, ONE, stdin=SIMPLE, uid=4242).expect(
        74, rf'{conf}: .*[Pp]ermission denied \[CONFIG_FILE\]', 'let this user read it')


@test
def a_message_is_explained_by_its_name_and_by_its_words():
    for words in ('QUOTA', 'quota', 'mailchute: work: mx:25: the limit is reached [QUOTA]'):
        mailchute(None, f'--explain={words}').expect(
            0, out=['^QUOTA$', 'limits how many', '^fix:  wait', '^exit status 75: a later try'])
    mailchute(None, '--explain=QOTA').expect(64, 'did you mean QUOTA')


if __name__ == '__main__':
    main()
