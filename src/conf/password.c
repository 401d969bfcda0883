/* SPDX-License-Identifier: ISC */
#include "conf/password.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/command.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/terminal.h"
#include "base/utf8.h"
#include "conf/home.h"
#include "conf/keyring.h"
#include "conf/netrc.h"
#include "conf/secretfile.h"

#define COMMAND_MS 120000 /* long enough to type a passphrase */
#define PERSON_MS 300000
#define NETRC_MAX (1024 * 1024) /* bytes of such a file */
#define WORDS_MAX 4096

/* For a file with a password, which others may not read. */
#define MAKE_FILE "install -m 600 /dev/stdin"

static const char *const sources[] = { "password", "passwordeval", "password_file" };

void
password_free(struct password *p)
{
	secret_free(&p->secret);
	free(p->origin);
	free(p->warning);
	*p = (struct password){ 0 };
}

static struct span
first_line(struct span text)
{
	struct span line = { "", 0 };

	(void)span_cut(&text, '\n', &line);
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* Why these bytes are no password; NULL: they are one. */
static const char *
objection(struct span s)
{
	if (s.n == 0)
		return "no password";
	return memchr(s.p, '\0', s.n) != NULL ? "a NUL, which no password can have"
					      : NULL;
}

/* What the setting is and where it stands: "passwordeval (/home/joe/.msmtprc:7)". */
static char *
origin_of(const struct account *a, const char *setting)
{
	struct origin from = option_origin(a, option_find(span_of(setting)));

	if (from.file == NULL)
		return mem_dup(setting);
	if (from.line == 0)
		return mem_printf("%s (%s)", setting, from.file);
	return mem_printf("%s (%s:%d)", setting, from.file, from.line);
}

/* The settings. */

static bool
from_setting(const struct account *a, struct password *p, struct outcome *o)
{
	(void)o;
	secret_set(&p->secret, span_bytes(a->password.data, a->password.len));
	p->origin = origin_of(a, "password");
	return true;
}

static bool
from_command(const struct account *a, struct password *p, struct outcome *o)
{
	char *origin = origin_of(a, "passwordeval");
	struct span line;
	const char *wrong;
	struct buf text;
	bool ok;

	buf_init(&text, SECRET_MAX);
	buf_reserve(&text, SECRET_MAX);
	ok = command_run(a->passwordeval, clock_in(COMMAND_MS), &text, CAUSE_PASSWORD, o);
	line = first_line(buf_span(&text));
	wrong = ok ? objection(line) : NULL;
	if (wrong != NULL) {
		ok = outcome_fail(o, CAUSE_PASSWORD,
		    "the command succeeded, and its first line holds %s", wrong);
		outcome_refine(o, CAUSE_PASSWORD, NULL,
		    "run that command by hand, as the user who sends mail: its first "
		    "line has to be the password");
	}
	if (ok) {
		secret_set(&p->secret, line);
		p->origin = mem_dup(origin);
	} else {
		(void)outcome_place(o, "%s", origin);
	}
	buf_free_secret(&text);
	free(origin);
	return ok;
}

/* A relative path is the name of a credential (systemd.exec(5)). NULL: it can't be. */
static char *
credential_path(const char *name, struct outcome *o)
{
	const char *folder = secure_getenv("CREDENTIALS_DIRECTORY");

	if (*name == '/')
		return mem_dup(name);
	if (folder != NULL && *folder == '/')
		return mem_printf("%s/%s", folder, name);
	(void)outcome_fail(o, CAUSE_PASSWORD,
	    "password_file %s: such a path is looked for in $CREDENTIALS_DIRECTORY, "
	    "which is not set; write the whole path, or one that begins with ~",
	    name);
	return NULL;
}

/* Whoever made the credentials, or is root, has decided who may read them. */
static bool
is_decided(const char *path, const struct stat *st)
{
	const char *folder = secure_getenv("CREDENTIALS_DIRECTORY");
	size_t n = folder != NULL ? strlen(folder) : 0;

	return st->st_uid == 0 ||
	       (n > 0 && strncmp(path, folder, n) == 0 && path[n] == '/');
}

static bool
take_file(struct password *p, const char *path, const struct stat *st, struct span line,
    struct outcome *o)
{
	const char *wrong = objection(line);

	if (wrong != NULL)
		return outcome_fail(o, CAUSE_PASSWORD,
		    "the first line of password_file %s holds %s", path, wrong);
	if (!is_decided(path, st) && !secretfile_check(st, path, o))
		return false;
	secret_set(&p->secret, line);
	p->origin = mem_dup(path);
	return true;
}

/* How a file that isn't there is made, by a line that can be pasted; or where it comes
 * from, if not from a person. */
static void
offer_file(const struct account *a, const char *path, struct outcome *o)
{
	if (*a->password_file != '/') {
		outcome_refine(o, CAUSE_PASSWORD, NULL,
		    "name it in the unit of the service: LoadCredential=NAME:FILE");
	} else if (strlen(path) + sizeof MAKE_FILE < sizeof o->setting &&
		   file_name_is_plain(path)) {
		outcome_refine(o, CAUSE_PASSWORD, NULL,
		    "this reads the password from the keyboard, up to Enter and Ctrl-D, "
		    "and keeps it from others:");
		(void)outcome_offer(o, MAKE_FILE, path);
	}
}

static bool
from_file(const struct account *a, struct password *p, struct outcome *o)
{
	char *path = credential_path(a->password_file, o), words[FILE_TROUBLE_MAX];
	struct stat st;
	struct buf text;
	bool ok;

	if (path == NULL)
		return false;
	buf_init(&text, SECRET_MAX);
	ok = file_read(path, &text, &st);
	if (ok) {
		ok = take_file(p, path, &st, first_line(buf_span(&text)), o);
	} else {
		const int error = errno;

		(void)outcome_fail(o, CAUSE_PASSWORD, "password_file %s: %s", path,
		    file_trouble(&text, words));
		if (error == ENOENT)
			offer_file(a, path, o);
	}
	buf_free_secret(&text);
	free(path);
	return ok;
}

/* Where it may be if no setting says: each has the password, or tells why not. */

static bool
in_keyring(const struct account *a, struct password *p, struct buf *why)
{
	p->origin = mem_dup("the keyring");
	return keyring_find(account_server(a), a->user, &p->secret, why);
}

static void
warn_if_exposed(struct password *p, const char *path, const struct stat *st)
{
	struct outcome o;

	if (!secretfile_check(st, path, &o))
		p->warning = mem_dup(o.text);
}

static bool
in_netrc(const struct account *a, const char *path, bool is_system, struct password *p,
    struct buf *why)
{
	char words[FILE_TROUBLE_MAX];
	struct stat st;
	struct buf text;
	bool ok = false;
	int line;

	buf_init(&text, NETRC_MAX);
	if (!file_read(path, &text, &st))
		buf_printf(why, "%s: %s", path, file_trouble(&text, words));
	else if (!netrc_find(
		     buf_span(&text), account_server(a), a->user, &p->secret, &line))
		buf_printf(why, "%s has none", path);
	else
		ok = true;
	buf_free_secret(&text);
	if (!ok)
		return false;
	p->origin = mem_printf("%s:%d", path, line);
	if (!is_system)
		warn_if_exposed(p, path, &st);
	return true;
}

static bool
in_own_netrc(const struct account *a, struct password *p, struct buf *why)
{
	char *home = home_directory();
	char *path = home != NULL ? mem_printf("%s/.netrc", home) : NULL;
	bool found = false;

	if (path != NULL)
		found = in_netrc(a, path, false, p, why);
	else
		buf_puts(why, "there is no home directory with a .netrc");
	free(path);
	free(home);
	return found;
}

static bool
in_system_netrc(const struct account *a, struct password *p, struct buf *why)
{
	return in_netrc(a, SYSCONFDIR "/netrc", true, p, why);
}

static bool
at_terminal(const struct account *a, struct password *p, struct buf *why)
{
	char *question =
	    mem_printf("password for %s at %s: ", a->user, account_server(a));
	bool found;

	make_printable(question, strlen(question), ' ');
	found = terminal_ask(question, clock_in(PERSON_MS), &p->secret, why);
	p->origin = mem_dup("the terminal");
	free(question);
	return found;
}

static bool (*const places[])(const struct account *a, struct password *p,
    struct buf *why) = { in_keyring, in_own_netrc, in_system_netrc, at_terminal };

static bool
search(const struct account *a, struct password *p, struct outcome *o)
{
	bool found = false;
	struct buf why;

	buf_init(&why, WORDS_MAX);
	for (size_t i = 0; !found && i < sizeof places / sizeof places[0]; i++) {
		const char *wrong = NULL;

		password_free(p);
		buf_puts(&why, i > 0 ? "; " : "");
		found = places[i](a, p, &why);
		if (found)
			wrong = objection(span_bytes(p->secret.data, p->secret.len));
		if (wrong != NULL)
			buf_printf(&why, "%s holds %s", p->origin, wrong);
		found = found && wrong == NULL;
	}
	p->of_host = true;
	if (!found) {
		password_free(p);
		(void)outcome_fail(o, CAUSE_NO_PASSWORD,
		    "no password was found for %s at %s: %s", a->user, account_server(a),
		    why.data);
	}
	buf_free(&why);
	return found;
}

bool
password_get(const struct account *a, struct password *p, struct outcome *o)
{
	*p = (struct password){ 0 };
	if (secret_given(&a->password))
		return from_setting(a, p, o);
	if (a->passwordeval != NULL)
		return from_command(a, p, o);
	if (a->password_file != NULL)
		return from_file(a, p, o);
	return a->user == NULL || account_server(a) == NULL || search(a, p, o);
}

bool
password_is_source(const struct option_row *row)
{
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
		if (strcmp(row->name, sources[i]) == 0)
			return true;
	return false;
}

void
password_forget(struct account *a)
{
	for (size_t i = 0; i < option_count; i++)
		if (password_is_source(&options[i])) {
			options[i].type->clear(option_place(a, &options[i]));
			a->origin[i] = (struct origin){ 0 };
		}
}
