#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_queue_units.py - the units for systemd are such as systemd takes, and give away little."""
import os
import re
import subprocess
from pathlib import Path

from harness import binary, check, check_equal, folder, main, mailchute, need, test

SOURCES = Path(os.environ.get('srcdir') or Path(__file__).parents[2])
UNITS = SOURCES / 'conf' / 'systemd'
MOST = 1.5  # of the exposure that systemd-analyze reckons, from 0 to 10


def analyze(*args):
    """What systemd-analyze says about copies of the units, for a user who is there."""
    program = need('systemd-analyze', 'systemd')
    place = folder('units')
    for unit in UNITS.glob('mailchute-queue*.*'):
        if unit.suffix == '.tmpfiles':
            continue
        text = unit.read_text().replace('/usr/local/bin/mailchute', binary())
        (place / unit.name.replace('@', '@65534')).write_text(text.replace('%i', '65534'))
    files = sorted(str(p) for p in place.iterdir()
                   if 'security' not in args or p.suffix in ('.service', '.socket'))
    return subprocess.run([program, *args, *files], capture_output=True, text=True, timeout=60,
                          check=False)


@test
def systemd_takes_them():
    result = analyze('verify', '--man=no')
    check_equal((result.returncode, result.stderr.strip()), (0, ''), 'what systemd-analyze says')


@test
def the_services_are_exposed_to_little():
    result = analyze('security', '--offline=true')
    scores = dict(re.findall(r'Overall exposure level for (\S+): ([0-9.]+)', result.stdout))
    check_equal(sorted(scores), ['mailchute-queue.service', 'mailchute-queue.socket',
                                 'mailchute-queue@65534.service'],
                f'which have a score ({result.stderr})')
    for unit, score in scores.items():
        check(float(score) <= MOST, f'the score of {unit} is {score}')


@test
def what_they_start_is_an_option():
    service = (UNITS / 'mailchute-queue@.service').read_text()
    command = re.search(r'^ExecStart=\S+ (.*)$', service, re.M)
    place = folder('queue')
    mailchute('host localhost\nfrom a@b.example\nqueue always\n'
              f'queue_dir {place}/none\n', *command[1].split()).expect(0)


@test
def the_service_of_all_queues_names_the_user_that_it_becomes():
    """In two places, for systemd-analyze and people look at the one only."""
    service = (UNITS / 'mailchute-queue.service').read_text()
    user = re.search(r'^User=(\S+)$', service, re.M)[1]
    check(re.search(rf'^ExecStart=!\S+ --queue-run=1h --queue-user={user}$', service, re.M),
          service)


if __name__ == '__main__':
    main()
