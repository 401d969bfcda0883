#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_certificates.py - whose certificate is taken and whose is not, and what is said about it"""
import os
import re
import ssl
import threading
from pathlib import Path

from certs import cert, dh_params, revoked, trust
from harness import cases, check, check_equal, folder, mailchute, main, test
from hostile import PASSWORD, Server
from mail import SIMPLE, check_arrived

ONE = 'one@lab.example'


def fingerprint(kind):
    """What tls_fingerprint must say for this certificate."""
    return cert(kind).fingerprint()


def key(kind):
    """What tls_pubkey_fingerprint must say for this certificate."""
    return cert(kind).key_fingerprint()


def values(more):
    """Settings of a row; those that need a certificate are made when the test runs."""
    return more() if callable(more) else more


def refused(server, conf, *says, status=69):
    """Neither a password nor a word about a message may have been sent."""
    result = mailchute(conf, ONE, stdin=SIMPLE).expect(status, *says, hides=[PASSWORD])
    server.nothing_arrived()
    for session in server.sessions:
        verbs = {line.split(' ')[0] for line in session.commands}
        check(not verbs & {'AUTH', 'MAIL', 'RCPT', 'DATA'}, f'the server heard {session.commands}')
    return result


@cases(
    ('expired', 'expired', {}, [r'expired|outside its time', '2020', 'CERT_EXPIRED']),
    ('not valid yet', 'not-yet', {}, [r'not valid|not yet|outside its time', '2098',
                                      'CERT_EXPIRED']),
    ('self-signed', 'self-signed', {}, [r'self-signed|signed by nobody', 'CERT_UNKNOWN_CA']),
    ('for another name', 'wrong-name', {}, [r'mail\.lab\.example', 'localhost', 'CERT_NAME']),
    ('from an unknown authority', 'good', lambda: {'tls_trust_file': trust('other-ca')},
     ['Test CA', 'CERT_UNKNOWN_CA']),
    ('for clients only', 'client-purpose', {}, [r'purpose|server']),
    ('without the address we dial', 'name-only', {'host': '127.0.0.1'},
     [r'127\.0\.0\.1', 'CERT_NAME']),
    ('not the one pinned', 'good', lambda: {'tls_fingerprint': fingerprint('name-only')},
     ['fingerprint', 'CERT_PIN']),
    ('revoked', 'good', lambda: {'tls_crl_file': revoked('good')}, ['revoked', 'CERT_REVOKED']),
    ('revoked with another', 'good', lambda: {'tls_crl_file': revoked('expired', 'good')},
     ['CERT_REVOKED']),
    ('revoked by a list that is out of date', 'good',
     lambda: {'tls_crl_file': revoked('good', until=2021)}, ['CERT_REVOKED']),
    ('of another key than the one pinned', 'good',
     lambda: {'tls_pubkey_fingerprint': key('name-only')}, ['public key', 'CERT_KEY_PIN']),
    ('of the key pinned but not the certificate', 'renewed',
     lambda: {'tls_pubkey_fingerprint': key('renewed'),
              'tls_fingerprint': fingerprint('self-signed')}, [r'\[CERT_PIN\]']),
    ('the one pinned but not of the key', 'good',
     lambda: {'tls_pubkey_fingerprint': key('client'), 'tls_fingerprint': fingerprint('good')},
     ['CERT_KEY_PIN']),
    ('pinned to another although expired', 'expired', {'tls_fingerprint': 'AB:' * 31 + 'AB'},
     ['CERT_PIN']),
)
def a_certificate_is_refused(kind, more, says):
    for tls in ('starttls', 'implicit'):
        with Server(tls=tls, certificate=kind) as server:
            conf = server.account(**values(more))
            refused(server, conf, r'^mailchute: default: \S+:\d+: ', *says)


@cases(
    ('good', 'good', {}),
    ('good for the IPv4 address', 'good', {'host': '127.0.0.1'}),
    ('self-signed and pinned', 'self-signed',
     lambda: {'tls_fingerprint': fingerprint('self-signed'), 'tls_trust_file': None}),
    ('expired and pinned', 'expired', lambda: {'tls_fingerprint': fingerprint('expired')}),
    ('for another name and pinned', 'wrong-name',
     lambda: {'tls_fingerprint': fingerprint('wrong-name')}),
    ('self-signed and its key pinned', 'self-signed',
     lambda: {'tls_pubkey_fingerprint': key('self-signed'), 'tls_trust_file': ''}),
    ('renewed with the key that is pinned', 'renewed',
     lambda: {'tls_pubkey_fingerprint': key('self-signed')}),
    ('expired and its key pinned', 'expired', lambda: {'tls_pubkey_fingerprint': key('expired')}),
    ('of an RSA key that is pinned', 'rsa', lambda: {'tls_pubkey_fingerprint': key('rsa')}),
    ('pinned, and its key, too', 'good', lambda: {'tls_pubkey_fingerprint': key('good'),
                                                  'tls_fingerprint': fingerprint('good')}),
    ('another one is revoked', 'good', lambda: {'tls_crl_file': revoked('expired')}),
    ('none is revoked', 'good', lambda: {'tls_crl_file': revoked()}),
    ('another authority has revoked it', 'good',
     lambda: {'tls_crl_file': revoked('good', signer='other-ca')}),
    ('expired with checking off', 'expired', {'tls_certcheck': False}),
    ('self-signed and trusted itself', 'self-signed',
     lambda: {'tls_trust_file': trust('self-signed')}),
    ('for another name that we ask for', 'wrong-name', {'tls_host_override': 'mail.lab.example'}),
)
def a_certificate_is_taken(kind, more):
    for tls in ('starttls', 'implicit'):
        with Server(tls=tls, certificate=kind) as server:
            mailchute(server.account(**values(more)), ONE, stdin=SIMPLE).expect(0)
            check_arrived(server.mail(), SIMPLE)
            check(server.first().secure, 'the mail went out without TLS')


@test
def a_certificate_is_good_for_the_ipv6_address():
    with Server(tls='implicit', address='::1') as server:
        mailchute(server.account(host='::1'), ONE, stdin=SIMPLE).expect(0)
        check_arrived(server.mail(), SIMPLE)


@test
def the_command_line_can_pin_and_trust():
    with Server(certificate='self-signed') as server:
        mailchute(server.account(), f"--tls-fingerprint={fingerprint('self-signed')}", ONE,
                  stdin=SIMPLE).expect(0)
        mailchute(server.account(), f"--tls-trust-file={trust('self-signed')}", ONE,
                  stdin=SIMPLE).expect(0)
        mailchute(server.account(), '--tls-certcheck=off', ONE, stdin=SIMPLE).expect(0)
        mailchute(server.account(), ONE, stdin=SIMPLE).expect(69)
        check_equal(sum(len(session.mails) for session in server.sessions), 3, 'mails')


@test
def what_an_unknown_certificate_says_can_be_pasted():
    with Server(certificate='self-signed') as server:
        result = refused(server, server.account(), 'CERT_UNKNOWN_CA', fingerprint('self-signed'))
        line = f"tls_pubkey_fingerprint {key('self-signed')}"
        check(line in result.err.splitlines(), f'no line to paste\n{result.text()}')
        mailchute(server.account() + line + '\n', ONE, stdin=SIMPLE).expect(0)


@cases(
    ('the certificate', 'tls_fingerprint', fingerprint),
    ('the key', 'tls_pubkey_fingerprint', key),
)
def a_new_pin_can_be_pasted(setting, pin):
    with Server(certificate='good') as server:
        result = refused(server, server.account(**{setting: pin('self-signed')}))
        check(f"{setting} {pin('good')}" in result.err.splitlines(),
              f'no line to paste\n{result.text()}')


@cases(('SHA-1', 'sha1'), ('MD5', 'md5'))
def an_old_fingerprint_is_taken_with_a_warning(name):
    algorithm = {'sha1': 'SHA-1', 'md5': 'MD5'}[name]
    with Server(certificate='self-signed') as server:
        conf = server.account(tls_fingerprint=cert('self-signed').fingerprint(name))
        mailchute(conf, ONE, stdin=SIMPLE).expect(
            0, rf"warning: .*{algorithm}.*tls_fingerprint {fingerprint('self-signed')}$")
        wrong = cert('good').fingerprint(name)
        result = mailchute(server.account(tls_fingerprint=wrong), ONE, stdin=SIMPLE)
        result.expect(69, 'CERT_PIN')
        check('warning' not in result.err, f'a warning about a stranger\n{result.text()}')
    with Server(certificate='self-signed') as server:
        result = mailchute(server.account(tls_fingerprint=fingerprint('self-signed')), ONE,
                           stdin=SIMPLE).expect(0)
        check(not result.err, f'words where none are needed\n{result.text()}')


@test
def a_pin_of_a_key_is_sha_256():
    with Server() as server:
        conf = server.account(tls_pubkey_fingerprint=cert('good').fingerprint('sha1'))
        mailchute(conf, ONE, stdin=SIMPLE).expect(78, 'tls_pubkey_fingerprint', '32 hexadecimal')
        server.nothing_arrived()


@cases(
    ('missing', lambda: '/no/such/list.pem', 66, '/no/such/list.pem'),
    ('no list', trust, 66, 'tls_crl_file'),
)
def a_list_of_revoked_certificates_is(file, status, words):
    with Server() as server:
        conf = server.account(tls_crl_file=file())
        refused(server, conf, words, status=status)


@test
def a_name_is_sent_for_the_server_to_choose_by_but_an_address_is_not():
    asked = []
    with Server(tls='implicit') as server:
        server.context.sni_callback = lambda _sock, name, _context: asked.append(name)
        mailchute(server.account(), ONE, stdin=SIMPLE).expect(0)
        mailchute(server.account(host='127.0.0.1'), ONE, stdin=SIMPLE).expect(0)
    check_equal(asked, ['localhost', None], 'names asked for (SNI)')


@cases(('starttls', 'starttls'), ('tls from the first byte', 'implicit'))
def old_tls_is_refused(tls):
    with Server(tls=tls, newest=ssl.TLSVersion.TLSv1_1) as server:
        refused(server, server.account(), 'TLS', status={69, 76})


@cases(('1.2', ssl.TLSVersion.TLSv1_2), ('1.3', ssl.TLSVersion.TLSv1_3))
def new_tls_is_taken(version):
    with Server(newest=version) as server:
        mailchute(server.account(), ONE, stdin=SIMPLE).expect(0)
        check_arrived(server.mail(), SIMPLE)


NEW, OLD = ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2


@cases(
    ('1.3 to 1.3', NEW, '1.3', None, 0),
    ('1.3 to 1.2', OLD, '1.3', None, 76),
    ('1.2 to 1.2', OLD, '1.2', None, 0),
    ('1.2 to 1.1', ssl.TLSVersion.TLSv1_1, '1.2', 'NORMAL:+VERS-TLS1.1:%PROFILE_VERY_WEAK', 76),
    ('1.3 with priorities to 1.2', OLD, '1.3', 'NORMAL', 76),
    ('1.3 with priorities to 1.3', NEW, '1.3', 'NORMAL', 0),
    ('1.2 with priorities that have no 1.3', NEW, '1.2', 'NORMAL:-VERS-TLS1.3', 0),
    ('none to 1.2 with priorities', OLD, None, 'NORMAL', 0),
)
def the_oldest_version_is_kept(newest, oldest, priorities, status):
    with Server(newest=newest) as server:
        conf = server.account(tls_min_version=oldest, tls_priorities=priorities)
        mailchute(conf, ONE, stdin=SIMPLE).expect(
            status, *(['no TLS 1.[23] or newer', 'TLS_FAILED'] if status else []), hides=[PASSWORD])
        if status:
            server.nothing_arrived()
        else:
            check_arrived(server.mail(), SIMPLE)


@test
def versions_and_priorities_that_leave_nothing_are_told():
    with Server() as server:
        conf = server.account(tls_min_version='1.3', tls_priorities='NORMAL:-VERS-TLS1.3')
        refused(server, conf, 'tls_priorities', 'tls_min_version', status=70)


@cases(
    ('longer than what is wanted', 2048, 0), ('just what is wanted', 3072, 0),
    ('shorter', 3073, 76),
)
def a_diffie_hellman_prime_is(bits, status):
    with Server(certificate='rsa', newest=OLD, ciphers='DHE-RSA-AES256-GCM-SHA384') as server:
        server.context.load_dh_params(dh_params())
        conf = server.account(tls_min_dh_prime_bits=bits, tls_priorities='NORMAL:-GROUP-DH-ALL')
        mailchute(conf, ONE, stdin=SIMPLE).expect(
            status, *(['prime is shorter than the 3073 bits'] if status else []), hides=[PASSWORD])


WEAK = 'DEFAULT:@SECLEVEL=0'  # so that the server shows what we should refuse


@cases(
    ('a key that is too short', 'weak-key'), ('a hash that is broken', 'weak-hash'),
)
def a_certificate_is_too_weak(kind):
    with Server(certificate=kind, ciphers=WEAK) as server:
        refused(server, server.account(), 'insecure|weak', r'\[CERT_BAD\]')
        pinned = server.account(tls_fingerprint=fingerprint(kind))
        mailchute(pinned, ONE, stdin=SIMPLE).expect(0)


@test
def a_chain_with_a_gap_is_refused_and_one_without_is_taken():
    with Server(certificate='alone') as server:
        refused(server, server.account(), 'issued by "CN=Middle CA"', 'CERT_UNKNOWN_CA')
    with Server(certificate='with-middle') as server:
        mailchute(server.account(), ONE, stdin=SIMPLE).expect(0)
        check_arrived(server.mail(), SIMPLE)
    with Server(certificate='alone') as server:
        mailchute(server.account(tls_trust_file=trust('middle')), ONE, stdin=SIMPLE).expect(0)


@cases(
    ('a label', 'wildcard', 'mx.lab.example', True),
    ('a label in capitals', 'wildcard', 'MX.Lab.Example', True),
    ('two labels', 'wildcard', 'a.mx.lab.example', False),
    ('none', 'wildcard', 'lab.example', False),
    ('another domain', 'wildcard', 'mx.lab.example.org', False),
    ('an address', 'wildcard', '127.0.0.1', False),
    ('a part of a label', 'wildcard-part', 'mx.lab.example', False),
    ('a label inside', 'wildcard-inside', 'mx.lab.example', False),
    ('the name with a dot at its end', 'wildcard', 'mx.lab.example.', True),
    ('an address that is there as a name', 'address-as-name', '127.0.0.1', False),
    ('an address of the list', 'good', '127.0.0.1', True),
    ('the other address', 'good', '::1', True),
    ('an address beside it', 'good', '127.0.0.2', False),
    ('the common name, without other names', 'cn-only', 'localhost', True),
    ('another than the common name', 'cn-only', 'mx.lab.example', False),
    ('the common name beside other names', 'wildcard', 'wild', False),
)
def a_name_in_the_certificate_stands_for(kind, name, taken):
    """RFC 9525, 6.3; but for the common name, which old servers of companies still have."""
    with Server(certificate=kind) as server:
        conf = server.account(tls_host_override=name)
        if taken:
            mailchute(conf, ONE, stdin=SIMPLE).expect(0)
            check_arrived(server.mail(), SIMPLE)
        else:
            refused(server, conf, 'CERT_NAME', re.escape(f'"{name.rstrip(".")}" was expected'))


@cases(*((f'{version}, {tls}', getattr(ssl.TLSVersion, version), tls)
         for version in ('TLSv1', 'TLSv1_1') for tls in ('starttls', 'implicit')))
def a_server_that_has_only_old_tls_is_told(version, tls):
    with Server(tls=tls, newest=version) as server:
        refused(server, server.account(), r'no TLS 1\.2 or newer', 'TLS_FAILED', status=76)


@test
def a_client_certificate_that_is_asked_for_and_missing_is_told():
    """With TLS 1.3 the server says so only after the handshake."""
    for newest in (OLD, NEW):
        with Server(client_ca='ca', newest=newest) as server:
            result = mailchute(server.account(), ONE, stdin=SIMPLE, limit=20)
            result.expect({75, 76}, r'asked for a certificate of ours.*\[(TLS_FAILED|HANGUP)\]',
                          'fix: .*tls_cert_file FILE', hides=[PASSWORD])
            server.nothing_arrived()


@test
def a_client_certificate_that_is_only_wished_for_may_be_missing():
    with Server() as server:
        server.context.verify_mode = ssl.CERT_OPTIONAL
        server.context.load_verify_locations(trust())
        mailchute(server.account(), ONE, stdin=SIMPLE).expect(0)
        check_arrived(server.mail(), SIMPLE)


@test
def the_name_wanted_the_names_offered_and_the_pin_are_told():
    with Server(certificate='good') as server:
        conf = server.account(tls_host_override='mx.lab.example')
        result = refused(server, conf, '"mx.lab.example" was expected',
                         'is for localhost, 127.0.0.1, ::1')
        pin = re.search('tls_fingerprint ([0-9A-F:]{95})', result.err).group(1)
        mailchute(conf.replace('tls_host', f'tls_fingerprint {pin}\ntls_host'), ONE,
                  stdin=SIMPLE).expect(0)


@test
def a_trust_file_that_is_missing_is_named():
    with Server() as server:
        conf = server.account(tls_trust_file='/no/such/file.pem')
        mailchute(conf, ONE, stdin=SIMPLE).expect({66, 78}, '/no/such/file.pem')
        server.nothing_arrived()


def pipe_of(content):
    """A pipe as bash's <(cmd) makes it; without content, one that nobody writes to."""
    path = folder() / 'pipe'
    os.mkfifo(path)
    if content:
        threading.Thread(target=lambda: path.write_bytes(content), daemon=True).start()
    return path


@cases(
    ('an endless device', 'tls_trust_file', lambda: '/dev/zero', 'larger than'),
    ('an endless list', 'tls_crl_file', lambda: '/dev/zero', 'larger than'),
    ('a directory', 'tls_trust_file', folder, 'directory'),
    ('a pipe that nobody writes to', 'tls_trust_file', lambda: pipe_of(None), 'pipe'),
)
def what_is_no_file_of_certificates_is_named_in_time(setting, path, words):
    with Server() as server:
        conf = server.account(**{setting: path()})
        mailchute(conf, ONE, stdin=SIMPLE, limit=20).expect(66, setting, words)
        server.nothing_arrived()


@test
def a_trust_file_may_be_a_pipe():
    with Server() as server:
        conf = server.account(tls_trust_file=pipe_of(Path(trust()).read_bytes()))
        mailchute(conf, ONE, stdin=SIMPLE).expect(0)
        server.mail()


@test
def a_server_without_starttls_gets_no_password_and_no_mail():
    with Server(tls=None) as server:
        conf = server.account(tls=True, tls_trust_file=trust())
        refused(server, conf, 'STARTTLS', 'TLS_NONE')


@test
def tls_from_the_first_byte_on_a_plain_port_says_what_to_change():
    with Server(tls='starttls') as server:
        conf = server.account(tls_starttls=False)
        refused(server, conf, 'TLS_STARTTLS', r'tls_starttls on', status=76)


@test
def a_client_certificate_is_shown_when_the_server_wants_one():
    own = cert('client')
    with Server(client_ca='ca') as server:
        conf = server.account(tls_cert_file=own.cert, tls_key_file=own.key)
        mailchute(conf, ONE, stdin=SIMPLE).expect(0)
        check_arrived(server.mail(), SIMPLE)


@cases(
    ('a certificate that nobody writes', 'tls_cert_file', lambda: pipe_of(None), 'pipe'),
    ('a key that nobody writes', 'tls_key_file', lambda: pipe_of(None), 'pipe'),
    ('an endless certificate', 'tls_cert_file', lambda: '/dev/zero', 'larger than'),
    ('an endless key', 'tls_key_file', lambda: '/dev/zero', 'larger than'),
    ('a key that is a directory', 'tls_key_file', folder, 'directory'),
)
def a_client_certificate_that_is_no_file_is_named_in_time(setting, path, words):
    own = cert('client')
    with Server(client_ca='ca') as server:
        conf = server.account(**{'tls_cert_file': own.cert, 'tls_key_file': own.key,
                                 setting: path()})
        mailchute(conf, ONE, stdin=SIMPLE, limit=20).expect(66, setting, words)
        server.nothing_arrived()


@test
def a_key_may_be_a_pipe():
    own = cert('client')
    with Server(client_ca='ca') as server:
        conf = server.account(tls_cert_file=own.cert,
                              tls_key_file=pipe_of(Path(own.key).read_bytes()))
        mailchute(conf, ONE, stdin=SIMPLE, limit=20).expect(0)
        check_arrived(server.mail(), SIMPLE)


@cases(('a fingerprint', 'tls_fingerprint'), ('a key', 'tls_pubkey_fingerprint'))
def with_checking_off_a_pin_counts_for_nothing_and_that_is_told(name):
    """As with msmtp; who wrote a pin will hardly have meant that."""
    with Server() as server:
        result = mailchute(server.account(tls_certcheck=False, **{name: ':'.join(['00'] * 32)}),
                           ONE, stdin=SIMPLE)
        result.expect(0, f'warning: tls_certcheck is off: {name} .*anybody')


if __name__ == '__main__':
    main()
