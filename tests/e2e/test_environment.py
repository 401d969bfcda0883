#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_environment.py - settings that a container gets by its environment"""
from harness import (cases, check, check_equal, environment, folder, mailchute, main, test)
from hostile import PASSWORD, Server
from mail import SIMPLE, check_arrived

ONE = 'one@lab.example'


def variables(**values):
    """MAILCHUTE_X for each of these settings."""
    words = {True: 'on', False: 'off'}
    return {f'MAILCHUTE_{name.upper()}': words.get(value, value) if isinstance(value, bool) else value
            for name, value in values.items() if value is not None}


def of_server(server, **more):
    """All that an account of this server needs, as variables."""
    return variables(**server.settings(**{'auth': 'plain', 'user': 'ops', 'password': PASSWORD,
                                          **more}))


def home_with(text=None, **extra):
    """An environment whose home holds this .msmtprc, or nothing."""
    home = folder('home')
    if text is not None:
        (home / '.msmtprc').write_text(text)
        (home / '.msmtprc').chmod(0o600)
    return environment(HOME=home, **extra)


def send(env, *args, **options):
    """One mail, with the settings that are found."""
    return mailchute(None, *args, ONE, stdin=SIMPLE, env=env, **options)


@test
def a_container_needs_no_file():
    with Server() as server:
        result = send(home_with(**of_server(server)), '-v').expect(0, hides=[PASSWORD])
        check_equal(result.err, '', 'words')
        check_arrived(server.mail(), SIMPLE)


@test
def a_secret_may_be_in_a_file():
    with Server() as server:
        path = folder() / 'smtp'
        path.write_text(PASSWORD + '\n')
        path.chmod(0o400)
        send(home_with(**of_server(server, password=None, password_file=path))).expect(0)
        check(server.first().signed_in, 'not signed in')


@test
def with_a_host_no_file_is_read():
    with Server() as server:
        send(home_with('this is no setting\n', **of_server(server))).expect(0)
        server.mail()


@test
def with_a_host_nothing_of_another_server_is_used():
    """Least of all its password."""
    with Server() as right, Server() as wrong:
        conf = wrong.account(**{'from': 'wrong@lab.example'})
        env = home_with(conf, **of_server(right, password=None))
        send(env).expect(69, 'NO_PASSWORD')
        check_equal(len(right.sessions) + len(wrong.sessions), 0, 'connections')


@test
def without_a_host_it_lies_over_the_account_of_the_files():
    with Server() as server:
        conf = server.account(user='nobody', passwordeval='echo wr0ng', password=None,
                              **{'from': 'file@lab.example'})
        env = home_with(conf, **variables(user='ops', password=PASSWORD))
        send(env).expect(0)
        check_equal(server.mail().sender, 'file@lab.example', 'sender')
        check(server.first().signed_in, 'not signed in')


@cases(('an account', ['-a', 'work'], 'work@lab.example'), ('a file', ['-C'], 'file@lab.example'))
def the_environment_does_not_count_for_who_names(args, sender):
    with Server() as right, Server() as wrong:
        conf = right.account(account='work', **{'from': 'work@lab.example'}) + \
            right.account(**{'from': 'file@lab.example'})
        env = home_with(conf, **of_server(wrong, **{'from': 'wrong@lab.example'}))
        if args == ['-C']:
            args = ['-C', env['HOME'] + '/.msmtprc']
        send(env, *args).expect(0)
        check_equal(right.mail().sender, sender, 'sender')
        check_equal(len(wrong.sessions), 0, 'connections to the server in the environment')


@test
def the_command_line_wins_over_it():
    with Server() as server:
        env = home_with(**of_server(server, port=1, user='nobody'))
        send(env, f'--port={server.port}', '--user=ops', '-f', 'me@lab.example').expect(0)
        check_equal(server.mail().sender, 'me@lab.example', 'sender')


@test
def it_is_not_mixed_with_a_host_of_the_command_line():
    with Server() as right, Server() as wrong:
        values = right.settings()
        send(home_with(**of_server(wrong)), '--host=localhost', f'--port={right.port}', '--tls=on',
             f"--tls-trust-file={values['tls_trust_file']}", '-f', 'me@lab.example').expect(0)
        check_equal(right.mail().sender, 'me@lab.example', 'sender')
        check_equal(right.first().signed_in, False, 'sign-in')
        check_equal(len(wrong.sessions), 0, 'connections to the server in the environment')


@test
def an_empty_variable_is_none():
    with Server() as server:
        conf = server.account()
        send(home_with(conf, **{name: '' for name in of_server(server)})).expect(0)
        check(server.first().signed_in, 'not signed in')


@test
def settings_are_shown_with_their_variables():
    env = home_with(**variables(host='mx.lab.example', port='2525', password=PASSWORD, user='ops'))
    mailchute(None, '-P', env=env).expect(0, hides=[PASSWORD], out=[
        '^using account specified in environment$',
        '^# environment MAILCHUTE_HOST\nhost = mx.lab.example$',
        '^# environment MAILCHUTE_PORT\nport = 2525$',
        r'^# environment MAILCHUTE_PASSWORD\npassword = \*$'])


@test
def an_unknown_variable_is_told_and_stops_nothing():
    with Server() as server:
        send(home_with(**of_server(server), MAILCHUTE_PASWORD='x')).expect(
            0, 'warning: MAILCHUTE_PASWORD in the environment is no setting; '
               r'did you mean MAILCHUTE_PASSWORD\?')
        server.mail()


@test
def an_unknown_variable_is_told_where_there_is_no_account_either():
    send(home_with(MAILCHUTE_HOTS='localhost')).expect(
        78, r'did you mean MAILCHUTE_HOST\?', r'\[NO_CONFIG\]')


@cases(('port', {'port': '70000'}, 'MAILCHUTE_PORT'), ('switch', {'tls': 'onn'}, 'MAILCHUTE_TLS'),
       ('line end', {'from': 'a@b\nRCPT TO:<c@d>'}, 'MAILCHUTE_FROM'))
def a_wrong_value_ends_with_78(values, words):
    with Server() as server:
        send(home_with(**{**of_server(server), **variables(**values)})).expect(
            78, r'\[CONFIG\]', f'environment {words}: ')
        check_equal(len(server.sessions), 0, 'connections')


@test
def a_refused_password_is_told_with_its_variable():
    with Server() as server:
        send(home_with(**of_server(server, password='wr0ng'))).expect(
            77, r'came from password \(environment MAILCHUTE_PASSWORD\)', hides=['wr0ng'])


if __name__ == '__main__':
    main()
