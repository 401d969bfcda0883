#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
"""test_trust.py - a big trust store is not loaded as a whole, and the verdict is that of the whole

A small file of authorities is given to GnuTLS as it is: its verdict is the one that counts. The
same authorities among many others, in a file that is big, must lead to the same, word by word.
"""
import re
import ssl

from certs import bundle, cert, revoked
from harness import (Skip, cases, check, check_equal, folder, mailchute, main, need, sanitized,
                     test)
from hostile import Server
from mail import SIMPLE

ONE = 'one@lab.example'
OTHERS = ['idn', 'client', 'wrong-name'] * 10  # more than 16 kB of certificates, none of use here


def context(kinds):
    """A server that shows this chain."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(bundle(kinds), cert(kinds[0]).key)
    return made


def send(chain, trust, prefix=(), **more):
    """One mail to a server that shows the chain; the exit status, and the words about the
    certificate, without the port and the time of day."""
    with Server(tls='implicit', context=context(chain)) as server:
        result = mailchute(server.account(tls_trust_file=trust, **more), ONE, stdin=SIMPLE,
                           prefix=prefix)
    return result.status, re.sub(r':\d+|clock says .*UTC', '', result.err.split('\n')[0])


@cases(
    # what the server shows, whom we trust, and the exit status
    ('one authority', ['good'], ['ca'], 0),
    ('none of use', ['good'], ['other-ca'], 69),
    ('an expired certificate', ['expired'], ['ca'], 69),
    ('a certificate of tomorrow', ['not-yet'], ['ca'], 69),
    ('another name', ['wrong-name'], ['ca'], 69),
    ('clients only', ['client-purpose'], ['ca'], 69),
    ('an RSA key', ['rsa'], ['ca'], 0),
    ('trusted itself', ['self-signed'], ['self-signed'], 0),
    ('trusted itself, not its authority', ['good'], ['good'], 0),
    ('self-signed', ['self-signed'], ['ca'], 69),
    ('a namesake of its authority', ['good'], ['twin-ca'], 69),
    ('the authority and its namesake', ['good'], ['twin-ca', 'ca'], 0),
    ('the authority before its namesake', ['good'], ['ca', 'twin-ca'], 0),
    ('signed by the namesake', ['by-twin'], ['ca', 'twin-ca'], 0),
    ('the authority is expired', ['good'], ['ca-of-old'], 69),
    ('the authority is of tomorrow', ['good'], ['ca-to-come'], 69),
    ('the authority expired and was renewed', ['good'], ['ca-of-old', 'ca'], None),
    ('the authority was renewed', ['good'], ['ca', 'ca-of-old'], None),
    ('an authority in the middle', ['below', 'middle'], ['ca'], 0),
    ('the chain with its root', ['below', 'middle', 'ca'], ['ca'], 0),
    ('the chain in a wrong order', ['below', 'ca', 'middle'], ['ca'], None),
    ('the chain without its middle', ['below'], ['ca'], 69),
    ('the middle is trusted, too', ['below', 'middle'], ['middle', 'ca'], 0),
    ('only the middle is trusted', ['below', 'middle'], ['middle'], None),
    ('only the middle is trusted, and not shown', ['below'], ['middle'], None),
    ('the middle is expired', ['below', 'middle-of-old'], ['ca'], 69),
    ('the middle is expired but trusted', ['below', 'middle-of-old'], ['ca', 'middle'], None),
    ('the middle that is trusted is expired', ['below', 'middle'], ['ca', 'middle-of-old'], None),
    ('expired below a middle', ['below-expired', 'middle'], ['ca'], 69),
    ('a root signed by another, both trusted', ['good', 'ca-by-other'], ['ca', 'other-ca'], 0),
    ('a root signed by another, which is trusted', ['good', 'ca-by-other'], ['other-ca'], 0),
    ('a root signed by another, which is not trusted', ['good', 'ca-by-other'], ['ca'], 0),
    ('a root signed by a stranger, expired', ['good', 'ca-by-other'], ['ca-of-old'], None),
    ('the root is expired, and not who signed it', ['good', 'ca-by-other'],
     ['ca-of-old', 'other-ca'], None),
    ('a root as expired as the one trusted', ['good', 'ca-of-old'], ['ca-of-old'], 69),
    ('an expired root is shown', ['good', 'ca-of-old'], ['ca'], 0),
    ('two ways, and one is trusted', ['below', 'middle', 'middle-by-other'], ['ca'], None),
    ('two ways, and the other is trusted', ['below', 'middle', 'middle-by-other'], ['other-ca'],
     None),
    ('signed by who must not sign', ['below-good', 'good'], ['ca'], 69),
    ('a chain of strangers', ['below', 'other-ca', 'twin-ca', 'idn'], ['ca'], None),
)
def the_verdict_is_that_of_the_whole_store(chain, trust, status):
    whole = send(chain, bundle(trust))
    if status is not None:
        check_equal(whole[0], status, f'exit status ({whole[1]})')
    for name, kinds in (('in front', trust + OTHERS), ('at the end', OTHERS + trust),
                        ('in the middle', OTHERS + trust + OTHERS)):
        check_equal(send(chain, bundle(kinds)), whole, f'status and words with them {name}')


@cases(
    ('revoked', lambda: revoked('good'), 69), ('not revoked', lambda: revoked('expired'), 0),
    ('revoked by another', lambda: revoked('good', signer='other-ca'), 0),
)
def a_certificate_of_an_authority_among_many_is(revocations, status):
    for trust in (['ca'], OTHERS + ['ca']):
        got = send(['good'], bundle(trust), tls_crl_file=revocations())
        check_equal(got[0], status, f'exit status ({got[1]})')


def opened(chain, kinds, before=''):
    """How often the trust store is opened: once by us, and again where GnuTLS loads it whole."""
    if sanitized():
        raise Skip('leaks are looked for by ptrace, which is taken')
    log = folder() / 'strace'
    trust = bundle(kinds, before)
    strace = [need('strace', 'strace'), '-f', '-e', 'trace=open,openat', '-o', str(log)]
    status, _ = send(chain, trust, prefix=strace)
    return status, log.read_text().count(f'"{trust}"')


@cases(
    ('once, if it is small', ['good'], ['ca'], '', 0, 1),
    ('once, if it is big', ['good'], OTHERS + ['ca'], '', 0, 1),
    ('once, with words between its certificates', ['good'], ['ca'], '# who - we trust\n' * 2000,
     0, 1),
    ('again before a certificate is refused', ['expired'], OTHERS + ['ca'], '', 69, 2),
    ('again, with something else in it', ['good'], ['ca'],
     '-----BEGIN X509 CRL-----\n-----END X509 CRL-----\n' * 400, 0, 2),
)
def a_trust_store_is_opened(chain, kinds, before, status, times):
    check_equal(opened(chain, kinds, before), (status, times), 'exit status, and times opened')


@test
def the_system_trusts_nobody_of_ours():
    status, words = send(['good'], 'system')
    check(status in (66, 69) and re.search('CERT_UNKNOWN_CA|ca-certificates', words), words)


if __name__ == '__main__':
    main()
