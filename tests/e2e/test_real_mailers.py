#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_real_mailers.py - mail readers and senders of the shell, run for real

The programs named mail differ; each is called by the name that is its own.
"""
import re
import subprocess

from harness import cases, check, check_equal, environment, main, need, shared, test
from sendmail import HOST, ONE, ROOT, SENDER, THREE, TWO, Boxes, home, root_home, run, run_well

TEXT = 'Grüße, 日本語\n..\nFrom here on\n.\nthe end\n'
SUBJECT = 'Grüße aus Köln'


def mail_of(program, package):
    """A function that skips unless the program is there and returns its name."""
    return lambda: need(program, package)


bsd_mailx = mail_of('bsd-mailx', 'bsd-mailx')
mailutils = mail_of('mail.mailutils', 'mailutils')
s_nail = mail_of('s-nail', 's-nail')


@shared
def mutt():
    """mutt with settings that keep to the mail: no copies, no questions."""
    rc = home() / 'muttrc'
    rc.write_text(f'set from={SENDER}\nset realname="Sender Example"\nset use_envelope_from\n'
                  'set copy=no\nset charset=utf-8\nset send_charset=utf-8\n')
    return [need('mutt', 'mutt'), '-F', f'{root_home()}/muttrc']


# --- what each of them can do -------------------------------------------------------------------

@cases(
    ('bsd-mailx', bsd_mailx, ['-c', TWO, '-b', THREE]),
    ('mailutils', mailutils, [f'--append=Cc: {TWO}', f'--append=Bcc: {THREE}']),
    ('s-nail', s_nail, ['-c', TWO, '-b', THREE]),
)
def a_mail_with_copies_and_hidden_copies(program, more):
    boxes = Boxes()
    text = TEXT if program != mailutils else TEXT.replace('\n.\n', '\n')  # it stops at a dot
    run_well([program(), '-s', SUBJECT, '-r', SENDER, *more, ONE], text.encode())
    mail = boxes.arrived(ONE, TWO, THREE)
    check_equal(mail.sender, SENDER, 'sender')
    mail.check_fields(Subject=SUBJECT)
    for name, address in ('To', ONE), ('Cc', TWO):
        check_equal(mail.addresses(name), [('', address)], name)
    check_equal(mail.text, text, 'text')


@cases(('bsd-mailx', bsd_mailx), ('mailutils', mailutils), ('s-nail', s_nail))
def a_mail_to_root_from_root(program):
    boxes = Boxes()
    run_well([program(), '-s', 'disk is full', 'root'], b'df says so\n')
    mail = boxes.arrived(ONE)
    check(mail.sender in (ROOT, f'root@{HOST}'), f'sender {mail.sender}')
    mail.check_fields(Subject='disk is full')
    for name in 'From', 'To':
        check(mail.addresses(name)[0][1] in (ROOT, f'root@{HOST}'), f'{name}: {mail.field(name)}')
    check_equal(mail.content, b'df says so\n', 'body')


@test
def mutt_sends_and_the_hidden_copy_stays_hidden():
    boxes = Boxes()
    run_well([*mutt(), '-s', SUBJECT, '-c', TWO, '-b', THREE, '--', ONE], TEXT.encode())
    mail = boxes.arrived(ONE, TWO, THREE)
    check_equal(mail.sender, SENDER, 'sender')
    mail.check_fields(Subject=SUBJECT, From=f'Sender Example <{SENDER}>', To=ONE, Cc=TWO)
    check_equal(mail.text, TEXT, 'text')


@test
def mutt_sends_a_file_along():
    boxes = Boxes()
    data = bytes(range(256)) * 20
    (home() / 'data.bin').write_bytes(data)
    run_well([*mutt(), '-s', 'with a file', '-a', 'data.bin', '--', ONE], b'see there\n')
    parts = boxes.arrived(ONE).message.get_payload()
    check_equal([part.get_content_type() for part in parts],
                ['text/plain', 'application/octet-stream'], 'parts')
    check_equal(parts[1].get_payload(decode=True), data, 'the file')


# --- git ----------------------------------------------------------------------------------------

@shared
def repository():
    """A repository with a commit that has 8-bit text in its subject and body."""
    def git(*args):
        subprocess.run(['git', '-C', home() / 'work', '-c', 'user.name=Sendér', '-c',
                        f'user.email={SENDER}', *args], env=environment(HOME=home()), check=True,
                       capture_output=True)
    need('git', 'git')
    (home() / 'work').mkdir()
    git('init', '-q')
    git('commit', '-q', '--allow-empty', '-m', 'empty')
    (home() / 'work/poem').write_text(TEXT)
    git('add', '.')
    git('commit', '-q', '-m', f'{SUBJECT}\n\n{TEXT}')
    return f'{root_home()}/work'


def send_email(*recipients):
    """A command that sends the last commit."""
    place = repository()
    need('/usr/lib/git-core/git-send-email', 'git-email')
    return ['git', '-C', place, '-c', 'user.name=Sendér', '-c', f'user.email={SENDER}',
            '-c', 'sendemail.envelopeSender=auto', 'send-email', '--quiet', '--confirm=never',
            f'--from=Sendér <{SENDER}>', *recipients, '-1']


@test
def git_sends_a_patch_that_can_be_applied():
    boxes = Boxes()
    run_well(send_email(f'--to={ONE}', f'--cc={TWO}', f'--bcc={THREE}', '--suppress-cc=all'))
    mail = boxes.arrived(ONE, TWO, THREE)
    check_equal(mail.sender, SENDER, 'sender')
    mail.check_fields(Subject=f'[PATCH] {SUBJECT}', From=f'Sendér <{SENDER}>', To=ONE, Cc=TWO)
    (home() / 'work/mbox').write_bytes(b'From x Sat Nov 21 00:00:00 2026\n' + mail.data)
    run_well(['sh', '-c', 'git checkout -q HEAD^ && exec git am -q mbox'],
             before=['env', '-C', repository()], GIT_COMMITTER_NAME='x', GIT_COMMITTER_EMAIL='x@x')
    check_equal((home() / 'work/poem').read_text(), TEXT, 'the file in the patch')


# --- what they do when nobody takes the mail ----------------------------------------------------

@cases(
    ('bsd-mailx', bsd_mailx, ['-s', 'x', '-r', SENDER]),
    ('s-nail', s_nail, ['-s', 'x', '-r', SENDER, '-S', 'sendwait']),
    ('mutt', mutt, ['-s', 'x', '--']),
    ('mailutils', mailutils, ['-s', 'x', '-r', SENDER], 'non-zero'),  # it keeps our words
)
def a_refused_recipient_is_told(program, args, says='nobody@lab.example.*550'):
    boxes = Boxes()
    program = program()
    program = program if isinstance(program, list) else [program]
    status, out, err = run([*program, *args, 'nobody@lab.example'], b'text\n')
    check(status != 0, f'exit status {status}\nstdout: {out}\nstderr: {err}')
    check(re.search(says, err, re.S), f'stderr: {err}')
    boxes.nothing_arrived()


@test
def git_stops_when_the_recipient_is_refused():
    boxes = Boxes()
    status, _, err = run(send_email('--to=nobody@lab.example', '--suppress-cc=all'))
    check(status != 0 and 'nobody@lab.example' in err, f'exit status {status}: {err}')
    boxes.nothing_arrived()


if __name__ == '__main__':
    main()
