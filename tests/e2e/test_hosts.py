#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_hosts.py - a list of servers, tried in turn

The next one is asked only where the whole mail was put off, and where nobody can have it already.
"""
from contextlib import ExitStack

from harness import cases, check, check_equal, main, mailchute, test
from hostile import Server, refusing
from mail import SIMPLE

ONE, TWO = 'one@lab.example', 'two@lab.example'
ADDRESSES = '127.0.0.1', '127.0.0.2', '127.0.0.3'


def saying(reply):
    """A method of a server that says this."""
    return lambda *_: reply


class Row:
    """A context: servers at one port of several addresses, each with a script of its own."""

    def __init__(self, *scripts):
        self.scripts = scripts
        self.stack = ExitStack()

    def __enter__(self):
        self.servers = []
        for address, script in zip(ADDRESSES, self.scripts):
            port = self.servers[0].port if self.servers else 0
            self.servers.append(self.stack.enter_context(
                Server(tls=None, address=address, port=port, mechanisms='', **script)))
        return self

    def __exit__(self, *failure):
        return self.stack.__exit__(*failure)

    def account(self, **more):
        """The settings, with a list of all of them."""
        hosts = ', '.join(ADDRESSES[:len(self.servers)])
        return self.servers[0].account(host=hosts, auth='off', user=None, password=None, **more)

    def mails(self):
        """How many messages each server got whole."""
        return [sum(len(session.mails) for session in server.sessions) for server in self.servers]

    def asked(self):
        """How many sessions each server had."""
        return [len(server.sessions) for server in self.servers]


@test
def the_first_that_takes_it_gets_the_mail():
    with Row({}, {}) as row:
        mailchute(row.account(), ONE, stdin=SIMPLE).expect(0)
        check_equal(row.mails(), [1, 0], 'mails')
        check_equal(row.asked(), [1, 0], 'sessions')


@test
def a_server_that_cannot_be_reached_is_passed_over():
    with Row({}) as row, refusing(row.servers[0].port, '127.0.0.9'):
        account = row.account().replace('host 127.0.0.1', 'host 127.0.0.9 , 127.0.0.1')
        mailchute(account, ONE, stdin=SIMPLE).expect(0, '127.0.0.9', 'the next server is tried')
        check_equal(row.mails(), [1], 'mails')


@cases(
    ('its greeting', {'connected': saying('421 4.3.2 too busy')}),
    ('the sender', {'mail': saying('451 4.3.0 later')}),
    ('every recipient', {'rcpt': saying('450 4.2.1 later')}),
    ('the mail', {'received': saying('451 4.3.0 later')}),
    ('everything, by hanging up', {'mail': lambda session, _address: session.hang_up()}),
)
def a_server_that_puts_off_is_followed_by_the_next(script):
    with Row(script, {}) as row:
        mailchute(row.account(), ONE, TWO, stdin=SIMPLE).expect(0, 'the next server is tried')
        check_equal(row.mails()[1], 1, 'mails at the second')


@cases(
    ('a recipient for good', {'rcpt': saying('550 5.1.1 no such user')}, 65),
    ('the sender for good', {'mail': saying('550 5.7.1 not you')}, 65),
    ('the mail for good', {'received': saying('554 5.7.1 spam')}, 69),
    ('one of two for now',
     {'rcpt': lambda _session, address: '450 4.2.1 later' if address == ONE else '250 ok'}, 69),
    ('and may have taken it', {'received': lambda session, _mail: session.hang_up()}, 75),
)
def a_mail_is_never_sent_twice_and_a_refusal_holds(script, status):
    with Row(script, {}) as row:
        mailchute(row.account(), ONE, TWO, stdin=SIMPLE).expect(status)
        check_equal(row.asked()[1], 0, 'sessions at the second')


@test
def when_none_takes_it_the_last_word_counts():
    with Row({'connected': saying('421 4.3.2 one')}, {'connected': saying('421 4.3.2 two')},
             {'mail': saying('451 4.3.0 three')}) as row:
        result = mailchute(row.account(), ONE, stdin=SIMPLE)
        result.expect(75, '127.0.0.3:', '451 4.3.0 three')
        check_equal(row.asked(), [1, 1, 1], 'sessions')


@test
def the_log_names_the_server_that_took_it():
    with Row({'connected': saying('421 4.3.2 no')}, {}) as row:
        result = mailchute(row.account(logfile='-'), ONE, stdin=SIMPLE)
        result.expect(0, out=[r'host=127\.0\.0\.2 '])
        check('host=127.0.0.1' not in result.out, result.out)


@test
def what_is_made_from_the_host_is_made_from_one():
    with Row({}, {}) as row:
        mailchute(row.account(), '-f', '<>', ONE, stdin=b'Subject: x\n\nhello\n').expect(0)
        mail = row.servers[0].mail()
        check(b'From: MAILER-DAEMON@127.0.0.1\r\n' in mail.data, mail.data)
        check(b'@127.0.0.1>\r\n' in mail.data, mail.data)


if __name__ == '__main__':
    main()
