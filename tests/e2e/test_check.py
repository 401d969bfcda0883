#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_check.py - the doctor: what it looks at, what it finds, and that it sends nothing

And single questions to a server: which extensions it has, whom it knows.
"""
import json
import re
import time

from certs import cert
from harness import (cases, check, check_equal, folder, loopback, mailchute, main, need_root,
                     settings, settings_file, test)
from hostile import PASSWORD, Server, Session
from names import known
from unreachable import silent

ONE = 'one@lab.example'
FROM = 'sender@lab.example'


def examined(server, *args, conf=None, prefix=(), **more):
    """What the doctor says about an account of this server; nobody may have got a mail."""
    result = mailchute(conf or server.account(**more), '--check', *args, prefix=prefix)
    server.nothing_arrived()
    check(PASSWORD not in result.out + result.err, 'the password')
    return result


def states(result):
    """The subjects and their states, in the order in which they are shown."""
    return [tuple(line.split()[1::-1]) for line in result.out.splitlines()
            if re.match(r' (ok|info|warn|FAIL) ', line)]


@test
def a_good_account_is_looked_at_from_its_file_to_the_recipient():
    with Server() as server:
        result = examined(server, '--to', ONE).expect(
            0, out=['^account default from /', r'^ ok +files +/\S+, mode 0600$',
                    r'^ ok +name +localhost is (::1, )?127.0.0.1  \(\d+ ms\)$',
                    rf'^ ok +connect +127.0.0.1 port {server.port}  \(\d+ ms\)$',
                    r'^ ok +tls +STARTTLS, \(TLS1.3\).*; certificate for localhost, .*'
                    r', \d+ days left$',
                    '^ ok +login +PLAIN as ops$', f'^ ok +sender +<{FROM}> accepted$',
                    f'^ ok +recipient +<{ONE}> accepted$',
                    '^ info +server +takes mails of up to 1000.0 MB; PIPELINING .*; 2 round trips',
                    r'^\d+ ok, \d+ warnings?, 0 failures. Nothing was sent. To send one: mailchute '
                    f'--test {ONE}$'])
        check(result.seconds < 15, f'it took {result.seconds} s')
        spoken = [session for session in server.sessions if session.commands]
        check_equal([line.split(' ')[0] for line in spoken[0].commands],
                    ['EHLO', 'STARTTLS', 'EHLO', 'AUTH', 'MAIL', 'RCPT', 'RSET', 'QUIT'], 'heard')
        check_equal(len(spoken), 1, 'sessions in which anything was said')


@test
def an_account_is_named_as_an_argument_or_as_ever():
    with Server(tls=None) as server:
        conf = settings_file(server.account(auth='off').replace('account default', 'account work'))
        for args in (['--check', 'work'], ['--check=work'], ['-a', 'work', '--check']):
            mailchute(conf, *args).expect(0, out=['^account work from '])
        mailchute(conf, '--check', 'none').expect(78, r'\[NO_ACCOUNT\]')
        mailchute(conf, '--check', 'work', 'two').expect(64, 'too many arguments')


@cases(
    ('nobody is there', {}, {'port': 1}, 75, 'connect', 'CONNECT'),
    ('the greeting', {'greeting': '554 5.3.2 no'}, {}, 76, 'greeting', 'REFUSED'),
    ('the certificate', {'certificate': 'expired'}, {}, 69, 'tls', 'CERT_EXPIRED'),
    ('the login', {}, {'password': 'wr0ng'}, 77, 'login', 'AUTH_REFUSED'),
    ('the sender', {'mail': lambda *_: '553 5.7.1 not yours'}, {}, 65, 'sender', 'SENDER_REFUSED'),
    ('the recipient', {'rcpt': lambda *_: '550 5.1.1 nobody'}, {}, 67, 'recipient', 'REFUSED'),
)
def the_first_failure_decides(script, more, status, what, code):
    with Server(**script) as server:
        result = examined(server, '--to', ONE, **more).expect(
            status, rf'\[{code}\]', out=[rf'^ FAIL +{what} +.*\[{code}\]$', ', 1 failure\\.'])
        check_equal([name for name, state in states(result) if state == 'FAIL'], [what], 'failures')


@test
def an_account_that_catches_mail_has_no_server_to_look_at():
    conf = settings(protocol='catch', catch_to='-')
    for option in ('--check', '--vrfy=joe', '--has-extn=size'):
        mailchute(conf, option).expect(78, r'\[NO_SERVER\]')


@test
def one_of_two_addresses_that_is_down_is_a_warning():
    with Server() as server:
        prefix = known('mx.lab.example', '127.0.0.1', '127.0.0.77')
        more = {'host': 'mx.lab.example', 'tls_host_override': 'localhost'}
        examined(server, prefix=prefix, **more).expect(
            0, out=[r'^ ok +name +mx.lab.example is 127.0.0.1, 127.0.0.77',
                    '^ ok +connect +127.0.0.1 port', '^ warn +connect +.*127.0.0.77.*refused'])


@test
def a_certificate_that_ends_soon_is_a_warning_and_so_is_a_connection_without_tls():
    with Server(certificate='soon') as server:
        examined(server).expect(0, out=['^ warn +tls .*, [0-9] days left'])
    with Server() as server:
        examined(server, tls=False, auth='off').expect(
            0, out=['^ warn +tls +off: everybody .*so write: tls on$'])


@test
def when_the_way_is_wrong_the_neighbours_are_tried():
    with Server(tls='implicit') as server:
        start = time.monotonic()
        examined(server, tls_starttls=True).expect(
            76, r'\[TLS_IMPLICIT\]',
            out=[rf'^ info +instead +port {server.port} answers with TLS: port {server.port}, '
                 'tls on, tls_starttls off$'])
        check(time.monotonic() - start < 15, 'it took too long')


@test
def neighbours_are_left_alone_where_all_is_well():
    with Server() as server:
        result = examined(server).expect(0)
        check('instead' not in result.out, result.text())


@test
def port_25_that_is_blocked_is_found_with_the_port_that_is_not():
    need_root()
    address = loopback()
    with silent(25, address), Server(address=address, port=587):
        conf = settings(host=address, tls=False, timeout_connect=1, **{'from': FROM})
        mailchute(conf, '--check').expect(
            75, r'\[PORT25_BLOCKED\]', out=['^ info +instead +port 587 answers with STARTTLS'])


FIRST, SECOND = '127.0.0.2', '127.0.0.3'


def pair(first, second):
    """Two servers of a list: they share a port."""
    one = Server(address=FIRST, tls=None, **first)
    return one, Server(address=SECOND, port=one.port, tls=None, **second)


@cases(
    ('both can be used', {}, {}, ['ok spare', '127.0.0.3 can be used, too']),
    ('the spare one is busy', {}, {'greeting': '421 4.3.2 busy'}, ['warn spare', '127.0.0.3: ']),
    ('the first one is busy', {'greeting': '421 4.3.2 busy'}, {}, ['info host', '127.0.0.3']),
)
def all_hosts_are_looked_at_and_the_first_that_takes_the_mail_decides(first, second, found):
    one, two = pair(first, second)
    with one, two:
        conf = one.account(host=f'{FIRST}, {SECOND}', auth=False)
        words = found[0].split()
        mailchute(conf, '--check', '--to', ONE).expect(
            0, out=[rf'^ {words[0]} +{words[1]} +.*{found[1]}', '^ ok +sender ', ', 0 failures'])


@test
def a_first_host_that_wants_no_such_mail_decides():
    one, two = pair({'mail': lambda *_: '553 5.7.1 no'}, {})
    with one, two:
        conf = one.account(host=f'{FIRST}, {SECOND}', auth=False)
        mailchute(conf, '--check').expect(65, r'\[SENDER_REFUSED\]', out=['^ FAIL +sender '])
        check_equal(len(two.sessions), 0, 'sessions at the second host')


@test
def accounts_that_routes_name_are_looked_at_once_each():
    with Server() as server, Server(greeting='554 5.3.2 no') as bad:
        conf = server.account(route='*@a.example other') + 'route *@b.example other\n' + \
            server.account().replace('account default', 'account other')
        result = mailchute(conf, '--check=default').expect(0)
        check_equal(states(result).count(('route', 'ok')), 1, 'routed accounts')
        check('account other can be used' in result.out, result.text())
        conf = server.account(route='*@a.example other') + \
            bad.account().replace('account default', 'account other')
        mailchute(conf, '--check=default').expect(
            76, r'note: it is of account other', out=['^ FAIL +route +', ', 1 failure'])
        mailchute(server.account(route='*@a.example none'), '--check').expect(
            78, r'\[NO_ACCOUNT\]', out=['^ FAIL +route +.*none'])


@cases(('both', ('PIPELINING', 'CHUNKING'), '1 round trip'), ('neither', (), '4 round trips'),
       ('pipelining', ('PIPELINING',), '2 round trips'), ('chunks', ('CHUNKING',), '3 round trips'))
def the_round_trips_of_a_mail_are_those_that_it_takes(caps, words):
    with Server(tls=None, caps=caps, mechanisms='') as server:
        examined(server, auth=False).expect(0, out=[f'^ info +server .*; {words} for a mail$'])
    with Server(tls=None, caps=caps, mechanisms='') as server:
        mailchute(server.account(auth=False), ONE, stdin=b'Subject: x\n\nx\n').expect(0)
        session = server.first()  # EHLO is one, too; and QUIT, which needn't wait, may be
        quits = not {'PIPELINING'} & set(caps)
        check_equal(session.flights - 1 - quits, int(words.split()[0]), 'flights')


@test
def a_queue_that_its_user_cannot_make_is_told():
    need_root()
    with Server() as server:
        conf = settings_file(server.account(queue='on_failure', queue_dir='/var/no/such/queue',
                                            password=None, auth=False), mode=0o644)
        mailchute(conf, '--check', uid=4242).expect(
            0, out=["^ warn +queue +/var/no/such/queue is not there, and this user can't make it"])


@test
def what_waits_in_the_queue_is_counted():
    place = folder('queue') / 'q'
    with Server(received=lambda *_: '451 4.3.0 later') as server:
        conf = server.account(queue='on_failure', queue_dir=place)
        mailchute(conf, '--check').expect(0, out=[f'^ ok +queue +empty, in {place}$'])
        mailchute(conf, ONE, stdin=b'Subject: x\n\nx\n').expect({0, 75})
        mailchute(conf, '--check').expect(0, out=[f'^ ok +queue +1 waiting, 0 held, in {place}$'])


@test
def what_sendmail_is_on_this_machine_is_told():
    with Server(tls=None) as server:
        result = examined(server, auth='off')
        check(dict(states(result))['sendmail'] in ('ok', 'warn'), result.text())


@test
def a_file_of_settings_with_a_password_for_all_to_read_is_noticed():
    with Server() as server:
        conf = settings_file(server.account(), mode=0o644)
        result = mailchute(conf, '--check')
        check(result.status == 78 or '0644' in result.out, result.text())


@test
def programs_get_json():
    with Server() as server:
        result = examined(server, '--to', ONE, '--json').expect(0)
        found = json.loads(result.out)
        check_equal((found['account'], found['exit']), ('default', 0), 'account and exit')
        what = {one['what']: one for one in found['findings']}
        check_equal(what['login'], {'state': 'ok', 'what': 'login', 'text': 'PLAIN as ops'},
                    'login')
        check('failure' not in found, result.out)
    with Server(mail=lambda *_: '553-5.7.1 say "please"\r\n553 5.7.1 or no') as server:
        found = json.loads(examined(server, '--json').expect(65).out)
        failure = found['failure']
        check_equal((failure['code'], failure['reply'], failure['said']),
                    ('SENDER_REFUSED', 553, '5.7.1 say "please"\n5.7.1 or no'), 'the failure')


@test
def a_server_is_described_in_json():
    with Server() as server:
        found = json.loads(mailchute(server.account(), '--serverinfo', '--json').expect(0).out)
        one = found['servers'][0]
        check_equal(one['greeting'], 'mx.lab.example ESMTP ready', 'greeting')
        check_equal(one['certificate']['sha256'], cert('good').fingerprint(), 'fingerprint')
        check_equal(one['size'], 1000000000, 'size')
        check('PIPELINING' in one['extensions'] and 'PLAIN' in one['auth'], found)
    with Server(certificate='expired') as server:
        found = json.loads(mailchute(server.account(), '--serverinfo', '--json').expect(69).out)
        check_equal(found['servers'][0]['failure'], 'CERT_EXPIRED', 'failure')


@cases(
    ('one', 'size', 0, 'SIZE 1000000000\n', ''),
    ('in any case', 'PipeLining', 0, 'PIPELINING\n', ''),
    ('several', 'dsn,8bitmime', 0, 'DSN\n8BITMIME\n', ''),
    ('one of two', 'size,chunking', 1, 'SIZE 1000000000\n', 'chunking'),
    ('none', 'chunking, ping', 1, '', 'chunking, ping'),
    ('a part of a name', 'pipe', 1, '', 'pipe'),
    ('the name of the server', 'mx.lab.example', 1, '', 'mx.lab.example'),
)
def an_extension_is_asked_for(names, status, shown, lacking):
    with Server() as server:
        result = mailchute(server.account(), f'--has-extn={names}')
        check_equal((result.status, result.out), (status, shown), 'status and output')
        check('AUTH' not in ' '.join(server.first().commands), 'it signed in')
    missing = re.findall(r'does not offer (.*)', result.err)
    check_equal(missing, [lacking] if lacking else [], 'what is missing')


class Knowing(Session):
    """A server that answers questions about addresses."""

    answers = {}

    def _command(self, line):
        question = line.decode()
        if question in self.answers:
            self.say(self.answers[question])
        else:
            super()._command(line)


@cases(
    ('known', '--vrfy=joe', 'VRFY joe', '250 Joe <joe@lab.example>', 0,
     '250 Joe <joe@lab.example>\n'),
    ('not told', '--vrfy=joe', 'VRFY joe', '252 2.0.0 will try', 0, '252 2.0.0 will try\n'),
    ('unknown', '--vrfy=joe', 'VRFY joe', '550 5.1.1 no such user', 67, ''),
    ('later', '--vrfy=joe', 'VRFY joe', '450 4.2.0 busy', 75, ''),
    ('a list', '--expn=all', 'EXPN all', '250-<a@x.example>\r\n250 <b@x.example>', 0,
     '250 <a@x.example>\n250 <b@x.example>\n'),
    ('not done', '--expn=all', 'EXPN all', '502 5.5.1 no', 69, ''),
)
def a_server_is_asked_about_an_address(option, question, reply, status, shown):
    with Server(session=Knowing, answers={question: reply}) as server:
        result = mailchute(server.account(), option)
        check_equal((result.status, result.out), (status, shown), 'status and output')
        check(status == 0 or reply in result.err.replace('said: ', ''), result.text())


@test
def a_question_can_not_become_a_command():
    with Server() as server:
        mailchute(server.account(), '--vrfy=a\r\nMAIL FROM:<x>').expect(65, 'control character')
        check_equal([line for line in server.first().commands if 'MAIL' in line], [], 'heard')


@test
def a_small_mail_is_sent_to_try_it_and_the_servers_answer_shown():
    with Server() as server:
        result = mailchute(server.account(), '--test', ONE).expect(0)
        check_equal(result.out, 'accepted: 250 2.0.0 queued as TEST1\n', 'output')
        mail = server.mail()
        check_equal((mail.sender, mail.recipients), (FROM, [ONE]), 'envelope')
        check(f'\r\nTo: {ONE}\r\n'.encode() in b'\r\n' + mail.data, mail.data)
        check(b'\r\nSubject: a test of mailchute\r\n' in mail.data, mail.data)
    with Server(received=lambda *_: '554 5.7.1 no') as server:
        mailchute(server.account(), '--test', ONE).expect(69, '554 5.7.1 no')
        mailchute(server.account(), '--test', ONE, 'two@lab.example').expect(64)


if __name__ == '__main__':
    main()
