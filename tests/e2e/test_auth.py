#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_auth.py - sign-in with servers no package offers: -PLUS, client certificates, cheats"""
import ssl

from certs import cert
from harness import cases, check, check_equal, mailchute, main, test
from hostile import PASSWORD, Server, Session
from mail import SIMPLE, check_arrived
from scram import EXPORTER, UNIQUE, ExporterContext, Scram

ONE = 'one@lab.example'
TLS_1_2 = ssl.TLSVersion.TLSv1_2
DIGESTS = {'SCRAM-SHA-1': 'sha1', 'SCRAM-SHA-256': 'sha256'}


def scram(binding=None, prove=True, **bent):
    """A method of a session that takes SCRAM mechanisms, bound to the TLS session or not."""
    def auth(session, mechanism, initial):
        plus = mechanism.endswith('-PLUS')
        check(plus == (binding is not None), f'unexpected mechanism {mechanism}')
        side = Scram(DIGESTS[mechanism.removesuffix('-PLUS')], session.user, session.password,
                     binding, **bent)
        session.mechanism = mechanism
        return session.judged(side.sign_in(session, initial, prove))
    return auth


class Scrammer(Session):
    """Remembers which mechanism was used."""
    mechanism = None


def send(server, **more):
    """One mail with these settings."""
    return mailchute(server.account(**more), ONE, stdin=SIMPLE)


def signed_in_by(server, mechanism):
    """The mail came, by this mechanism."""
    session = server.first()
    check_equal((session.mechanism, session.signed_in), (mechanism, True), session.ended)
    check_arrived(server.mail(), SIMPLE)


@cases(
    ('scram-sha-256-plus', 'scram-sha-256-plus', 'SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256-PLUS'),
    ('scram-sha-1-plus', 'scram-sha-1-plus', 'SCRAM-SHA-1-PLUS', 'SCRAM-SHA-1-PLUS'),
    ('on takes the strongest', 'on', 'SCRAM-SHA-256-PLUS',
     'PLAIN LOGIN SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-256-PLUS'),
)
def scram_plus_binds_to_a_tls_1_2_session(auth, used, offered):
    for tls in ('starttls', 'implicit'):
        with Server(tls=tls, newest=TLS_1_2, session=Scrammer, mechanisms=offered,
                    auth=scram(UNIQUE)) as server:
            send(server, auth=auth).expect(0, hides=[PASSWORD])
            signed_in_by(server, used)


@cases(
    ('scram-sha-256-plus', 'scram-sha-256-plus', 'SCRAM-SHA-256-PLUS'),
    ('on', 'on', 'PLAIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS'),
)
def scram_plus_binds_to_a_tls_1_3_session(auth, offered):
    with Server(context=ExporterContext(), session=Scrammer, mechanisms=offered,
                auth=scram(EXPORTER)) as server:
        send(server, auth=auth).expect(0, hides=[PASSWORD])
        signed_in_by(server, 'SCRAM-SHA-256-PLUS')


@cases(('1.2', TLS_1_2), ('1.3', ssl.TLSVersion.TLSv1_3))
def scram_without_plus_works_inside_tls(version):
    for name in DIGESTS:
        with Server(newest=version, session=Scrammer, mechanisms=name, auth=scram()) as server:
            send(server, auth=name.lower()).expect(0, hides=[PASSWORD])
            signed_in_by(server, name)


@test
def scram_needs_no_tls_and_auth_on_takes_it_before_plain():
    with Server(tls=None, session=Scrammer, mechanisms='LOGIN PLAIN SCRAM-SHA-256',
                auth=scram()) as server:
        send(server, auth='on').expect(0, hides=[PASSWORD])
        signed_in_by(server, 'SCRAM-SHA-256')


@test
def auth_on_sends_no_password_without_tls():
    with Server(tls=None, mechanisms='PLAIN LOGIN') as server:
        send(server, auth='on').expect(69, 'AUTH_CLEAR', 'tls on', hides=[PASSWORD])
        check(not any('AUTH' in line for line in server.first().commands), 'AUTH was tried')
        server.nothing_arrived()


@test
def a_server_that_does_not_know_the_password_gets_no_mail():
    with Server(mechanisms='SCRAM-SHA-256', auth=scram(lie=True)) as server:
        send(server, auth='scram-sha-256').expect(77, 'AUTH_SERVER', hides=[PASSWORD])
        server.nothing_arrived()


@test
def a_server_that_skips_its_proof_gets_no_mail():
    with Server(mechanisms='SCRAM-SHA-256', auth=scram(prove=False)) as server:
        send(server, auth='scram-sha-256').expect({76, 77}, r'\[AUTH_', hides=[PASSWORD])
        server.nothing_arrived()


@cases(('two thousand million', 2_000_000_000), ('one', 1))
def an_iteration_count_out_of_bounds_ends_the_sign_in(count):
    """Too many keep us computing; too few let a thief of the exchange guess the password."""
    proofs = []

    def auth(session, _mechanism, initial):
        first = initial or session.challenge(b'')
        nonce = first.rpartition(b'r=')[2]
        proofs.append(session.challenge(b'r=%sxyz,s=QUJDREVGR0g=,i=%d' % (nonce, count)))
        return '235 2.7.0 welcome'
    with Server(mechanisms='SCRAM-SHA-256', auth=auth) as server:
        # so many would take longer than a run may
        send(server, auth='scram-sha-256').expect(range(69, 78), r'\[AUTH_')
        check_equal([proof for proof in proofs if proof], [], 'proofs of the password')
        server.nothing_arrived()


@test
def external_signs_in_with_the_client_certificate():
    def auth(session, mechanism, initial):
        check_equal(mechanism, 'EXTERNAL', 'mechanism')
        identity = session.challenge(b'') if initial is None else initial
        name = dict(pair[0] for pair in session.sock.getpeercert()['subject'])['commonName']
        return session.judged(name == 'ops' and identity in (b'', b'ops'))
    own = cert('client')
    for tls in ('starttls', 'implicit'):
        with Server(tls=tls, client_ca='ca', mechanisms='EXTERNAL', auth=auth) as server:
            send(server, auth='external', password=None, tls_cert_file=own.cert,
                 tls_key_file=own.key).expect(0)
            check(server.first().signed_in, 'not signed in')
            check_arrived(server.mail(), SIMPLE)


@cases(('xoauth2', 'xoauth2', b''), ('oauthbearer', 'oauthbearer', b'\1'))
def a_token_that_is_refused_ends_with_77(method, goodbye):
    """The error comes in a challenge; RFC 7628, 3.2.3 wants AQ== for an answer, XOAUTH2 nothing."""
    answers = []

    def auth(session, _mechanism, initial):
        initial = session.challenge(b'') if initial is None else initial
        check(b'auth=Bearer tok3n' in initial, f'no token in {initial!r}')
        answers.append(session.challenge(b'{"status":"invalid_token","scope":"mail"}'))
        return '535 5.7.8 bad token'
    with Server(mechanisms=method.upper(), auth=auth) as server:
        send(server, auth=method, password='tok3n').expect(77, 'bad token', hides=['tok3n'])
        check_equal(answers, [goodbye], 'the answer to the error')
        server.nothing_arrived()


@test
def a_long_token_fits():
    token = 'x' * 6000

    def auth(session, _mechanism, initial):
        initial = session.challenge(b'') if initial is None else initial
        return session.judged(b'auth=Bearer ' + token.encode() + b'\1' in initial)
    with Server(mechanisms='XOAUTH2', auth=auth) as server:
        send(server, auth='xoauth2', password=None, passwordeval=f"printf 'x%.0s' $(seq {6000})") \
            .expect(0, hides=[token])
        check_arrived(server.mail(), SIMPLE)


@cases(
    ('an empty one', 'cram-md5', b''),
    ('endless after plain', 'plain', b'more'),
    ('endless after login', 'login', b'Password:'),
    ('endless in scram', 'scram-sha-256', b'r=x,s=eA==,i=4096'),
)
def a_challenge_that_leads_nowhere_ends_the_sign_in(method, challenge):
    def auth(session, _mechanism, _initial):
        while True:
            session.challenge(challenge)
    with Server(mechanisms=method.upper(), auth=auth) as server:
        send(server, auth=method).expect(range(69, 78), hides=[PASSWORD])
        check(len(server.first().commands) < 20, 'it went on and on')
        server.nothing_arrived()


@test
def a_challenge_that_is_no_base64_ends_the_sign_in():
    def auth(session, _mechanism, _initial):
        session.say('334 *** what ***')
        session.silence()
    with Server(mechanisms='CRAM-MD5', auth=auth) as server:
        send(server, auth='cram-md5', timeout=5).expect(range(69, 78), r'\[\w+\]',
                                                        hides=[PASSWORD])
        server.nothing_arrived()


@test
def a_reply_that_contradicts_itself_is_no_sign_in():
    with Server(auth=lambda *_: '235-2.7.0 welcome\r\n535 5.7.8 or not') as server:
        send(server).expect({76, 77}, hides=[PASSWORD])
        server.nothing_arrived()


@cases(('as it came', lambda line: line), ('decoded', lambda line: PASSWORD))
def a_server_that_quotes_the_sign_in_does_not_get_the_password_shown(quote):
    def auth(session, _mechanism, _initial):
        return '501 5.5.4 cannot make sense of ' + quote(session.commands[-1])
    with Server(auth=auth) as server:
        result = mailchute(server.account(auth='plain'), '-v', '--logfile=-', ONE, stdin=SIMPLE)
        result.expect(77, r'501 5.5.4', hides=[PASSWORD, server.first().commands[-2].split(' ')[-1]])


@test
def a_wrong_password_is_tried_once():
    """Twice in one call, and a cron job locks the account."""
    with Server(mechanisms='PLAIN LOGIN CRAM-MD5') as server:
        send(server, auth='on', password='tr1ed').expect(77, 'AUTH_REFUSED', hides=['tr1ed'])
        tried = [line for session in server.sessions for line in session.commands
                 if line.startswith('AUTH')]
        check_equal(len(tried), 1, 'sign-ins')


@cases(('offered nothing', '', 'AUTH_NONE'), ('offered another', 'LOGIN', 'AUTH_METHOD'))
def a_method_that_is_not_offered_ends_with_69(mechanisms, code):
    with Server(mechanisms=mechanisms) as server:
        send(server, auth='scram-sha-256').expect(69, code, hides=[PASSWORD])
        server.nothing_arrived()


@test
def user_and_password_outside_ascii_go_as_utf_8():
    for method in ('plain', 'login'):
        with Server(user='jürgen@lab.example', password='pÄss wörd') as server:
            send(server, auth=method).expect(0, hides=['pÄss wörd'])
            check(server.first().signed_in, 'not signed in')


@test
def a_password_without_a_user_is_a_setting_that_is_missing():
    with Server() as server:
        send(server, user=None).expect({69, 78}, 'user', hides=[PASSWORD])
        server.nothing_arrived()


if __name__ == '__main__':
    main()
