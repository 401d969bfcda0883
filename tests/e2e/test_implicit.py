#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_implicit.py - a server of ours that speaks TLS from the first byte, as at port 465"""
import smtplib
import socket
import ssl

from harness import cases, check, check_equal, folder, mailchute, main, need_root, settings, test
from hostile import Server
from served import daemon

CONTEXT = ssl.create_default_context()
CONTEXT.check_hostname, CONTEXT.verify_mode = False, ssl.CERT_NONE
MAIL = b'Subject: s\n\nx\n'


def served(server, listen):
    """A server of ours, with a certificate of its own."""
    return daemon(server, listen=listen, listen_tls=True, env={'STATE_DIRECTORY': folder('state')})


def port_of(place):
    """That of "127.0.0.1:4711"."""
    return int(place.rpartition(':')[2])


@test
def one_place_may_begin_with_tls_and_another_without():
    with Server(tls=None) as server, served(server, '127.0.0.1:0, tls:127.0.0.1:0') as d:
        for starttls, port in ((True, port_of(d.places[0])), (False, port_of(d.places[1]))):
            conf = settings(host='127.0.0.1', port=port, tls=True, tls_starttls=starttls,
                            tls_certcheck=False, **{'from': 'a@lab.example'})
            mailchute(conf, 'b@x.example', stdin=MAIL).expect(0)
        datas = [m.data for s in server.sessions for m in s.mails]
    check_equal([b' with ESMTPS id ' in data for data in datas], [True, True], 'of both')


@test
def there_is_no_starttls_within_tls():
    with Server(tls=None) as server, served(server, 'tls:127.0.0.1:0') as d:
        with smtplib.SMTP_SSL('127.0.0.1', d.port, timeout=20, context=CONTEXT) as client:
            client.ehlo()
            check(not client.has_extn('STARTTLS'), 'it is offered')
            check_equal(client.docmd('STARTTLS')[0], 503, 'STARTTLS')


@test
def who_speaks_smtp_there_hears_nothing_and_takes_nobody_the_place():
    with Server(tls=None) as server, served(server, 'tls:127.0.0.1:0') as d:
        with socket.create_connection(('127.0.0.1', d.port), 20) as sock:
            sock.sendall(b'EHLO c\r\nMAIL FROM:<a@x.example>\r\n')
            said = b''
            try:
                while part := sock.recv(4096):
                    said += part
            except ConnectionResetError:
                pass
        check(b'220' not in said and b'250' not in said, said)
        with smtplib.SMTP_SSL('127.0.0.1', d.port, timeout=20, context=CONTEXT) as client:
            check_equal(client.noop()[0], 250, 'the next client')


@cases(('a place with tls', 'tls:127.0.0.1:0'), ('port 465', '127.0.0.1:465'),
       ('an address with tls', 'tls:127.0.0.1'))
def it_does_not_start_without_a_certificate_at(listen):
    if not listen.endswith(':0'):
        need_root()
    conf = settings(host='127.0.0.1', port=1, tls=False, listen=listen)
    mailchute(conf, '-bd', limit=20).expect(78, 'listen 127.0.0.1:.*TLS comes first', 'listen_tls on')


main()
