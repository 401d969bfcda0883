# SPDX-License-Identifier: ISC
"""sendmail.py - real programs whose sendmail is our binary, with a real Postfix behind it

A program is run in a mount namespace of its own, as root of a host whose name is HOST: there
/usr/sbin/sendmail is our binary, and the home folder of root is an empty one but for settings
and aliases. Names are looked up in a hosts file, so that nothing leaves the loopback interface.
"""
import email
import email.policy
import pwd
import re
import shutil
import subprocess
from email.header import decode_header, make_header
from email.utils import getaddresses

from harness import (RUN_LIMIT, Failure, Skip, check, check_equal, environment, folder, keep, need,
                     need_root, public_binary, settings, shared)
from mail import check_header
from postfix import MAILBOXES, Postfix

HOST = 'client.lab.example'
ONE, TWO, THREE = (f'{box}@lab.example' for box in MAILBOXES)
ROOT = 'root@lab.example'    # who root is in mail; an alias sends mail for root to ONE
SENDER = 'sender@lab.example'
PROGRAM = '/usr/sbin/sendmail'

# $0 is the folder with the files, $1 the home folder to replace.
MOUNT = 'for f in hosts nsswitch.conf resolv.conf; do ' \
    'mount --bind "$0/$f" "/etc/$f" || exit; done; ' \
    f'mount --bind "$0/sendmail" "$(readlink -f {PROGRAM})" && mount --bind "$0/home" "$1" && ' \
    f'hostname {HOST} && cd "$1" && shift && exec "$@"'

# Fields that Postfix and its virtual(8) put on top of what they got.
TRACE = ('return-path', 'x-original-to', 'delivered-to', 'received')


@shared
def postfix():
    """The server behind it; it takes mail from this machine as it comes."""
    return keep(Postfix())


@shared
def home():
    """What is the home folder of root for these programs; writable, as a home is."""
    return place() / 'home'


@shared
def place():
    """The folder whose files replace those of the system."""
    need_root()
    need('unshare', 'util-linux')
    need(PROGRAM, 'postfix')
    here = folder('machine')
    (here / 'hosts').write_text(f'127.0.0.1 localhost\n127.0.1.1 {HOST} {HOST.split(".")[0]}\n')
    (here / 'nsswitch.conf').write_text('passwd: files\ngroup: files\nhosts: files\n')
    (here / 'resolv.conf').write_text('')
    shutil.copy(public_binary(), here / 'sendmail')
    (here / 'home').mkdir()
    (here / 'home/aliases').write_text(f'root: {ONE}\n')
    (here / 'home/.msmtprc').write_text(account(f'{root_home()}/aliases'))
    (here / 'home/.msmtprc').chmod(0o600)
    return here


def account(aliases, **more):
    """Settings of an account that submits to Postfix."""
    return settings(**{
        'host': '127.0.0.1', 'port': postfix().open_port, 'tls': False, 'auth': False,
        'timeout': 10, 'domain': HOST, 'maildomain': 'lab.example', 'aliases': aliases, **more})


def root_home():
    """Where the home folder of root is."""
    return pwd.getpwuid(0).pw_dir


def prefix():
    """A prefix for a command that finds our binary as sendmail."""
    _works()
    return _prefix()


def _prefix():
    return ['setpriv', '--pdeathsig', 'KILL', 'unshare', '--mount', '--uts', 'sh', '-c', MOUNT,
            str(place()), root_home()]


@shared
def _works():
    """Skip where files of the system cannot be replaced."""
    done = subprocess.run([*_prefix(), PROGRAM, '--version'], env=environment(), text=True,
                          capture_output=True, check=False)
    if not done.stdout.startswith('mailchute '):
        raise Skip(f"{PROGRAM} cannot be replaced here: {done.stderr.strip() or 'no effect'}")


def run(argv, stdin=b'', before=(), **env):
    """Run a program to its end: its exit status, standard output and standard error."""
    done = subprocess.run(
        [*prefix(), *before, *map(str, argv)], input=stdin, capture_output=True, check=False,
        env=environment(**{'HOME': root_home(), 'USER': 'root', 'LOGNAME': 'root', **env}),
        timeout=RUN_LIMIT, start_new_session=True)
    return done.returncode, *(text.decode('utf-8', 'replace') for text in (done.stdout,
                                                                            done.stderr))


def run_well(argv, stdin=b'', **options):
    """Run a program that has no reason to complain."""
    status, out, err = run(argv, stdin, **options)
    check(status == 0 and not err, f'exit status {status}\nstdout: {out}\nstderr: {err}')
    return out


class Boxes:
    """How many mails each mailbox holds before a program is run."""

    def __init__(self):
        self.before = {box: postfix().count(box) for box in MAILBOXES}

    def arrived(self, *addresses):
        """The mail that came to all of these, once, and to nobody else."""
        boxes = [address.partition('@')[0] for address in addresses]
        mails = [Arrival(postfix().mails(box, self.before[box] + 1)[self.before[box]])
                 for box in boxes]
        for box in MAILBOXES:
            check_equal(postfix().count(box) - self.before[box], boxes.count(box),
                        f'new mails in {box}')
        for mail in mails[1:]:
            check_equal(mail.data, mails[0].data, 'the mail in another mailbox')
        check_header(mails[0].data.replace(b'\n', b'\r\n'))
        return mails[0]

    def nothing_arrived(self):
        """No mailbox holds more than before."""
        for box in MAILBOXES:
            check_equal(postfix().count(box), self.before[box], f'mails in {box}')


class Arrival:
    """A mail in a mailbox: .sender of the envelope, .data as Postfix got it, with LF."""

    def __init__(self, raw):
        self.data = without_trace(raw)
        match = re.search(rb'^Return-Path: <(.*)>$', raw, re.M)
        self.sender = match.group(1).decode() if match else None
        self.message = email.message_from_bytes(self.data, policy=email.policy.compat32)

    def field(self, name):
        """The text of a header field: unfolded, words that were encoded readable."""
        values = self.message.get_all(name) or []
        check_equal(len(values), 1, f'fields named {name}')
        return str(make_header(decode_header(re.sub(r'\r?\n', '', values[0]))))

    def addresses(self, name):
        """The names and addresses in a header field."""
        return getaddresses([self.field(name)])

    @property
    def content(self):
        """The bytes of the body, by its encoding."""
        check(not self.message.is_multipart(), 'the mail has several parts')
        return self.message.get_payload(decode=True)

    @property
    def text(self):
        """The body as its reader sees it: by its encoding and character set."""
        charset = self.message.get_content_charset('ascii')
        try:
            return self.content.decode(charset)
        except (UnicodeDecodeError, LookupError) as error:
            raise Failure(f'the body is not what its label says: {error}') from error

    def check_fields(self, **wanted):
        """Compare header fields; an underscore stands for a hyphen."""
        for name, value in wanted.items():
            name = name.replace('_', '-')
            check_equal(self.field(name), value, name)


def without_trace(raw):
    """The mail without what its way put on top."""
    lines = raw.split(b'\n')
    at = 0
    while lines[at].split(b':')[0].decode('latin-1').lower() in TRACE or lines[at][:1] in b' \t':
        at += 1
    return b'\n'.join(lines[at:])
