/* SPDX-License-Identifier: ISC */
#include "conf/legacy.h"

static const struct legacy_word opposite[] = { { "", "off" }, { "on", "off" },
	{ "off", "on" }, { NULL, NULL } };
static const struct legacy_word automatic[] = { { "", "auto" }, { "on", "auto" },
	{ "off", "off" }, { NULL, NULL } };
static const struct legacy_word undisclosed[] = { { "", "undisclosed_recipients" },
	{ "on", "undisclosed_recipients" }, { "off", "off" }, { NULL, NULL } };
static const struct legacy_word off_only[] = { { "", "off" }, { NULL, NULL } };

const struct legacy_name legacy_names[] = {
	{ "connect_timeout", "timeout", NULL, 0 },
	{ "keepbcc", "remove_bcc_headers", opposite, 0 },
	{ "add_missing_from_header", "set_from_header", automatic, 0 },
	{ "add_missing_date_header", "set_date_header", automatic, 0 },
	{ "undisclosed_recipients", "set_to_header", undisclosed, 0 },
	{ "tls_nostarttls", "tls_starttls", off_only, OPTION_FILE_ONLY },
	{ "tls_nocertcheck", "tls_certcheck", off_only, OPTION_FILE_ONLY },
	{ "tls_force_sslv3", NULL, NULL, 0 },
};
const size_t legacy_count = sizeof legacy_names / sizeof legacy_names[0];

const struct legacy_name *
legacy_find(struct span name)
{
	for (size_t i = 0; i < legacy_count; i++)
		if (span_is(name, legacy_names[i].name))
			return &legacy_names[i];
	return NULL;
}

bool
legacy_translate(const struct legacy_name *l, const struct option_row **row,
    struct span *value, enum cause cause, struct outcome *o)
{
	*row = l->setting != NULL ? option_find(span_of(l->setting)) : NULL;
	if (l->words == NULL)
		return true;
	for (const struct legacy_word *w = l->words; w->word != NULL; w++)
		if (span_is(*value, w->word)) {
			*value = span_of(w->value);
			return true;
		}
	return outcome_fail(o, cause,
	    "%s is an old name, and doesn't take this argument: better write %s", l->name,
	    l->setting);
}
