#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_socket.py - a server at a unix socket, in place of host, port and proxy"""
import re
import socket

from harness import cases, check, check_equal, folder, mailchute, main, settings, test
from hostile import PASSWORD, Server
from mail import SIMPLE, check_arrived

ONE, TWO = 'one@lab.example', 'two@lab.example'
LIMIT = 9  # seconds; a time-out of one is set, and without it, there would be ten at the least


def local(**script):
    """A server at a new socket."""
    return Server(address=str(folder('socket') / 'sock'), **script)


def plain(**script):
    """The same without TLS and sign-in."""
    return local(tls=None, mechanisms='', **script)


def account(path, **more):
    """An account that has the socket and no host."""
    return settings(**{'socket': path, 'from': 'sender@lab.example', **more})


@cases(
    ('in plain text', {'tls': None, 'mechanisms': ''}, {'auth': False}),
    ('with starttls', {'tls': 'starttls'}, {}),
    ('with tls from the first byte', {'tls': 'implicit'}, {}),
)
def a_mail_goes_through(script, more):
    with local(**script) as server:
        mailchute(server.account(**more), '-v', ONE, stdin=SIMPLE).expect(
            0, out=[rf'^\* connected to {server.address}$'])
        check_arrived(server.mail(), SIMPLE)


@test
def neither_host_nor_port_are_needed():
    with plain() as server:
        mailchute(account(server.address), ONE, stdin=b'Subject: hi\n\nhello\n').expect(0)
        mail = server.mail()
        check(re.search(rb'^Message-ID: <\S+@lab\.example>\r$', mail.data, re.M),
              f'the message: {mail.data}')


@test
def the_null_sender_needs_no_host_either():
    with plain() as server:
        mailchute(account(server.address), '-f', '<>', ONE,
                  stdin=b'Subject: hi\n\nhello\n').expect(0)
        mail = server.mail()
        check_equal(mail.sender, '', 'the sender')
        check(b'(null)' not in mail.data, f'the message: {mail.data}')


@test
def lmtp_needs_no_port():
    with plain(lmtp=True) as server:
        mailchute(account(server.address, protocol='lmtp'), ONE, TWO, stdin=SIMPLE).expect(0)
        check_arrived(server.mail(), SIMPLE)


@test
def host_port_and_proxy_count_for_nothing():
    with plain() as server:
        mailchute(account(server.address, host='mail.invalid', port=1, proxy_host='proxy.invalid'),
                  ONE, stdin=SIMPLE).expect(0)
        check_arrived(server.mail(), SIMPLE)


@test
def the_command_line_names_the_socket_too():
    with plain() as server:
        conf = settings(host='mail.invalid', **{'from': 'sender@lab.example'})
        mailchute(conf, f'--socket={server.address}', ONE, stdin=SIMPLE).expect(0)
        check_arrived(server.mail(), SIMPLE)
        mailchute(account(server.address), '--socket=', ONE, stdin=SIMPLE).expect(
            78, 'host not set')


# --- who the server is ---------------------------------------------------------------------------

@test
def tls_without_a_name_is_refused():
    with local() as server:
        conf = server.account(host=None)
        mailchute(conf, ONE, stdin=SIMPLE).expect(
            78, 'host not set', 'tls_host_override', hides=[PASSWORD])
        check_equal(len(server.sessions), 0, 'connections')


@cases(
    ('host', {'host': 'localhost'}, 0),
    ('tls_host_override', {'host': None, 'tls_host_override': 'localhost'}, 0),
    ('another host', {'host': 'mail.lab.example'}, 69),
    ('another override', {'host': 'localhost', 'tls_host_override': 'mail.lab.example'}, 69),
)
def the_certificate_is_checked_against(more, status):
    with local() as server:
        mailchute(server.account(**more), ONE, stdin=SIMPLE).expect(
            status, *([] if status == 0 else ['CERT_NAME', rf'default: {server.address}: ']))
        if status:
            server.nothing_arrived()
        else:
            check_arrived(server.mail(), SIMPLE)


# --- words ---------------------------------------------------------------------------------------

@test
def log_and_words_name_the_path():
    log = folder('log') / 'log'
    with plain(rcpt=lambda s, address: '550 5.1.1 no such user') as server:
        mailchute(account(server.address, logfile=log), ONE, stdin=SIMPLE).expect(
            65, rf'^mailchute: default: {server.address}: the server refused')
    text = log.read_text()
    check(f' socket={server.address} tls=off auth=off from=sender@lab.example' in text and
          'host=' not in text, f'the log: {text}')


@cases(
    ('nothing is there', lambda path: None, 'No such file or directory'),
    ('there is a file', lambda path: path.write_text(''), 'Connection refused'),
    ('there is a folder', lambda path: path.mkdir(), 'Connection refused'),
)
def no_connection_ends_with_75_when(prepare, words):
    path = folder('socket') / 'sock'
    prepare(path)
    mailchute(account(path), ONE, stdin=SIMPLE).expect(
        75, f'cannot connect to {path}: {words}', r'\[SOCKET\]', 'fix: .*socket')


@test
def a_path_that_no_socket_can_have_ends_with_78():
    path = '/tmp/' + 'x' * 150
    mailchute(account(path), ONE, stdin=SIMPLE).expect(78, path, 'longer than 107')


# --- deadlines -----------------------------------------------------------------------------------

def in_time(result):
    """It ended because of its own limit."""
    check(result.seconds < LIMIT, f'it took {result.seconds:.1f} s\n{result.text()}')


@test
def a_server_whose_queue_is_full_does_not_hold_us():
    path = str(folder('socket') / 'sock')
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as other:
        listener.bind(path)
        listener.listen(0)
        other.connect(path)
        in_time(mailchute(account(path, timeout=1), ONE, stdin=SIMPLE).expect(
            75, f'{path}: no answer in time'))


@cases(
    ('at the greeting', {'connected': lambda s: s.silence()}),
    ('at mail', {'mail': lambda s, address: s.silence()}),
)
def a_silent_server_does_not_hold_us(script):
    with plain(**script) as server:
        in_time(mailchute(account(server.address, timeout=1), ONE, stdin=SIMPLE).expect(
            75, f'{server.address}: ', 'TIMEOUT'))


@test
def a_server_that_hangs_up_is_noticed():
    with plain(ehlo=lambda s, name: s.hang_up()) as server:
        mailchute(account(server.address), ONE, stdin=SIMPLE).expect(
            75, f'{server.address}: ', 'HANGUP')


if __name__ == '__main__':
    main()
