#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_proxy.py - through a SOCKS5 proxy, and what is said when that doesn't work

The server's name is known to the proxy only. Where nobody answers, a time-out of one second limits
all of it together: without it, that would be ten.
"""
import re

from certs import cert
from daemon import free_port
from harness import cases, check, check_equal, folder, mailchute, main, settings, test
from hostile import PASSWORD, Server
from mail import SIMPLE, check_arrived
from names import known
from socks import (DOMAIN, IPV4, IPV6, Proxy, Request, closes, drips, granted, refusal, says,
                   silent)
from unreachable import refusing, silent as nobody_answers

ONE = 'one@lab.example'
NAME = 'localhost'
REMOTE = 'only-the-proxy-knows.example'
LIMIT = 9


def through(proxy, server, **more):
    """An account that uses the server through the proxy."""
    return server.account(**proxy.settings(**more))


def plain(**more):
    """A server without TLS and sign-in."""
    return Server(tls=None, mechanisms='', **more)


def refused(proxy, status, *says_, **more):
    """One mail that doesn't get through; nothing may reach a server."""
    conf = settings(host=REMOTE, port=587, **{'from': 'sender@lab.example'},
                    **proxy.settings(**more))
    return mailchute(conf, ONE, stdin=SIMPLE).expect(status, *says_)


def in_time(result):
    """It ended because of its own limit."""
    check(result.seconds < LIMIT, f'it took {result.seconds:.1f} s\n{result.text()}')


def refused_or_late(proxy, status, name, words, *says_):
    """The same; a proxy whose answer is waited for in vain has a second for it."""
    is_late = name == 'PROXY_TIMEOUT'
    result = refused(proxy, status, words, rf'\[{name}\]', *says_, timeout=1 if is_late else None)
    if is_late:
        in_time(result)


# --- the way through -----------------------------------------------------------------------------

@cases(
    ('in plain text', {'tls': None, 'mechanisms': ''}),
    ('with starttls', {'tls': 'starttls'}),
    ('with tls from the first byte', {'tls': 'implicit'}),
)
def a_mail_goes_through(script):
    with Server(**script) as server, Proxy() as proxy:
        auth = {} if script['tls'] else {'auth': False}
        result = mailchute(through(proxy, server, **auth), '-v', ONE, stdin=SIMPLE)
        result.expect(0, out=[rf'connected to localhost, port {server.port}, through the proxy '
                              rf'127\.0\.0\.1, port {proxy.port}'])
        check_arrived(server.mail(), SIMPLE)
        check_equal(proxy.requests, [Request(DOMAIN, 'localhost', server.port)], 'requests')
        check_equal(proxy.hellos, [b'\5\1\0'], 'hellos')


@cases(
    ('an IPv4 address', IPV4), ('an IPv6 address', IPV6), ('a name', DOMAIN),
)
def the_reply_names_the_proxy_by(kind):
    with plain() as server, Proxy(request=granted(kind)) as proxy:
        mailchute(through(proxy, server, auth=False), ONE, stdin=SIMPLE).expect(0)
        check_arrived(server.mail(), SIMPLE)


@test
def the_reply_and_the_greeting_may_come_in_one_piece():
    with Server() as server, Proxy(at_once=True) as proxy:
        mailchute(through(proxy, server), ONE, stdin=SIMPLE).expect(0)
        check_arrived(server.mail(), SIMPLE)


@test
def a_greeting_behind_the_reply_is_told_from_tls():
    """The server starts in plain text; what comes with the proxy's reply is not lost."""
    with Server() as server, Proxy(at_once=True) as proxy:
        mailchute(through(proxy, server, tls_starttls=False), ONE, stdin=SIMPLE).expect(
            76, r'\[TLS_STARTTLS\]', rf'localhost:{server.port} through the proxy '
            rf'127\.0\.0\.1:{proxy.port}: ', hides=[PASSWORD])
        server.nothing_arrived()


@cases(
    ('a name', REMOTE, Request(DOMAIN, REMOTE, 0)),
    ('a name outside ASCII', 'müller.example', Request(DOMAIN, 'xn--mller-kva.example', 0)),
    ('an IPv4 address', '127.0.0.1', Request(IPV4, '127.0.0.1', 0)),
    ('an IPv6 address', '::1', Request(IPV6, '::1', 0)),
)
def the_proxy_gets(host, wanted):
    """This machine looks nothing up: its hosts file and its name servers know no such name."""
    names = {REMOTE: '127.0.0.1', 'xn--mller-kva.example': '127.0.0.1'}
    where = '::1' if host == '::1' else '127.0.0.1'
    with plain(address=where) as server, Proxy(names) as proxy:
        conf = through(proxy, server, host=host, auth=False)
        mailchute(conf, ONE, stdin=SIMPLE, prefix=known('unused.example', '127.0.0.9')).expect(0)
        check_arrived(server.mail(), SIMPLE)
        check_equal(proxy.requests, [wanted._replace(port=server.port)], 'requests')


@test
def the_port_is_1080_unless_it_is_set():
    with refusing(1080, '127.0.0.7'):
        conf = settings(host=REMOTE, proxy_host='127.0.0.7', **{'from': 'sender@lab.example'})
        mailchute(conf, ONE, stdin=SIMPLE).expect(75, 'port 1080', 'PROXY_DOWN')


@test
def the_command_line_names_the_proxy_too():
    with plain() as server, Proxy() as proxy:
        mailchute(server.account(auth=False), '--proxy-host=127.0.0.1',
                  f'--proxy-port={proxy.port}', ONE, stdin=SIMPLE).expect(0)
        check_equal(len(proxy.requests), 1, 'requests')
        mailchute(through(proxy, server, auth=False), '--proxy-host=', ONE,
                  stdin=SIMPLE).expect(0)
        check_equal(len(proxy.requests), 1, 'requests')


@test
def source_ip_is_the_address_that_the_proxy_sees():
    with plain() as server, Proxy() as proxy:
        mailchute(through(proxy, server, auth=False, source_ip='127.0.0.9'), ONE,
                  stdin=SIMPLE).expect(0)
        check_equal(proxy.peers, ['127.0.0.9'], 'who came to the proxy')


# --- who the server is ---------------------------------------------------------------------------

@test
def the_certificate_must_be_for_the_server_and_not_for_the_proxy():
    with Server(certificate='wrong-name') as server, Proxy({REMOTE: '127.0.0.1'}) as proxy:
        mailchute(through(proxy, server, host=REMOTE), ONE, stdin=SIMPLE).expect(
            69, 'CERT_NAME', f'"{REMOTE}" was expected', hides=[PASSWORD])
        server.nothing_arrived()
    with Server(certificate='good') as server, Proxy({REMOTE: '127.0.0.1'}) as proxy:
        mailchute(through(proxy, server, host=REMOTE), ONE, stdin=SIMPLE).expect(69, 'CERT_NAME')
        mailchute(through(proxy, server, host=REMOTE,
                          tls_fingerprint=cert('good').fingerprint()), ONE,
                  stdin=SIMPLE).expect(0)


@test
def log_and_words_name_the_server_and_the_proxy():
    log = folder('log') / 'log'
    with Server(rcpt=lambda s, address: '550 5.1.1 no such user') as server, Proxy() as proxy:
        mailchute(through(proxy, server, logfile=log), ONE, stdin=SIMPLE).expect(
            65, rf'default: localhost:{server.port} through the proxy 127\.0\.0\.1:{proxy.port}: ')
    check(re.search(r'\bhost=localhost tls=on', log.read_text()), f'the log: {log.read_text()}')
    log.unlink()
    with Proxy(request=refusal(5)) as proxy:
        refused(proxy, 75, logfile=log)
        check(re.search(rf"host={REMOTE} .*errormsg='cannot connect to {REMOTE}, port 587, through "
                        rf"the proxy 127\.0\.0\.1, port {proxy.port}: .*exitcode=EX_TEMPFAIL",
                        log.read_text()), f'the log: {log.read_text()}')


# --- what goes wrong -----------------------------------------------------------------------------

@cases(
    ('1', 1, 75, 'general failure', 'PROXY_CONNECT'),
    ('2', 2, 69, 'rules do not allow', 'PROXY_REFUSED'),
    ('3', 3, 75, 'network unreachable', 'PROXY_CONNECT'),
    ('4', 4, 75, "can't find or reach the host", 'PROXY_CONNECT'),
    ('5', 5, 75, 'connection was refused', 'PROXY_CONNECT'),
    ('6', 6, 75, 'TTL expired', 'PROXY_CONNECT'),
    ('7', 7, 69, 'does not make connections', 'PROXY_REFUSED'),
    ('8', 8, 69, 'kind of address', 'PROXY_REFUSED'),
    ('91', 91, 69, r'\(91\)', 'PROXY_REFUSED'),
)
def a_refusal_of_the_proxy_is_told(code, status, words, name):
    with Proxy(request=refusal(code)) as proxy:
        refused(proxy, status, f'cannot connect to {REMOTE}, port 587, through the proxy '
                rf'127\.0\.0\.1, port {proxy.port}: .*{words}', rf'\[{name}\]')


@cases(
    ('an HTTP proxy', says(b'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'), 69,
     'HTTP proxy.*"HTTP/1.1 400 Bad Request"', 'PROXY_PROTOCOL'),
    ('a mail server', says(b'220 mx.lab.example ESMTP\r\n'), 69, '"220 mx.lab.example ESMTP"',
     'PROXY_PROTOCOL'),
    ('garbage', says(b'\x00\xff\x1b[2J' * 1000), 69, 'the bytes 00 FF 1B', 'PROXY_PROTOCOL'),
    ('one that wants a sign-in', says(b'\5\xff'), 69, 'wants a sign-in', 'PROXY_AUTH'),
    ('one that chooses what was not offered', says(b'\5\2'), 69, 'method 2', 'PROXY_PROTOCOL'),
    ('a silent one', silent, 75, 'no answer from the proxy', 'PROXY_TIMEOUT'),
    ('one that closes', closes, 75, 'the proxy closed the connection', 'PROXY_HANGUP'),
    ('half an answer', says(b'\5'), 75, 'no answer from the proxy', 'PROXY_TIMEOUT'),
)
def what_answers_in_place_of_a_proxy_is_told(hello, status, words, name):
    with Proxy(hello=hello) as proxy:
        refused_or_late(proxy, status, name, words, 'fix: .*proxy')
        check_equal(proxy.requests, [], 'requests')


@cases(
    ('falls silent', silent, 'PROXY_TIMEOUT', 'no answer from the proxy'),
    ('closes', closes, 'PROXY_HANGUP', 'the proxy closed the connection'),
    ('drips', drips(granted()), 'PROXY_TIMEOUT', 'no answer from the proxy'),
)
def a_proxy_that_at_the_request(request, name, words):
    with Proxy(request=request) as proxy:
        refused_or_late(proxy, 75, name, words)


@test
def a_proxy_that_is_down_ends_with_75():
    port = free_port()
    conf = settings(host=REMOTE, proxy_host='127.0.0.1', proxy_port=port,
                    **{'from': 'sender@lab.example'})
    with refusing(port, '127.0.0.1'):
        mailchute(conf, ONE, stdin=SIMPLE).expect(
            75, f"proxy can't be reached: cannot connect to 127.0.0.1, port {port}: Connection "
            'refused', 'PROXY_DOWN', 'proxy_host')


@test
def silence_of_the_proxys_host_ends_when_the_time_is_up():
    port = free_port('127.0.0.2')
    conf = settings(host=REMOTE, proxy_host='127.0.0.2', proxy_port=port, timeout=1,
                    **{'from': 'sender@lab.example'})
    with nobody_answers(port, '127.0.0.2'):
        in_time(mailchute(conf, ONE, stdin=SIMPLE).expect(75, 'PROXY_DOWN'))


@test
def a_proxy_without_an_address_ends_with_68():
    conf = settings(host='127.0.0.1', proxy_host='proxy.invalid', **{'from': 'sender@lab.example'})
    mailchute(conf, ONE, stdin=SIMPLE, prefix=known('unused.example', '127.0.0.9')).expect(
        68, 'cannot locate host proxy.invalid', 'PROXY_DNS_NONE', 'proxy_host')


@test
def a_server_that_is_lost_behind_the_proxy_ends_as_without_one():
    with Server(ehlo=lambda s, name: s.hang_up()) as server, Proxy() as proxy:
        mailchute(through(proxy, server), ONE, stdin=SIMPLE).expect(
            75, 'HANGUP', f'localhost:{server.port} through the proxy', hides=[PASSWORD])


if __name__ == '__main__':
    main()
