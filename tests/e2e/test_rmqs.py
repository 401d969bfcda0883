#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_rmqs.py - starting a server's queue (--rmqs, ETRN), against scripts and Postfix"""
from dovecot import PASSWORD as POSTFIX_PASSWORD
from dovecot import Dovecot
from harness import cases, check, check_equal, keep, mailchute, main, settings, shared, test
from hostile import PASSWORD, Server, Session
from postfix import DOMAIN, Postfix


class Etrn(Session):
    """A server that knows ETRN."""
    caps = ('PIPELINING', 'ETRN')
    reply = '250 2.0.0 queuing started'

    def _command(self, line):
        if line.upper().startswith(b'ETRN'):
            self.say(self.etrn(line.decode()))
        else:
            super()._command(line)

    def etrn(self, _line):
        """The reply to ETRN."""
        return self.reply


def said(server):
    """What it was told, less what every session says."""
    dull = ('EHLO', 'STARTTLS', 'AUTH', 'QUIT')
    return [c for c in server.first().commands if c.split(' ')[0] not in dull]


@cases(
    ('a host', 'mx.lab.example', 'mx.lab.example'),
    ('a domain', '@lab.example', '@lab.example'),
    ('a queue', '#night', '#night'),
    ('a host outside ASCII', 'müller.example', 'xn--mller-kva.example'),
    ('a domain outside ASCII', '@müller.example', '@xn--mller-kva.example'),
)
def a_queue_is_started_without_a_word(queue, told):
    with Server(session=Etrn) as server:
        result = mailchute(server.account(), f'--rmqs={queue}').expect(0)
        check_equal(result.out + result.err, '', 'words')
        check_equal(said(server), [f'ETRN {told}'], 'commands')
        check_equal(server.first().ended, 'quit', 'the end')
        check(server.first().signed_in, 'it did not sign in')


@test
def without_a_sign_in_in_the_account_nobody_signs_in():
    with Server(session=Etrn) as server:
        mailchute(server.account(auth=False), '--rmqs', '@lab.example').expect(0)
        check(not server.first().signed_in, 'it signed in')
        check_equal(said(server), ['ETRN @lab.example'], 'commands')


@test
def the_next_server_of_a_list_is_asked_where_the_first_is_away():
    with Server(session=Etrn, tls=None, mechanisms='') as server:
        mailchute(server.account(host='127.0.0.2 127.0.0.1', auth=False), '--rmqs=x').expect(0)
        check_equal(said(server), ['ETRN x'], 'commands')


@cases(
    ('250', '250 OK, queuing for node x started', 0, ''),
    ('251', '251 OK, no messages waiting for node x', 0, ''),
    ('252', '252 OK, pending messages for node x started', 0, ''),
    ('253', '253 OK, 7 pending messages for node x started', 0, ''),
    ('458', '458 Unable to queue messages for node x', 75, 'Unable to queue'),
    ('459', '459 Node x not allowed: sign in', 75, 'not allowed: sign in'),
    ('500', '500 Syntax error', 65, 'Syntax error'),
    ('501', '501 Syntax error in parameters', 65, 'Syntax error in'),
    ('502', '502 not today', 69, 'not today'),
    ('530', '530 5.7.0 Authentication required', 77, 'Authentication required'),
    ('several lines', ['458-one\r\n458 two'], 75, 'said: 458 one; said: 458 two'),
)
def the_servers_answer_decides(reply, status, words):
    with Server(session=Etrn, reply=reply) as server:
        result = mailchute(server.account(), '--rmqs=x').expect(status, words)
        check_equal(result.out, '', 'output')


@test
def a_server_without_etrn_ends_with_69():
    with Server() as server:
        mailchute(server.account(), '--rmqs=x').expect(
            69, 'the server does not support Remote Message Queue Starting', r'\[NO_ETRN\]')
        check_equal(said(server), [], 'commands')
        check_equal(server.first().ended, 'quit', 'the end')


@test
def what_the_server_offers_before_tls_does_not_count():
    class Shy(Etrn):
        """Offers ETRN in the clear only."""
        def ehlo(self, name):
            self.caps = ('PIPELINING',) if self.secure else ('PIPELINING', 'ETRN')
            return super().ehlo(name)

    with Server(session=Shy) as server:
        mailchute(server.account(), '--rmqs=x').expect(69, r'\[NO_ETRN\]')


@test
def who_is_not_let_in_starts_nothing():
    with Server(session=Etrn) as server:
        mailchute(server.account(password='wrong'), '--rmqs=x').expect(
            77, r'\[AUTH_REFUSED\]', hides=[PASSWORD])
        check_equal(said(server), [], 'commands')


@cases(
    ('a command', 'x\r\nMAIL FROM:<evil@lab.example>'),
    ('a command of a queue', '#x\nQUIT'),
    ('a command behind a name outside ASCII', '@müller.example\r\nRSET'),
    ('a blank', 'x y'),
    ('a queue outside ASCII', '#müll'),
    ('nothing behind the mark', '@'),
)
def what_can_be_no_queue_ends_with_65_and_reaches_nobody(queue):
    with Server(session=Etrn) as server:
        mailchute(server.account(), f'--rmqs={queue}').expect(65, r'\[ADDRESS\]')
        check_equal(len(server.sessions), 0, 'connections')


@cases(
    ('recipients', ['--rmqs=x', 'one@lab.example'], 'too many arguments'),
    ('--serverinfo', ['--rmqs=x', '-S'], 'cannot use both --serverinfo and --rmqs'),
    ('nothing', ['--rmqs='], '--rmqs'),
)
def what_does_not_go_with_it_ends_with_64(args, words):
    with Server(session=Etrn) as server:
        mailchute(server.account(), *args).expect(64, words)
        check_equal(len(server.sessions), 0, 'connections')


@test
def print_config_shows_the_argument_and_asks_nobody():
    with Server(session=Etrn) as server:
        out = mailchute(server.account(), '-P', '--rmqs=@lab.example').expect(0).out
        check('\nRMQS argument = @lab.example\n' in out, out)
        check('\nfrom = ' not in out and 'recipients' not in out, out)
        check_equal(len(server.sessions), 0, 'connections')


# --- Postfix -------------------------------------------------------------------------------------

@shared
def postfix():
    """One Postfix for all the tests; Dovecot tells it who may sign in."""
    return keep(Postfix(keep(Dovecot())))


@cases(
    ('a domain that has a queue', f'flush.{DOMAIN}', 0, ''),
    ('a domain that has none', DOMAIN, 75, 'said: 459 .*service unavailable'),
    ('a name that is none', 'exa_mple!', 65, r'\[QUEUE_NAME\]'),
)
def postfix_takes_the_command(queue, status, words):
    account = settings(**postfix().settings(), auth=True, user='ops',
                       password=POSTFIX_PASSWORD)
    result = mailchute(account, '-v', f'--rmqs={queue}').expect(status, words)
    check(f'\n--> ETRN {queue}\n' in result.out, result.text())


if __name__ == '__main__':
    main()
