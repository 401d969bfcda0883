/* SPDX-License-Identifier: ISC */
#include "cmd/choose.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/caller.h"
#include "cmd/report.h"
#include "conf/bequest.h"
#include "conf/environment.h"
#include "conf/load.h"
#include "conf/option.h"
#include "conf/password.h"
#include "conf/pattern.h"
#include "conf/slip.h"
#include "mail/address.h"
#include "mail/compose.h"
#include "mail/sender.h"

#define WORDS_MAX (64 * 1024)
#define SERVICE_SOCKET "/run/mailchute/submit.sock"

static struct account *
add_account(struct config *c, const char *name)
{
	c->v = mem_room(c->v, c->n, sizeof(struct account *));
	c->v[c->n] = account_new(name);
	return c->v[c->n++];
}

/* Without its name and comments; NULL: none was given, or it is none. */
static char *
given_sender(const struct invocation *v, const char *from_header)
{
	const char *text = v->read_sender ? from_header : invocation_given(v, "from");
	struct address a = { 0 };
	struct outcome ignored;
	char *spec;

	if (text == NULL || !address_parse(&a, span_of(text), &ignored))
		return NULL;
	spec = mem_dup(a.spec);
	address_free(&a);
	return spec;
}

static bool
set(struct account *a, const char *name, const char *value, const char *where,
    enum cause cause, struct outcome *o)
{
	const struct origin origin = { where, 0, true };

	return option_set(
	    a, option_find(span_of(name)), span_of(value), origin, cause, o);
}

/* What some programs set where there is no configuration at all. */
static bool
has_server_in_environment(const struct choice_made *made)
{
	const char *host = secure_getenv("SMTPSERVER");

	return host != NULL && *host != '\0' &&
	       (made->sender != NULL || secure_getenv("EMAIL") != NULL);
}

static bool
from_environment(struct choice_made *made, struct config *c, struct outcome *o)
{
	static const char where[] = "environment variables EMAIL and SMTPSERVER";
	const char *from = made->sender != NULL ? made->sender : secure_getenv("EMAIL");

	made->by = CHOICE_ENVIRONMENT;
	made->account = add_account(c, "environment");
	return set(made->account, "host", secure_getenv("SMTPSERVER"), where,
		   CAUSE_CONFIG, o) &&
	       set(made->account, "from", from, where, CAUSE_CONFIG, o);
}

static const char *
given_socket(void)
{
	const char *given = secure_getenv("MAILCHUTE_SOCKET");

	return given != NULL && *given != '\0' ? given : NULL;
}

/* Where a service of this machine takes mail from those who have no account, and may not
 * see the password of one: $MAILCHUTE_SOCKET, or the usual place. NULL: nowhere. */
static const char *
service_socket(void)
{
	if (given_socket() != NULL)
		return given_socket();
	return access(SERVICE_SOCKET, W_OK) == 0 ? SERVICE_SOCKET : NULL;
}

/* Why there is none, where there is something at the usual place. */
static bool
note_closed_service(struct outcome *o)
{
	if (access(SERVICE_SOCKET, W_OK) == 0 || errno == ENOENT || errno == ENOTDIR)
		return false;
	return outcome_note(o,
	    "the service of this machine at %s doesn't take mail from this user: %s",
	    SERVICE_SOCKET, strerror(errno));
}

static bool
from_service(struct choice_made *made, struct config *c, struct outcome *o)
{
	made->by = CHOICE_SERVICE;
	made->account = add_account(c, "service");
	return set(made->account, "socket", service_socket(),
	    "the service that takes mail of this machine", CAUSE_CONFIG, o);
}

/* Whoever names a server, an account or a file gets just that. */
static bool
are_variables_heard(const struct invocation *v)
{
	return invocation_given(v, "host") == NULL && v->account == NULL &&
	       v->file == NULL;
}

/* Mail that is only caught needs no server, and so no account. */
static bool
from_nothing(struct choice_made *made, const struct invocation *v, struct config *c)
{
	const char *protocol = invocation_given(v, "protocol");

	if (protocol != NULL && strcmp(protocol, "catch") == 0) {
		made->by = CHOICE_COMMAND_LINE;
		made->account = add_account(c, "command line");
	} else if (protocol == NULL && are_variables_heard(v) && environment_catches()) {
		made->by = CHOICE_VARIABLES;
		made->account = add_account(c, "environment");
	}
	return made->account != NULL;
}

/* There is no account; a mistake in the environment may be why. */
static bool
is_environment_right(const struct invocation *v, struct config *c, struct outcome *o)
{
	struct account *scratch = account_new("");
	bool ok = !are_variables_heard(v) || environment_apply(c, scratch, o);

	account_free(scratch);
	return ok;
}

bool
choose_files(const struct invocation *v, struct config *c, struct outcome *o)
{
	if (v->known == NULL)
		return config_load(c, v->file, o);
	config_copy(c, v->known);
	return true;
}

static bool
from_files(struct choice_made *made, const struct invocation *v, struct config *c,
    struct outcome *o)
{
	if (!choose_files(v, c, o))
		return false;
	made->by = CHOICE_NAME;
	if (v->account != NULL) {
		made->account = config_account(c, v->account, o);
		return made->account != NULL;
	}
	made->by = CHOICE_SENDER;
	if (made->sender != NULL && *made->sender != '\0')
		made->account = config_find_sender(c, made->sender);
	if (made->account != NULL)
		return true;
	made->by = CHOICE_DEFAULT;
	made->account = config_find(c, "default");
	if (made->account != NULL)
		return true;
	if (has_server_in_environment(made))
		return from_environment(made, c, o);
	if (from_nothing(made, v, c))
		return true;
	if (service_socket() != NULL)
		return from_service(made, c, o);
	if (is_environment_right(v, c, o))
		made->account = config_account(c, "default", o);
	return made->account != NULL || note_closed_service(o);
}

/* Of -f, and its long form, or of all the others. */
static bool
lay_some_over(
    struct account *a, const struct invocation *v, bool sender, struct outcome *o)
{
	const struct origin origin = { "command line", 0, true };

	for (size_t i = 0; i < v->n; i++) {
		const struct given *given = &v->given[i];

		if ((given->row->letter == 'f') == sender &&
		    !option_set(
			a, given->row, span_of(given->value), origin, CAUSE_USAGE, o))
			return false;
	}
	return true;
}

/* Who sends comes last: the account has to let it, or have nobody. */
static bool
lay_sender_over(struct choice_made *made, const struct invocation *v, struct outcome *o)
{
	struct account *a = made->account;

	if (!a->allow_from_override && a->from != NULL)
		return true;
	if (invocation_given(v, "from") != NULL)
		made->sender_by = SENDER_GIVEN;
	else if (v->read_sender)
		made->sender_by = SENDER_OF_MAIL;
	return lay_some_over(a, v, true, o) &&
	       (!v->read_sender ||
		   set(a, "from", made->sender, "the mail", CAUSE_USAGE, o));
}

static bool
lay_over(struct account *a, const struct invocation *v, struct outcome *o)
{
	for (size_t i = 0; i < v->n; i++)
		if (password_is_source(v->given[i].row))
			password_forget(a); /* what the command line says wins */
	return lay_some_over(a, v, false, o);
}

static void
warn_of_unknown(const struct invocation *v)
{
	struct span left, line;
	struct buf words;

	buf_init(&words, WORDS_MAX);
	environment_add_unknown(&words);
	left = buf_span(&words);
	while (span_cut(&left, '\n', &line)) {
		char *text = span_dup(line);

		report_warning(v, text);
		free(text);
	}
	buf_free(&words);
}

static bool
lay_variables_over(
    struct account *a, const struct invocation *v, struct config *c, struct outcome *o)
{
	if (!are_variables_heard(v))
		return true;
	return environment_apply(c, a, o);
}

static bool
names_server(const struct invocation *v)
{
	return invocation_given(v, "host") != NULL || invocation_given(v, "port") != NULL;
}

/* A file that can't be read may well name one. */
static bool
do_files_say_nothing(const struct config *c)
{
	for (size_t i = 0; i < c->files; i++)
		if (c->file[i]->error != 0 && !config_file_is_missing(c->file[i]))
			return false;
	return c->n == 0;
}

/* Under the name sendmail strangers may reach the command line: what files and the
 * environment say isn't theirs to change. */
static bool
is_unconfigured(const struct invocation *v, struct config *c, struct outcome *o)
{
	const char *server = secure_getenv("SMTPSERVER");

	if (!config_load(c, NULL, o))
		return false;
	if (do_files_say_nothing(c) && !environment_has_server() &&
	    (server == NULL || *server == '\0'))
		return true;
	return outcome_fail(o, CAUSE_FORBIDDEN,
	    "--host and --port can't be used under the name %s, where strangers may "
	    "reach the command line, and where a file or the environment names a server",
	    v->program);
}

/* A server that is named on the command line, else one of the environment, else what the
 * files say. */
static bool
find_account(struct choice_made *made, const struct invocation *v, struct config *c,
    struct outcome *o)
{
	if (invocation_given(v, "host") != NULL) {
		if (v->account != NULL)
			return outcome_fail(o, CAUSE_USAGE,
			    "--host describes a server of its own: it can't go with "
			    "--account");
		made->account = add_account(c, "command line");
		made->by = CHOICE_COMMAND_LINE;
		return true;
	}
	if (are_variables_heard(v) && environment_has_server()) {
		made->account = add_account(c, "environment");
		made->by = CHOICE_VARIABLES;
		return true;
	}
	if (are_variables_heard(v) && given_socket() != NULL &&
	    invocation_given(v, "protocol") == NULL && !environment_catches())
		return choose_files(v, c, o) && from_service(made, c, o);
	return from_files(made, v, c, o);
}

bool
choose_account(struct choice_made *made, const struct invocation *v, struct config *c,
    const char *from_header, struct outcome *o)
{
	*made = (struct choice_made){ .sender = given_sender(v, from_header),
		.as_sendmail = v->whole };
	if (are_variables_heard(v))
		warn_of_unknown(v);
	if (v->read_sender && made->sender == NULL)
		return outcome_fail(o, CAUSE_USAGE,
		    "no envelope from address found: the mail has no From header with "
		    "an address");
	if (v->as_sendmail && names_server(v) && !is_unconfigured(v, c, o))
		return false;
	if (!find_account(made, v, c, o) || !lay_variables_over(made->account, v, c, o))
		return false;
	if (made->account->from != NULL)
		made->own = mem_dup(made->account->from);
	if (!lay_over(made->account, v, o) || !lay_sender_over(made, v, o))
		return false;
	bequeath_queue(c, made->account); /* by routes, too, that no file has */
	return true;
}

/* The login name, at maildomain where there is one. */
static char *
login_sender(const struct account *a)
{
	char *user = pattern_user();
	char *sender = a->maildomain != NULL ? mem_printf("%s@%s", user, a->maildomain)
					     : mem_dup(user);

	free(user);
	return sender;
}

static void
set_from_login(struct choice_made *made, bool is_own)
{
	free(made->own);
	made->own = login_sender(made->account);
	if (!is_own)
		return;
	free(made->account->from);
	made->account->from = mem_dup(made->own);
}

bool
choose_sender(struct choice_made *made, const char *from_header, struct outcome *o)
{
	const struct pattern_context sender = { true, from_header },
				     host = { false, NULL };
	struct account *a = made->account;
	bool is_own = made->sender_by == SENDER_OWN || !a->allow_from_override;
	char *first = NULL;

	if (a->auto_from)
		set_from_login(made, is_own);
	if (is_own && a->from != NULL) {
		first = sender_first(a->from);
		made->is_pattern = first == NULL;
	}
	if (first != NULL) {
		free(a->from);
		a->from = first;
	}
	return (made->sender_by == SENDER_OF_MAIL || (made->as_sendmail && !is_own) ||
		   pattern_expand(&a->from, &sender, o)) &&
	       pattern_expand(&made->own, &sender, o) &&
	       pattern_expand(&a->domain, &host, o) &&
	       pattern_expand(&a->maildomain, &host, o);
}

unsigned
repairs_wanted(const struct invocation *v, const struct account *a)
{
	unsigned wanted = (unsigned)a->repair;

	if (a->repair == REPAIR_AUTO)
		wanted = v->whole ? REPAIR_ALL : 0;
	return wanted;
}

/* A mail that is caught needs no sender that a server would take, and the service of this
 * machine knows whose it is. */
static bool
needs_login_sender(const struct choice_made *made)
{
	return made->account->from == NULL &&
	       (made->account->protocol == PROTOCOL_CATCH || made->by == CHOICE_SERVICE);
}

/* A mail domain, for local addresses to get: sendmail always has one. */
static void
settle_domain(struct account *a, const struct invocation *v)
{
	static const char where[] = "the name of this machine, or its mailname";
	struct outcome ignored;
	char *domain;

	if (a->maildomain != NULL)
		return;
	domain = v->domain != NULL ? mem_dup(v->domain) : caller_domain();
	if (domain != NULL && *domain != '\0')
		(void)set(a, "maildomain", domain, where, CAUSE_CONFIG, &ignored);
	free(domain);
}

static void
warn_of_doubt(const struct invocation *v, const struct account *a)
{
	struct outcome o;

	if (!slip_doubt(a, &o))
		report_misgiving(v, &o);
}

bool
choose(struct choice_made *made, const struct invocation *v, struct config *c,
    const char *from_header, struct outcome *o)
{
	if (!choose_account(made, v, c, from_header, o) ||
	    !account_check(made->account, o))
		return false;
	warn_of_doubt(v, made->account);
	if (v->whole || (repairs_wanted(v, made->account) & REPAIR_ADDRESSES) != 0 ||
	    needs_login_sender(made))
		settle_domain(made->account, v);
	return choose_sender(made, from_header, o);
}

void
choice_free(struct choice_made *made)
{
	free(made->sender);
	free(made->own);
	*made = (struct choice_made){ 0 };
}
