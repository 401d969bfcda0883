#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_capabilities.py - what mailchute makes of what a server offers, and of what it does not"""
import email
import socket

from harness import cases, check, check_equal, mailchute, main, test
from hostile import Server
from mail import DOTS, EIGHT_BIT, HEADER, SIMPLE, check_arrived

ONE = 'one@lab.example'
WITH_8_BIT = HEADER + b'\n' + EIGHT_BIT


def parameters(server):
    """What stood behind the address in MAIL FROM."""
    return server.first().parameters.upper().partition('>')[2].split()


@cases(
    ('all', ('PIPELINING', 'SIZE 100000', '8BITMIME', 'SMTPUTF8', 'DSN')),
    ('nothing', ()),
    ('no pipelining', ('SIZE 100000', '8BITMIME')),
    ('only pipelining', ('PIPELINING',)),
    ('size without a number', ('SIZE', 'PIPELINING')),
    ('size 0', ('SIZE 0', 'PIPELINING')),
    ('lower case', ('pipelining', 'size 100000', '8bitmime')),
    ('chunks', ('PIPELINING', 'CHUNKING')),
    ('only chunks', ('CHUNKING', '8BITMIME')),
    ('unknown ones', ('XFORWARD', 'BINARYMIME', 'X-8BITMIME', 'SIZEABLE 3')),
)
def a_mail_arrives_with_any_set_of_capabilities(caps):
    text = HEADER + b'\n' + DOTS * 300
    for tls in ('starttls', 'implicit'):
        with Server(tls=tls, caps=caps) as server:
            mailchute(server.account(), ONE, 'two@lab.example', stdin=text).expect(0)
            check_arrived(server.mail(), text)
            check_equal(server.first().early, [], 'commands sent before their time')
            offered = {cap.split(' ')[0].upper() for cap in caps}
            for sent in parameters(server):
                check(sent.split('=')[0].replace('BODY', '8BITMIME') in offered,
                      f'{sent} was not offered')


@test
def a_server_that_offers_chunks_and_knows_none_gets_the_mail_another_way():
    """It may have read the message as commands: that connection is not used any more."""
    text = HEADER + b'\n' + DOTS * 300
    with Server(caps=('PIPELINING', 'CHUNKING'), knows_bdat=False) as server:
        mailchute(server.account(), ONE, 'two@lab.example', stdin=text).expect(0)
        server.first()
        mails = [session.mails for session in server.sessions if session.commands]
        check_equal([len(m) for m in mails], [0, 1], 'messages by session')
        check_arrived(mails[1][0], text)


@test
def eight_bit_text_is_declared_when_the_server_takes_it():
    with Server() as server:
        mailchute(server.account(), ONE, stdin=WITH_8_BIT).expect(0)
        check('BODY=8BITMIME' in parameters(server), f'MAIL said {parameters(server)}')
        check_arrived(server.mail(), WITH_8_BIT)


@test
def eight_bit_text_is_not_declared_when_the_server_does_not_offer_it():
    """It may be sent as it is or be encoded, but it must mean the same."""
    with Server(caps=('PIPELINING',)) as server:
        mailchute(server.account(), ONE, stdin=WITH_8_BIT).expect(0)
        check_equal(parameters(server), [], 'parameters of MAIL')
        body = email.message_from_bytes(server.mail().data).get_payload(decode=True)
        check_equal(body.replace(b'\r\n', b'\n'), EIGHT_BIT, 'the text')


@test
def the_name_of_the_server_is_no_capability():
    """A host called dsn.example does not offer DSN."""
    for name in ('dsn.lab.example', 'pipelining', '8BITMIME greets you'):
        with Server(name=name, caps=()) as server:
            mailchute(server.account(), ONE, stdin=WITH_8_BIT).expect(0)
            check_equal((server.first().early, parameters(server)), ([], []), 'taken as offered')


@test
def the_size_is_declared():
    with Server() as server:
        mailchute(server.account(), ONE, stdin=SIMPLE).expect(0)
        size = [p for p in parameters(server) if p.startswith('SIZE=')]
        check_equal(size, [f'SIZE={len(server.mail().data)}'], 'SIZE parameter')


@cases(('by 1 byte', 1), ('by 1 MB', 1_000_000))
def a_message_larger_than_the_server_takes_is_not_sent(over):
    text = HEADER + b'\n' + (b'0123456789' * 7 + b'\n') * 20_000
    limit = len(text) + text.count(b'\n') - over
    with Server(caps=('PIPELINING', f'SIZE {limit}')) as server:
        mailchute(server.account(), ONE, stdin=text).expect(
            65, 'TOO_LARGE', rf'\b{limit + over} bytes', rf'takes {limit}\b')
        verbs = [line.split(' ')[0] for line in server.first().commands]
        check('DATA' not in verbs and 'RCPT' not in verbs, f'it asked: {verbs}')
        server.nothing_arrived()


@test
def a_message_as_large_as_the_server_takes_is_sent():
    text = HEADER + b'\n' + (b'0123456789' * 7 + b'\n') * 1000
    with Server(caps=('PIPELINING', f"SIZE {len(text) + text.count(bytes([10]))}")) as server:
        mailchute(server.account(), ONE, stdin=text).expect(0)
        check_arrived(server.mail(), text)


@test
def an_address_outside_ascii_is_declared():
    with Server() as server:
        mailchute(server.account(), 'füße@lab.example', stdin=SIMPLE).expect(0)
        check('SMTPUTF8' in parameters(server), f'MAIL said {parameters(server)}')
        check_equal(server.mail().recipients, ['füße@lab.example'], 'recipients')


@test
def an_address_outside_ascii_is_refused_when_the_server_cannot_take_it():
    with Server(caps=('PIPELINING', '8BITMIME')) as server:
        mailchute(server.account(), 'füße@lab.example', stdin=SIMPLE).expect(
            {67, 69}, 'füße@lab.example|SMTPUTF8')
        server.nothing_arrived()


@test
def a_domain_outside_ascii_is_encoded_when_the_server_cannot_take_it():
    with Server(caps=('PIPELINING', '8BITMIME')) as server:
        mailchute(server.account(), 'one@bücher.example', stdin=SIMPLE).expect(0)
        check_equal(server.mail().recipients, ['one@xn--bcher-kva.example'], 'recipients')


@test
def a_delivery_notice_is_asked_for():
    heard = []
    with Server(rcpt=lambda s, a: heard.append(s.commands[-1]) or '250 ok') as server:
        mailchute(server.account(), '-N', 'failure,delay', '-R', 'hdrs', ONE,
                  stdin=SIMPLE).expect(0)
        check('RET=HDRS' in parameters(server), f'MAIL said {parameters(server)}')
        check(heard and 'NOTIFY=FAILURE,DELAY' in heard[0].upper(), f'RCPT said {heard}')


@cases(('with pipelining', 'starttls', True, 7), ('without', 'starttls', False, 9),
       ('tls from the first byte', 'implicit', True, 5))
def the_server_is_made_to_wait_no_more_often_than_needed(tls, pipelining, most):
    """Each flight is a round trip to the server and back; QUIT counts as one."""
    caps = ('PIPELINING', 'SIZE 1000000') if pipelining else ('SIZE 1000000',)
    with Server(tls=tls, caps=caps) as server:
        mailchute(server.account(), ONE, stdin=SIMPLE).expect(0)
        flights = server.first().flights
        check(flights <= most, f'{flights} flights, {most} would do')


@test
def many_recipients_go_in_few_flights():
    people = [f'user{number}@lab.example' for number in range(500)]
    with Server() as server:
        mailchute(server.account(), *people, stdin=SIMPLE).expect(0)
        check_equal(server.mail().recipients, people, 'recipients')
        check(server.first().flights < 40, f'{server.first().flights} flights')


@test
def replies_that_fill_the_line_do_not_block_what_is_still_to_be_sent():
    """RFC 2920, 3.1: a server that cannot get rid of its replies stops reading. A client that
    writes all its commands before it reads then waits for ever."""
    people = [f'somebody-with-a-long-name-{number}@lab.example' for number in range(20_000)]
    lists = [', '.join(people[at:at + 2000]) for at in range(0, len(people), 2000)]
    with Server(tls=None, mechanisms='', rcpt=lambda *_: '250 2.1.5 ' + 'words ' * 60) as server:
        # Small segments and a small buffer here keep the client's own buffer small, too.
        server.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        server.listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        mailchute(server.account(auth=False), *lists, stdin=SIMPLE).expect(0)
        check(server.mail().recipients == people, 'recipients differ')
        check_arrived(server.mail(), SIMPLE)


if __name__ == '__main__':
    main()
