#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_servers.py - what a queue holds goes to real servers in few turns, whatever happens to one
"""
from dovecot import Submission
from drained import BY_DATA, MIDDLE, SENDERS, SINGLE, TO, WHOLE, Run
from exim import Exim
from harness import cases, check_equal, keep, main, shared, test
from hostile import Server
from opensmtpd import OpenSmtpd
from postfix import Postfix


@shared
def postfix():
    """It takes whole mails one behind the other, and minds who talks before their turn."""
    return keep(Postfix(more='smtpd_forbid_unauth_pipelining = yes\n'
                        'smtpd_forbid_bare_newline = yes\n'
                        'smtpd_client_message_rate_limit = 0\n'))


@shared
def postfix_without_chunking():
    """The same, but for BDAT."""
    return keep(Postfix(more='smtpd_discard_ehlo_keywords = chunking\n'
                        'smtpd_forbid_unauth_pipelining = yes\n'))


@shared
def exim():
    """It ends a session in which somebody talks before their turn."""
    return keep(Exim())


@shared
def exim_without_chunking():
    """The same, but for BDAT."""
    return keep(Exim('chunking_advertise_hosts =\n'))


@shared
def exim_without_pipelining():
    """The same, and nothing else."""
    return keep(Exim('chunking_advertise_hosts =\npipelining_advertise_hosts =\n'))


@shared
def opensmtpd():
    """It has no pipelining."""
    return keep(OpenSmtpd([TO]))


class Behind:
    """Dovecot's submission service, and the server behind it that hears each step."""

    def __init__(self, **script):
        self.server = keep(Server(tls=None, **script))
        self.port = keep(Submission(self.server)).port

    def taken(self):
        """The senders of the mails that came through."""
        return [mail.sender for session in self.server.sessions for mail in session.mails]


@shared
def dovecot():
    """It has both."""
    def rcpt(_, address):
        return {'nobody': '550 5.1.1 nobody', 'grey': '451 4.7.1 greylisted'}.get(
            address.partition('@')[0], '250 2.1.5 ok')
    return Behind(rcpt=rcpt)


SERVERS = (
    ('Postfix', lambda: (postfix(), postfix().open_port), {}, WHOLE),
    ('Exim', lambda: (exim(), exim().port), {}, WHOLE),
    ('Dovecot', lambda: (dovecot(), dovecot().port), Submission.who(), WHOLE + 1),
    ('Postfix without CHUNKING',
     lambda: (postfix_without_chunking(), postfix_without_chunking().open_port), {}, BY_DATA),
    ('Exim without CHUNKING',
     lambda: (exim_without_chunking(), exim_without_chunking().port), {}, BY_DATA),
    ('Exim without PIPELINING',
     lambda: (exim_without_pipelining(), exim_without_pipelining().port), {}, SINGLE),
    ('OpenSMTPD', lambda: (opensmtpd(), opensmtpd().port), {}, SINGLE))


@cases(*SERVERS)
def a_queue_goes_out_in_few_turns(server, account, turns):
    server, port = server()
    run = Run(server, port, **account)
    run.check(turns)
    check_equal(run.queue.names(), [], 'what is left')


@cases(*SERVERS)
def a_mail_that_is_refused_in_the_middle_stops_no_other(server, account, turns):
    server, port = server()
    run = Run(server, port, ['nobody@lab.example'], ('-N', 'never'), **account)
    run.check(turns + 2, without=[SENDERS[MIDDLE]])
    check_equal(run.queue.names(), [], 'what is left')


@cases(*SERVERS[:-1])
def a_mail_that_is_put_off_in_the_middle_waits_alone(server, account, turns):
    server, port = server()
    run = Run(server, port, ['grey@lab.example'], **account)
    run.check(turns + 2, without=[SENDERS[MIDDLE]])
    check_equal(len(run.queue.names()), 1, 'what is left')


@test
def a_server_that_takes_so_many_mails_a_session_gets_the_others_in_more():
    with Exim('smtp_accept_max_per_connection = 10\n') as server:
        run = Run(server)
        run.check(3 * 3, sessions=3)
        check_equal(run.queue.names(), [], 'what is left')


@test
def a_server_that_has_seen_too_many_errors_refuses_nobody_for_that():
    server = postfix()
    run = Run(server, server.open_port, ['nobody@lab.example'] * 28, ('-N', 'never'))
    check_equal(sorted(run.taken), SENDERS[:2], 'senders of the mails that came')
    check_equal(run.queue.names(), [], 'what is left')


if __name__ == '__main__':
    main()
