/* SPDX-License-Identifier: ISC */
#include "queue/addressee.h"

#include <pwd.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/privilege.h"
#include "mail/expand.h"
#include "mail/local.h"

#define PERSON_MIN 1000 /* the lowest number of a user who is a person */

/* As whom the sender is looked up among the local ones: programs that run as a user of
 * the system, such as root, send at the mail domain, and have no mailbox there. */
static char *
local_sender(const struct account *a, const struct local *local, const char *sender)
{
	const bool at_domain = local_kind(local, sender) == LOCAL_MAILDOMAIN;
	char *name = at_domain && a->root_to != NULL ? local_part(sender) : NULL;
	const struct passwd *user = name != NULL ? getpwnam(name) : NULL;

	if (user != NULL && user->pw_uid < PERSON_MIN)
		return name;
	free(name);
	return mem_dup(sender);
}

void
addressee_add(struct envelope *to, const struct account *a, const char *host,
    const char *sender, const struct observer *observer)
{
	const struct local local = { host, a->maildomain, a->local_domains };
	const struct expansion x = {
		.aliases = a->aliases,
		.root_to = a->root_to,
		.local = &local,
		.warn = observer != NULL ? observer->warn : NULL,
		.arg = observer != NULL ? observer->arg : NULL,
	};
	char *name = local_sender(a, &local, sender);
	struct envelope lost = { 0 };
	const uid_t user = privilege_raise(); /* the aliases are ours */
	struct outcome ignored;

	envelope_add(to, name);
	free(name);
	/* else to the address as it is: better than to nobody */
	if (!expand_recipients(to, &x, &lost, &ignored) || to->n == 0)
		envelope_add(to, sender);
	privilege_return(user);
	envelope_free(&lost);
}
