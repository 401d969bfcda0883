#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_bs.py - sendmail -bs: SMTP on standard input and output, as mail programs speak it"""
import subprocess

from harness import (Failure, cases, check, check_equal, environment, finish, folder, main, named,
                     need, next_line, sendmail, settings, start_sendmail, test)
from hostile import Server

HEADER = 'From: Sendér <web@x.example>\r\nTo: b@b.example\r\nSubject: s\r\n' \
    'Message-ID: <1@x.example>\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\nMIME-Version: 1.0\r\n' \
    'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n'


def refuses(session, address):
    """A server that doesn't know some people."""
    return '550 5.1.1 no such user' if address.startswith('nobody') else '250 2.1.5 ok'


def account(server, **more):
    """How the server is reached; this machine is admin.example."""
    return settings(host='127.0.0.1', port=server.port, tls=False, maildomain='admin.example',
                    **more)


def codes(text):
    """The codes of the replies."""
    return [line[:3] for line in text.splitlines() if line[3:4] == ' ']


def speak(server, script, *options, **more):
    """All of the script at once."""
    result = sendmail(account(server, **more), '-bs', *options, stdin=script.encode())
    result.expect(0)
    return result


@cases(
    ('with CR LF', lambda script: script, ()),
    ('with LF and lower case verbs, as Alpine may have it',
     lambda script: script.replace('\r', '').replace('MAIL FROM', 'mail from')
     .replace('RCPT TO', 'rcpt to'), ('-odb', '-oem')),
)
def a_dialogue_that_is_written_before_the_greeting_is_answered(change, options):
    script = 'HELO [127.0.0.1]\r\nMAIL FROM:<web@x.example>\r\nRCPT TO:<root>\r\n' \
        'RCPT TO:<b@b.example>\r\nDATA\r\nSubject: s\r\n\r\na\r\n..\r\n..b\r\n.\r\nQUIT\r\n'
    with Server(tls=None) as server:
        result = speak(server, change(script), *options)
        mail = server.mail()
    check_equal(codes(result.out), '220 250 250 250 250 354 250 221'.split(), result.out)
    check('queued as TEST1' in result.out, result.out)
    check_equal(mail.sender, 'web@x.example', 'sender')
    check_equal(mail.recipients, ['root@admin.example', 'b@b.example'], 'recipients')
    head, _, body = mail.data.partition(b'\r\n\r\n')
    check_equal(body, b'a\r\n.\r\n.b\r\n', 'body')
    for name in (b'From: web@x.example', b'Date: ', b'Message-ID: <', b'Subject: s'):
        check(name in head, f'{name} is not in {head}')
    check(b'Received' not in head, 'a mail that is handed over here has come from nowhere')


@test
def two_messages_in_a_session_are_two_messages():
    script = 'EHLO x\r\nMAIL FROM:<web@x.example>\r\nRCPT TO:<b@b.example>\r\nDATA\r\n1\r\n.\r\n' \
        'MAIL FROM:<>\r\nRCPT TO:<c@b.example>\r\nDATA\r\n2\r\n.\r\nQUIT\r\n'
    with Server(tls=None) as server:
        result = speak(server, script)
        mails = [session.mails[0] for session in server.sessions]
    check_equal(codes(result.out), '220 250 250 250 354 250 250 250 354 250 221'.split(),
                result.out)
    check_equal([(m.sender, m.recipients) for m in mails],
                [('web@x.example', ['b@b.example']), ('', ['c@b.example'])], 'envelopes')


@cases(('in the message', 'DATA\r\nhalf of it\r\n'), ('in a chunk', 'BDAT 100 LAST\r\nhalf\r\n'),
       ('before the message', ''))
def what_breaks_off_sends_nothing(rest):
    with Server(tls=None) as server:
        speak(server, 'EHLO x\r\nMAIL FROM:<web@x.example>\r\nRCPT TO:<b@b.example>\r\n' + rest)
        check_equal([m for s in server.sessions for m in s.mails], [], 'mails')


@test
def wishes_for_notices_are_passed_on():
    heard = []

    def rcpt(session, _address):
        heard.append(session.commands[-1])
        return '250 ok'
    with Server(tls=None, rcpt=rcpt) as server:
        result = speak(server, 'EHLO x\r\nMAIL FROM:<a@x.example> BODY=8BITMIME SIZE=10 RET=HDRS\r\n'
                       'RCPT TO:<b@b.example> NOTIFY=SUCCESS\r\nDATA\r\nx\r\n.\r\nQUIT\r\n')
    check_equal(codes(result.out), '220 250 250 250 354 250 221'.split(), result.out)
    check('NOTIFY=SUCCESS' in heard[-1], heard)


@test
def each_recipient_hears_what_the_server_says_of_them():
    with Server(tls=None, rcpt=refuses) as server:
        result = speak(server, 'EHLO x\r\nMAIL FROM:<web@x.example>\r\nRCPT TO:<nobody@b.example>\r\n'
                       'RCPT TO:<b@b.example>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n')
        check_equal(server.mail().recipients, ['b@b.example'], 'recipients')
    check_equal(codes(result.out), '220 250 250 550 250 354 250 221'.split(), result.out)
    check('550 5.1.1 no such user' in result.out, result.out)


@cases(('refused for good', '554 5.7.1 spam', '554 5.7.1 spam'),
       ('put off', '451 4.3.0 later', '451 4.3.0 later'),
       ('the server is full', '452 4.3.1 full', '452 4.3.1 full'))
def a_message_that_is_not_taken_is_told_in_the_words_of_the_server(final, heard):
    with Server(tls=None, final=final) as server:
        result = speak(server, 'EHLO x\r\nMAIL FROM:<web@x.example>\r\nRCPT TO:<b@b.example>\r\n'
                       'DATA\r\nx\r\n.\r\nQUIT\r\n')
    check(heard in result.out, result.out)


@test
def a_server_that_cannot_be_reached_is_a_reason_to_try_later():
    conf = settings(host='127.0.0.1', port=1, tls=False, maildomain='admin.example')
    result = sendmail(conf, '-bs', stdin=b'EHLO x\r\nMAIL FROM:<a@x.example>\r\nQUIT\r\n')
    result.expect(0)
    check_equal(codes(result.out), '220 250 451 221'.split(), result.out)


@test
def local_names_get_the_addresses_that_they_stand_for():
    aliases = folder() / 'aliases'
    aliases.write_text('root: one@b.example, two@b.example\nnowhere: /dev/null\n')
    with Server(tls=None) as server:
        result = speak(server, 'EHLO x\r\nMAIL FROM:<web@x.example>\r\nRCPT TO:<root>\r\n'
                       'RCPT TO:<nowhere>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n', aliases=aliases)
        check_equal(server.mail().recipients, ['one@b.example', 'two@b.example'], 'recipients')
    check_equal(codes(result.out), '220 250 250 250 250 354 250 221'.split(), result.out)


@test
def who_is_refused_behind_an_alias_is_told_to_the_sender():
    aliases = folder() / 'aliases'
    aliases.write_text('staff: nobody@b.example, one@b.example\n')
    with Server(tls=None, rcpt=refuses) as server:
        result = speak(server, 'EHLO x\r\nMAIL FROM:<web@x.example>\r\nRCPT TO:<staff>\r\n'
                       'DATA\r\nx\r\n.\r\nQUIT\r\n', aliases=aliases)
        mails = [mail for session in server.sessions for mail in session.mails]
        check_equal([m.recipients for m in mails], [['one@b.example'], ['web@x.example']], 'mails')
        check(b'nobody@b.example' in mails[1].data, mails[1].data)
    check_equal(codes(result.out), '220 250 250 250 354 250 221'.split(), result.out)


ONE = 'EHLO x\r\nMAIL FROM:<web@x.example>\r\nRCPT TO:<b@b.example>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n'


@cases(('a larger mail', {'listen_size': 1000}, ONE.replace('x\r\n.', 'x' * 2000 + '\r\n.'),
        '220 250 250 250 354 552 221'),
       ('one recipient more', {'listen_recipients': 1},
        ONE.replace('DATA', 'RCPT TO:<c@b.example>\r\nDATA'), '220 250 250 250 452 354 250 221'),
       ('LMTP', {'listen_protocol': 'lmtp'}, ONE.replace('EHLO', 'LHLO'),
        '220 250 250 250 354 250 221'))
def settings_of_servers_hold(more, said, heard):
    with Server(tls=None) as server:
        check_equal(codes(speak(server, said, **more).out), heard.split(), 'replies')


@test
def hidden_copies_stay_hidden():
    with Server(tls=None) as server:
        speak(server, 'EHLO x\r\nMAIL FROM:<web@x.example>\r\nRCPT TO:<b@b.example>\r\nDATA\r\n'
              'Bcc: secret@b.example\r\nSubject: s\r\n\r\nx\r\n.\r\nQUIT\r\n')
        check(b'secret' not in server.mail().data, 'Bcc is to be seen')


@cases(('always', 'always', True), ('where the server is down', 'on_failure', False))
def a_mail_that_is_kept_is_on_disk_before_the_yes(policy, is_up):
    place = folder() / 'queue'
    with Server(tls=None) as server:
        result = speak(server, ONE, queue=policy, queue_dir=place,
                       **({} if is_up else {'source_ip': '203.0.113.7'}))
        check_equal([m for s in server.sessions for m in s.mails], [], 'sent at once')
    check_equal(codes(result.out), '220 250 250 250 354 250 221'.split(), result.out)
    kept = list((place / 'new').iterdir())
    check_equal(len(kept), 1, 'kept')
    check(kept[0].name in result.out, result.out)


@test
def a_queue_that_cannot_take_more_puts_the_client_off():
    place = folder() / 'queue'
    with Server(tls=None) as server:
        speak(server, 'QUIT\r\n')
        script = ONE.replace('x\r\n.', 'x' * 5000 + '\r\n.')
        result = sendmail(account(server, queue='always', queue_dir=place), '-bs',
                          stdin=script.encode(), prefix=['prlimit', '--fsize=1000'])
        result.expect(0)
    check_equal(codes(result.out), '220 250 250 250 354 452 221'.split(), result.out)
    check('452 4.3.1' in result.out, result.out)
    check_equal(list((place / 'new').iterdir()), [], 'kept')


@test
def recipients_go_by_their_routes():
    with Server(tls=None) as one, Server(tls=None) as other:
        conf = settings('lists', host='127.0.0.1', port=other.port, tls=False) + \
            account(one, route='list@b.example lists')
        result = sendmail(conf, '-bs', stdin=ONE.replace(
            'DATA', 'RCPT TO:<list@b.example>\r\nDATA').encode())
        result.expect(0)
        check_equal(one.mail().recipients, ['b@b.example'], 'one')
        check_equal(other.mail().recipients, ['list@b.example'], 'other')
    check_equal(codes(result.out), '220 250 250 250 250 354 250 221'.split(), result.out)


@test
def nobody_is_told_of_whom_the_sender_does_not_want_to_hear():
    with Server(tls=None) as one, Server(tls=None, final='554 5.6.0 no') as other:
        conf = settings('lists', host='127.0.0.1', port=other.port, tls=False) + \
            account(one, route='list@b.example lists')
        sendmail(conf, '-bs', stdin=ONE.replace('HELO', 'EHLO').replace(
            'DATA', 'RCPT TO:<list@b.example> NOTIFY=NEVER\r\nDATA').encode()).expect(0)
        check('RCPT TO:<list@b.example> NOTIFY=NEVER' in other.first().commands, 'it was tried')
        check_equal(one.mail().recipients, ['b@b.example'], 'all that was sent')


@test
def who_gets_nothing_of_a_mail_that_others_got_is_told_to_its_sender():
    with Server(tls=None) as one, Server(tls=None, final='554 5.6.0 no') as other:
        conf = settings('lists', host='127.0.0.1', port=other.port, tls=False) + \
            account(one, route='list@b.example lists')
        sendmail(conf, '-bs', stdin=ONE.replace(
            'DATA', 'RCPT TO:<list@b.example>\r\nDATA').encode()).expect(0)
        notice = next(m for s in one.sessions for m in s.mails if m.sender == '')
        check_equal(notice.recipients, ['web@x.example'], 'to whom')
        check(b'list@b.example' in notice.data, notice.data)


class Talk:
    """A program that waits for each reply, and looks at its code, as libraries do."""

    def __init__(self, server, *options):
        self.process = start_sendmail(account(server), *options)

    def heard(self, *wanted):
        """The next reply."""
        lines = []
        while not lines or lines[-1][3:4] == '-':
            line = next_line(self.process, self.process.stdout).decode()
            if not line:
                raise Failure(f'it said nothing more; before: {lines}')
            lines.append(line.rstrip('\r\n'))
        check(lines[-1][:3] in wanted, f'{lines}, and not one of {wanted}')
        return lines

    def say(self, text, *wanted):
        """A command, or the message."""
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()
        return self.heard(*wanted)

    def close(self):
        """The end of input, without a QUIT."""
        return finish(self.process)


MESSAGE = HEADER + '\r\nGrüße\r\n..\r\n.\r\n'

# What programs say, as they have it in their sources; each waits for the reply to each line.
PROGRAMS = {
    'Symfony Mailer 5': [('HELO [127.0.0.1]\r\n', '250'), ('MAIL FROM:<web@x.example>\r\n', '250'),
                         ('RCPT TO:<b@b.example>\r\n', '250'), ('DATA\r\n', '354'),
                         (MESSAGE, '250')],
    'Symfony Mailer 6 and 7, which keeps it for more': [
        ('EHLO [127.0.0.1]\r\n', '250'), ('MAIL FROM:<web@x.example>\r\n', '250'),
        ('RCPT TO:<b@b.example>\r\n', '250'), ('DATA\r\n', '354'), (MESSAGE, '250'),
        ('NOOP\r\n', '250'), ('MAIL FROM:<web@x.example>\r\n', '250'), ('RSET\r\n', '250')],
    'Alpine': [('EHLO localhost\r\n', '250'), ('RSET\r\n', '250'),
               ('MAIL FROM:<web@x.example> BODY=8BITMIME\r\n', '250'),
               ('RCPT TO:<b@b.example>\r\n', '250'), ('DATA\r\n', '354'), (MESSAGE, '250'),
               ('QUIT\r\n', '221')],
    'nmh': [('EHLO host\r\n', '250'), ('MAIL FROM:<web@x.example>\r\n', '250'),
            ('RCPT TO:<b@b.example>\r\n', '250'), ('NOOP\r\n', '250'), ('DATA\r\n', '354'),
            (MESSAGE, '250'), ('QUIT\r\n', '221')],
    'LF alone': [('ehlo localhost\n', '250'), ('mail from:<web@x.example>\n', '250'),
                 ('rcpt to:<b@b.example>\n', '250'), ('data\n', '354'),
                 (MESSAGE.replace('\r', ''), '250'), ('quit\n', '221')],
}


# What they call it with; Laravel's transport is Symfony Mailer's.
OPTIONS = {'Alpine': ('-odb', '-oem'), 'nmh': ('-odb', '-oem', '-om', '-ov'),
           'Symfony Mailer 6 and 7, which keeps it for more': ('-i',)}


@cases(*((name, name) for name in PROGRAMS))
def the_dialogue_of_a_program_works(name):
    with Server(tls=None) as server:
        talk = Talk(server, '-bs', *OPTIONS.get(name, ()))
        talk.heard('220')
        for line, code in PROGRAMS[name]:
            talk.say(line, code)
        talk.close().expect(0)
        mail = next(mail for session in server.sessions for mail in session.mails)
    check_equal(mail.recipients, ['b@b.example'], 'recipients')
    check(mail.data.endswith('\r\n\r\nGrüße\r\n.\r\n'.encode()), mail.data)


SYMFONY = '''<?php
require "/usr/share/php/Symfony/Component/Mailer/autoload.php";
$transport = Symfony\\Component\\Mailer\\Transport::fromDsn("sendmail://default?command=" .
    urlencode($argv[1] . " -bs"));
$mail = (new Symfony\\Component\\Mime\\Email())->from("web@x.example")->to("b@b.example")
    ->bcc("c@b.example")->subject("Grüße")->text("Grüße\\n.\\n..\\nthe end\\n");
try { $transport->send($mail); } catch (Exception $e) { fwrite(STDERR, $e); exit(9); }
'''


@cases(('taken', '250 2.0.0 ok', 0), ('refused', '554 5.7.1 spam', 9))
def symfony_mailer_hears_what_became_of_its_mail(final, status):
    need('php', 'php-cli')
    need('/usr/share/php/Symfony/Component/Mailer/autoload.php', 'php-symfony-mailer')
    script = folder() / 'send.php'
    script.write_text(SYMFONY)
    with Server(tls=None, final=final) as server:
        home = folder('home')
        (home / '.msmtprc').write_text(account(server))
        (home / '.msmtprc').chmod(0o600)
        done = subprocess.run(['php', script, named('sendmail')], env=environment(HOME=home),
                              capture_output=True, timeout=60, check=False)
        check_equal(done.returncode, status, done.stderr.decode())
        if status == 0:
            mail = server.mail()
            check_equal(mail.recipients, ['b@b.example', 'c@b.example'], 'recipients')
            check(b'c@b.example' not in mail.data, 'Bcc is to be seen')


@test
def nmh_posts_a_mail_and_its_hidden_copy():
    need('/usr/lib/mh/post', 'nmh')
    home = folder('home')
    (home / 'mts.conf').write_text(f'mts: sendmail/smtp\nsendmail: {named("sendmail")}\n'
                                   'localname: lab.example\n')
    (home / '.mh_profile').write_text('Path: Mail\n')
    (home / 'Mail').mkdir()
    (home / 'draft').write_text('From: a@lab.example\nTo: b@b.example, root\nBcc: c@b.example\n'
                                'Subject: s\n\nhello\n.\n..\nthe end\n')
    with Server(tls=None) as server:
        (home / '.msmtprc').write_text(account(server))
        (home / '.msmtprc').chmod(0o600)
        done = subprocess.run(['/usr/lib/mh/post', home / 'draft'], capture_output=True, timeout=60,
                              env=environment(HOME=home, MHMTSCONF=home / 'mts.conf'), check=False)
        check_equal(done.returncode, 0, done.stdout.decode() + done.stderr.decode())
        mails = [mail for session in server.sessions for mail in session.mails]
    check_equal([mail.recipients for mail in mails],
                [['root@admin.example', 'b@b.example'], ['c@b.example']], 'recipients')
    check(mails[0].data.endswith(b'\r\n\r\nhello\r\n.\r\n..\r\nthe end\r\n'), mails[0].data)
    check(b'c@b.example' not in mails[0].data, 'Bcc is to be seen')


main()
