/* SPDX-License-Identifier: ISC */
#include "smtp/refusal.h"

#include <fnmatch.h>
#include <string.h>
#include <strings.h>

#define ANY STAGE_LAST

static const char google[] =
    "Google wants an app password or OAuth2, not your normal password";
static const char google_fix[] =
    "make an app password at https://myaccount.google.com/apppasswords and store it in "
    "place of the other; or auth oauthbearer, with passwordeval for a token";
static const char microsoft[] =
    "Microsoft has switched off password login for this mailbox or its organization";
static const char microsoft_fix[] =
    "auth xoauth2    (with passwordeval for a token; or have the administrator switch on "
    "authenticated SMTP for this mailbox)";
static const char qq[] =
    "QQ Mail needs an authorization code (\346\216\210\346\235\203\347\240\201), not the "
    "account password";
static const char qq_fix[] =
    "mail.qq.com \342\206\222 \350\256\276\347\275\256 \342\206\222 "
    "\350\264\246\346\210\267 "
    "\342\206\222 \345\274\200\345\220\257SMTP\346\234\215\345\212\241, and store the "
    "code in place of the password";
static const char netease[] = "NetEase Mail needs an authorization code "
			      "(\346\216\210\346\235\203\347\240\201), not "
			      "the account password";
static const char netease_fix[] =
    "\350\256\276\347\275\256 \342\206\222 POP3/SMTP/IMAP \342\206\222 "
    "\345\274\200\345\220\257SMTP\346\234\215\345\212\241, and store the code in place "
    "of the password";

/* The first row that fits counts. `code` is a whole code or its first digit; `status`
 * (RFC 3463) and `words`, a pattern of fnmatch(3), may be NULL: any; `host` is the end of
 * the server's name. */
/* clang-format off */
static const struct row {
	enum stage stage;
	int code;
	const char *status, *words, *host;
	enum cause cause;
	const char *sentence, *hint;
} rows[] = {
	/* Not about the command, but about what should have come before it: RFC 3207, 4,
	 * and RFC 4954, 6. */
	{ ANY, 530, NULL, "*TLS*", NULL, CAUSE_TLS_WANTED, NULL, NULL },
	{ ANY, 530, NULL, NULL, NULL, CAUSE_AUTH_WANTED, NULL, NULL },

	{ ANY, 5, "5.7.30", NULL, NULL, CAUSE_AUTH_BASIC, microsoft, microsoft_fix },
	{ ANY, 5, NULL, "*SmtpClientAuth* is disabled*", NULL, CAUSE_AUTH_BASIC, microsoft, microsoft_fix },
	{ STAGE_AUTH, 5, "5.7.139", "*credentials were incorrect*", NULL, CAUSE_AUTH_REFUSED, NULL, NULL },
	{ STAGE_AUTH, 5, "5.7.139", NULL, NULL, CAUSE_AUTH_BASIC, microsoft, microsoft_fix },
	{ STAGE_AUTH, 5, NULL, "*basic auth* is *disabled*", NULL, CAUSE_AUTH_BASIC, NULL, NULL },
	{ STAGE_AUTH, 534, "5.7.9", "*support.google.com*", NULL, CAUSE_AUTH_APP, google, google_fix },
	{ STAGE_AUTH, 5, NULL, "*InvalidSecondFactor*", NULL, CAUSE_AUTH_APP, google, google_fix },
	{ STAGE_AUTH, 534, NULL, NULL, "gmail.com", CAUSE_AUTH_APP, google, google_fix },
	{ STAGE_AUTH, 5, NULL, "*BadCredentials*", NULL, CAUSE_AUTH_REFUSED, NULL, google_fix },
	{ STAGE_AUTH, 5, NULL, "*mail.qq.com*", NULL, CAUSE_AUTH_APP, qq, qq_fix },
	{ STAGE_AUTH, 5, NULL, NULL, "qq.com", CAUSE_AUTH_APP, qq, qq_fix },
	{ STAGE_AUTH, 5, NULL, NULL, "163.com", CAUSE_AUTH_APP, netease, netease_fix },
	{ STAGE_AUTH, 5, NULL, NULL, "126.com", CAUSE_AUTH_APP, netease, netease_fix },
	{ STAGE_AUTH, 5, NULL, NULL, "yeah.net", CAUSE_AUTH_APP, netease, netease_fix },
	{ STAGE_AUTH, 5, NULL, "*application?specific*", NULL, CAUSE_AUTH_APP, NULL, NULL },
	{ STAGE_AUTH, 5, NULL, "*app?specific*", NULL, CAUSE_AUTH_APP, NULL, NULL },
	{ STAGE_AUTH, 5, NULL, "*app?password*", NULL, CAUSE_AUTH_APP, NULL, NULL },
	{ STAGE_AUTH, 5, NULL, "*authorization code*", NULL, CAUSE_AUTH_APP, NULL, NULL },
	{ STAGE_AUTH, 5, "5.7.9", NULL, NULL, CAUSE_AUTH_APP, NULL, NULL },
	{ STAGE_AUTH, 4, NULL, NULL, NULL, CAUSE_AUTH_REFUSED, NULL, NULL },
	{ STAGE_AUTH, 5, NULL, NULL, NULL, CAUSE_AUTH_REFUSED, NULL, NULL },

	{ ANY, 5, "5.4.5", NULL, NULL, CAUSE_QUOTA, NULL, NULL },
	{ ANY, 0, NULL, "*daily * limit*", NULL, CAUSE_QUOTA, NULL, NULL },
	{ ANY, 0, NULL, "*daily * quota*", NULL, CAUSE_QUOTA, NULL, NULL },
	{ ANY, 0, NULL, "*daily limit*", NULL, CAUSE_QUOTA, NULL, NULL },
	{ ANY, 0, NULL, "*sending limit*", NULL, CAUSE_QUOTA, NULL, NULL },
	{ ANY, 0, NULL, "*sending quota*", NULL, CAUSE_QUOTA, NULL, NULL },
	{ ANY, 0, NULL, "*SubmissionQuotaExceeded*", NULL, CAUSE_QUOTA, NULL, NULL },
	{ ANY, 0, NULL, "*RecipientRateExceeded*", NULL, CAUSE_QUOTA, NULL, NULL },

	{ STAGE_MAIL, 5, NULL, "*authenticat* *required*", NULL, CAUSE_AUTH_WANTED, NULL, NULL },
	{ STAGE_RCPT, 5, NULL, "*sender address rejected*", NULL, CAUSE_SENDER, NULL, NULL },
	{ ANY, 5, NULL, "*SendAsDenied*", NULL, CAUSE_SENDER, NULL, NULL },
	{ ANY, 5, "5.7.60", NULL, NULL, CAUSE_SENDER, NULL, NULL },
	{ STAGE_MAIL, 5, "5.7.1", NULL, NULL, CAUSE_SENDER, NULL, NULL },
	{ STAGE_MAIL, 553, NULL, NULL, NULL, CAUSE_SENDER, NULL, NULL },
	{ STAGE_MAIL, 5, NULL, "*not owned by*", NULL, CAUSE_SENDER, NULL, NULL },
	{ STAGE_MAIL, 5, NULL, "*sender*", NULL, CAUSE_SENDER, NULL, NULL },
	{ STAGE_MAIL, 5, NULL, "*must be same as auth*", NULL, CAUSE_SENDER, NULL, NULL },
	{ STAGE_MAIL, 5, NULL, "*must equal auth*", NULL, CAUSE_SENDER, NULL, NULL },
};
/* clang-format on */

/* Whether the name is this domain, or one in it. */
static bool
is_within(const char *name, const char *domain)
{
	size_t n = strlen(name), d = strlen(domain);

	return n >= d && strcasecmp(name + n - d, domain) == 0 &&
	       (n == d || name[n - d - 1] == '.');
}

static bool
fits(const struct row *r, const struct outcome *o, const char *server)
{
	if (r->stage != ANY && r->stage != o->stage)
		return false;
	if (r->code != 0 && r->code != (r->code < 10 ? o->code / 100 : o->code))
		return false;
	if (r->status != NULL && strcmp(r->status, o->status) != 0)
		return false;
	if (r->host != NULL && (server == NULL || !is_within(server, r->host)))
		return false;
	return r->words == NULL || fnmatch(r->words, o->text, FNM_CASEFOLD) == 0;
}

void
refusal_explain(struct outcome *o, const char *server)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (fits(&rows[i], o, server)) {
			outcome_refine(o, rows[i].cause, rows[i].sentence, rows[i].hint);
			return;
		}
}
