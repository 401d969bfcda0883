#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_serverinfo.py - what is told about a server, and about wrong settings (--serverinfo)

It opens a session as a mail would; so what it says is what a mail meets.
"""
import re
import subprocess

from certs import cert
from dovecot import Dovecot
from harness import (cases, check, check_equal, finish, folder, keep, mailchute, main, need,
                     settings, shared, start, test)
from hostile import PASSWORD, Server
from names import NXDOMAIN, NameServer, asked, known
from postfix import SIZE_LIMIT, Postfix
from socks import Proxy, refusal

ONE = 'one@lab.example'


def show(server, *args, **more):
    """Run it for an account of this server."""
    return mailchute(server.account(**more), '--serverinfo', *args)


def section(result, title):
    """The lines below a title of the output."""
    match = re.search(rf'^{title}:?\n((?:    .*\n)*)', result.out, re.M)
    check(match, f'there is no {title!r}\n{result.text()}')
    return match.group(1)


def lacks(result, *titles):
    """These sections are not there."""
    for title in titles:
        check(f'\n{title}' not in result.out, f'it shows {title!r}\n{result.text()}')


def dull(server):
    """What a session says that only looks: no sign-in and no mail."""
    verbs = [command.split(' ')[0] for command in server.first().commands]
    check(not {'AUTH', 'MAIL', 'RCPT', 'DATA'} & set(verbs), f'it said {verbs}')
    return verbs


def pubkey_digest(kind):
    """SHA-256 of the certificate's public key, by another tool."""
    need('certtool', 'gnutls-bin')
    text = subprocess.run(['certtool', '--certificate-info', '--infile', cert(kind).cert],
                          check=True, capture_output=True, text=True).stdout
    digits = re.search(r'Public Key ID:\s*(?:sha1:\S+\s*)?sha256:([0-9a-f]{64})', text).group(1)
    return ':'.join(digits[i:i + 2] for i in range(0, 64, 2)).upper()


# --- what is shown -------------------------------------------------------------------------------

@cases(('STARTTLS', 'starttls'), ('TLS from the start', 'implicit'))
def a_server_with_tls_is_shown_whole(mode):
    with Server(tls=mode, greeting='220-mx.lab.example\r\n220 ready') as server:
        result = show(server).expect(0)
        check_equal(result.err, '', 'stderr')
        check(re.match(rf'SMTP server at localhost \(\S+ \[(127\.0\.0\.1|::1)\]\), '
                       rf'port {server.port}:\n    mx\.lab\.example\n    ready\nTLS ', result.out),
              result.text())
        check('(TLS1.3)-' in section(result, 'TLS session parameters'), result.text())
        told = section(result, 'TLS certificate information')
        for words in ('Subject:\n        CN=localhost\n', 'Issuer:\n        CN=Test CA\n',
                      'Validity:\n        Activation time: 2020-01-01 00:00:00 UTC\n'
                      '        Expiration time: 2099-01-01 00:00:00 UTC\n',
                      f'Fingerprints:\n        SHA256: {cert("good").fingerprint()}\n'
                      '        SHA1 (deprecated): ',
                      f'SHA256 of the public key: {pubkey_digest("good")}\n',
                      'Names:\n        localhost, 127.0.0.1, ::1\n'):
            check(words in told, f'the certificate lacks {words!r}\n{result.text()}')
        told = section(result, 'Capabilities')
        check('    AUTH:\n        Supported authentication methods:\n        PLAIN LOGIN' in told,
              result.text())
        lacks(result, 'Advice', '    STARTTLS')
        check_equal(dull(server)[-1], 'QUIT', 'the last command')
        check_equal(server.first().ended, 'quit', 'the end')


@test
def a_server_that_can_nothing_is_shown_too():
    with Server(tls=None, caps=(), mechanisms='') as server:
        result = show(server, auth=False).expect(0)
        check('\nNo special capabilities.\n' in result.out, result.text())
        lacks(result, 'TLS', 'Advice')


@test
def an_lmtp_server_is_called_so():
    with Server(tls=None, lmtp=True) as server:
        check(show(server).expect(0).out.startswith('LMTP server at localhost'), 'no LMTP')
        check_equal(dull(server)[0], 'LHLO', 'the first command')


@test
def standard_input_is_left_alone():
    with Server() as server:
        process = start(server.account(), '-S')
        check_equal(process.wait(20), 0, 'exit status')  # its standard input is still open
        finish(process)


@test
def no_password_is_needed_or_fetched():
    with Server() as server:
        mailchute(settings(**server.settings(), auth=True, user='ops',
                           passwordeval='touch evaluated; exit 1'), '-S').expect(0)
        dull(server)


@cases(
    ('escape sequences', b'220 mx\x1b[2J\x07ready\x9b\xc2\x9b', 'mx?[2J?ready???'),
    ('a format', b'220 %s%n', '%s%n'),
)
def what_the_server_says_can_do_no_harm(greeting, told):
    with Server(tls=None, greeting=greeting, caps=('SIZE 5',),
                mechanisms='PLA\x1bIN \xfcX') as server:
        result = show(server, auth=False).expect(0)
        check(f'\n    {told}\n' in result.out, result.text())
        check(not re.search('[\x00-\x09\x0b-\x1f\x7f-\x9f]', result.out), repr(result.out))


@cases(
    ('a name', ['mx-7.lab.example'], 'mx-7.lab.example [127.0.0.1]'),
    ('none', NXDOMAIN, '[127.0.0.1]'),
    ('one that is none', ['mx\x1b[2J.lab.example'], '[127.0.0.1]'),
    ('nobody tells', None, '[127.0.0.1]'),
)
def the_address_is_shown_with_its_name(answer, told):
    with NameServer(PTR=answer) as names, Server(tls=None, mechanisms='') as server:
        result = mailchute(server.account(host='127.0.0.1', auth=False), '-S',
                           prefix=asked()).expect(0)
        check(f'SMTP server at 127.0.0.1 ({told}), port ' in result.out, result.text())
        check(result.seconds < 9, f'it took {result.seconds:.1f} s')  # resolv.conf(5) has ten
        check('PTR' in names.asked, 'nobody asked for the name')


@test
def a_server_at_a_unix_socket_is_shown():
    with Server(tls=None, address=str(folder('socket') / 'sock')) as server:
        result = show(server).expect(0)
        check(result.out.startswith(f'SMTP server at {server.address}:\n    mx.lab'), result.text())


@test
def a_server_behind_a_proxy_is_shown():
    with Server() as server, Proxy() as proxy:
        result = show(server, **proxy.settings()).expect(0)
        check(re.match(rf'SMTP server at localhost, port {server.port}, through the proxy '
                       rf'\S+ \[\S+\], port {proxy.port}:\n    mx.lab', result.out), result.text())


@test
def a_proxy_that_refuses_is_not_called_the_server():
    with Server() as server, Proxy(request=refusal(5)) as proxy:
        result = show(server, **proxy.settings()).expect(range(1, 100), 'proxy')
        check_equal(result.out, '', 'output')


@test
def all_servers_of_a_list_are_shown_and_the_first_that_is_not_fit_counts():
    with Server(tls=None, mechanisms='') as server:
        result = show(server, host='127.0.0.2 127.0.0.1, 127.0.0.3', auth=False).expect(
            75, rf'127\.0\.0\.2, port {server.port}: Connection refused',
            rf'127\.0\.0\.3, port {server.port}: Connection refused')
        check_equal(result.out.count('SMTP server at'), 1, 'servers that are shown')
        check('SMTP server at 127.0.0.1 (' in result.out, result.text())


@test
def debug_shows_the_settings_and_the_dialogue_too():
    with Server() as server:
        out = show(server, '-d').expect(0, hides=[PASSWORD]).out
        places = [out.find(part) for part in ('\nhost = localhost\n', '\n--> EHLO ',
                                              '\nSMTP server at ', '\nCapabilities:')]
        check(-1 < min(places) and places == sorted(places), out)
        check('\nfrom = ' not in out, out)


# --- when settings are wrong ---------------------------------------------------------------------

def same_words(sent, shown):
    """Whether a mail hears what was shown; each has its own file of settings, and moment."""
    def words(result):
        return re.sub(r'/\S+/msmtprc|clock says \S+ \S+', '', result.err)
    return words(sent).startswith(words(shown))


@cases(
    ('signed by nobody', 'self-signed', 'CERT_UNKNOWN_CA'),
    ('for another name', 'wrong-name', 'CERT_NAME'),
    ('expired', 'expired', 'CERT_EXPIRED'),
    ('not valid yet', 'not-yet', 'CERT_EXPIRED'),
    ('for clients', 'client-purpose', 'CERT_BAD'),
)
def a_certificate_that_is_refused_is_shown(kind, code):
    for mode in ('starttls', 'implicit'):
        with Server(tls=mode, certificate=kind) as server:
            result = show(server).expect(69, rf'\[{code}\]')
            check(f'SHA256: {cert(kind).fingerprint()}\n' in
                  section(result, 'TLS certificate information'), result.text())
            section(result, 'TLS session parameters')
            lacks(result, 'Capabilities', 'No special', 'Advice')
            sent = mailchute(server.account(), ONE, stdin=b'Subject: x\n\n').expect(
                69, rf'\[{code}\]')
            check(same_words(sent, result), 'a mail hears something else')


@test
def a_fingerprint_that_is_shown_is_accepted():
    with Server(certificate='self-signed') as server:
        told = section(show(server), 'TLS certificate information')
        pin = re.search(r'SHA256: (\S+)', told).group(1)
        show(server, tls_fingerprint=pin).expect(0)


@test
def a_certificate_that_is_not_checked_is_told_as_such():
    with Server(certificate='wrong-name') as server:
        result = show(server, tls_certcheck=False).expect(0)
        check('tls_certcheck is off' in section(result, 'Advice'), result.text())
        check('mail.lab.example' in section(result, 'TLS certificate information'), result.text())


@test
def tls_that_is_offered_and_not_used_is_told():
    with Server() as server:
        result = show(server, tls=False).expect(0)
        check('write: tls on' in section(result, 'Advice'), result.text())
        check('    STARTTLS:\n' in section(result, 'Capabilities'), result.text())
        lacks(result, 'TLS ')


@test
def a_sign_in_that_is_wanted_and_not_offered_is_told():
    with Server(mechanisms='') as server:
        result = show(server).expect(0)
        check('offers no sign-in' in section(result, 'Advice'), result.text())


@cases(
    ('STARTTLS is not offered', {'tls': None}, {'tls': True}, 69, 'TLS_NONE'),
    ('the server starts in plain text', {'tls': 'starttls'}, {'tls_starttls': False}, 76,
     'TLS_STARTTLS'),
    ('the server starts with TLS', {'tls': 'implicit'}, {'tls': False, 'timeout': 5}, 76,
     'TLS_IMPLICIT'),
    ('the server is busy', {'greeting': '421 4.3.2 too busy'}, {}, 75, 'too busy'),
    ('the server is none', {'greeting': '* OK IMAP4rev1', 'tls': None}, {}, 76, 'PROTOCOL'),
)
def the_diagnosis_is_that_of_a_mail(script, wrong, status, words):
    with Server(**script) as server:
        result = show(server, **wrong).expect(status, words)
        check(result.out.startswith('SMTP server at localhost ('), result.text())
        sent = mailchute(server.account(**wrong), ONE, stdin=b'Subject: x\n\n').expect(
            status, words)
        check(same_words(sent, result), f'a mail hears something else:\n{sent.err}')


@test
def what_a_server_without_starttls_can_do_is_shown():
    with Server(tls=None, mechanisms='PLAIN') as server:
        result = show(server, tls=True).expect(69, r'\[TLS_NONE\]')
        check('PLAIN' in section(result, 'Capabilities'), result.text())


@test
def a_host_that_does_not_exist_is_told():
    result = mailchute(settings(host='nosuch.invalid'), '-S',
                       prefix=known('mail.lab.example', '127.0.0.1')).expect(68, r'\[DNS_NONE\]')
    check_equal(result.out, '', 'output')


@cases(
    ('recipients', ['-S', ONE], 'too many arguments'),
    ('--rmqs', ['-S', '--rmqs=x'], 'cannot use both --serverinfo and --rmqs'),
)
def what_does_not_go_with_it_ends_with_64(args, words):
    with Server() as server:
        mailchute(server.account(), *args).expect(64, words)
        check_equal(len(server.sessions), 0, 'connections')


@test
def print_config_shows_the_settings_of_the_server_only():
    with Server() as server:
        out = mailchute(server.account(), '-S', '-P').expect(0).out
        check('\nhost = localhost\n' in out, out)
        check('\nfrom = ' not in out and 'recipients' not in out, out)
        check_equal(len(server.sessions), 0, 'connections')


# --- Postfix -------------------------------------------------------------------------------------

@shared
def postfix():
    """One Postfix for all the tests; Dovecot tells it who may sign in."""
    return keep(Postfix(keep(Dovecot())))


@cases(('STARTTLS', False), ('TLS from the start', True))
def postfix_is_shown(implicit):
    account = settings(**postfix().settings(implicit), auth=True, user='ops', password=PASSWORD)
    result = mailchute(account, '-S').expect(0)
    told = section(result, 'Capabilities')
    for words in (f'SIZE {SIZE_LIMIT}:', 'PIPELINING:', 'ETRN:', 'SMTPUTF8:', 'DSN:', 'AUTH:',
                  '8BITMIME:', 'CHUNKING:', 'ENHANCEDSTATUSCODES:'):
        check(f'    {words}\n' in told, f'{words} is missing\n{result.text()}')
    check('CN=localhost' in section(result, 'TLS certificate information'), result.text())
    lacks(result, 'Advice')


if __name__ == '__main__':
    main()
