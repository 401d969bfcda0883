#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_sendmail.py - called as sendmail: names, options, senders, recipients, exit status"""
import os
import pty
import pwd
import re
import socket
import subprocess

from devlog import PREFIX, Syslog
from harness import (Skip, cases, check, check_equal, environment, finish, folder, mailchute, main,
                     named, need_root, sendmail, settings, start_sendmail, test)
from hostile import Server
from mail import check_wire

BOB = 'bob@example.org'
ADMIN = 'admin@example.org'
HEAD = b'From: alice@example.org\nTo: bob@example.org\nSubject: s\n\n'
NO_FROM = b'Subject: s\n\nx\n'
LOGIN = pwd.getpwuid(os.getuid()).pw_name
LOCAL = f'{LOGIN}@example.net'


def account(server, **more):
    """An account of a machine whose mail domain is example.net."""
    aliases = folder('al') / 'aliases'
    aliases.write_text(f'root: {ADMIN}\nteam: root, "|/bin/x", /tmp/f\nloop1: loop2\n'
                       'loop2: loop1\n')
    aliases.chmod(0o644)
    return server.account(**{'from': None, 'maildomain': 'example.net', 'aliases': aliases,
                             **more})


class Sent:
    """One mail by sendmail, as the server got it."""

    def __init__(self, *args, stdin=HEAD + b'x\n', says=(), more=None, server=None, **options):
        with Server(**(server or {})) as smarthost:
            self.result = sendmail(account(smarthost, **(more or {})), *args, stdin=stdin,
                                   **options)
            self.result.expect(0, *says)
            mail = smarthost.mail()
            self.session = smarthost.first()
        self.sender, self.recipients, self.data = mail.sender, mail.recipients, mail.data
        check_wire(mail)
        self.body = self.data.partition(b'\r\n\r\n')[2]

    def field(self, name):
        """The one header field of that name."""
        found = [line for line in self.data.partition(b'\r\n\r\n')[0].split(b'\r\n')
                 if line.lower().startswith(name.lower().encode() + b':')]
        check_equal(len(found), 1, f'{name} fields')
        return found[0].partition(b':')[2].strip().decode()


def refused(*args, status=64, says=(), stdin=HEAD + b'x\n', **options):
    """It ends with this status and these words, and the server hears nothing."""
    with Server() as server:
        result = sendmail(account(server), *args, stdin=stdin, **options)
        result.expect(status, *says)
        check_equal(len(server.sessions), 0, 'connections')
        check_equal(result.out, '', 'standard output')
    return result


# --- the sender ---------------------------------------------------------------------------------

@cases(
    ('detached', ['-i', '-f', 'web@example.org', BOB], 'web@example.org'),
    ('attached', ['-i', '-fweb@example.org', BOB], 'web@example.org'),
    ('-r', ['-i', '-r', 'web@example.org', BOB], 'web@example.org'),
    ('-r attached', ['-i', '-rweb@example.org', BOB], 'web@example.org'),
    ('behind -i', ['-if', 'web@example.org', BOB], 'web@example.org'),
    ('empty', ['-i', '-f', '', BOB], ''),
    ('<>', ['-i', '-f', '<>', BOB], ''),
    ('<> attached', ['-i', '-f<>', BOB], ''),
    ('with a name', ['-i', '-f', 'Web App <web@example.org>', BOB], 'web@example.org'),
    ('a login name', ['-i', '-f', 'www-data', BOB], 'www-data@example.net'),
    ('a login name in <>', ['-i', '-f', '<www-data>', BOB], 'www-data@example.net'),
    ('with a percent sign', ['-i', '-f', 'a%Hb@example.org', BOB], 'a%Hb@example.org'),
    ('none', ['-i', BOB], LOCAL),
    ('the last one counts', ['-fa@x.org', '-fb@x.org', BOB], 'b@x.org'),
)
def the_sender_is(args, wanted):
    sent = Sent(*args)
    check_equal(sent.sender, wanted, 'sender')
    check_equal(sent.recipients, [BOB], 'recipients')
    check_equal(sent.field('From'), 'alice@example.org', 'From')


@cases(
    ('-F', ['-i', '-F', 'Full Name', BOB], {}, 'Full Name <{0}>'),
    ('-F attached', ['-i', '-FFull Name', BOB], {}, 'Full Name <{0}>'),
    ('quoted', ['-i', '-FJ. "Q" Doe (x)', BOB], {}, r'"J. \"Q\" Doe (x)" <{0}>'),
    ('encoded', ['-i', '-FJosé', BOB], {}, '=?UTF-8?B?Sm9zw6k=?= <{0}>'),
    ('a line end in it', ['-i', '-F', 'x\nBcc: evil@x', BOB], {}, '"x Bcc: evil@x" <{0}>'),
    ('$NAME', ['-i', BOB], {'NAME': 'N N'}, 'N N <{0}>'),
    ('-F before $NAME', ['-i', '-FF F', BOB], {'NAME': 'N N'}, 'F F <{0}>'),
    ('a sender that was given', ['-i', '-fw@x.org', BOB], {'NAME': 'N N'}, 'w@x.org'),
)
def a_from_header_is_made(args, env, wanted):
    check_equal(Sent(*args, stdin=NO_FROM, env=env).field('From').replace('utf-8', 'UTF-8'),
                wanted.format(LOCAL), 'From')


@test
def the_null_sender_has_a_valid_from_header():
    sent = Sent('-i', '-f', '', BOB, stdin=NO_FROM)
    check_equal(sent.sender, '', 'sender')
    check(sent.field('From').rstrip('>').endswith('@example.net'), sent.field('From'))


@test
def a_name_for_from_comes_from_the_user_database():
    need_root()
    passwd = folder('etc') / 'passwd'
    passwd.write_text('root:x:0:0:& Beer,room 5,,:/root:/bin/sh\n')
    mount = ['unshare', '--mount', 'sh', '-c', f'mount --bind {passwd} /etc/passwd && exec "$0" "$@"']
    if subprocess.run([*mount, 'true'], capture_output=True, check=False).returncode:
        raise Skip('mounting is not allowed here')
    check_equal(Sent('-i', BOB, stdin=NO_FROM, prefix=mount).field('From'),
                'Root Beer <root@example.net>', 'From')


@test
def the_environment_is_not_needed():
    """cron's has PATH, and nothing else; a user without an entry in the database has a number."""
    need_root()
    if 'file name: /etc/mailchute/config' not in mailchute(None, '--version').out:
        raise Skip('the program was built for another sysconfdir than /etc')
    with Server() as server:
        system = folder('etc')
        (system / 'msmtprc').write_text(account(server))
        (system / 'msmtprc').chmod(0o644)
        mount = ['unshare', '--mount', 'sh', '-c',
                 f'mount -t tmpfs none /etc/mailchute && cp {system}/msmtprc /etc/mailchute/config '
                 '&& chmod 644 /etc/mailchute/config && exec setpriv --no-new-privs '
                 '--reuid 4242 --regid 4242 --clear-groups "$0" "$@"']
        # It stays: who removes it takes it from other tests, too, that have mounted theirs there.
        os.makedirs('/etc/mailchute', exist_ok=True)
        if subprocess.run([*mount, 'true'], capture_output=True, check=False).returncode:
            raise Skip('mounting is not allowed here')
        process = subprocess.Popen([*mount, named('sendmail'), '-i', BOB],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env={'PATH': environment()['PATH']})
        finish(process, NO_FROM).expect(0)
        check_equal(server.mail().sender, 'uid4242@example.net', 'sender')


@test
def a_service_need_not_be_able_to_write_to_tmp():
    need_root()
    mount = ['unshare', '--mount', 'sh', '-c', 'mount --bind /tmp /tmp && '
             'mount -o remount,ro,bind /tmp && unset TMPDIR && exec setpriv --no-new-privs "$0" "$@"']
    if subprocess.run([*mount, 'true'], capture_output=True, check=False).returncode:
        raise Skip('mounting is not allowed here')
    large = b'a line of no great interest\n' * 20_000
    check_equal(Sent('-i', BOB, stdin=HEAD + large, prefix=mount).body,
                large.replace(b'\n', b'\r\n'), 'body')


@test
def descriptors_that_are_closed_or_left_open_do_not_matter():
    with Server() as server:
        process = start_sendmail(account(server), '-i', BOB, prefix=[
            'sh', '-c', 'exec "$0" "$@" >&- 2>&- 5</dev/null 9</dev/null'])
        finish(process, HEAD + b'x\n').expect(0)
        check_equal(server.mail().recipients, [BOB], 'recipients')


@test
def without_standard_input_it_ends_with_66():
    refused('-i', BOB, status=66, says=['standard input'],
            prefix=['sh', '-c', 'exec "$0" "$@" <&-'])


@test
def a_file_is_read_from_where_it_stands():
    path = folder() / 'mail'
    path.write_bytes(b'not this\n' + HEAD + b'x\n')
    with open(path, 'rb') as file:
        os.lseek(file.fileno(), 9, os.SEEK_SET)
        check_equal(Sent('-i', BOB, stdin=file).body, b'x\r\n', 'body')


# --- recipients ---------------------------------------------------------------------------------

@cases(
    ('a list', ['-i', 'a@x,b@x'], ['a@x', 'b@x']),
    ('a list with blanks', ['-i', 'a@x, b@x'], ['a@x', 'b@x']),
    ('a name', ['-i', 'Bob B <b@x>'], ['b@x']),
    ('each once', ['-i', 'a@x', 'a@x', 'A@X', 'a@X'], ['a@x', 'A@X']),
    ('behind --', ['-i', '--', '-x@example.org'], ['-x@example.org']),
    ('an alias', ['-i', 'root'], [ADMIN]),
    ('in capitals', ['-i', 'ROOT'], [ADMIN]),
    ('at localhost', ['-i', 'root@localhost'], [ADMIN]),
    ('at this machine', ['-i', f'root@{socket.gethostname()}'], [ADMIN]),
    ('at the mail domain', ['-i', 'root@example.net'], [ADMIN]),
    ('without its alias', ['-i', r'\root'], ['root@example.net']),
    ('without its alias, and with it', ['-i', r'\root,root'], [ADMIN, 'root@example.net']),
    ('no alias', ['-i', 'nosuch'], ['nosuch@example.net']),
    ('once with and once without a domain', ['-i', 'nosuch', 'nosuch@EXAMPLE.net'],
     ['nosuch@example.net']),
    ('an alias and its address', ['-i', 'root', ADMIN], [ADMIN]),
)
def the_mail_goes_to(args, wanted):
    check_equal(Sent(*args).recipients, wanted, 'recipients')


@cases(
    ('-t', ['-t', '-i'], ['a@x', 'nosuch@example.net', ADMIN]),
    ('-ti', ['-ti'], ['a@x', 'nosuch@example.net', ADMIN]),
    ('and arguments', ['-t', '-i', 'z@x', 'a@x'], ['z@x', 'a@x', 'nosuch@example.net', ADMIN]),
    ('twice', ['-t', '-i', '-oi', '-fS@x', '-t'], ['a@x', 'nosuch@example.net', ADMIN]),
)
def the_header_names_recipients(args, wanted):
    stdin = b'To: a@x, nosuch\nCc: root\nBcc: "A" <a@x>\nSubject: s\n\nx\n'
    sent = Sent(*args, stdin=stdin)
    check_equal(sent.recipients, wanted, 'recipients')
    check(b'Bcc' not in sent.data, 'a Bcc header is there')


@test
def commands_of_aliases_are_left_out():
    sent = Sent('-i', 'team', says=[r'warning: .*"\|/bin/x"', 'warning: .*"/tmp/f"'])
    check_equal(sent.recipients, [ADMIN], 'recipients')


@test
def root_to_gets_all_of_it_once():
    check_equal(Sent('-i', 'root', 'bob', more={'root_to': 'a@x,b@x', 'aliases': None}).recipients,
                ['a@x', 'b@x'], 'recipients')


@cases(
    ('get the mail domain', [], 'alice@example.net'),
    ('stay with -G', ['-G'], 'alice'),
)
def names_in_the_header(args, wanted):
    stdin = b'From: alice\nTo: bob\nSubject: s\n\nx\n'
    sent = Sent(*args, 'bob', stdin=stdin)
    check_equal(sent.field('From'), wanted, 'From')
    check_equal(sent.recipients, ['bob@example.net'], 'recipients')


# --- options ------------------------------------------------------------------------------------

@cases(*((' '.join(words), words) for words in (
    ['-bm'], ['-B8BITMIME'], ['-B', '8BITMIME'], ['-odb'], ['-odi'], ['-odq'], ['-oem'], ['-oee'],
    ['-oep'], ['-oeq'], ['-oew'], ['-em'], ['-eq'], ['-ep'], ['-ew'], ['-ee'], ['-e', 'm'],
    ['-om'], ['-oo'], ['-os'], ['-o7'], ['-o8'], ['-or0s'], ['-or', '5m'], ['-oA/x'],
    ['-oMrSMTP'], ['-oMs', 'host'], ['-m'], ['-n'], ['-G'], ['-U'], ['-x'], ['-v'], ['-h', '5'],
    ['-h5'], ['-L', 't'], ['-Lt'], ['-p', 'X'], ['-pX'], ['-X', 'f'], ['-Xf'], ['-O', 'A=b'],
    ['-OA=b'], ['-Am'], ['-Ac'], ['-N', 'never'], ['-Nfailure,delay'], ['-R', 'hdrs'], ['-Rfull'],
    ['-V', 'id'], ['-E'], ['-J'], ['-c'], ['-D', 'f'], ['-C', '/etc/mail/sendmail.cf'])))
def sendmails_option_is_taken(words):
    check_equal(Sent(*words, BOB).recipients, [BOB], 'recipients')


@cases(
    ('passed on', {}, 'RET=HDRS ENVID=env1'),
    ('left out where the server has none', {'caps': ('PIPELINING', '8BITMIME')}, None),
)
def delivery_notices_are(server, wanted):
    said = ' '.join(Sent('-N', 'failure,delay', '-R', 'hdrs', '-V', 'env1', BOB,
                         server=server).session.commands)
    if wanted is None:
        check('NOTIFY' not in said and 'RET=' not in said and 'ENVID' not in said, said)
    else:
        check(wanted in said and 'NOTIFY=FAILURE,DELAY' in said, said)


@cases(
    ('an unknown letter', ['-Z', BOB], 64, '-Z'),
    ('an address with a hyphen', ['-i', '-xyz@example.org'], 64, '-xyz@example.org'),
    ('an option behind an address', [BOB, '-i'], 64, '"-i" is no address'),
    ('another configuration', ['-C', '/tmp/rc', BOB], 77, '-C /tmp/rc'),
    ('another configuration, long', ['--file=/tmp/rc', BOB], 77, '--file'),
    ('a command', ['--passwordeval=id', BOB], 77, '--passwordeval'),
    ('a log', ['--logfile=/tmp/log', BOB], 77, '--logfile'),
    ('a server', ['--host=evil', BOB], 77, '--host'),
    ('no recipient', ['-i'], 64, 'no recipients'),
    ('line ends in the sender', ['-i', '-f', 'a@b\r\nRCPT TO:<x>', BOB], 64, 'from'),
    ('a sender that is a list', ['-f', 'a@x, b@x', BOB], 65, 'more than one address'),
    ('line ends in a recipient', ['-i', 'a@b\r\nRCPT TO:<x>'], 65, 'control character'),
    ('a circle of aliases', ['-i', 'loop1'], 78, 'loop1, loop2, loop1'),
    ('an unknown mode', ['-bz', BOB], 64, '-bz'),
    ('-Mrm', ['-Mrm', '1abc-def'], 69, '-Mrm'),
    ('-q and what it does not know', ['-qxyz'], 64, 'xyz'),
)
def it_sends_nothing(args, status, words):
    result = refused(*args, status=status, says=[words.replace('(', r'\(')])
    check(result.err.startswith('sendmail: ') and words in result.err.split('\n')[0], result.err)


@test
def without_recipients_in_the_mail_nothing_is_sent():
    refused('-t', '-i', stdin=b'Subject: s\n\nx\n', says=['To, Cc or Bcc'])


@test
def no_option_makes_a_file():
    place = folder()
    for words in (['-X', f'{place}/x'], [f'-X{place}/x'], ['-D', f'{place}/x'],
                  [f'-oA{place}/x'], ['-O', f'QueueDirectory={place}/x']):
        check_equal(Sent(*words, BOB, says=['is left out']).recipients, [BOB], 'recipients')
        check_equal(os.listdir(place), [], 'files')


# --- what is no mail ----------------------------------------------------------------------------

@cases(('-bv', '-bv'), ('-bt', '-bt'))
def addresses_are_explained_and_nothing_is_read(mode):
    with Server() as server:
        reader, writer = os.pipe()
        try:
            result = sendmail(account(server), mode, 'root', BOB, stdin=reader, limit=20)
        finally:
            os.close(reader)
            os.close(writer)
        result.expect(0, out=['account default', f"server localhost:.*, sender <{LOCAL}>",
                              f'^root: {ADMIN}$', f'^{BOB}: {BOB}$'])
        check_equal(len(server.sessions), 0, 'connections')


@cases(('no address', 'a b c@'), ('a circle', 'loop1'))
def an_address_that_gets_no_mail_is_told(address):
    with Server() as server:
        sendmail(account(server), '-bv', address, 'root').expect(67, out=[f'^root: {ADMIN}$'])


@cases(('sendmail', 'sendmail', '< MESSAGE'), ('rmail', 'rmail', '< MESSAGE'),
       ('runq', 'runq', 'waits in the queue'), ('newaliases', 'newaliases', 'counts the aliases'))
def each_name_tells_how_it_is_used(name, says):
    for word in ('--help', '-h', '-?', '-help'):
        sendmail(None, word, name=name).expect(0, out=[f'^Usage: {name}', says])


@test
def newaliases_does_not_seem_to_read_a_file_that_it_is_given():
    sendmail(None, '/etc/aliases', name='newaliases').expect(64, r'/etc/aliases.*\[USAGE\]')


@cases(('newaliases', 'newaliases'), ('-bi', 'sendmail', '-bi'), ('-I', 'sendmail', '-I'))
def aliases_are_counted(name, *args):
    with Server() as server:
        sendmail(account(server), *args, name=name).expect(0, out=['4 aliases'])


@cases(
    ('no alias', 'root: a@x\nno alias\n', 'aliases:2:'),
    ('no address', 'root: a b\n', 'aliases:1:'),
    ('no file', 'root: :include:/nonexistent\n', 'aliases:1: .*/nonexistent'),
)
def a_mistake_in_the_aliases_is_told_with_its_line(text, words):
    path = folder() / 'aliases'
    path.write_text(text)
    with Server() as server:
        sendmail(account(server, aliases=path), name='newaliases').expect(78, words)


# --- a lone dot ---------------------------------------------------------------------------------

@cases(
    ('with more behind it', [], b'a\n.\nb\n', b'a\r\n.\r\nb\r\n'),
    ('with more behind blank lines', [], b'a\n.\n\n\nb\n', b'a\r\n.\r\n\r\n\r\nb\r\n'),
    ('with another behind it', [], b'a\n.\n.\nb\n', b'a\r\n.\r\n.\r\nb\r\n'),
    ('with CRLF', [], b'a\r\n.\r\nb\r\n', b'a\r\n.\r\nb\r\n'),
    ('at the end', [], b'a\n.\n', b'a\r\n'),
    ('at the end, without a line end', [], b'a\n.', b'a\r\n'),
    ('with blank lines behind it', [], b'a\r\n.\r\n \t\r\n\r\n', b'a\r\n'),
    ('at the end, with -i', ['-i'], b'a\n.\n', b'a\r\n.\r\n'),
    ('at the end, with -oi', ['-oi'], b'a\n.\n\n', b'a\r\n.\r\n\r\n'),
    ('no lone dot', [], b'a\n..\n', b'a\r\n..\r\n'),
    ('with many blank lines behind it', [], b'a\n.\n' + b'\n' * 70000 + b'b\n',
     b'a\r\n.\r\n' + b'\r\n' * 70000 + b'b\r\n'),
)
def a_lone_dot_cuts_off_nothing(args, stdin, wanted):
    sent = Sent(*args, BOB, stdin=HEAD + stdin, more={'repair': 'off'})
    check_equal(sent.body, wanted, 'body')


@test
def at_a_terminal_a_lone_dot_is_the_end():
    with Server() as server:
        ours, theirs = pty.openpty()
        try:
            process = start_sendmail(account(server), BOB, stdin=theirs)
            os.write(ours, HEAD + b'a\n.\n')
            finish(process).expect(0)
        finally:
            os.close(ours)
            os.close(theirs)
        check(server.mail().data.endswith(b'\r\n\r\na\r\n'), 'body')


# --- exit status and words ----------------------------------------------------------------------

def _refuse(*bad):
    return lambda _session, path: '550 5.1.1 no such user' if any(b in path for b in bad) else \
        '250 2.1.5 recipient ok'


@cases(
    ('sendmail', 'sendmail', ['reject@x'], 67),
    ('sendmail, with others', 'sendmail', ['reject@x', 'ok@x'], 67),
    ('msmtp', 'msmtp', ['reject@x'], 65),
    ('mailchute', 'mailchute', ['reject@x'], 65),
)
def a_refused_recipient_ends_with(name, recipients, status):
    with Server(rcpt=_refuse('reject@x')) as server:
        conf = account(server, **{'from': 'me@x'})
        sendmail(conf, *recipients, name=name, stdin=HEAD + b'x\n').expect(
            status, 'the recipient <reject@x>', 'no such user')
        if len(recipients) > 1:
            check_equal(server.mail().recipients, ['ok@x'], 'recipients')


@cases(('-oeq', '-oeq'), ('-eq', '-eq'))
def nothing_is_said_with(option):
    with Server(rcpt=_refuse('reject@x')) as server:
        process = start_sendmail(account(server), option, 'reject@x')
        out, err = process.communicate(HEAD + b'x\n')
        check_equal((process.returncode, out, err), (67, b'', b''), 'status and words')


@test
def errors_cannot_be_mailed_and_v_says_so():
    Sent('-v', '-oem', BOB).result.expect(0, out=[r'^\* nobody gets mail about an error'])


@cases(('of a mail', ['reject@x'], 67, r'<19>.* sendmail\[.*recipients=reject@x.*EX_NOUSER'),
       ('of its command line', ['-Z'], 64, r'<19>.*-Z.*\[USAGE\]'))
def cron_loses_words_and_so_they_are_logged(args, status, pattern):
    with Syslog() as log, Server(rcpt=_refuse('reject@x')) as server:
        sendmail(account(server), *args, stdin=HEAD + b'x\n', prefix=PREFIX,
                 env={name: str(value) for name, value in log.variables.items()}).expect(status)
        lines = log.lines()
    check_equal(len(lines), 1, 'lines')
    check(re.match(pattern, lines[0], re.S), lines[0])


@test
def a_server_that_is_away_ends_with_75():
    with socket.socket() as closed:
        closed.bind(('127.0.0.1', 0))
        conf = settings(host='127.0.0.1', port=closed.getsockname()[1], maildomain='example.net')
        sendmail(conf, '-odi', BOB, stdin=HEAD).expect(75)


@test
def a_reader_of_errors_that_left_harms_nothing():
    with Server() as server:
        process = start_sendmail(account(server), '-X', '/x', '-v', BOB)
        process.stderr.close()
        process.stdout.close()
        process.stdin.write(HEAD + b'x\n')
        process.stdin.close()
        check_equal(process.wait(20), 0, 'exit status')
        check_equal(server.mail().recipients, [BOB], 'recipients')


if __name__ == '__main__':
    main()
