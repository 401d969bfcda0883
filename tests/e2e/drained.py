# SPDX-License-Identifier: ISC
"""drained.py - thirty mails that go out of a queue, and how many turns that took

A turn is what we say before we wait (see turns.py). A server with PIPELINING gets the next mail's
sender and recipients with the end of the mail before; one with CHUNKING whole mails; one with
neither each command on its own.
"""
from harness import check, check_equal, settings
from queued import Queue
from turns import Turns

MAILS = 30
SENDERS = [f's{number}@lab.example' for number in range(MAILS)]
MIDDLE = 15
TO = 'one@lab.example'

# EHLO, the first mail, which goes alone, and all others; or each behind the answer to DATA of the
# one before; or four commands for each. Signing in takes one more.
WHOLE, BY_DATA, SINGLE = 3, 3 + MAILS, 2 + 4 * MAILS


class Run:
    """A queue with these mails, drained over one connection at a time."""

    def __init__(self, server, port=None, odd=(), options=(), **account):
        """odd: the recipients of the mails in the middle; options: those all are queued with."""
        before = server.taken()
        recipients = [TO] * MAILS
        at = min(MIDDLE, MAILS - len(odd))
        recipients[at:at + len(odd)] = odd
        with Turns(port or server.port) as self.turns:
            self.queue = Queue(settings(**{
                'host': '127.0.0.1', 'port': self.turns.port, 'tls': False, 'queue_lanes': 1,
                **account}))
            for sender, recipient in zip(SENDERS, recipients):
                self.queue.add(recipient, sender=sender, options=options)
            self.result = self.queue.run().expect(0)
        self.counts = self.turns.counts()
        self.taken = server.taken()
        for sender in before:
            self.taken.remove(sender)

    def check(self, turns, without=(), sessions=1):
        """All mails but these came, once; in so many turns, or a few more on a busy machine."""
        check_equal(sorted(self.taken), sorted(s for s in SENDERS if s not in without),
                    'senders of the mails that came')
        check_equal(len(self.counts), sessions, 'sessions')
        check(sum(self.counts) <= turns + 3, f'{self.counts} turns, and {turns} are enough')
