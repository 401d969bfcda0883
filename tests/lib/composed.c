/* SPDX-License-Identifier: ISC */
#include "lib/composed.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "lib/sample.h"

const struct header_policy composed_plain = {
	.set_from = SET_OFF,
	.set_date = SET_OFF,
	.set_message_id = SET_OFF,
	.domain = "host.example",
	.message_id_domain = "id.example",
	.now = COMPOSED_NOW,
};

const struct header_policy composed_usual = {
	.set_from = SET_AUTO,
	.set_date = SET_AUTO,
	.set_message_id = SET_AUTO,
	.remove_bcc = true,
	.domain = "host.example",
	.message_id_domain = "id.example",
	.now = COMPOSED_NOW,
};

void
composed_read(struct composed *c, int fd, const struct envelope *e,
    const struct header_policy *policy)
{
	struct input in;

	*c = (struct composed){ .ok = false };
	input_init(&in, fd);
	header_init(&c->h);
	source_init(&c->source);
	c->ok = header_read(&c->h, &in, &c->o) &&
		compose(&c->source, &c->h, &in, e, policy, &c->repaired, &c->o);
	sample_text(&c->source, &c->text);
	input_free(&in);
}

void
composed_make(struct composed *c, struct span text, const char *sender,
    const struct header_policy *policy)
{
	struct envelope e = { 0 };
	int fd = sample_file(text);

	if (sender != NULL)
		envelope_set_sender(&e, sender);
	composed_read(c, fd, &e, policy);
	envelope_free(&e);
	(void)close(fd);
}

void
composed_free(struct composed *c)
{
	header_free(&c->h);
	source_free(&c->source);
	buf_free(&c->text);
}

int
composed_in_utc(void **state)
{
	(void)state;
	if (setenv("TZ", "UTC", 1) != 0)
		return -1;
	tzset();
	return 0;
}
