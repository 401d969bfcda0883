#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_submit.py - who has no account hands mail to a service of the machine, over a socket"""
import contextlib
import os
import socket
import subprocess
from pathlib import Path

from harness import (Skip, cases, check, check_equal, command, environment, folder, mailchute,
                     main, need, need_root, public_binary, sanitized, sendmail, settings,
                     settings_file, test, wait_until)
from hostile import Server
from served import daemon
from spool import entries

MAIL = b'Subject: s\n\nx\n'
UNITS = Path(os.environ.get('srcdir', '.')) / 'conf' / 'systemd'


@cases(
    ('a user', None, ()),
    ('a user without an entry in the user database', 123456, ()),
    ('one who can get no privileges', 123456, ('setpriv', '--no-new-privs', '--')),
    ('one without a home', 65534, ('env', '-u', 'HOME')),
)
def it_sends_for(uid, prefix):
    if uid is not None:
        need_root()
    path = folder() / 'submit.sock'
    with Server(tls=None) as server, daemon(server, listen=f'unix:{path}'):
        sendmail(None, '-i', 'b@x.example', stdin=MAIL, uid=uid, prefix=prefix,
                 env={'MAILCHUTE_SOCKET': path}).expect(0)
        mail = server.mail()
        check_equal(mail.recipients, ['b@x.example'], 'recipients')
        check(f'(uid {os.getuid() if uid is None else uid})'.encode() in mail.data, mail.data)


def shut_in(script, *args):
    """A prefix: what follows runs in mounts of its own, which the script has made."""
    need_root()
    need('unshare', 'util-linux')
    if subprocess.run(['unshare', '-m', 'true'], capture_output=True, check=False).returncode:
        raise Skip('no mounts of one\'s own')
    return ('unshare', '-m', 'sh', '-ec', script, 'sh', *map(str, args))


# What systemd does for DynamicUser=yes and ProtectSystem=strict.
DYNAMIC_USER = 'setpriv --reuid 61234 --regid 61234 --clear-groups --bounding-set=-all ' \
    '--no-new-privs --'
READ_ONLY = f"""
    mount -o remount,bind,ro /
    ! touch /mailchute-was-here 2>/dev/null
    exec {DYNAMIC_USER} "$@" """

# A root of its own, and of the machine's files only the program and the socket.
CONTAINER = f"""
    root=$1 program=$2 socket=$3; shift 4
    mount -t tmpfs none "$root"
    for name in usr bin lib lib64; do
        [ -d "/$name" ] || continue
        mkdir "$root/$name"
        mount --bind "/$name" "$root/$name"
    done
    mkdir -p "$root/run/mailchute" "$root/etc"
    touch "$root/sendmail" "$root/run/mailchute/submit.sock"
    mount --bind "$program" "$root/sendmail"
    mount --bind "$socket" "$root/run/mailchute/submit.sock"
    exec unshare -n chroot "$root" {DYNAMIC_USER} /sendmail "$@" """


def check_sent(path, prefix, env):
    """A user of systemd's making sends a mail, and the service knows who it was."""
    with Server(tls=None) as server, daemon(server, listen=f'unix:{path}'):
        sendmail(None, '-i', 'b@x.example', stdin=MAIL, prefix=prefix, env=env).expect(0)
        mail = server.mail()
    check_equal(mail.recipients, ['b@x.example'], 'recipients')
    check(b'(uid 61234)' in mail.data, mail.data)


@test
def it_sends_for_a_dynamic_user_who_may_write_nowhere():
    path = folder() / 'submit.sock'
    check_sent(path, shut_in(READ_ONLY), {'MAILCHUTE_SOCKET': path})


@test
def it_sends_for_a_container_into_which_only_the_socket_is_mounted():
    if sanitized():
        raise Skip('a sanitizer looks into /proc, which is not there')
    path = folder() / 'submit.sock'
    check_sent(path, shut_in(CONTAINER, folder('root'), public_binary(), path), {})


@test
def root_of_a_container_that_is_a_user_outside_is_that_user():
    need_root()
    prefix = ('unshare', '--user', '--map-root-user')
    if subprocess.run(['setpriv', '--reuid', '123456', '--clear-groups', *prefix, 'true'],
                      capture_output=True, check=False).returncode:
        raise Skip('users can make no namespaces')
    path = folder() / 'submit.sock'
    with Server(tls=None) as server, daemon(server, listen=f'unix:{path}'):
        for sender, status in (('root@lab.example', 65), ('shop@lab.example', 0)):
            sendmail(None, '-i', '-f', sender, 'b@x.example', stdin=MAIL, uid=123456,
                     prefix=prefix, env={'MAILCHUTE_SOCKET': path}).expect(status)
        check(b'(uid 123456)' in server.mail().data, server.mail().data)


# The service, as its unit has it: a user of systemd's, who may write into its state alone, with a
# socket that was opened before.
SERVICE = f"""
    state=$1 socket=$2; shift 2
    mount --bind "$state" "$state"
    mount -o remount,bind,ro /
    ! touch /mailchute-was-here 2>/dev/null
    exec 3<&"$socket"
    export LISTEN_FDS=1 LISTEN_PID=$$
    exec {DYNAMIC_USER} "$@" """


@test
def the_service_itself_needs_no_more_than_its_state():
    state = folder('lib') / 'mailchute'
    state.mkdir(0o700)
    path = folder() / 'submit.sock'
    conf = settings_file(settings(host='127.0.0.1', port=1, tls=False, queue='always',
                                  maildomain='lab.example', listen_mails_hour=1), owner=61234)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        path.chmod(0o666)
        argv = command(None, prefix=shut_in(SERVICE, state, listener.fileno()))
        argv[-1:] = [public_binary(), '-C', str(conf), '-bd']
        os.chown(state, 61234, 61234)
        with subprocess.Popen(argv, pass_fds=[listener.fileno()], stdout=subprocess.PIPE,
                              env=environment(STATE_DIRECTORY=state,
                                              XDG_STATE_HOME=state.parent)) as service:
            try:
                for status in (0, 75):
                    sendmail(None, '-i', 'b@x.example', stdin=MAIL, uid=123456,
                             env={'MAILCHUTE_SOCKET': path}).expect(status)
                service.terminate()
                check_equal(service.wait(60), 0, 'status')
            finally:
                service.kill()
    check_equal([e.values('submitter') for e in entries(state / 'queue')], [['uid 123456']], 'queue')
    check_equal(sorted(p.name for p in state.iterdir()), ['queue', 'usage'], 'state')


@test
def a_user_who_has_all_its_connections_does_not_keep_others_out():
    need_root()
    path = folder() / 'submit.sock'
    with Server(tls=None) as server, \
            daemon(server, listen=f'unix:{path}', listen_connections_each=1), \
            socket.socket(socket.AF_UNIX) as first, socket.socket(socket.AF_UNIX) as second:
        said = []
        for one in (first, second):
            one.settimeout(20)
            one.connect(str(path))
            said.append(one.recv(4))
        check_equal(said, [b'220 ', b'421 '], 'two of one user')
        sendmail(None, '-i', 'b@x.example', stdin=MAIL, uid=123456,
                 env={'MAILCHUTE_SOCKET': path}).expect(0)
        check_equal(server.mail().recipients, ['b@x.example'], 'recipients')


def greeted(stack, family, place):
    """How a connection begins, which lasts."""
    one = stack.enter_context(socket.socket(family))
    one.settimeout(20)
    one.connect(place)
    return one.recv(4)


@test
def by_default_who_comes_by_tcp_or_is_one_user_leaves_others_their_connections():
    path = folder() / 'submit.sock'
    with Server(tls=None) as server, contextlib.ExitStack() as stack, \
            daemon(server, listen=f'unix:{path},127.0.0.1:0', listen_connections=8) as service:
        port = int(service.places[1].rpartition(':')[2])
        said = [greeted(stack, socket.AF_UNIX, str(path)) for _ in range(3)]
        check_equal(said, [b'220 '] * 2 + [b'421 '], 'a user')
        stack.pop_all().close()
        wait_until(lambda: not service.children(), 'all to be gone')
        said = [greeted(stack, socket.AF_INET, ('127.0.0.1', port)) for _ in range(7)]
        check_equal(said, [b'220 '] * 6 + [b'421 '], 'by TCP')
        check_equal(greeted(stack, socket.AF_UNIX, str(path)), b'220 ', 'a user then')


@test
def who_names_no_sender_is_one_by_the_login_name():
    path = folder() / 'submit.sock'
    with Server(tls=None) as server, daemon(server, listen=f'unix:{path}'):
        mailchute(None, 'b@x.example', stdin=MAIL, env=environment(MAILCHUTE_SOCKET=path)) \
            .expect(0)
        check_equal(server.mail().recipients, ['b@x.example'], 'recipients')


@test
def a_check_shows_which_way_the_account_was_found():
    path = folder() / 'submit.sock'
    with Server(tls=None) as server, daemon(server, listen=f'unix:{path}'):
        for conf, chosen in ((None, 'the service of this machine'),
                             (server.account(), 'the default account')):
            mailchute(conf, '--check', env=environment(MAILCHUTE_SOCKET=path)).expect(
                {0, 75}, out=[rf'^chosen as .*: --host, .* \[{chosen}\]'])


@test
def the_socket_that_is_given_counts_before_the_accounts_of_files():
    path, home = folder() / 'submit.sock', folder('home')
    with Server(tls=None) as server, daemon(server, listen=f'unix:{path}'):
        (home / '.msmtprc').write_text(settings(host='127.0.0.1', port=1, tls=True))
        mailchute(None, '-f', 'a@lab.example', 'b@x.example', stdin=MAIL,
                  env=environment(HOME=home, MAILCHUTE_SOCKET=path)).expect(0)
        check_equal(server.mail().recipients, ['b@x.example'], 'recipients')


@cases(
    ('that there is none', None, 'no sender was given', 'there is no file'),
    ('that the sender has none', 'a@lab.example', 'none that can be read has it',
     'there is no file'),
    ('that it can not be read', 0o000, 'no sender was given', r'\S+/.msmtprc: Permission denied'),
)
def a_check_tells_of_an_account(given, sender, default):
    need_root()
    path, home = folder() / 'submit.sock', folder('home')
    if isinstance(given, int):
        (home / '.msmtprc').write_text(settings(host='127.0.0.1'))
        (home / '.msmtprc').chmod(given)
    options = ['-f', given] if isinstance(given, str) else []
    with Server(tls=None) as server, daemon(server, listen=f'unix:{path}'):
        mailchute(None, '--check', *options, uid=123456,
                  env=environment(HOME=home, MAILCHUTE_SOCKET=path)).expect(0, out=[
                      r'^passed over: --host \(not given\), MAILCHUTE_HOST \(not set\), '
                      rf'--account \(not given\), the sender\'s account \({sender}\), '
                      rf'the default account \({default}\), SMTPSERVER \(not set\)$'])


@cases(
    ('is not for this user', 'touch /run/mailchute/submit.sock', 78,
     'the service of this machine at /run/mailchute/submit.sock doesn\'t take mail from this '
     'user: Permission denied'),
    ('is not there', 'true', 78, 'no configuration file available'),
    ('is down', 'touch /run/mailchute/submit.sock; chmod 666 /run/mailchute/submit.sock', 75,
     'cannot connect to /run/mailchute/submit.sock: Connection refused'),
)
def a_service_at_the_usual_place_that(prepare, status, words):
    script = f"""
        mount -t tmpfs none /run
        mkdir /run/mailchute
        {prepare}
        exec {DYNAMIC_USER} "$@" """
    sendmail(None, '-i', 'b@x.example', stdin=MAIL, uid=0, prefix=shut_in(script)).expect(
        status, words)


@test
def what_the_smarthost_says_comes_back():
    path = folder() / 'submit.sock'
    with Server(tls=None, rcpt=lambda s, a: '550 5.1.1 no such user') as server, \
            daemon(server, listen=f'unix:{path}'):
        sendmail(None, '-i', 'b@x.example', stdin=MAIL, env={'MAILCHUTE_SOCKET': path}) \
            .expect(67, 'no such user')


@test
def a_service_that_is_down_is_a_reason_to_try_later():
    sendmail(None, '-i', 'b@x.example', stdin=MAIL,
             env={'MAILCHUTE_SOCKET': folder() / 'none'}).expect(75, 'cannot connect')


@test
def the_service_and_its_socket_are_well_shut_in():
    need('systemd-analyze', 'systemd')
    for unit, tenths in (('mailchute-submit.service', 15), ('mailchute-submit.socket', 6)):
        done = subprocess.run(['systemd-analyze', 'security', '--offline=true',
                               f'--threshold={tenths}', UNITS / unit],
                              capture_output=True, check=False)
        check_equal(done.returncode, 0, done.stdout.decode()[-300:])


@test
def systemd_takes_the_service_and_its_socket():
    program = need('systemd-analyze', 'systemd')
    place = folder('units')
    for unit in UNITS.glob('mailchute-submit.*'):
        (place / unit.name).write_text(
            unit.read_text().replace('/usr/local/bin/mailchute', public_binary()).replace(
                'User=mailchute', 'User=daemon'))
    done = subprocess.run([program, 'verify', '--man=no', *sorted(map(str, place.iterdir()))],
                          capture_output=True, text=True, timeout=60, check=False)
    check_equal((done.returncode, done.stderr.strip()), (0, ''), 'what systemd-analyze says')


@test
def its_user_is_made():
    program = need('systemd-sysusers', 'systemd')
    need_root()
    place = folder('root')
    (place / 'etc').mkdir()
    subprocess.run([program, f'--root={place}', (UNITS / 'mailchute.sysusers').resolve()],
                   check=True, capture_output=True, timeout=60)
    fields = (place / 'etc' / 'passwd').read_text().split(':')
    check_equal((fields[0], fields[5]), ('mailchute', '/var/lib/mailchute'), 'name and home')


@test
def its_directories_are_made_at_start():
    program = need('systemd-tmpfiles', 'systemd')
    place = folder('root')
    conf = place / 'mailchute.conf'
    conf.write_text((UNITS / 'mailchute.tmpfiles').read_text().replace(
        'mailchute mailchute', f'{os.getuid()} {os.getgid()}'))
    subprocess.run([program, '--create', f'--root={place}', conf], check=True, timeout=60)
    check_equal([(place / name).stat().st_mode & 0o777
                 for name in ('run/mailchute', 'var/lib/mailchute')], [0o755, 0o700], 'modes')


main()
