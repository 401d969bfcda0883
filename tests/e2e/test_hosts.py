#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_hosts.py - a list of hosts: the next is asked only where nobody can get the mail twice

The servers of a list share a port, and stand at addresses of their own.
"""
from certs import cert
from daemon import free_port
from harness import cases, check, check_equal, folder, mailchute, main, test
from hostile import PASSWORD, Server
from mail import SIMPLE, check_arrived
from names import known
from unreachable import refusing

ONE, TWO = 'one@lab.example', 'two@lab.example'
FIRST, SECOND = '127.0.0.2', '127.0.0.3'


def pair(first, **second):
    """The two servers of a list, of which the second would take the mail."""
    one = Server(address=FIRST, **{'tls': None, **first})
    return one, Server(address=SECOND, port=one.port, **{'tls': None, **second})


def send(first, *to, auth=False, **more):
    """One mail to the list; returns what became of it, and both servers."""
    one, two = pair(first)
    with one, two:
        conf = one.account(host=f'{FIRST}, {SECOND}', auth=auth, **more)
        result = mailchute(conf, *(to or (ONE,)), stdin=SIMPLE)
        for server in (one, two):
            if server.sessions:
                server.first()
    return result, one, two


def mails(server):
    """All that arrived."""
    return [mail for session in server.sessions for mail in session.mails]


def once(session):
    """451 for the second recipient only."""
    return '250 2.1.5 ok' if not session.recipients else '451 4.7.1 later'


@cases(
    ('greets with 421', {'greeting': '421 4.3.2 too busy'}),
    ('greets with nonsense', {'greeting': 'hello, I am no mail server'}),
    ('closes at once', {'connected': lambda s: s.hang_up()}),
    ('puts the sender off', {'mail': lambda s, address: '451 4.7.1 later'}),
    ('puts all recipients off', {'rcpt': lambda s, address: '450 4.2.0 greylisted'}),
    ('puts the message off', {'data': lambda s: '452 4.3.1 no room'}),
    ('puts the whole mail off', {'final': '451 4.3.0 later'}),
    ('closes in the middle', {'data': lambda s: s.hang_up()}),
)
def the_next_server_gets_the_mail_when_the_first(script):
    result, one, two = send(script, ONE, TWO)
    result.expect(0, rf'warning: {FIRST}: .*; the next server is tried')
    check_equal(len(mails(two)), 1, 'mails at the second server')
    check_arrived(mails(two)[0], SIMPLE)


@cases(
    ('refused the sender', {'mail': lambda s, address: '550 5.7.1 no'}, 65),
    ('refused all recipients', {'rcpt': lambda s, address: '550 5.1.1 no'}, 65),
    ('refused the mail', {'final': '554 5.7.1 spam'}, 69),
    ('took one recipient of two', {'rcpt': lambda s, address: once(s)}, 69),
    ('vanished when it had it all', {'received': lambda s, mail: s.hang_up()}, 75),
)
def the_mail_goes_no_further_when_the_first_server(script, status):
    result, _, two = send(script, ONE, TWO)
    result.expect(status)
    check_equal(len(two.sessions), 0, 'sessions at the second server')


@test
def lmtp_goes_no_further_when_one_of_two_has_the_mail():
    one, two = pair({'lmtp': True, 'received': lambda s, mail: ['250 ok', '451 4.3.0 later']},
                    lmtp=True)
    with one, two:
        conf = one.account(host=f'{FIRST} {SECOND}', auth=False)
        mailchute(conf, ONE, TWO, stdin=SIMPLE).expect(69, '1 of 2', TWO)
        check_equal(len(two.sessions), 0, 'sessions at the second server')


@test
def a_password_that_was_refused_is_tried_at_no_other_server():
    result, _, two = send({'mechanisms': 'PLAIN'}, auth='plain', password='wr0ng-0ne')
    result.expect(77, 'AUTH_REFUSED', hides=[PASSWORD, 'wr0ng-0ne'])
    check_equal(len(two.sessions), 0, 'sessions at the second server')


@test
def a_certificate_that_is_wrong_ends_it():
    """Whoever stands in front of the first server must not choose which one is used."""
    one, two = pair({'tls': 'starttls', 'certificate': 'wrong-name'}, tls='starttls')
    with one, two:
        mailchute(one.account(host=f'{FIRST}, {SECOND}'), ONE, stdin=SIMPLE).expect(
            69, 'CERT_NAME', hides=[PASSWORD])
        check_equal(len(two.sessions), 0, 'sessions at the second server')


@test
def a_server_that_is_down_is_passed_over():
    port = free_port(SECOND)
    with refusing(port, FIRST), Server(tls=None, address=SECOND, port=port) as server:
        mailchute(server.account(host=f'{FIRST}, {SECOND}', auth=False), ONE,
                  stdin=SIMPLE).expect(0, f'warning: {FIRST}: .*refused')
        check_arrived(server.mail(), SIMPLE)


@test
def a_name_that_does_not_exist_is_passed_over():
    """One entry of a list that is gone must not stop mail that the others would take."""
    with Server(tls=None, address=SECOND) as server:
        conf = server.account(host=f'gone.invalid, {SECOND}', auth=False)
        mailchute(conf, ONE, stdin=SIMPLE, prefix=known('unused.example', '127.0.0.9')).expect(
            0, 'warning: gone.invalid: cannot locate host gone.invalid')
        check_arrived(server.mail(), SIMPLE)


@test
def the_last_of_the_list_is_the_one_that_is_told():
    port = free_port(SECOND)
    log = folder('log') / 'log'
    with refusing(port, FIRST, SECOND):
        with Server(tls=None) as server:
            mailchute(server.account(host=f'{FIRST}, {SECOND}', port=port, auth=False, logfile=log),
                      ONE, stdin=SIMPLE).expect(75, f'warning: {FIRST}: ', f'connect to {SECOND}')
    check(f'host={SECOND} ' in log.read_text(), f'the log: {log.read_text()}')


@test
def a_queue_is_started_at_the_next_server_and_that_is_told():
    port = free_port(SECOND)
    with refusing(port, FIRST), Server(tls=None, address=SECOND, port=port,
                                       caps=('ETRN',)) as server:
        mailchute(server.account(host=f'{FIRST}, {SECOND}', auth=False),
                  '--rmqs=lab.example').expect(
                      {0, 65, 69}, f'warning: {FIRST}: .*; the next server is tried')
        check(any(c.startswith('ETRN') for c in server.first().commands), 'no ETRN was heard')


@test
def each_server_of_a_list_must_be_who_it_is():
    port = free_port(SECOND)
    with refusing(port, FIRST), Server(address=SECOND, port=port) as server:
        conf = server.account(host=f'{FIRST}, {SECOND}')
        mailchute(conf, ONE, stdin=SIMPLE).expect(69, 'CERT_NAME', SECOND, hides=[PASSWORD])
        mailchute(conf + f"tls_fingerprint {cert('good').fingerprint()}\n", ONE,
                  stdin=SIMPLE).expect(0)


@test
def what_is_made_from_the_host_is_made_from_one():
    with Server(tls=None, address=FIRST) as server:
        mailchute(server.account(host=f'mx.lab.example, {SECOND}', auth=False), '-f', '<>', ONE,
                  stdin=b'Subject: x\n\nhello\n', prefix=known('mx.lab.example', FIRST)).expect(0)
        mail = server.mail()
        check(b'From: MAILER-DAEMON@mx.lab.example\r\n' in mail.data, mail.data)
        check(b'@mx.lab.example>\r\n' in mail.data, mail.data)


if __name__ == '__main__':
    main()
