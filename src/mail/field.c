/* SPDX-License-Identifier: ISC */
#include "mail/field.h"

#include <stddef.h>

/* Of the registry of header field names (RFC 3864), what people meet. */
static const struct row {
	const char *name;
	enum field_kind kind;
} rows[] = {
	{ "Apparently-To", FIELD_ADDRESSES },
	{ "Authentication-Results", FIELD_STRUCTURED },
	{ "Auto-Submitted", FIELD_STRUCTURED },
	{ "Autocrypt", FIELD_STRUCTURED },
	{ "Bcc", FIELD_ADDRESSES },
	{ "Cc", FIELD_ADDRESSES },
	{ "Comments", FIELD_TEXT },
	{ "Content-Description", FIELD_TEXT },
	{ "Content-Length", FIELD_STRUCTURED },
	{ "DKIM-Signature", FIELD_STRUCTURED },
	{ "Date", FIELD_STRUCTURED },
	{ "Delivered-To", FIELD_ADDRESSES },
	{ "Disposition-Notification-To", FIELD_ADDRESSES },
	{ "DomainKey-Signature", FIELD_STRUCTURED },
	{ "Errors-To", FIELD_ADDRESSES },
	{ "Expires", FIELD_STRUCTURED },
	{ "Feedback-ID", FIELD_TEXT },
	{ "From", FIELD_ADDRESSES },
	{ "Importance", FIELD_STRUCTURED },
	{ "In-Reply-To", FIELD_IDS },
	{ "Keywords", FIELD_STRUCTURED },
	{ "Lines", FIELD_STRUCTURED },
	{ "MIME-Version", FIELD_STRUCTURED },
	{ "Mail-Followup-To", FIELD_ADDRESSES },
	{ "Mail-Reply-To", FIELD_ADDRESSES },
	{ "Message-ID", FIELD_IDS },
	{ "Newsgroups", FIELD_STRUCTURED },
	{ "Organization", FIELD_TEXT },
	{ "Original-Recipient", FIELD_STRUCTURED },
	{ "Precedence", FIELD_STRUCTURED },
	{ "Priority", FIELD_STRUCTURED },
	{ "Received", FIELD_STRUCTURED },
	{ "Received-SPF", FIELD_STRUCTURED },
	{ "References", FIELD_IDS },
	{ "Reply-To", FIELD_ADDRESSES },
	{ "Resent-Bcc", FIELD_ADDRESSES },
	{ "Resent-Cc", FIELD_ADDRESSES },
	{ "Resent-From", FIELD_ADDRESSES },
	{ "Resent-Message-ID", FIELD_IDS },
	{ "Resent-Reply-To", FIELD_ADDRESSES },
	{ "Resent-Sender", FIELD_ADDRESSES },
	{ "Resent-To", FIELD_ADDRESSES },
	{ "Return-Path", FIELD_STRUCTURED },
	{ "Return-Receipt-To", FIELD_ADDRESSES },
	{ "Sender", FIELD_ADDRESSES },
	{ "Sensitivity", FIELD_STRUCTURED },
	{ "Status", FIELD_TEXT },
	{ "Subject", FIELD_TEXT },
	{ "Thread-Index", FIELD_TEXT },
	{ "Thread-Topic", FIELD_TEXT },
	{ "To", FIELD_ADDRESSES },
	{ "User-Agent", FIELD_TEXT },
};

static const struct row families[] = {
	{ "X-", FIELD_TEXT },
	{ "ARC-", FIELD_STRUCTURED },
	{ "Content-", FIELD_STRUCTURED },
	{ "List-", FIELD_STRUCTURED },
	{ "Resent-", FIELD_STRUCTURED },
};

enum field_kind
field_kind(struct span name)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (span_is_nocase(name, rows[i].name))
			return rows[i].kind;
	for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
		if (span_starts_nocase(name, families[i].name))
			return families[i].kind;
	return FIELD_UNKNOWN;
}
