/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "lib/sample.h"
#include "queue/share.h"

/* Puts a mail there for a submitter (NULL: the queue's own user); returns its size. */
static uint64_t
put(struct spool *s, const char *submitter, size_t size, char id[ENTRY_ID_SIZE])
{
	struct ticket t = { .account = mem_dup("work"), .created = 1700000000 };
	struct envelope e = { 0 };
	struct source m;
	struct outcome o;
	struct stat st;
	char *text = mem_printf("Subject: x\r\n\r\n%*s\r\n", (int)size, "x");

	t.submitter = submitter != NULL ? mem_dup(submitter) : NULL;
	sample_envelope(&e, "s@x", "a@x");
	sample_source(&m, span_of(text));
	assert_true(spool_put(s, &t, &e, &m, id, &o));
	assert_int_equal(fstatat(s->folder[FOLDER_NEW], id, &st, 0), 0);
	source_free(&m);
	envelope_free(&e);
	free(text);
	free(t.submitter);
	free(t.account);
	return (uint64_t)st.st_size;
}

TEST(the_share_of_a_submitter_is_the_size_of_its_mails_held_or_not)
{
	char *directory = sample_directory(), *path = mem_printf("%s/queue", directory);
	char id[ENTRY_ID_SIZE];
	struct outcome o;
	struct spool s;
	uint64_t size;

	spool_init(&s);
	assert_true(spool_open(&s, path, SPOOL_CREATE, &o));
	assert_true(share_of(&s, "uid 4711") == 0);
	size = put(&s, "uid 4711", 100, id);
	size += put(&s, "uid 4711", 2000, id);
	assert_true(spool_move(&s, FOLDER_NEW, FOLDER_HOLD, id, &o));
	(void)put(&s, "uid 471", 10, id);
	(void)put(&s, NULL, 10, id);
	assert_true(share_of(&s, "uid 4711") == size);
	assert_true(share_of(&s, "uid 47") == 0);
	spool_close(&s);
	free(path);
	sample_directory_end(directory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_share_of_a_submitter_is_the_size_of_its_mails_held_or_not),
	};

	return cmocka_run_group_tests_name("share", tests, NULL, NULL);
}
