#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_settings.py - which account and which value is used, where a password comes from, what is
shown

Who received what tells which account was used: each account here has a sender or a server of its
own.
"""
import base64
import os
import re

from harness import (cases, check, check_equal, environment, finish, folder, mailchute, main,
                     settings, settings_file, start, test, wait_until, waits_for_input)
from hostile import PASSWORD, Server
from mail import HEADER, SIMPLE, check_arrived

ONE = 'one@lab.example'


def sender_of(server, conf, *args, **options):
    """Send one mail; the sender that the server heard."""
    mailchute(conf, *args, ONE, stdin=SIMPLE, **options).expect(0)
    return server.sessions[-1].sender


# --- accounts -----------------------------------------------------------------------------------

@cases(
    ('no option', [], 'default@lab.example'),
    ('-a', ['-a', 'work'], 'work@lab.example'),
    ('--account=', ['--account=home'], 'home@lab.example'),
    ('the last -a', ['-a', 'work', '-a', 'home'], 'home@lab.example'),
    ('-f of an account', ['-f', 'work@lab.example'], 'work@lab.example'),
    ('-f of none', ['-f', 'else@lab.example'], 'else@lab.example'),
)
def the_account_is_chosen_by(args, sender):
    with Server() as server:
        conf = ''.join(server.account(account=name, **{'from': f'{name}@lab.example'})
                       for name in ('work', 'home', 'default'))
        check_equal(sender_of(server, conf, *args), sender, 'sender')


@test
def an_account_inherits_and_changes():
    with Server() as server:
        conf = 'defaults\ntimeout 20\n' + server.account(account='base') + \
            'account child : base\nfrom child@lab.example\nuser nobody\n' + \
            'account grandchild : child\nuser ops\n'
        mailchute(conf, '-a', 'child', ONE, stdin=SIMPLE).expect(77)
        check_equal(sender_of(server, conf, '-a', 'grandchild'), 'child@lab.example', 'sender')
        check_equal(sender_of(server, conf, '-a', 'base'), 'sender@lab.example', 'sender')


@test
def defaults_hold_for_the_accounts_after_them():
    with Server() as server:
        values = server.settings(auth='plain', user='ops', password=PASSWORD, host=None)
        conf = settings(**values).replace('account default', 'defaults') + \
            'account default\nhost localhost\n'
        check_equal(sender_of(server, conf), 'sender@lab.example', 'sender')


@test
def an_account_that_is_not_there_ends_with_78_and_guesses():
    with Server() as server:
        mailchute(server.account(account='work'), '-a', 'wrok', ONE, stdin=SIMPLE).expect(
            78, 'wrok', 'did you mean "work"', hides=[PASSWORD])
        check_equal(len(server.sessions), 0, 'connections')


@test
def the_command_line_wins_over_the_file():
    with Server() as right, Server() as wrong:
        conf = wrong.account(user='nobody', **{'from': 'wrong@lab.example'})
        mailchute(conf, f'--port={right.port}', '--user=ops', '-f', 'right@lab.example',
                  '--domain=here.lab.example', ONE, stdin=SIMPLE).expect(0)
        check_equal(right.mail().sender, 'right@lab.example', 'sender')
        check('EHLO here.lab.example' in right.first().commands, f'{right.first().commands}')
        check_equal(len(wrong.sessions), 0, 'connections to the server in the file')


@test
def with_host_no_file_is_read():
    with Server() as server:
        values = server.settings()
        mailchute(None, '--host=localhost', f'--port={server.port}', '--tls=on',
                  f"--tls-trust-file={values['tls_trust_file']}", '--auth=plain', '--user=ops',
                  f'--passwordeval=echo {PASSWORD}', '-f', 'me@lab.example', ONE,
                  stdin=SIMPLE, env=with_file('.msmtprc', b'this is no setting\n')).expect(0)
        check_equal(server.mail().sender, 'me@lab.example', 'sender')


def with_file(name, text):
    """An environment whose home holds this file, and nothing else."""
    home = folder('home')
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    path.chmod(0o600)
    return environment(HOME=home)


@cases(('.msmtprc', '.msmtprc'), ('mailchute/config', '.config/mailchute/config'),
       ('msmtp/config', '.config/msmtp/config'))
def settings_are_found_at_home_in(name):
    with Server() as server:
        env = with_file(name, server.account().encode())
        check_equal(sender_of(server, None, env=env), 'sender@lab.example', 'sender')


@test
def settings_may_have_crlf_comments_quotes_and_tabs():
    with Server() as server:
        conf = server.account(**{'from': '"quoted@lab.example"'})
        conf = '# a comment\n\n  # another\n' + conf.replace(' ', '\t', 1).replace('\n', ' \r\n')
        check_equal(sender_of(server, conf), 'quoted@lab.example', 'sender')


# --- passwords ----------------------------------------------------------------------------------

@test
def the_password_command_does_not_get_the_message():
    """Its standard input is empty: `cat` ends at once, and the mail arrives whole."""
    text = HEADER + b'\n' + b'a line that is no password\n' * 10_000
    with Server() as server:
        conf = server.account(password=None, passwordeval=f'cat; echo {PASSWORD}')
        mailchute(conf, ONE, stdin=text).expect(0, hides=[PASSWORD])
        check_arrived(server.mail(), text)


@test
def the_password_command_reads_from_dev_null():
    with Server() as server:
        command = f'test "$(readlink /proc/self/fd/0)" = /dev/null && echo {PASSWORD}'
        mailchute(server.account(password=None, passwordeval=command), ONE,
                  stdin=SIMPLE).expect(0, hides=[PASSWORD])
        check_arrived(server.mail(), SIMPLE)


@test
def only_the_first_line_of_the_password_command_counts():
    with Server() as server:
        conf = server.account(password=None, passwordeval=f'printf "{PASSWORD}\\r\\nx\\n"')
        mailchute(conf, ONE, stdin=SIMPLE).expect(0, hides=[PASSWORD])
        check_arrived(server.mail(), SIMPLE)


@cases(
    ('fails with words', 'echo "the keyring is locked" >&2; exit 3', [r'keyring is locked', '3']),
    ('fails after a password', 'printf sw0rd; echo fish; exit 1', ['1']),
    ('prints nothing', 'true', ['no password']),
    ('prints an empty line', 'echo', ['no password']),
    ('is not there', '/no/such/command', [r'/no/such/command']),
    ('is killed', 'kill -9 $$', ['9|kill']),
)
def a_password_command_that(command, says):
    with Server() as server:
        conf = server.account(password=None, passwordeval=command)
        mailchute(conf, ONE, stdin=SIMPLE).expect(78, r'\[PASSWORD\]', *says, hides=[PASSWORD])
        server.nothing_arrived()


@test
def a_password_may_hold_any_sign():
    for password in (' leading', 'a#b', '"', '""quoted""', '\\n$(id)`id`', '%s%n', 'x' * 300):
        with Server(password=password) as server:
            mailchute(server.account(password=f'"{password}"'), ONE, stdin=SIMPLE).expect(0)
            check(server.first().signed_in, f'{password!r} was changed')


@test
def the_password_is_in_no_core():
    with Server() as server:
        process = start(server.account(), ONE)
        wait_until(lambda: waits_for_input(process), 'it reads the mail')
        proc = f'/proc/{process.pid}'
        with open(f'{proc}/limits', encoding='ascii') as limits:
            check(re.search(r'^Max core file size +0 +0 ', limits.read(), re.M), 'there is a limit')
        with open(f'{proc}/coredump_filter', encoding='ascii') as chosen:
            check_equal(int(chosen.read(), 16), 0, 'the kinds of memory in a core')
        finish(process, SIMPLE).expect(0)


@test
def the_password_is_in_no_argument_and_no_environment_of_a_process():
    seen = []

    def auth(session, *_):
        for pid in filter(str.isdigit, os.listdir('/proc')):
            for name in ('cmdline', 'environ'):
                try:
                    with open(f'/proc/{pid}/{name}', 'rb') as file:
                        seen.append((pid, name, b'Passw0rdInProc' in file.read()))
                except OSError:
                    pass
        return session.judged(True)
    with Server(auth=auth) as server:
        conf = server.account(password='Passw0rdInProc')
        mailchute(conf, ONE, stdin=SIMPLE).expect(0, hides=['Passw0rdInProc'])
        check(seen, 'nothing was looked at')
        check_equal([entry for entry in seen if entry[2]], [], 'where the password stands')


# --- what is shown ------------------------------------------------------------------------------

@cases(('-P', '-P'), ('--pretend', '--pretend'), ('--print-config', '--print-config'))
def settings_are_shown_without_secrets(option):
    with Server() as server:
        conf = server.account(account='work', timeout=17)
        mailchute(conf, '-a', 'work', option, ONE, stdin=SIMPLE).expect(
            0, hides=[PASSWORD],
            out=[r'^host\s*=\s*localhost', rf'^port\s*=\s*{server.port}', r'^timeout\s*=\s*17',
                 r'^user\s*=\s*ops', r'^password\s*=\s*\*', r'^tls\s*=\s*on',
                 r'^from\s*=\s*sender@lab\.example'])
        check_equal(len(server.sessions), 0, 'connections')


@test
def shown_settings_hold_nothing_that_a_terminal_would_obey():
    """U+009B is as good as ESC and [ to some."""
    result = mailchute(None, '--host=h.example', '--from=a\x9b31m@x', '-P', stdin=b'').expect(0)
    check('\x9b' not in result.out and '31m@x' in result.out, result.text())


@test
def shown_settings_include_what_the_command_line_changed():
    with Server() as server:
        mailchute(server.account(), '-P', '--timeout=9', '--tls-certcheck=off', ONE,
                  stdin=SIMPLE).expect(0, out=[r'^timeout\s*=\s*9', r'^tls_certcheck\s*=\s*off'])


@cases(('-v', '-v'), ('-d', '-d'), ('--debug', '--debug'))
def the_dialogue_is_shown_without_secrets(option):
    """Neither as it is nor in base64, for each way a password travels."""
    hidden = [PASSWORD, base64.b64encode(PASSWORD.encode()).decode().rstrip('='),
              base64.b64encode(b'\0ops\0' + PASSWORD.encode()).decode()]
    for method in ('plain', 'login'):
        with Server() as server:
            mailchute(server.account(auth=method), option, ONE, stdin=SIMPLE).expect(
                0, hides=hidden, out=[r'^--> EHLO ', r'^<-- 250', r'^--> AUTH ', r'^--> MAIL FROM:'])


@test
def success_is_silent():
    with Server() as server:
        result = mailchute(server.account(), ONE, stdin=SIMPLE).expect(0)
        check_equal((result.out, result.err), ('', ''), 'output')


@test
def the_log_can_go_to_standard_output():
    with Server(final='250 2.0.0 queued as ABC123') as server:
        mailchute(server.account(), '--logfile=-', ONE, stdin=SIMPLE).expect(
            0, hides=[PASSWORD],
            out=[r'host=localhost tls=on auth=on user=ops from=sender@lab\.example '
                 r'recipients=one@lab\.example .*smtpstatus=250.*ABC123.*exitcode=EX_OK'])


@test
def a_line_end_from_a_server_makes_no_line_in_the_log():
    log = folder() / 'log'
    with Server(received=lambda s, m: '554-5.7.1 one\r\n554 5.7.1 two \x1b[31m') as server:
        mailchute(server.account(logfile=log), ONE, stdin=SIMPLE).expect(69)
    lines = log.read_bytes().split(b'\n')
    check_equal(len(lines), 2, f'lines in {lines}')
    check(b'\x1b' not in lines[0] and b'EX_UNAVAILABLE' in lines[0], f'{lines[0]!r}')


@test
def help_and_version_need_nothing():
    mailchute(None, '--version').expect(0, out=['mailchute'])
    mailchute(None, '--help').expect(0, out=['--host', '--account|-a'])


@test
def a_log_that_nobody_reads_holds_nobody_up():
    pipe = folder('log') / 'pipe'
    os.mkfifo(pipe)
    with Server() as server:
        mailchute(server.account(logfile=pipe), ONE, stdin=SIMPLE, limit=20).expect(0, 'cannot log')
        server.mail()


@test
def settings_may_come_through_a_pipe():
    pipe, text = folder('conf') / 'pipe', folder('conf') / 'mail'
    os.mkfifo(pipe)
    text.write_bytes(SIMPLE)
    with Server() as server, text.open() as stdin:
        process = start(pipe, ONE, stdin=stdin)
        pipe.write_text(server.account())
        finish(process).expect(0)
        server.mail()


# --- mistakes -----------------------------------------------------------------------------------

@cases(
    ('a comment behind a value', 78, 'host localhost # here', ['a comment needs a line of its own'],
     'host localhost'),
    ('single quotes', 78, "host 'localhost'", ['single quotes are a part of it'], 'host localhost'),
    ('an equals sign', 78, 'host = localhost', ['no = belongs before a value'], 'host localhost'),
    ('the word of another program', 78, 'mailhub=localhost',
     ['unknown command mailhub; did you mean "host"'], 'host localhost'),
    ('a sender that is none', 65, 'from joe smith@lab.example',
     ['"joe smith@lab.example" is not a mail address'], 'from me@example.org'),
    ('a comment behind a sender', 65, 'from joe@lab.example # me',
     ['a comment needs a line of its own', 'is not a mail address'], 'from joe@lab.example'),
)
def a_mistake_is_told_with_its_place_and_the_line_to_write(status, line, says, fix):
    with Server() as server:
        conf = settings_file(server.account() + line + '\n')
        number = conf.read_text().count('\n')
        mailchute(conf, ONE, stdin=SIMPLE).expect(
            status, f'{conf}:{number}: ', *says, f'  fix:  in place of that line, write:\n{fix}\n',
            hides=[PASSWORD])
        check_equal(len(server.sessions), 0, 'connections')


@test
def an_account_without_a_sender_is_told_with_its_file_and_a_line():
    with Server() as server:
        conf = settings_file(server.account(**{'from': None}))
        mailchute(conf, ONE, stdin=SIMPLE).expect(
            78, f'account default from {conf}: the sender\'s address is missing',
            'fix:  in that account, .*such as:\nfrom .+@')


@test
def a_missing_file_of_authorities_is_told_with_the_one_of_the_system():
    with Server() as server:
        conf = settings_file(server.account(tls=True, tls_trust_file='/no/ca.pem'))
        mailchute(conf, ONE, stdin=SIMPLE).expect(
            66, 'tls_trust_file /no/ca.pem: no such file', rf'fix:  {conf}:\d+  .*write:\ntls_trust_file system\n')


@test
def a_doubtful_value_is_warned_of_and_the_mail_goes_all_the_same():
    with Server() as server:
        log = folder() / 'log # mine'
        conf = settings_file(server.account(logfile=log))
        mailchute(conf, ONE, stdin=SIMPLE).expect(
            0, r'warning: .*msmtprc:\d+: logfile .*a comment needs a line', rf'logfile {log.parent}/log\n')
        check_arrived(server.mail(), SIMPLE)
        check_equal(mailchute(conf, ONE, stdin=SIMPLE).expect(0).err, '', 'words, now that it is there')


if __name__ == '__main__':
    main()
