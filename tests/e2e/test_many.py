#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_many.py - many messages in one session, into a real Postfix: it takes the next one behind
BDAT LAST, in the same flight"""
import os
import re
import subprocess
from pathlib import Path

from harness import RUN_LIMIT, cases, check, check_equal, keep, main, shared
from postfix import Postfix

MANY = Path(os.environ.get('builddir', '.')) / 'tests/e2e/many'
SENDER, ONE, NOBODY = 'sender@lab.example', 'one@lab.example', 'nobody@lab.example'
MESSAGES = 60


@shared
def postfix():
    """The server all tests here use; nobody has to sign in at its open port."""
    return keep(Postfix())


def send(port, depth, size, *recipients):
    """The replies that each message got, in their order."""
    run = subprocess.run([MANY, str(port), str(MESSAGES), str(depth), str(size), SENDER, *recipients],
                         capture_output=True, text=True, timeout=RUN_LIMIT, check=False)
    check_equal((run.returncode, run.stderr), (0, ''), 'how it ended')
    lines = [re.fullmatch(r'Subject: (\d+)((?: \d+)+)', line) for line in run.stdout.splitlines()]
    check_equal([int(line[1]) for line in lines], list(range(MESSAGES)), 'the messages')
    return [line[2].split() for line in lines]


def numbers(mails):
    """The numbers of the messages that arrived."""
    return sorted(int(re.search(rb'^Subject: (\d+)$', mail, re.M)[1]) for mail in mails)


@cases(('one after another', 1, 2000), ('40 at once', 40, 2000), ('40 large ones', 40, 100_000))
def every_message_arrives_once(depth, size):
    before = postfix().count('one')
    replies = send(postfix().open_port, depth, size, ONE)
    check_equal(replies, [['250']] * MESSAGES, 'replies')
    check_equal(postfix().count('one'), before + MESSAGES, 'mails')
    mails = postfix().mails('one', before + MESSAGES)
    check_equal(numbers(mails[before:]), list(range(MESSAGES)), 'the messages')


@cases(('one after another', 1), ('40 at once', 40))
def a_refused_recipient_costs_nobody_else_the_mail(depth):
    """Also where nobody is left: then BDAT is refused, and the next message begins anew."""
    before = postfix().count('one')
    replies = send(postfix().open_port, depth, 2000, ONE, NOBODY)
    for number, got in enumerate(replies):
        wanted = ['550'] if number % 10 == 9 else ['250', '550'] if number % 5 == 4 else ['250']
        check_equal(got, wanted, f'replies to message {number}')
    wanted = [number for number in range(MESSAGES) if number % 10 != 9]
    check_equal(postfix().count('one'), before + len(wanted), 'mails')
    check_equal(numbers(postfix().mails('one', before + len(wanted))[before:]), wanted, 'messages')
    check('nested' not in postfix().log_text(), 'a message began within another')


if __name__ == '__main__':
    main()
