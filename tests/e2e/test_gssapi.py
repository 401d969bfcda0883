#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_gssapi.py - sign-in with a Kerberos ticket, in a realm of our own

GNU SASL reaches Kerberos through libgssglue, which loads the library that a file names: on Debian
/etc/gssapi_mech.conf, and libgssapi_krb5.so.2 of the package libgssapi-krb5-2. No package that
mailchute needs brings this one along.
"""
from dovecot import Dovecot
from harness import (cases, check, check_equal, environment, keep, mailchute, main, need, settings,
                     shared, test, wait_until)
from hostile import Server
from kerberos import Kerberos
from mail import SIMPLE, crlf
from postfix import Postfix

ONE = 'one@lab.example'
# GNU SASL has one error for all that goes wrong with a ticket on this side.
BROKEN = {76, 77}


@shared
def kerberos():
    """The realm. It also knows 127.0.0.1 as a server, but whose key Dovecot does not have."""
    return keep(Kerberos(['ops'], ['smtp/localhost'], ['smtp/127.0.0.1']))


@shared
def postfix():
    """Postfix asks Dovecot, and Dovecot has the key of smtp/localhost."""
    need('/usr/lib/dovecot/modules/auth/libmech_gssapi.so', 'dovecot-gssapi')
    return keep(Postfix(keep(Dovecot(['gssapi'], kerberos().dovecot_settings))))


@shared
def ticket():
    """The environment of a user who has signed in to Kerberos this morning."""
    return kerberos().environment('ops')


def send(env, *args, server=None, **more):
    """One mail, signed in with what the environment gives."""
    values = server.settings() if server else postfix().settings()
    conf = settings(**{**values, 'auth': 'gssapi', 'user': 'ops', **more})
    return mailchute(conf, *args, ONE, stdin=SIMPLE, env=environment(**env), limit=30)


def nothing_was_taken(env, *says, **more):
    """A failed sign-in sends nothing."""
    before = postfix().count('one')
    result = send(env, **more).expect(BROKEN, r'localhost:\d+: .*GSSAPI', r'\[AUTH_\w+\]', *says)
    check_equal(postfix().count('one'), before, 'mails')
    return result


@cases(('starttls', False), ('tls from the first byte', True))
def a_ticket_signs_in(implicit):
    before = postfix().count('one')
    result = send(ticket(), '-v', **postfix().settings(implicit)).expect(0)
    mail = postfix().mails('one', before + 1)[-1]
    wanted = crlf(SIMPLE).replace(b'\r\n', b'\n')
    check_equal(mail[-len(wanted):], wanted, 'the mail')
    wait_until(lambda: 'sasl_method=GSSAPI, sasl_username=ops' in postfix().log_text(),
               'Postfix logs the sign-in')
    check('--> AUTH GSSAPI ****' in result.out, f'the dialogue shows the ticket\n{result.out}')


@test
def without_a_ticket_nothing_is_sent():
    nothing_was_taken(kerberos().environment(), 'credentials')


@test
def an_expired_ticket_sends_nothing():
    nothing_was_taken(kerberos().expired('ops', 'smtp/localhost'), 'credentials')


@test
def without_the_kerberos_library_nothing_is_sent():
    nothing_was_taken({**ticket(), 'GSSAPI_MECH_CONF': '/dev/null'})


@test
def a_ticket_for_a_server_that_has_another_key_is_refused():
    before = postfix().count('one')
    send(ticket(), host='127.0.0.1').expect(77, r'127\.0\.0\.1:\d+: ', r'\[AUTH_REFUSED\]', '535')
    check_equal(postfix().count('one'), before, 'mails')


@test
def a_server_that_the_realm_does_not_know_gets_no_mail():
    with Server(address='::1', mechanisms='GSSAPI') as server:
        send(ticket(), server=server, host='::1').expect(BROKEN, 'GSSAPI')
        check(not any('AUTH' in line for line in server.first().commands), 'AUTH was tried')
        server.nothing_arrived()


@cases(
    ('welcome at once', lambda session: '235 2.7.0 welcome', 'AUTH_SERVER'),
    ('nothing said', lambda session: session.challenge(b''), 'AUTH_'),
    ('rubbish', lambda session: session.challenge(b'rubbish'), 'AUTH_'),
    ('the same again', lambda session: session.challenge(session.token), 'AUTH_'),
)
def a_server_that_cannot_read_the_ticket_gets_no_mail(answer, code):
    """Whoever has the service's key can prove it; all others only pretend."""
    def auth(session, _mechanism, initial):
        session.token = initial
        reply = answer(session)
        return reply if isinstance(reply, str) else '235 2.7.0 welcome'
    with Server(mechanisms='GSSAPI', auth=auth) as server:
        send(ticket(), server=server).expect(BROKEN, code)
        server.nothing_arrived()


@test
def auth_on_does_not_take_gssapi_by_itself():
    with Server(mechanisms='GSSAPI') as server:
        send(ticket(), server=server, auth='on', password='x').expect(69, 'AUTH_METHOD')
        server.nothing_arrived()


if __name__ == '__main__':
    main()
