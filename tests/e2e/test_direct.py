#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_direct.py - without a provider between, and the old ways: each test is named after one

Straight to the recipient's own server, HELO, AUTH LOGIN, ports 25 and 465, VRFY and EXPN.
"""
import base64

from catcher import Catcher, TO
from harness import cases, check, check_equal, loopback, mailchute, main, need_root, settings, test
from hostile import Server
from mail import SIMPLE, check_arrived


def verbs(session):
    """What the client said, less the arguments."""
    return [line.split(' ')[0].split(':')[0].upper() for line in session.commands]


@test
def an_account_without_auth_delivers_to_a_recipients_own_server():
    with Server(tls=None, mechanisms='', caps=('PIPELINING', 'SIZE 1000000')) as server:
        conf = settings(host='127.0.0.1', port=server.port, domain='client.lab.example',
                        **{'from': 'taro@client.lab.example'})
        mailchute(conf, TO, stdin=SIMPLE).expect(0)
        check_arrived(server.mail(), SIMPLE)
        session = server.first()
        check_equal(session.commands[0], 'EHLO client.lab.example', 'the name it is told')
        check_equal(verbs(session), ['EHLO', 'MAIL', 'RCPT', 'DATA', 'QUIT'], 'commands')


@test
def an_account_without_auth_is_told_what_the_recipients_server_thinks_of_it():
    with Server(tls=None, mechanisms='',
                rcpt=lambda s, a: '554 5.7.1 no mail from dynamic addresses') as server:
        mailchute(settings(**server.settings()), TO, stdin=SIMPLE).expect(
            65, TO, 'no mail from dynamic addresses')


@cases(('that does not know EHLO', '500 5.5.1 what?'), ('that refuses EHLO', '502 5.5.1 no EHLO'))
def a_server_with_helo_only(reply):
    with Server(tls=None, mechanisms='', ehlo=lambda s, name: reply) as server:
        mailchute(settings(**server.settings(domain='client.lab.example')), TO,
                  stdin=SIMPLE).expect(0)
        session = server.first()
        check_equal(session.commands[:2], ['EHLO client.lab.example', 'HELO client.lab.example'],
                    'greetings')
        mail = next(line for line in session.commands if line.startswith('MAIL'))
        check_equal(mail, 'MAIL FROM:<sender@lab.example>', 'no parameter was offered')
        check_arrived(server.mail(), SIMPLE)


@test
def auth_login_step_by_step():
    steps = []

    def auth(session, mechanism, initial):
        steps.append((mechanism, initial))
        for prompt in b'Username:', b'Password:':
            steps.append((prompt, session.challenge(prompt)))
        return session.judged(True)
    with Server(mechanisms='LOGIN', auth=auth) as server:
        result = mailchute(server.account(auth='login'), '-v', TO, stdin=SIMPLE).expect(0)
        user, password = server.session.user, server.session.password
        check_equal(steps, [('LOGIN', None), (b'Username:', user.encode()),
                            (b'Password:', password.encode())], 'steps')
        for secret in password, base64.b64encode(password.encode()).decode():
            check(secret not in result.out + result.err, 'it shows the password')
        check_arrived(server.mail(), SIMPLE)


@cases(('465 with TLS from the start', 465, 'implicit'), ('25 with STARTTLS', 25, 'starttls'))
def port(number, tls):
    need_root()
    address = loopback()
    with Server(address=address, port=number, tls=tls) as server:
        conf = server.account(host=address, port=None, tls_host_override='localhost')
        mailchute(conf, TO, stdin=SIMPLE).expect(0)
        check_arrived(server.mail(), SIMPLE)
        started = 'STARTTLS' in verbs(server.first())
        check_equal(started, tls == 'starttls', 'STARTTLS was said')


@test
def vrfy_and_expn_of_our_own_server():
    with Catcher() as catcher, catcher.smtplib() as client:
        client.ehlo()
        check_equal(client.verify(TO)[0], 252, 'the reply to VRFY')
        check_equal(client.expn('staff')[0], 502, 'the reply to EXPN')
        check_equal(client.docmd('VRFY')[0], 501, 'the reply to VRFY without a name')
        client.sendmail('app@lab.example', [TO], 'Subject: still there\n\n')


@cases(('VRFY', 'vrfy', 252, 0), ('EXPN', 'expn', 502, 69))
def a_question_to_our_own_server_by(option, code, status):
    with Catcher() as catcher:
        result = mailchute(catcher.account(), f'--{option}={TO}').expect(status)
        check(f'{code} ' in result.out + result.err, result.text())


if __name__ == '__main__':
    main()
