/* SPDX-License-Identifier: ISC */
#include "net/trust.h"

#include <string.h>

#include "base/encode.h"
#include "base/file.h"

#define FILE_MAX (16 * 1024 * 1024)
#define HEAD 384 /* bytes at the front of a certificate that mostly hold its subject */
#define DER_MAX (256 * 1024)

void
trust_init(struct trust *t)
{
	buf_init(&t->text, FILE_MAX);
}

void
trust_free(struct trust *t)
{
	buf_free(&t->text);
}

/* A pipe can be read only once: that is left to GnuTLS. */
static bool
is_big(const char *file)
{
	struct stat st;

	return stat(file, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > TRUST_SMALL;
}

bool
trust_read(struct trust *t, const char *file)
{
	struct stat st;

	if (!is_big(file))
		return false;
	if (file_read(file, &t->text, &st))
		return true;
	buf_clear(&t->text);
	return false;
}

/* Goes into the element of DER (X.690, 8.1 and 10.1) at the front of *in, which should
 * hold `length` bytes: the end of it may be missing. */
static bool
enter(struct span *in, size_t *length)
{
	const unsigned char *p = (const unsigned char *)in->p;
	size_t more;

	if (in->n < 2 || p[1] == 0x80)
		return false;
	more = p[1] > 0x80 ? p[1] & 0x7f : 0;
	if (more > 3 || in->n < 2 + more)
		return false;
	*length = more == 0 ? p[1] : 0;
	for (size_t i = 0; i < more; i++)
		*length = *length << 8 | p[2 + i];
	*in = span_bytes(in->p + 2 + more, in->n - 2 - more);
	return true;
}

/* Takes an element off the front of *in. */
static bool
next_element(struct span *in, struct span *element)
{
	struct span content = *in;
	size_t length;

	if (!enter(&content, &length) || length > content.n)
		return false;
	*element = span_bytes(in->p, (size_t)(content.p - in->p) + length);
	*in = span_bytes(in->p + element->n, in->n - element->n);
	return true;
}

struct names {
	struct span issuer;
	struct span subject;
};

/* RFC 5280, 4.1: before the subject stand the version, which may be missing, serial
 * number, signature, issuer and validity. What is behind it isn't needed. */
static bool
read_names(struct span certificate, struct names *names)
{
	enum { SERIAL, SIGNATURE, ISSUER, VALIDITY, SUBJECT, PARTS };
	const char version = (char)0xa0;
	struct span part[PARTS];
	size_t ignored;

	for (int depth = 0; depth < 2; depth++) /* to what is signed of it */
		if (!enter(&certificate, &ignored))
			return false;
	if (certificate.n > 0 && *certificate.p == version &&
	    !next_element(&certificate, &part[0]))
		return false;
	for (size_t i = 0; i < PARTS; i++)
		if (!next_element(&certificate, &part[i]))
			return false;
	*names = (struct names){ part[ISSUER], part[SUBJECT] };
	return true;
}

/* The next line of a PEM file that begins with dashes: a "-" is rare in all others. NULL:
 * there is none. */
static const char *
find_dashes(const char *p, const char *stop)
{
	static const char dashes[] = "-----";
	const size_t n = sizeof dashes - 1;

	while ((p = memchr(p, '-', (size_t)(stop - p))) != NULL) {
		if ((size_t)(stop - p) >= n && memcmp(p, dashes, n) == 0)
			return p;
		p++;
	}
	return NULL;
}

/* What follows the line at `p`, which must be this one. */
static const char *
skip_line(const char *p, const char *stop, const char *line)
{
	const size_t n = strlen(line);

	if (p == NULL || (size_t)(stop - p) < n || memcmp(p, line, n) != 0)
		return NULL;
	return p + n;
}

/* Takes the next certificate off the front of *text. *pem becomes all of it, *lines what
 * is between its first and its last line. False where none follows, or something else. */
static bool
next_certificate(struct span *text, struct span *pem, struct span *lines)
{
	const char *stop = text->p + text->n, *first, *from, *last, *to;

	first = find_dashes(text->p, stop);
	from = skip_line(first, stop, "-----BEGIN CERTIFICATE-----");
	last = from != NULL ? find_dashes(from, stop) : NULL;
	to = skip_line(last, stop, "-----END CERTIFICATE-----");
	if (to == NULL)
		return false;
	*pem = span_bytes(first, (size_t)(to - first));
	*lines = span_bytes(from, (size_t)(last - from));
	*text = span_bytes(to, (size_t)(stop - to));
	return true;
}

/* Decodes at least `n` bytes, if there are as many. */
static bool
decode(struct buf *der, struct span lines, size_t n)
{
	struct span line;

	buf_clear(der);
	while (der->len < n && span_cut(&lines, '\n', &line))
		if (!base64_decode(der, span_trim(line)))
			return false;
	return buf_ok(der);
}

/* The names are good as long as `der` isn't changed. */
static bool
decode_names(struct buf *der, struct span lines, struct names *names)
{
	return (decode(der, lines, HEAD) && read_names(buf_span(der), names)) ||
	       (decode(der, lines, DER_MAX) && read_names(buf_span(der), names));
}

static bool
is_same(struct span a, struct span b)
{
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

static bool
is_wanted(struct span subject, const struct names *chain, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_same(subject, chain[i].issuer) ||
		    is_same(subject, chain[i].subject))
			return true;
	return false;
}

bool
trust_find(const struct trust *t, const struct span chain[], size_t n,
    void (*take)(void *arg, struct span pem), void *arg)
{
	struct names wanted[TRUST_CHAIN], names;
	struct span text = buf_span(&t->text), pem, lines;
	struct buf der;
	bool ok = n <= TRUST_CHAIN;

	for (size_t i = 0; ok && i < n; i++)
		ok = read_names(chain[i], &wanted[i]);
	buf_init(&der, DER_MAX);
	while (ok && next_certificate(&text, &pem, &lines)) {
		ok = decode_names(&der, lines, &names);
		if (ok && is_wanted(names.subject, wanted, n))
			take(arg, pem);
	}
	buf_free(&der);
	return ok && find_dashes(text.p, text.p + text.n) == NULL;
}
