#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_batch.py - many mails in one session, and a server that does one odd thing to one of them
"""
import threading

from drained import BY_DATA, MIDDLE, SENDERS, WHOLE, Run
from harness import cases, check_equal, main, settings, test
from hostile import Server
from mail import SIMPLE
from queued import Queue, commands, mails
from turns import Turns

BOTH, PIPELINING = ('PIPELINING', 'CHUNKING', 'SIZE 1000000'), ('PIPELINING', 'SIZE 1000000')


class Odd(Server):
    """A server that does one odd thing, to the mail in the middle."""

    def taken(self):
        """The senders of the mails that it said yes to."""
        return [sender for session in self.sessions for sender in getattr(session, 'yes', [])]


def odd(step, reply, times=1000, **script):
    """At this step of the mail in the middle it says this, so many times."""
    left = [times]

    def says(session, good):
        if session.sender_now != SENDERS[MIDDLE] or not left[0]:
            return good
        left[0] -= 1
        if reply.startswith('421'):
            session.say(reply)
            session.hang_up()
        return reply

    def mail(session, address):
        session.sender_now = address
        return says(session, '250 2.1.0 ok') if step == 'mail' else '250 2.1.0 ok'

    def rcpt(session, _address):
        return says(session, '250 2.1.5 ok') if step == 'rcpt' else '250 2.1.5 ok'

    def received(session, mail):
        said = says(session, '250 2.0.0 kept') if step == 'received' else '250 2.0.0 kept'
        if said.startswith('250'):
            session.yes = getattr(session, 'yes', []) + [mail.sender]
        return said
    return Odd(tls=None, mechanisms='', mail=mail, rcpt=rcpt, received=received, **script)


@cases(*((f'{step}, {reply}, {"CHUNKING" if caps is BOTH else "DATA"}', step, reply, caps, left)
         for caps in (BOTH, PIPELINING)
         for step, reply, left in (
             ('mail', '552 5.3.4 too large', 0), ('mail', '550 5.7.1 no', 0),
             ('mail', '451 4.3.0 later', 1), ('rcpt', '450 4.2.1 later', 1),
             ('received', '552 5.2.2 full', 0), ('received', '554 5.7.1 spam', 0),
             ('received', '451 4.3.0 later', 1), ('received', '452 4.3.1 full', 1))))
def what_a_server_says_to_one_mail_is_said_to_no_other(step, reply, caps, left):
    with odd(step, reply, caps=caps) as server:
        run = Run(server, options=('-N', 'never'))
        run.check(BY_DATA + 2 if caps is PIPELINING else WHOLE + 2, without=[SENDERS[MIDDLE]])
        check_equal(len(run.queue.names()), left, 'what is left')


@cases(*((f'{step}, {"CHUNKING" if caps is BOTH else "DATA"}', step, caps)
         for caps in (BOTH, PIPELINING) for step in ('mail', 'rcpt', 'received')))
def a_goodbye_in_the_middle_ends_a_session_and_loses_no_mail(step, caps):
    with odd(step, '421 4.3.2 going down', 1, caps=caps) as server:
        run = Run(server)
        run.check(2 * (BY_DATA if caps is PIPELINING else WHOLE) + 1, sessions=2)
        check_equal(run.queue.names(), [], 'what is left')


@test
def who_announces_how_many_mails_it_takes_is_given_no_more():
    with odd('none', '', caps=BOTH + ('LIMITS MAILMAX=7',)) as server:
        Run(server).check(5 * WHOLE, sessions=5)
        check_equal([sum(c.startswith('MAIL') for c in s.commands) for s in server.sessions],
                    [7, 7, 7, 7, 2], 'mails by session')


@test
def behind_a_refusal_one_mail_goes_alone_and_then_many_again():
    with odd('rcpt', '550 5.1.1 nobody', caps=BOTH) as server:
        with Turns(server.port) as turns:
            queue = Queue(settings(host='127.0.0.1', port=turns.port, tls=False, queue_lanes=1))
            queue.add(sender=SENDERS[0])
            queue.add(sender=SENDERS[MIDDLE], options=('-N', 'never'))
            queue.add(n=60)
            queue.run().expect(0)
        said = [turn.count(b'MAIL FROM') for turn in turns.sessions[0]]
        check_equal(said, [0, 1, 40, 1, 20], 'mails in each turn')
        check_equal((len(server.taken()), queue.names()), (61, []), 'what came, and what is left')


@test
def a_server_that_takes_its_time_gets_more_connections_and_no_more_than_are_allowed():
    """Each of them waits for all others: so none goes on before all are there."""
    meet = threading.Barrier(4)

    def received(session, _mail):
        if len(session.mails) == 1 and session is not session.server.sessions[0] or \
                len(session.mails) == 2 and session is session.server.sessions[0]:
            meet.wait(20)
        return '250 2.0.0 kept'
    with Server(tls=None, mechanisms='', caps=BOTH, received=received) as server:
        queue = Queue(settings(host='127.0.0.1', port=server.port, tls=False, queue_lanes=4))
        queue.add(n=120)
        queue.run().expect(0)
        check_equal(len([s for s in server.sessions if s.commands]), 4, 'connections')
        check_equal(sum(len(s.mails) for s in server.sessions), 120, 'mails that came')


@test
def a_fast_server_gets_few_mails_over_one_connection():
    """So few that one turn takes them all: what is left takes no second, however busy we are."""
    with Server(tls=None, mechanisms='', caps=BOTH) as server:
        queue = Queue(settings(host='127.0.0.1', port=server.port, tls=False, queue_lanes=4))
        queue.add(n=40)
        queue.run().expect(0)
        check_equal(len([s for s in server.sessions if s.commands]), 1, 'connections')


# --- a server with no room ------------------------------------------------------------------------

ROOM = {'without a status': '452 no room', 'too many': '452 4.5.3 too many',
        'full': '452 4.2.2 mailbox full', 'later': '451 4.3.0 later'}


@cases(*((f'{words}, {caps or "nothing"} offered, {place}', ROOM[words], caps, place)
         for words in ROOM for caps in (('PIPELINING', 'CHUNKING'), ('PIPELINING',), ())
         for place in ('first', 'between', 'last')))
def who_is_never_taken_is_asked_for_once_and_keeps_back_no_others(reply, caps, place):
    with Server(tls=None, mechanisms='', caps=caps,
                rcpt=lambda _, a: reply if a.startswith('bad') else '250 ok') as server:
        queue = Queue(server.account(auth='off', queue_lanes=1))
        good = {'first': 0, 'between': 2, 'last': 4}[place]
        queue.add(n=good)
        queue.add('bad@lab.example')
        queue.add(n=4 - good)
        check_equal(queue.run().expect(0).err, '', 'what the run says')
        check_equal((len(mails(server)), len(queue.names())), (4, 1), 'what came, and what is left')
        check_equal(commands(server, 'RCPT TO:<BAD'), 1, 'attempts')
        check_equal(len([s for s in server.sessions if s.commands]), 1, 'sessions')


@cases(('with pipelining', ('PIPELINING', 'CHUNKING')), ('without', ()))
def who_is_one_too_many_behind_somebody_refused_is_asked_for_alone(caps):
    def rcpt(session, address):
        session.named = getattr(session, 'named', 0) + 1 if session.commands[-2][:4] == 'RCPT' else 1
        return '452 4.5.3 one at a time' if session.named > 1 else \
            '550 5.1.1 no' if address.startswith('bad') else '250 ok'

    with Server(tls=None, mechanisms='', caps=caps, rcpt=rcpt) as server:
        queue = Queue(server.account(auth='off', queue_lanes=1))
        queue.add('bad@lab.example', 'good@lab.example', options=('-N', 'never'))
        queue.add('good@lab.example')
        queue.run().expect(0)
        check_equal([m.recipients for m in mails(server)], [['good@lab.example']] * 2, 'what came')
        check_equal(queue.names(), [], 'what is left')


@test
def a_server_that_is_full_is_left_alone_after_three_mails():
    with Server(mail=lambda *_: '452 4.3.1 insufficient system storage') as server:
        queue = Queue(server.account())
        queue.add(n=12)
        queue.run().expect(0, 'account default waits', '452 4.3.1')
        check_equal((commands(server, 'AUTH'), commands(server, 'MAIL')), (3, 3), 'sign-ins, mails')
        check_equal(len(queue.names()), 12, 'what is left')


@test
def a_mail_for_which_a_server_has_no_room_keeps_back_no_others():
    def mail(session, _):
        return '452 4.3.1 no room' if 'SIZE=1' in session.commands[-1] else '250 ok'
    with Server(mail=mail) as server:
        queue = Queue(server.account())
        queue.add(mail=SIMPLE + b'x' * (100_000 - len(SIMPLE)))
        queue.add(n=5)
        check_equal(queue.run().expect(0).err, '', 'what the run says')
        check_equal((len(mails(server)), len(queue.names())), (5, 1), 'what came, and what is left')


if __name__ == '__main__':
    main()
