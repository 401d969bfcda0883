#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_configure.py - an account from an address: what the domain's name server says (--configure)

The program asks for SRV records; ours answers. What is printed is read back as a configuration.
"""
import re
import struct

from harness import cases, check, check_equal, environment, mailchute, main, test
from names import NOTHING, NXDOMAIN, REFUSED, SERVFAIL, NameServer, asked

ADDRESS = 'hanako@lab.example'
TLS = '_submissions._tcp.lab.example'
PLAIN = '_submission._tcp.lab.example'
QUESTION = len(PLAIN) + 2 + 4 + 12  # bytes of a reply before its first record


def configure(answers, address=ADDRESS, options='timeout:20 attempts:1', args=(), **more):
    """Run it where these are the SRV records, by name; returns the result and who was asked for."""
    with NameServer(SRV=answers) as server:
        result = mailchute(None, f'--configure={address}', *args,
                           prefix=asked(f'options {options}'), limit=30, **more)
    return result, server.names


def settings_of(result):
    """The settings that are printed, comments left out."""
    result.expect(0)
    lines = [line.split(' ', 1) for line in result.out.splitlines() if line[:1] != '#']
    return {name: value for name, value in lines if name != 'account'}


def check_account(result, host, port, starttls, address=ADDRESS):
    """The account is this one, and the program itself can read it."""
    wanted = {'host': host, 'port': str(port), 'tls': 'on', 'tls_starttls': starttls,
              'auth': 'on', 'user': address, 'from': address}
    check_equal(settings_of(result), wanted, 'settings')
    shown = mailchute(result.out, '--print-config').expect(0).out
    for name, value in wanted.items():
        check(f"\n{name} = {'choose' if name == 'auth' else value}\n" in shown,
              f'{name} is not {value}:\n{shown}')


@cases(
    ('TLS from the start', {TLS: [(0, 1, 465, 'smtp.lab.example')]}, 465, 'off'),
    ('STARTTLS', {PLAIN: [(0, 1, 587, 'smtp.lab.example')]}, 587, 'on'),
    ('TLS from the start is better', {TLS: [(9, 1, 465, 'smtp.lab.example')],
                                      PLAIN: [(0, 1, 587, 'other.lab.example')]}, 465, 'off'),
    ('TLS from the start is not to be had', {TLS: [(0, 0, 0, '.')],
                                             PLAIN: [(0, 1, 587, 'smtp.lab.example')]}, 587, 'on'),
    ('a port of its own', {TLS: [(0, 1, 10465, 'smtp.lab.example')]}, 10465, 'off'),
)
def the_account_is_what_the_domain_says(answers, port, starttls):
    result, names = configure(answers)
    check_account(result, 'smtp.lab.example', port, starttls)
    check_equal(names, [TLS] if starttls == 'off' else [TLS, PLAIN], 'names that were asked for')


@test
def what_is_printed_tells_what_is_left_to_do():
    out = configure({TLS: [(0, 1, 465, 'smtp.lab.example')]})[0].expect(0).out
    for words in ('chmod 600 ~/.msmtprc', "#passwordeval secret-tool lookup host smtp.lab.example "
                  f"service smtp user '{ADDRESS}'\n", 'secret-tool store'):
        check(words in out, f'it does not say {words!r}:\n{out}')
    check('outside' not in out, out)


@test
def a_server_of_somebody_else_is_told_as_such():
    out = configure({TLS: [(0, 1, 465, 'smtp.provider.example')]})[0].expect(0).out
    check('# Its server lies outside of lab.example' in out, out)


@test
def the_lowest_priority_counts_and_the_others_are_named():
    result, _ = configure({TLS: [(20, 9, 465, 'third.lab.example'),
                                 (10, 0, 1465, 'two.lab.example'),
                                 (1, 0, 465, 'one.lab.example')]})
    check_account(result, 'one.lab.example', 465, 'off')
    others = re.findall(r'^# lab\.example also: host (\S+), port (\d+)$', result.out, re.M)
    check_equal(others, [('two.lab.example', '1465'), ('third.lab.example', '465')], 'the others')


@test
def the_weight_decides_among_equals():
    """A server of weight 0 beside one of 65535 is drawn once in 65536 times."""
    for _ in range(5):
        result, _ = configure({TLS: [(1, 0, 465, 'rare.lab.example'),
                                     (1, 65535, 465, 'usual.lab.example')]})
        if settings_of(result)['host'] == 'usual.lab.example':
            return
    check(False, 'the server without a weight came first five times')


@cases(
    ('in UTF-8', 'hanako@müller.example', 'C.UTF-8'),
    ('in UTF-8, in a locale that knows none', 'hanako@müller.example', 'C'),
    ('in capitals', 'hanako@MÜLLER.Example', 'C.UTF-8'),
)
def a_domain_outside_ascii_is_asked_for_in_ascii(address, locale):
    name = '_submissions._tcp.xn--mller-kva.example'
    result, names = configure({name: [(0, 1, 465, 'mx.xn--mller-kva.example')]}, address,
                              env=environment(LC_ALL=locale))
    check_account(result, 'mx.xn--mller-kva.example', 465, 'off', address)
    check_equal(names, [name], 'names that were asked for')


@cases(
    ('the names do not exist', NXDOMAIN, 'no SRV records'),
    ('there are no such records', NOTHING, 'no SRV records'),
    ('the domain has no such service', [(0, 0, 0, '.')], 'lab.example says that no mail'),
    ('a name that is none', [(0, 0, 465, 'a\nhost b.lab\x1b.example')], 'no SRV records'),
    ('a name with a blank', [(0, 0, 465, 'a b.example')], 'no SRV records'),
    ('port 0', [(0, 0, 0, 'smtp.lab.example')], 'no SRV records'),
)
def a_domain_that_names_no_server_ends_with_68_and_says_what_to_do(answer, words):
    result, names = configure(answer)
    result.expect(68, words, r'\[NO_SRV\]', 'help pages', 'by hand')
    check_equal(result.out, '', 'output')
    check_equal(names, [TLS, PLAIN], 'names that were asked for')


@cases(
    ('trouble', SERVFAIL),
    ('a refusal', REFUSED),
    ('silence', None),
    ('a record that is cut off', [b'\0\1\0\1\1']),
    ('a name that points to itself',
     [b'\0\1\0\1\1\xd1' + struct.pack('!H', 0xc000 + QUESTION + 1 + 12 + 6)]),
)
def trouble_with_the_name_server_ends_with_75(answer):
    """And does not lead to the less safe of the two services."""
    result, names = configure({TLS: answer, PLAIN: [(0, 1, 587, 'smtp.lab.example')]},
                              options='timeout:1 attempts:1')
    result.expect(75, f'cannot look up {TLS}', r'\[DNS_TEMP\]')
    check_equal(set(names), {TLS}, 'names that were asked for')


@test
def a_silent_name_server_is_given_up():
    """The resolver of the C library would go on for a minute."""
    result, _ = configure(None, options='timeout:30 attempts:2')
    result.expect(75, 'the name servers do not answer', r'\[DNS_TEMP\]')
    check(8 < result.seconds < 25, f'it took {result.seconds:.1f} s')


@cases(
    ('no domain', 'nodomain'),
    ('nothing', ''),
    ('no local part', '@lab.example'),
    ('two of them', 'a@lab.example, b@lab.example'),
    ('an IP address', 'a@[192.0.2.1]'),
    ('a line end', 'a@lab.example\nhost evil.example'),
    ('a blank in the domain', 'a@lab .exa mple'),
)
def what_is_no_address_ends_with_65(address):
    with NameServer(SRV=NXDOMAIN) as server:
        mailchute(None, f'--configure={address}', prefix=asked()).expect(
            65, 'invalid mail address', r'\[ADDRESS\]')
        check_equal(server.names, [], 'names that were asked for')


@test
def recipients_are_too_many_arguments():
    mailchute(None, '--configure', ADDRESS, 'one@lab.example').expect(64, 'too many arguments')


if __name__ == '__main__':
    main()
