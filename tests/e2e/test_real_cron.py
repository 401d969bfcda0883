#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_real_cron.py - Debian's cron runs a job and mails what it said

cron runs in the foreground, in namespaces of its own with its own crontabs and its own processes;
what it shall run at its start, it runs at once.
"""
import contextlib
import subprocess

from harness import cases, check, check_equal, folder, main, need, test
from sendmail import ONE, ROOT, TWO, Boxes, prefix

# $0 is the folder that has what replaces cron's.
MOUNT = 'mount -t proc proc /proc && mount --bind "$0/spool" /var/spool/cron && ' \
    'mount --bind "$0/run" "$(readlink -f /var/run)" && mount --bind "$0/cron.d" /etc/cron.d && ' \
    'mount --bind "$0/crontab" /etc/crontab && exec "$@"'


def crontab(text):
    """A folder in which root has this crontab, and nobody else has one."""
    place = folder('cron')
    for name in ('spool/crontabs', 'run', 'cron.d'):
        (place / name).mkdir(parents=True)
    (place / 'crontab').write_text('')
    (place / 'spool/crontabs').chmod(0o700)
    (place / 'spool/crontabs/root').write_text(text)
    (place / 'spool/crontabs/root').chmod(0o600)
    return place


@contextlib.contextmanager
def cron(text):
    """A context in which cron runs with this crontab; no process of it lives on after it."""
    program = need('cron', 'cron')
    place = crontab(text)
    with open(place / 'log', 'wb') as log:
        process = subprocess.Popen(
            [*prefix(), 'unshare', '--pid', '--fork', '--kill-child', '--mount', 'sh', '-c', MOUNT,
             str(place), program, '-f', '-L', '15'],
            env={'PATH': '/usr/bin:/bin:/usr/sbin:/sbin'}, stdin=subprocess.DEVNULL, stdout=log,
            stderr=log, start_new_session=True)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def mail_of(job, *addresses, mailto='root'):
    """The mail that comes of the job."""
    boxes = Boxes()
    with cron(f'MAILTO={mailto}\n@reboot {job}\n'):
        return boxes.arrived(*addresses)


@test
def what_a_job_says_is_mailed_to_root():
    mail = mail_of('echo the job was here; echo .; echo "it saw: $SHELL" >&2', ONE)
    check_equal(mail.sender, ROOT, 'sender')
    mail.check_fields(To=ROOT)
    check_equal(mail.addresses('From'), [('Cron Daemon', ROOT)], 'From')
    check(mail.field('Subject').startswith('Cron <root@'), mail.field('Subject'))
    check_equal(mail.content, b'the job was here\n.\nit saw: /bin/sh\n', 'body')


@test
def several_names_in_mailto():
    mail = mail_of('echo hello', ONE, TWO, mailto=f'root,{TWO}')
    check_equal(mail.addresses('To'), [('', ROOT), ('', TWO)], 'To')
    check_equal(mail.content, b'hello\n', 'body')


@cases(
    ('in what it says', r"printf 'Gr\303\274\303\237e\n'", 'Grüße\n'.encode()),
    ('in its command', "echo 'Grüße'", 'Grüße\n'.encode()),
    ('of another character set', r"printf 'Gr\374\337e\n'", b'Gr\xfc\xdfe\n'),
    ('without a line end', r"printf 'the end'", b'the end\n'),
)
def text_of_a_job(job, body):
    check_equal(mail_of(job, ONE).content, body, 'body')


@test
def a_line_of_a_job_may_be_long():
    mail = mail_of("head -c 5000 /dev/zero | tr '\\0' x; echo", ONE)
    check_equal(mail.content, b'x' * 5000 + b'\n', 'text')


if __name__ == '__main__':
    main()
