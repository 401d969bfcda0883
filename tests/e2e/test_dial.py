#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_dial.py - from a host's name to a connection: look-up, several addresses, source_ip

A run on loopback takes 50 ms, and the limit for a connection is 10 s. So a run that has met
addresses or name servers that never answer and ends within 8 s did not wait for them.
"""
import contextlib
import os
import signal
from pathlib import Path

from daemon import free_port
from harness import (RUN_LIMIT, cases, check, check_equal, environment, finish, mailchute, main, settings,
                     start, test, wait_until)
from hostile import Server
from mail import SIMPLE, check_arrived
from names import NXDOMAIN, NOTHING, REFUSED, SERVFAIL, NameServer, asked, known, order
from unreachable import deaf, refusing, silent

ONE = 'one@lab.example'
NAME = 'mail.lab.example'
IDN, ASCII_IDN = 'müller.example', 'xn--mller-kva.example'
SIX, FOUR = '::1', '127.0.0.1'
LIMIT = 8
# What is asked in vain is asked for longer than that.
PATIENT = 'options timeout:30'
# So many addresses that a pause of 250 ms after each would show.
MANY = [f'127.0.0.{n}' for n in range(2, 15)]


def plain(address=FOUR, port=0):
    """A server without TLS and sign-in: what is tested here comes before them."""
    return Server(tls=None, mechanisms='', address=address, port=port)


@contextlib.contextmanager
def both():
    """Two servers at one port: of IPv6 and of IPv4."""
    port = free_port(SIX, FOUR)
    with plain(SIX, port) as six, plain(FOUR, port) as four:
        yield six, four


def account(port, **more):
    """Settings for a server at this port of NAME, or of another host."""
    values = {'host': NAME, 'port': port, 'tls': False, 'from': 'sender@lab.example', **more}
    return settings(**values)


def send(server, prefix=(), env=None, **more):
    """One mail to the server's port of NAME, or of another host."""
    return mailchute(account(server.port, **more), ONE, stdin=SIMPLE, prefix=prefix, env=env,
                     limit=30)


def arrived(server, result):
    """The mail came, and nobody waited for what never answers."""
    result.expect(0)
    check_arrived(server.mail(), SIMPLE)
    in_time(result)


def in_time(result):
    """It ended because of its own limit."""
    check(result.seconds < LIMIT, f'it took {result.seconds:.1f} s\n{result.text()}')


def begin(server, prefix, env=None):
    """Start a mail to NAME and return the process; it has the whole message."""
    process = start(account(server.port), ONE, prefix=prefix, env=env)
    process.stdin.write(SIMPLE)
    process.stdin.close()
    process.stdin = None
    return process


def processes(env):
    """The process ids of all that run with this environment: mailchute and its children."""
    mark = f"TMPDIR={env['TMPDIR']}\0".encode()
    found = []
    for path in Path('/proc').glob('[0-9]*/environ'):
        with contextlib.suppress(OSError):
            if mark in path.read_bytes():
                found.append(int(path.parent.name))
    return found


def connecting(address, port):
    """Whether somebody waits for an answer from there; only of IPv4 (proc_net_tcp(5))."""
    number = ''.join(f'{int(part):02X}' for part in reversed(address.split('.')))
    lines = Path('/proc/net/tcp').read_text().splitlines()[1:]
    return [f'{number}:{port:04X}', '02'] in [line.split()[2:4] for line in lines]


# --- several addresses ---------------------------------------------------------------------------

@test
def of_the_addresses_of_localhost_ipv6_is_tried_first_and_nothing_else():
    with both() as (six, four):
        arrived(six, send(six, host='localhost'))
        check_equal(len(four.sessions), 0, 'connections to IPv4')


@test
def ipv6_is_tried_at_once_and_nothing_else_where_it_answers():
    """The address of IPv4 is told when there is a connection: had both been, it would be chance
    that on a busy machine the one of IPv6 is known 50 ms before (RFC 8305, 3)."""
    with both() as (six, four):
        def late():
            wait_until(lambda: six.sessions, 'a connection by IPv6')
            return [FOUR]
        with NameServer(A=late, AAAA=[SIX]):
            arrived(six, send(six, asked(PATIENT)))
        check_equal(len(four.sessions), 0, 'connections to IPv4')


@test
def a_refused_ipv6_address_leads_to_ipv4():
    port = free_port(SIX, FOUR)
    with refusing(port, SIX), plain(FOUR, port) as server:
        arrived(server, send(server, known(NAME, SIX, FOUR)))


@test
def a_refused_address_leads_at_once_to_the_next():
    prefix = known(NAME, *MANY)
    *first, last = order(prefix, NAME)
    port = free_port(*MANY)
    with refusing(port, *first), plain(last, port) as server:
        result = send(server, prefix)
        arrived(server, result)
        check(result.seconds < 0.25 * len(first),
              f'it took {result.seconds:.1f} s for {len(first)} refused addresses')


@test
def a_silent_ipv6_address_does_not_hold_the_mail_up():
    port = free_port(SIX, FOUR)
    with silent(port, SIX), plain(FOUR, port) as server:
        arrived(server, send(server, known(NAME, SIX, FOUR)))


@cases(
    ('before a good one', 'S+'),
    ('between a refused one and a good one', 'RS+'),
    ('before a refused one and a good one', 'SR+'),
    ('five in a row', 'SSSSS+'),
)
def a_silent_address_does_not_hold_the_mail_up(sort):
    """sort: what the addresses are, in the order in which the system gives them."""
    prefix = known(NAME, *MANY[:len(sort)])
    *first, last = order(prefix, NAME)
    port = free_port(*MANY)
    with silent(port, *(a for a, s in zip(first, sort) if s == 'S')), \
            refusing(port, *(a for a, s in zip(first, sort) if s == 'R')), \
            plain(last, port) as server:
        arrived(server, send(server, prefix))


@test
def an_address_that_answers_late_still_counts():
    """The first attempt goes on while the second is made; neither is given up for the other."""
    port = free_port(SIX, FOUR)
    server = plain(SIX, port)
    with deaf(server.listener), silent(port, FOUR):
        process = begin(server, known(NAME, SIX, FOUR))
        wait_until(lambda: connecting(FOUR, port), 'the second address is tried')
        with server:  # now it accepts: first what deaf() put into the queue, then mailchute
            in_time(finish(process).expect(0))
            mails = wait_until(lambda: [mail for session in server.sessions
                                        for mail in session.mails], 'the mail is there')
            check_arrived(mails[0], SIMPLE)


@cases(('two addresses', [SIX, FOUR]), ('one', ['127.0.0.2']))
def silence_everywhere_ends_with_75_when_the_time_is_up(addresses):
    port = free_port(*addresses)
    with silent(port, *addresses):
        result = mailchute(account(port, timeout=1), ONE, stdin=SIMPLE, limit=30,
                           prefix=known(NAME, *addresses)).expect(
            75, rf'cannot connect to {NAME}, port {port}: no answer', r'\[CONNECT\]')
        in_time(result)
        check(result.seconds > 0.9, f'it gave up after {result.seconds:.1f} s')


@test
def the_command_line_limits_the_connection_too():
    port = free_port('127.0.0.2')
    with silent(port, '127.0.0.2'):
        in_time(mailchute(account(port, host='127.0.0.2'), '--timeout=1', ONE, stdin=SIMPLE,
                          limit=30).expect(75, rf'127\.0\.0\.2, port {port}', r'\[CONNECT\]'))


@test
def refusal_everywhere_ends_with_75_at_once():
    addresses = [SIX, FOUR, *MANY]
    port = free_port(*addresses)
    with refusing(port, *addresses):
        result = mailchute(account(port), ONE, stdin=SIMPLE, prefix=known(NAME, *addresses)).expect(
            75, f'cannot connect to {NAME}, port {port}: Connection refused', r'\[CONNECT\]')
        check(result.seconds < 0.25 * len(addresses), f'it took {result.seconds:.1f} s')


# --- names without a name server -----------------------------------------------------------------

@cases(('IPv4 only', FOUR, [FOUR]), ('IPv6 only', SIX, [SIX]))
def a_name_with_one_family_will_do(where, addresses):
    with plain(where) as server:
        arrived(server, send(server, known(NAME, *addresses)))


@cases(('::1', SIX), ('127.0.0.1', FOUR))
def an_address_as_host_needs_no_look_up(host):
    with Server(address=host) as server:
        result = mailchute(server.account(host=host), ONE, stdin=SIMPLE, prefix=known(NAME))
        arrived(server, result)


@cases(
    ('the hosts file is empty', 'localhost', []),
    ('the hosts file tells otherwise', 'localhost', ['127.0.0.9']),
    ('in capitals', 'LocalHost', []),
)
def localhost_is_this_machine(host, addresses):
    """RFC 6761, 6.3: nobody needs to be asked."""
    for where in (FOUR, SIX):
        with plain(where) as server:
            arrived(server, send(server, known('localhost', *addresses), host=host))


@cases(
    ('of no file', 'nosuch.invalid'),
    ('longer than names can be', 'x' * 64 + '.example'),
    ('outside ASCII', 'müller.invalid'),
)
def a_name_that_does_not_exist_ends_with_68(host):
    with plain() as server:
        send(server, known(NAME, FOUR), host=host).expect(
            68, f'cannot locate host {host}', r'\[DNS_NONE\]', 'host setting')
        check_equal(len(server.sessions), 0, 'connections')


@cases(
    ('in UTF-8', IDN, 'C.UTF-8'),
    ('in UTF-8, in a locale that knows none', IDN, 'C'),
    ('in capitals', 'MÜLLER.Example', 'C.UTF-8'),
    ('with the dots beside the u', 'mu\u0308ller.example', 'C.UTF-8'),
    ('in ASCII', ASCII_IDN, 'C.UTF-8'),
)
def a_name_outside_ascii_is_looked_up_and_verified_in_ascii(host, locale):
    with Server(certificate='idn') as server:
        asked_for = []
        server.context.sni_callback = lambda _sock, name, _context: asked_for.append(name)
        result = mailchute(server.account(host=host), ONE, stdin=SIMPLE,
                           prefix=known(ASCII_IDN, FOUR), env=environment(LC_ALL=locale))
        arrived(server, result)
        check_equal(asked_for, [ASCII_IDN], 'names in the TLS handshake')


@test
def a_certificate_for_another_name_does_not_fit_a_name_outside_ascii():
    with Server(certificate='name-only') as server:
        mailchute(server.account(host=IDN), ONE, stdin=SIMPLE,
                  prefix=known(ASCII_IDN, FOUR)).expect(69, IDN, r'\[CERT_NAME\]')
        server.nothing_arrived()


# --- source_ip -----------------------------------------------------------------------------------

@cases(('IPv4', '127.0.0.9'), ('IPv6', SIX))
def source_ip_picks_the_family_and_is_what_the_server_sees(source):
    with both() as (six, four):
        server, other = (six, four) if source == SIX else (four, six)
        arrived(server, send(server, known(NAME, SIX, FOUR), source_ip=source))
        check_equal(server.first().peer, source, 'the address that the server sees')
        check_equal(len(other.sessions), 0, 'connections to the other family')


@cases(
    ('not ours', '203.0.113.77', 'assign'),
    ('not ours, IPv6', '2001:db8::77', 'assign'),
    ('no address', 'eth0', 'no IP address'),
    ('a name', 'mail.lab.example', 'no IP address'),
)
def a_source_ip_that_cannot_be_used_ends_with_71(source, words):
    with both() as (six, four):
        send(four, known(NAME, SIX, FOUR), source_ip=source).expect(
            71, f'source ip {source}.*{words}', r'\[SOURCE_IP\]')
        check_equal(len(six.sessions + four.sessions), 0, 'connections')


@cases(('a name', NAME), ('an address', FOUR))
def a_host_without_an_address_of_the_family_of_source_ip_is_told_so(host):
    """No later try helps, and the host setting may be quite right."""
    with plain() as server:
        send(server, known(NAME, FOUR), host=host, source_ip=SIX).expect(
            {68, 71}, f'{host}.*source_ip')
        check_equal(len(server.sessions), 0, 'connections')


# --- name servers --------------------------------------------------------------------------------

@cases(
    ('IPv4', FOUR, {'A': [FOUR], 'AAAA': NOTHING}),
    ('IPv6', SIX, {'A': NOTHING, 'AAAA': [SIX]}),
    ('IPv4, and no answer about IPv6', FOUR, {'A': [FOUR], 'AAAA': None}),
    ('IPv6, and no answer about IPv4', SIX, {'A': None, 'AAAA': [SIX]}),
    ('IPv4, and trouble with IPv6', FOUR, {'A': [FOUR], 'AAAA': SERVFAIL}),
    ('IPv6, and trouble with IPv4', SIX, {'A': SERVFAIL, 'AAAA': [SIX]}),
)
def one_answer_of_a_name_server_is_enough(where, answers):
    env = environment()
    with NameServer(**answers), plain(where) as server:
        arrived(server, send(server, asked(PATIENT), env=env))
    check_equal(processes(env), [], 'processes left')


@cases(
    ('the name does not exist', NXDOMAIN, 68, 'DNS_NONE'),
    ('the name has no address', NOTHING, 68, 'DNS_NONE'),
    ('the server has trouble', SERVFAIL, 75, 'DNS_TEMP'),
    ('the server refuses', REFUSED, 75, 'DNS_TEMP'),
)
def no_address_from_a_name_server_ends_with_68_or_75(answer, status, code):
    with NameServer(A=answer, AAAA=answer), plain() as server:
        in_time(send(server, asked()).expect(
            status, f'cannot locate host {NAME}', rf'\[{code}\]'))
        check_equal(len(server.sessions), 0, 'connections')


@test
def trouble_with_one_family_may_pass_although_the_other_has_no_address():
    for answers in ({'A': NOTHING, 'AAAA': SERVFAIL}, {'A': SERVFAIL, 'AAAA': NOTHING}):
        with NameServer(**answers), plain() as server:
            send(server, asked()).expect(75, r'\[DNS_TEMP\]')


@test
def silence_of_the_host_is_told_from_silence_of_a_name_server():
    """An address was found and tried; that nobody told the IPv6 ones is not what went wrong."""
    port = free_port('127.0.0.2')
    with silent(port, '127.0.0.2'), NameServer(A=['127.0.0.2'], AAAA=None):
        mailchute(account(port, timeout=1), ONE, stdin=SIMPLE, prefix=asked()).expect(
            75, rf'cannot connect to {NAME}, port {port}', r'\[CONNECT\]')


@test
def silent_name_servers_end_with_75_when_the_time_is_up_and_leave_no_process():
    env = environment()
    with NameServer(A=None, AAAA=None), plain() as server:
        result = send(server, asked(), env=env, timeout=1).expect(
            75, f'cannot locate host {NAME}: the name servers do not answer', r'\[DNS_TEMP\]')
        in_time(result)
        check(result.seconds > 0.9, f'it gave up after {result.seconds:.1f} s')
        check_equal(processes(env), [], 'processes left')


@cases(('SIGTERM', signal.SIGTERM), ('SIGKILL', signal.SIGKILL))
def stopped_while_it_looks_up_a_name_it_leaves_no_process(number):
    """They would hold its output open, and with it a pipeline or a cron job."""
    env = environment()
    with NameServer(A=None, AAAA=None) as names, plain() as server:
        process = begin(server, asked(PATIENT), env)
        wait_until(lambda: {'A', 'AAAA'} <= set(names.asked), 'both families are asked for')
        process.send_signal(number)
        check(process.wait(RUN_LIMIT) != 0, 'exit 0 after a signal')
        try:
            wait_until(lambda: not processes(env), 'its children end', limit=20)
        finally:
            for pid in processes(env):
                os.kill(pid, signal.SIGKILL)
            finish(process)


if __name__ == '__main__':
    main()
