#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_hostile_input.py - input that wants to be a command, a header line, or to take for ever

Whatever comes in by whichever door, the server hears commands of ours only, and a message with line
ends of ours only. Twice the input takes about twice the time, and memory within bounds.
"""
import resource

from harness import (cases, check, environment, folder, mailchute, main, need, sanitized, sendmail)
from hostile import Server
from mail import check_wire

ONE = 'one@lab.example'
TEXT = b'Subject: x\n\nhello\n'
VERBS = {'EHLO', 'MAIL', 'RCPT', 'DATA', 'BDAT', 'QUIT'}
EVIL = ('a\r\nRSET\r\nb', 'a\nX-Evil: yes', 'a\rX-Evil: yes', 'a\r\n\r\n.\r\nRSET\r\n', 'a\x01b',
        'a\x7fb', 'a\x1b[31mb', 'a\u0085X-Evil: yes', 'a\u2028X-Evil: yes', 'a> NOTIFY=NEVER')

MEMORY = 256 * 1024 * 1024  # bytes of data, for the largest of these inputs
SECONDS = 10                # of the processor's time
HALF, WHOLE = 25_000, 50_000


def plain_server():
    """One that takes all, in clear."""
    return Server(tls=None, mechanisms='', caps=('PIPELINING', 'SIZE', 'DSN', 'SMTPUTF8'))


# --- doors --------------------------------------------------------------------------------------

def option(name):
    """An option with its argument."""
    return lambda conf, evil: mailchute(conf, f'{name}{evil}', ONE, stdin=TEXT)


def setting(name):
    """A line of the configuration: its own line ends are no part of a value."""
    return lambda conf, evil: mailchute(f'{conf}{name} {evil}\n', ONE, stdin=TEXT)


def variable(name, *args):
    """The environment."""
    return lambda conf, evil: mailchute(conf, *args, ONE, stdin=TEXT,
                                        env=environment(**{name: evil}))


def header(name, *args):
    """A field of the mail."""
    return lambda conf, evil: mailchute(
        conf, *args, ONE, stdin=f'{name}: {evil}\nSubject: x\n\nhello\n'.encode())


def alias(conf, evil):
    """What an alias leads to."""
    path = folder() / 'aliases'
    path.write_bytes(b'root: one@lab.example, ' + evil.encode() + b'\n')
    return mailchute(f'{conf}aliases {path}\n', 'root', stdin=TEXT)


DOORS = {
    'a recipient': option(''), '-f': option('-f'), '-F': option('-F'), '-V': option('-V'),
    '--domain': option('--domain='), '--maildomain': option('--maildomain='),
    '--host': option('--host='), '--user': option('--user='), '--from': option('--from='),
    'domain': setting('domain'), 'from': setting('from'), 'maildomain': setting('maildomain'),
    'from_full_name': setting('from_full_name'), 'user': setting('user'), 'host': setting('host'),
    'EMAIL': variable('EMAIL'), 'USER': variable('USER', '--from=%U@lab.example'),
    'HOSTNAME': variable('HOSTNAME', '--domain=%H'), 'LOGNAME': variable('LOGNAME'),
    'TZ': variable('TZ'), 'To': header('To', '-t'), 'Bcc': header('Bcc', '-t'),
    'From': header('From', '--read-envelope-from'), 'X-Any': header('X-Any'), 'an alias': alias,
    'NAME': lambda conf, evil: sendmail(conf, ONE, stdin=TEXT, env={'NAME': evil}),
}


@cases(*DOORS.items())
def nothing_becomes_a_command_or_a_header_line(door):
    for evil in EVIL:
        with plain_server() as server:
            door(server.account(auth=False), evil).expect(range(0, 79))
            server.settle()
        for session in server.sessions:
            for line in session.commands:
                check(line.split(' ')[0].upper() in VERBS, f'{evil!r} made the command {line!r}')
                check('NOTIFY=NEVER' not in line, f'{evil!r} made a parameter: {line!r}')
            for mail in session.mails:
                check_wire(mail)
                top = mail.data.partition(b'\r\n\r\n')[0].split(b'\r\n')
                # a mail may have header lines of its own
                own = door in (DOORS['To'], DOORS['Bcc'], DOORS['From'], DOORS['X-Any'])
                check(own or not any(line.startswith(b'X-Evil') for line in top),
                      f'{evil!r} made a header line: {top}')


# --- sizes --------------------------------------------------------------------------------------

FROM = b'From: a@lab.example\n'


def lines(template):
    """A header of n such lines, each with its number."""
    return lambda n: FROM + b''.join(template % number for number in range(n)) + b'\nhello\n'


def body(text, unit, end=b''):
    """One field: a beginning, n times the same, an end."""
    return lambda n: FROM + text + unit * n + end + b'\n\nhello\n'


@cases(
    ('header lines', [ONE], lines(b'X-%d: v\n')),
    ('blind copies', ['-t'], lines(b'Bcc: b%d@lab.example\n')),
    ('blocks of resent', ['-t'], lines(b'Resent-Bcc: b%d@lab.example\n')),
    ('a long line', [ONE], body(b'X-Long: ', b'x' * 20)),
    ('a long list', ['-t'], body(b'To: ', b'b@lab.example,\n ', b'c@lab.example')),
    ('commas', ['-t'], body(b'To: b@lab.example', b',,,,')),
    ('comments in comments', ['-t'], lambda n: FROM + b'To: ' + b'(' * n + b')' * n +
     b'b@lab.example\n\nx\n'),
    ('quoted pairs', ['-t'], body(b'To: "', b'\\"\\\\', b'" <b@lab.example>')),
    ('words before an address', ['--read-envelope-from', ONE],
     lambda n: b'From: ' + b'a ' * n + b'<a@lab.example>\n\nx\n'),
    ('a subject to encode', ['--repair=on', ONE], body(b'Subject: ', 'é '.encode() * 2)),
    ('broken UTF-8', ['--repair=on', ONE], body(b'Subject: ', b'\xc3\xff\xe2\x82 ')),
    ('encoded words without end', ['--repair=on', ONE], body(b'Subject: ', b'=?utf-8?q?x? ')),
    ('parts in parts', [ONE], lambda n: FROM + b'MIME-Version: 1.0\n' + b''.join(
        b'Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n' % (number, number)
        for number in range(n // 2)) + b'\n\xff\n'),
    ('parameters', [ONE], body(b'Content-Type: multipart/mixed; ', b'x=y; ', b'boundary=b')),
)
def twice_the_input_takes_no_more_than_twice_the_time(args, text):
    half, whole = (seconds(args, text(n)) for n in (HALF, WHOLE))
    check(whole < 3 * half + 0.2, f'{WHOLE} took {whole:.2f} s, and {HALF} took {half:.2f} s')


@cases(
    ('a chain', lambda n: b''.join(b'a%d: a%d\n' % (i, i + 1) for i in range(n)) +
     b'a%d: one@lab.example\n' % n),
    ('a circle', lambda n: b''.join(b'a%d: a%d\n' % (i, (i + 1) % n) for i in range(n))),
    ('a fan', lambda n: b'a0: ' + b', '.join(b'b%d@lab.example' % i for i in range(n)) + b'\n'),
    ('two for each', lambda n: b''.join(b'a%d: a%d, a%d\n' % (i, i + 1, i + 1) for i in range(n)) +
     b'a%d: one@lab.example\n' % n),
)
def hostile_aliases_come_to_an_end(aliases):
    path = folder() / 'aliases'
    path.write_bytes(aliases(20_000))
    seconds(['a0'], TEXT, range(0, 79), f'aliases {path}\n')


def seconds(args, text, status=0, more=''):
    """The processor's time for a run with this input."""
    bounds = () if sanitized() else (need('prlimit', 'util-linux'), f'--data={MEMORY}',
                                     f'--cpu={SECONDS}', '--core=0')
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with plain_server() as server:
        conf = server.account(auth=False) + more
        mailchute(conf, *args, stdin=text, prefix=bounds).expect(status)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == '__main__':
    main()
