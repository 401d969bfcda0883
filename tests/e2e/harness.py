# SPDX-License-Identifier: ISC
"""harness.py - run mailchute, judge what it did, print one line for each test

A scenario is a script: functions marked @test or @cases whose names are sentences, and main() at
the end. The exit status is automake's: 0 all passed, 1 something failed, 77 nothing could run.

Nothing here sleeps for a fixed time: wait_until() waits for an event. Whatever a script starts ends
with it: in the normal course by the exit stack, else by the parent-death signal.
"""
import array
import contextlib
import fcntl
import functools
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# A run of mailchute on loopback takes milliseconds; whoever needs this long hangs, even on a machine
# ten times slower than ours.
RUN_LIMIT = 60
# The whole script, so that a hanging test server cannot stop `make check`.
SCRIPT_LIMIT = 900

_tests = []
_stack = contextlib.ExitStack()


class Failure(Exception):
    """A promise was not kept; the text says which."""


class Skip(Exception):
    """The machine lacks something the test needs; the text says what."""


# --- the tests of a script ----------------------------------------------------------------------

def test(function):
    """Mark a function without parameters as a test."""
    _tests.append((_sentence(function), function))
    return function


def cases(*rows):
    """Mark a function as one test for each row; a row is a label and the function's arguments."""
    def mark(function):
        for label, *arguments in rows:
            name = f'{_sentence(function)}: {label}'
            _tests.append((name, functools.partial(function, *arguments)))
        return function
    return mark


def keep(manager):
    """Enter a context that lasts until the script ends, e.g. a server all its tests share."""
    return _stack.enter_context(manager)


def whole_run():
    """A context for scripts that are no tests: what keep() holds ends with it."""
    return _stack


def shared(function):
    """Call the function once for the whole script and remember what came: a value or a failure,
    so that a server that cannot start is not tried again by each test."""
    memory = []
    lock = threading.Lock()  # of its own: a server may ask for what is shared while it starts

    @functools.wraps(function)
    def once():
        with lock:
            if not memory:
                try:
                    memory.append((function(), None))
                except Exception as error:
                    memory.append((None, error))
        value, error = memory[0]
        if error:
            raise error
        return value
    return once


def main(at_once=1):
    """Run the tests whose names contain one of the words on the command line (none: all).

    `at_once` is how many run beside each other: more than one where they mostly wait.
    """
    words = [word.lower() for word in sys.argv[1:]]
    chosen = [(n, f) for n, f in _tests if not words or any(w in n.lower() for w in words)]
    # A shell may have us ignore these, and what we start would inherit that.
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGALRM, lambda *_: sys.exit('out of time'))
    signal.alarm(SCRIPT_LIMIT)
    tally = {'PASS': 0, 'FAIL': 0, 'SKIP': 0}
    with _stack, ThreadPoolExecutor(at_once) as pool:
        run = map if at_once == 1 else pool.map  # some tests need to be in the main thread
        results = run(_run_one, [function for _, function in chosen])
        for (name, _), (verdict, seconds, reason) in zip(chosen, results):
            tally[verdict] += 1
            print(f'{verdict} {name} ({seconds:.2f} s){reason}', flush=True)
    print(f"{tally['PASS']} passed, {tally['FAIL']} failed, {tally['SKIP']} skipped", flush=True)
    if tally['FAIL']:
        sys.exit(1)
    sys.exit(0 if tally['PASS'] else 77)


def _sentence(function):
    return function.__name__.replace('_', ' ')


def _run_one(function):
    start = time.monotonic()
    verdict, reason = 'PASS', ''
    try:
        function()
    except Skip as skip:
        verdict, reason = 'SKIP', f': {skip}'
    except Failure as failure:
        verdict, reason = 'FAIL', '\n' + _indent(f'{_where(failure)}{failure}')
    except Exception:  # the test itself is broken: that is a failure too
        verdict, reason = 'FAIL', '\n' + _indent(traceback.format_exc())
    return verdict, time.monotonic() - start, reason


def _where(failure):
    """The line of the scenario that failed, not the line in here that noticed."""
    script = os.path.basename(sys.argv[0])
    for frame in reversed(traceback.extract_tb(failure.__traceback__)):
        if os.path.basename(frame.filename) == script:
            return f'{script}:{frame.lineno}: '
    return ''


def _indent(text):
    return '\n'.join('    ' + line[:300] for line in text.rstrip().splitlines())


# --- judging ------------------------------------------------------------------------------------

def check(condition, what):
    """Fail with these words unless the condition holds."""
    if not condition:
        raise Failure(what)


def check_equal(got, wanted, what):
    """Compare bytes, numbers or lists; on a difference show only the part that differs."""
    if got == wanted:
        return
    if isinstance(got, bytes) and isinstance(wanted, bytes):
        at = next((i for i, (a, b) in enumerate(zip(got, wanted)) if a != b),
                  min(len(got), len(wanted)))
        start = max(0, at - 40)
        raise Failure(f'{what}: differs at byte {at} ({len(got)} bytes, {len(wanted)} wanted)\n'
                      f'got    ...{got[start:at + 60]!r}\nwanted ...{wanted[start:at + 60]!r}')
    raise Failure(f'{what}: got {got!r}, wanted {wanted!r}')


def wait_until(ready, what, limit=RUN_LIMIT):
    """Poll until ready() returns something true, and return that."""
    end = time.monotonic() + limit
    while True:
        value = ready()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f'waited {limit} s in vain: {what}')
        time.sleep(0.005)


def need(program, package):
    """Skip unless a program (or a file, by its full name) of this Debian package is there."""
    path = os.environ.get('PATH', '') + ':/usr/sbin:/sbin'
    found = shutil.which(program, path=path)
    if not found and program.startswith('/') and os.path.exists(program):
        found = program
    if not found:
        raise Skip(f'no {program} (Debian package {package})')
    return found


def need_root():
    """Skip unless we may become other users and own ports, mounts and spools."""
    if os.geteuid() != 0:
        raise Skip('not root')


# --- places -------------------------------------------------------------------------------------

@shared
def root():
    """The folder of this run; other users may pass through it, as server processes must."""
    path = Path(tempfile.mkdtemp(prefix='mailchute-e2e-'))
    _stack.callback(_remove, path)
    path.chmod(0o755)
    return path


def _remove(path):
    """Somebody who is about to end may make a file in there at this moment: then once more."""
    wait_until(lambda: not subprocess.run(['rm', '-rf', path], stderr=subprocess.DEVNULL,
                                          check=False).returncode, f'{path} is removed')


def folder(name='d'):
    """A new empty folder."""
    path = Path(tempfile.mkdtemp(prefix=name + '-', dir=root()))
    path.chmod(0o755)
    return path


# --- running mailchute --------------------------------------------------------------------------

def loopback():
    """An address that hardly anybody else uses now, for servers at ports that have a meaning."""
    return f'127.{random.randint(100, 254)}.{random.randint(0, 255)}.{random.randint(1, 254)}'


@shared
def binary():
    """The program under test: $MAILCHUTE, else the one in the build folder."""
    given = os.environ.get('MAILCHUTE')
    for place in [given] if given else [os.environ.get('builddir', '.') + '/mailchute',
                                        './mailchute']:
        if os.access(place, os.X_OK):
            return os.path.abspath(place)
    raise Failure('no mailchute to test: set MAILCHUTE or run in the build folder')


@shared
def public_binary():
    """A copy that other users can run: the build folder may be closed to them."""
    copy = root() / 'mailchute'
    shutil.copy(binary(), copy)
    copy.chmod(0o755)
    return str(copy)


@shared
def sanitized():
    """An address-sanitizer build: its memory use and its exit under valgrind mean nothing."""
    return os.environ.get('MAILCHUTE_SANITIZED') == '1' or \
        b'__asan_init' in Path(binary()).read_bytes()


@shared
def strace():
    """strace(1), where it may trace."""
    if sanitized():
        raise Skip('a sanitizer looks for leaks by tracing, and two cannot')
    program = need('strace', 'strace')
    if subprocess.run([program, '-o', '/dev/null', 'true'], capture_output=True,
                      check=False).returncode:
        raise Skip('strace may not trace here')
    return program


def settings(account='default', **values):
    """One account in msmtprc words: True and False become on and off, None leaves it out."""
    words = {True: 'on', False: 'off'}
    lines = [f'account {account}']
    for name, value in values.items():
        if value is not None:
            lines.append(f'{name} {words[value] if isinstance(value, bool) else value}'.rstrip())
    return '\n'.join(lines) + '\n'


def settings_file(text, mode=0o600, owner=None):
    """Put settings where only we can read them, and return the file's name."""
    path = folder('conf') / 'msmtprc'
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    if owner is not None:
        os.chown(path, owner, owner)
    return path


def command(conf, *args, prefix=(), uid=None, deathsig='KILL'):
    """argv of mailchute; a prefix such as valgrind goes before it.

    setpriv(1) ties the process to us: when this script is killed, the kernel ends it.
    """
    argv = ['setpriv', '--pdeathsig', deathsig]
    if uid is not None:
        argv += ['--reuid', str(uid), '--regid', str(uid), '--clear-groups']
    argv += ['--', *prefix, binary() if uid is None else public_binary()]
    if conf is not None:
        argv += ['-C', str(settings_file(conf) if isinstance(conf, (str, bytes)) and
                           b'\n' in _bytes(conf) else conf)]
    return argv + [_bytes(arg) for arg in args]


def environment(**extra):
    """A bare environment: no settings of the person who runs the tests leak in."""
    home = root() / 'home'
    home.mkdir(exist_ok=True)
    env = {'HOME': str(home), 'PATH': '/usr/bin:/bin:/usr/sbin:/sbin', 'LC_ALL': 'C.UTF-8',
           'TMPDIR': str(folder('tmp'))}
    for name in ('ASAN_OPTIONS', 'UBSAN_OPTIONS', 'LSAN_OPTIONS'):
        if name in os.environ:
            env[name] = os.environ[name]
    env.update({name: str(value) for name, value in extra.items()})
    os.chmod(env['TMPDIR'], 0o1777)
    return env


def start(conf, *args, stdin=subprocess.PIPE, env=None, **options):
    """Start mailchute and return the Popen, for tests that interfere while it runs.

    A session of its own has no terminal: nobody is asked for passwords.
    """
    return subprocess.Popen(command(conf, *args, **options), stdin=stdin, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env=env or environment(),
                            start_new_session=True)


def mailchute(conf, *args, stdin=b'', limit=RUN_LIMIT, **options):
    """Run mailchute to its end. conf: settings, or a path, or None; stdin: bytes or open file."""
    is_bytes = isinstance(stdin, bytes)
    begin = time.monotonic()  # before it can have begun to wait for anything
    process = start(conf, *args, stdin=subprocess.PIPE if is_bytes else stdin, **options)
    return finish(process, stdin if is_bytes else None, limit, begin)


@shared
def names():
    """A folder that other users can enter, for links to the binary under other names."""
    path = root() / 'names'
    path.mkdir()
    return path


def named(name):
    """The binary by another name."""
    link = names() / name
    if not link.is_symlink():
        link.symlink_to(public_binary())
    return str(link)


def start_sendmail(conf, *args, name='sendmail', stdin=subprocess.PIPE, env=None, uid=None,
                   prefix=()):
    """Start it as sendmail, which takes no -C: the settings lie in the home folder."""
    home = folder('home')
    if conf is not None:
        (home / '.msmtprc').write_text(conf)
        (home / '.msmtprc').chmod(0o600)
    if uid is not None:
        for path in (home, *home.iterdir()):
            os.chown(path, uid, uid)
    argv = command(None, *args, uid=uid, prefix=prefix)
    argv[argv.index(binary() if uid is None else public_binary())] = named(name)
    return subprocess.Popen(argv, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env={**environment(HOME=home), **(env or {})}, start_new_session=True)


def sendmail(conf, *args, stdin=b'', limit=RUN_LIMIT, **options):
    """Run it as sendmail to its end."""
    is_bytes = isinstance(stdin, bytes)
    process = start_sendmail(conf, *args, stdin=subprocess.PIPE if is_bytes else stdin, **options)
    return finish(process, stdin if is_bytes else None, limit)


def next_line(process, pipe, limit=RUN_LIMIT):
    """The next line that a process writes there, b'' at the end; who says nothing is killed."""
    late = threading.Event()

    def give_up():
        late.set()
        process.kill()
    timer = threading.Timer(limit, give_up)
    timer.start()
    try:
        line = pipe.readline()
    finally:
        timer.cancel()
    if late.is_set():
        raise Failure(f'waited {limit} s in vain for a line')
    return line


def waits_for_input(process):
    """Whether the process has read all we wrote to it and sleeps; so it wants more of it."""
    unread = array.array('i', [0])
    fcntl.ioctl(process.stdin, termios.FIONREAD, unread)
    return unread[0] == 0 and process_state(process.pid) == 'S'


def process_state(pid):
    """The letter ps(1) shows: R running, S sleeping, Z dead."""
    return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0]


def open_files(pid):
    """What a process has open, by name. It may open and close files meanwhile, and end."""
    place, numbers, found = f'/proc/{pid}/fd', [], []
    with contextlib.suppress(OSError):
        numbers = os.listdir(place)
    for number in numbers:
        with contextlib.suppress(OSError):
            found.append(os.readlink(f'{place}/{number}'))
    return found


def is_alive(pid):
    """Whether there is such a process, and not only what is left of one."""
    try:
        return process_state(pid) != 'Z'
    except (FileNotFoundError, ProcessLookupError):
        return False


def finish(process, stdin=None, limit=RUN_LIMIT, begin=None):
    """Wait for a started mailchute and return what became of it; its seconds are those since
    `begin`, else since now."""
    begin = begin or time.monotonic()
    try:
        out, err = process.communicate(stdin, timeout=limit)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise Failure(f'mailchute still ran after {limit} s\n' + Result(None, out, err, 0).text())
    return Result(process.returncode, out, err, time.monotonic() - begin)


class Result:
    """What a run of mailchute left: exit status (negative: a signal), stdout, stderr, seconds."""

    def __init__(self, status, out, err, seconds):
        self.status, self.seconds = status, seconds
        self.out = out.decode('utf-8', 'backslashreplace')
        self.err = err.decode('utf-8', 'backslashreplace')

    def expect(self, status, *says, hides=(), out=()):
        """Check the exit status (one, or a set), patterns on stderr and stdout, and secrets.

        `hides` are strings that must appear nowhere: passwords, for instance.
        """
        wanted = status if isinstance(status, (set, range)) else {status}
        check(self.status in wanted, f'exit status {self.status}, wanted '
              f"{' or '.join(map(str, sorted(wanted)))}\n{self.text()}")
        check(self.status == 0 or self.err.strip(), f'exit {self.status} without a word')
        for pattern in says:
            check(re.search(pattern, self.err, re.I),
                  f'stderr does not say /{pattern}/\n{self.text()}')
        for pattern in out:
            check(re.search(pattern, self.out, re.I | re.M),
                  f'stdout does not say /{pattern}/\n{self.text()}')
        for secret in hides:
            check(secret not in self.out + self.err, f'it shows the secret {secret!r}')
        check(not re.search('[\x00-\x08\x0b-\x1f\x7f]', self.err.replace('\r\n', '\n')),
              f'control bytes on stderr\n{self.text()!r}')
        return self

    def text(self):
        """All of it, for a failure's report."""
        return f'exit: {self.status}\nstdout:\n{_indent(self.out[-4000:])}\n' \
               f'stderr:\n{_indent(self.err[-4000:])}'


def _bytes(text):
    return text if isinstance(text, bytes) else os.fsencode(str(text))
