/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "lib/sample.h"
#include "queue/journal.h"
#include "queue/scan.h"
#include "queue/spool.h"

#define MESSAGE "Subject: x\r\n\r\nhello\r\n"
#define THEN 1700000000

static char *directory;

static void
remember(void *arg, const char *words)
{
	struct buf *told = arg;

	buf_puts(told, words);
	buf_addc(told, '\n');
}

static int
set_up(void **state)
{
	(void)state;
	(void)umask(022);
	directory = sample_directory();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	sample_directory_end(directory);
	return 0;
}

static char *
path_to(const char *name)
{
	return mem_printf("%s/%s", directory, name);
}

/* The queue of these tests. */
static void
open_spool(struct spool *s)
{
	char *path = path_to("queue");
	struct outcome o;

	check(path, spool_open(s, path, SPOOL_CREATE, &o));
	free(path);
}

static struct ticket
ticket(void)
{
	static char account[] = "work", config[] = "/home/joe/work rc";
	static char submitter[] = "uid 4711";

	return (struct ticket){ .account = account,
		.config = config,
		.submitter = submitter,
		.uid = 4242,
		.created = THEN,
		.next = THEN + 300 };
}

static bool
put(struct spool *s, struct source *m, char id[ENTRY_ID_SIZE], struct outcome *o)
{
	const struct ticket t = ticket();
	struct envelope e = { 0 };
	bool ok;

	sample_envelope(&e, "s@x", "a@x, \"b b\"@y");
	ok = spool_put(s, &t, &e, m, id, o);
	envelope_free(&e);
	return ok;
}

static void
put_message(struct spool *s, char id[ENTRY_ID_SIZE])
{
	struct source m;
	struct outcome o;

	sample_source(&m, span_of(MESSAGE));
	assert_true(put(s, &m, id, &o));
	source_free(&m);
}

/* The path of the file of an entry. */
static char *
path_of(const char *folder, const char *id)
{
	return mem_printf("%s/queue/%s/%s", directory, folder, id);
}

static bool
is_in(const char *folder, const char *id)
{
	char *path = path_of(folder, id);
	struct stat st;
	bool there = lstat(path, &st) == 0;

	free(path);
	return there;
}

static size_t
count_files(const char *folder)
{
	char *path = path_of(folder, ".");
	DIR *dir = opendir(path);
	size_t n = 0;

	free(path);
	if (dir == NULL)
		return 0;
	for (const struct dirent *d; (d = readdir(dir)) != NULL;)
		n += *d->d_name != '.';
	(void)closedir(dir);
	return n;
}

TEST(what_was_put_is_what_is_taken)
{
	struct spool s;
	struct entry e;
	struct outcome o;
	struct envelope given = { 0 };
	struct ticket t = ticket();
	char id[ENTRY_ID_SIZE];
	struct source m;
	struct buf text;

	open_spool(&s);
	sample_envelope(&given, "s@x", "a@x, \"b b\"@y, c@z");
	given.notify = NOTIFY_FAILURE | NOTIFY_DELAY;
	given.ret = RET_HDRS;
	given.envid = mem_dup("QQ314");
	given.only_wished = true;
	given.rcpt[1].orcpt = mem_dup("bee");
	given.rcpt[1].notify = NOTIFY_NEVER;
	(void)outcome_reply(
	    &given.rcpt[2].outcome, STAGE_RCPT, 451, "4.7.1 greylisted\nback\\slash");
	sample_source(&m, span_of("Subject: \xc3\xa4\r\n\r\nhell\xc3\xb6\r\n"));
	m.header_is_8bit = true;
	assert_true(spool_put(&s, &t, &given, &m, id, &o));

	assert_int_equal(spool_take(&s, FOLDER_NEW, id, &e, &o), TAKEN);
	assert_string_equal(e.id, id);
	assert_string_equal(e.ticket.account, t.account);
	assert_string_equal(e.ticket.config, t.config);
	assert_string_equal(e.ticket.submitter, t.submitter);
	assert_int_equal(e.ticket.uid, t.uid);
	assert_int_equal(e.ticket.created, THEN);
	assert_string_equal(e.envelope.sender, "s@x");
	assert_string_equal(e.envelope.envid, "QQ314");
	assert_int_equal(e.envelope.notify, given.notify);
	assert_int_equal(e.envelope.ret, RET_HDRS);
	assert_true(e.envelope.only_wished);
	assert_int_equal(e.envelope.n, 3);
	assert_string_equal(e.envelope.rcpt[1].address, "\"b b\"@y");
	assert_string_equal(e.envelope.rcpt[1].orcpt, "bee");
	assert_null(e.envelope.rcpt[0].orcpt);
	assert_int_equal(e.envelope.rcpt[0].notify, NOTIFY_UNSET);
	assert_int_equal(e.envelope.rcpt[1].notify, NOTIFY_NEVER);
	assert_int_equal(e.progress[0].tries, 0);
	assert_int_equal(e.progress[2].tries, 1);
	assert_int_equal(e.progress[2].next, THEN + 300);
	assert_string_equal(e.envelope.rcpt[2].outcome.text, given.rcpt[2].outcome.text);
	assert_int_equal(e.envelope.rcpt[2].outcome.code, 451);
	assert_string_equal(e.envelope.rcpt[2].outcome.status, "4.7.1");
	assert_int_equal(e.envelope.rcpt[2].outcome.stage, STAGE_RCPT);
	assert_int_equal(entry_waiting(&e), 3);
	assert_int_equal(entry_next(&e), 0);
	assert_int_equal(e.source.lines, m.lines);
	assert_int_equal(e.source.longest, m.longest);
	assert_true(e.source.is_8bit == m.is_8bit);
	assert_true(e.source.header_is_8bit);
	sample_text(&e.source, &text);
	assert_string_equal(text.data, "Subject: \xc3\xa4\r\n\r\nhell\xc3\xb6\r\n");
	buf_free(&text);
	entry_free(&e);
	source_free(&m);
	envelope_free(&given);
	spool_close(&s);
}

/* A body of numbered lines, and a header that is put in front of it when that is done. */
static void
long_source(struct source *m, size_t size)
{
	struct outcome o;

	for (size_t i = 0; i * 12 < size; i++) {
		char line[13];

		(void)snprintf(line, sizeof line, "%010zu\r\n", i);
		assert_true(source_write(m, span_bytes(line, 12), &o));
	}
	source_front(m, span_of("Subject: x\r\n\r\n"));
	assert_true(source_seal(m, &o));
}

TEST(a_long_message_that_was_buffered_in_the_spool_is_linked_and_else_copied)
{
	static const size_t sizes[] = { 12, SOURCE_MEMORY - 4, SOURCE_MEMORY + 24,
		5 * SOURCE_MEMORY };
	struct spool s;

	open_spool(&s);
	for (size_t i = 0; i < COUNT(sizes) * 2; i++) {
		const bool buffered = i % 2 == 1;
		char id[ENTRY_ID_SIZE], second[ENTRY_ID_SIZE], label[32];
		struct stat before = { 0 }, after;
		struct buf want, got;
		struct source m;
		struct entry e;
		struct outcome o;

		(void)snprintf(label, sizeof label, "%zu %d", sizes[i / 2], buffered);
		source_init(&m);
		if (buffered)
			spool_buffer(&s, &m);
		long_source(&m, sizes[i / 2]);
		if (m.fd >= 0)
			assert_int_equal(fstat(m.fd, &before), 0);
		sample_text(&m, &want);
		check(label, put(&s, &m, id, &o));
		check(label, put(&s, &m, second, &o));
		source_free(&m);
		check_int(label, spool_take(&s, FOLDER_NEW, second, &e, &o), TAKEN);
		entry_free(&e);
		check_int(label, spool_take(&s, FOLDER_NEW, id, &e, &o), TAKEN);
		assert_int_equal(fstat(e.fd, &after), 0);
		check(label, (before.st_ino == after.st_ino) ==
				 (buffered && sizes[i / 2] > SOURCE_MEMORY));
		sample_text(&e.source, &got);
		check_int(label, got.len, want.len);
		check(label, memcmp(got.data, want.data, got.len) == 0);
		buf_free(&got);
		buf_free(&want);
		entry_free(&e);
	}
	assert_int_equal(count_files("new"), COUNT(sizes) * 4);
	assert_int_equal(count_files("tmp"), 0);
	spool_close(&s);
}

TEST(an_entry_has_one_owner_at_a_time_and_is_gone_when_it_was_removed)
{
	struct spool s;
	struct entry e, other;
	struct outcome o;
	char id[ENTRY_ID_SIZE];

	open_spool(&s);
	put_message(&s, id);
	assert_int_equal(spool_take(&s, FOLDER_NEW, id, &e, &o), TAKEN);
	assert_int_equal(spool_take(&s, FOLDER_NEW, id, &other, &o), TAKEN_BUSY);
	assert_true(spool_look(&s, FOLDER_NEW, id, true, &other, &o));
	entry_free(&other);
	entry_free(&e);
	assert_int_equal(spool_take(&s, FOLDER_NEW, id, &e, &o), TAKEN);
	assert_true(spool_remove(&s, FOLDER_NEW, &e, &o));
	entry_free(&e);
	assert_int_equal(spool_take(&s, FOLDER_NEW, id, &e, &o), TAKEN_GONE);
	assert_false(spool_look(&s, FOLDER_NEW, id, false, &e, &o));
	assert_int_equal(o.cause, CAUSE_NO_ENTRY);
	spool_close(&s);
}

static void
note(struct entry *e, struct buf *lines, enum record_kind kind, size_t i, int64_t next)
{
	const struct record r = { kind, i, THEN + 60, next, 2 };
	struct outcome outcome;

	if (kind == RECORD_SENT)
		outcome_accept(&outcome, STAGE_FINAL, 250, "2.0.0 ok");
	else
		(void)outcome_fail(&outcome, CAUSE_TIMEOUT, "after %d s", 300);
	journal_note(e, lines, &r, &outcome);
}

TEST(what_became_of_each_recipient_is_kept_and_half_a_record_is_written_over)
{
	struct spool s;
	struct entry e;
	struct outcome o;
	struct buf lines;
	char id[ENTRY_ID_SIZE], *path;
	int64_t half;
	int fd;

	open_spool(&s);
	put_message(&s, id);
	path = path_of("new", id);
	buf_init(&lines, 4096);
	assert_int_equal(spool_take(&s, FOLDER_NEW, id, &e, &o), TAKEN);
	note(&e, &lines, RECORD_SENT, 0, 0);
	assert_true(journal_append(&e, buf_span(&lines), &o));
	entry_free(&e);

	fd = open(path, O_WRONLY | O_APPEND);
	assert_true(write(fd, lines.data, lines.len - 4) == (ssize_t)lines.len - 4);
	(void)close(fd);
	assert_int_equal(spool_take(&s, FOLDER_NEW, id, &e, &o), TAKEN);
	assert_int_equal(e.progress[0].state, PROGRESS_SENT);
	assert_int_equal(e.envelope.rcpt[0].outcome.code, 250);
	assert_int_equal(entry_waiting(&e), 1);
	half = e.size;
	assert_true(e.journal_at < half);
	buf_clear(&lines);
	note(&e, &lines, RECORD_LATER, 1, THEN + 900);
	note(&e, &lines, RECORD_WARNED, 1, 0);
	assert_true(journal_append(&e, buf_span(&lines), &o));
	entry_free(&e);

	assert_int_equal(spool_take(&s, FOLDER_NEW, id, &e, &o), TAKEN);
	assert_int_equal(e.journal_at, e.size);
	assert_int_equal(e.progress[0].state, PROGRESS_SENT);
	assert_int_equal(e.progress[1].state, PROGRESS_WAITING);
	assert_int_equal(e.progress[1].tries, 2);
	assert_int_equal(e.progress[1].last, THEN + 60);
	assert_true(e.progress[1].warned && !e.progress[1].noticed);
	assert_int_equal(entry_next(&e), THEN + 900);
	assert_int_equal(e.envelope.rcpt[1].outcome.cause, CAUSE_TIMEOUT);
	assert_string_equal(e.envelope.rcpt[1].outcome.text, "after 300 s");
	entry_free(&e);
	buf_free(&lines);
	free(path);
	spool_close(&s);
}

/* Has a file of the queue be as a power cut, or somebody, may leave it. */
static void
cut_short(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size - 1), 0);
}

static void
empty(const char *path)
{
	assert_int_equal(truncate(path, 0), 0);
}

static void
change(const char *path, off_t at)
{
	int fd = open(path, O_RDWR);
	char c;

	assert_int_equal(pread(fd, &c, 1, at), 1);
	c ^= 1;
	assert_int_equal(pwrite(fd, &c, 1, at), 1);
	(void)close(fd);
}

static void
change_head(const char *path)
{
	change(path, 20);
}

static void
change_message(const char *path)
{
	change(path, ENTRY_HEAD + 3);
}

static void
change_envelope(const char *path)
{
	change(path, ENTRY_HEAD + (off_t)strlen(MESSAGE) + 5);
}

static void
fill_with_zeros(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	empty(path);
	assert_int_equal(truncate(path, st.st_size), 0);
}

static void
make_writable(const char *path)
{
	assert_int_equal(chmod(path, 0666), 0);
}

static void
make_link(const char *path)
{
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
}

static void
make_directory(const char *path)
{
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void
make_pipe(const char *path)
{
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
}

TEST(what_is_torn_or_foreign_is_set_aside_and_told_and_the_others_go_on)
{
	static const struct {
		void (*damage)(const char *path);
		const char *told;
	} cases[] = {
		{ cut_short, "truncated" },
		{ empty, "truncated" },
		{ change_head, "truncated" },
		{ change_message, "its message is damaged" },
		{ change_envelope, "its envelope is damaged" },
		{ fill_with_zeros, "does not begin as" },
		{ make_writable, "others may write to it" },
		{ make_link, "symbolic link" },
		{ make_directory, "directory" },
		{ make_pipe, "it is no file" },
	};
	struct spool s;

	open_spool(&s);
	for (size_t i = 0; i < COUNT(cases); i++) {
		char id[ENTRY_ID_SIZE], good[ENTRY_ID_SIZE], *path;
		struct buf told;
		const struct observer observer = { .warn = remember, .arg = &told };
		struct entry e;
		struct outcome o;

		buf_init(&told, 4096);
		s.observer = &observer;
		put_message(&s, id);
		put_message(&s, good);
		path = path_of("new", id);
		cases[i].damage(path);
		check_int(
		    cases[i].told, spool_take(&s, FOLDER_NEW, id, &e, &o), TAKEN_ASIDE);
		check(cases[i].told, !is_in("new", id) && is_in("failed", id));
		check_part(cases[i].told, told.data, cases[i].told);
		check_part(cases[i].told, o.text, cases[i].told);
		check_int(cases[i].told, spool_take(&s, FOLDER_NEW, good, &e, &o), TAKEN);
		entry_free(&e);
		buf_free(&told);
		free(path);
	}
	s.observer = NULL;
	assert_int_equal(count_files("new"), COUNT(cases));
	spool_close(&s);
}

TEST(a_scan_shows_all_in_order_of_time_and_sets_aside_what_cannot_be_a_mail)
{
	char last[ENTRY_ID_SIZE] = "", *path;
	struct spool s;
	struct scan scan;
	size_t n = 0;

	open_spool(&s);
	free(sample_write(directory, "queue/new/0strange", "", 0600));
	for (size_t i = 0; i < 10000; i++) { /* more than two batches */
		char id[ENTRY_ID_SIZE];

		entry_new_id(id);
		path = path_of("new", id);
		(void)close(open(path, O_WRONLY | O_CREAT, 0600));
		free(path);
	}
	scan_begin(&scan, &s, FOLDER_NEW);
	scan.tidy = true;
	for (; scan_next(&scan); n++) {
		assert_true(strcmp(last, scan.id) < 0);
		memcpy(last, scan.id, sizeof last);
	}
	scan_end(&scan);
	assert_int_equal(n, count_files("new"));
	assert_true(n > 9990); /* names of one microsecond may be the same */
	assert_true(is_in("failed", "0strange"));
	spool_close(&s);
}

TEST(a_mail_moves_from_folder_to_folder_as_it_is)
{
	struct spool s;
	struct entry e;
	struct outcome o;
	char id[ENTRY_ID_SIZE];

	open_spool(&s);
	put_message(&s, id);
	assert_true(spool_move(&s, FOLDER_NEW, FOLDER_HOLD, id, &o));
	assert_int_equal(spool_take(&s, FOLDER_NEW, id, &e, &o), TAKEN_GONE);
	assert_int_equal(spool_take(&s, FOLDER_HOLD, id, &e, &o), TAKEN);
	entry_free(&e);
	spool_close(&s);
}

TEST(there_is_one_runner)
{
	struct spool s, other;
	struct outcome o;
	bool busy;

	open_spool(&s);
	open_spool(&other);
	assert_true(spool_lock(&s, &busy, &o));
	assert_false(spool_lock(&other, &busy, &o));
	assert_true(busy);
	spool_close(&s);
	assert_true(spool_lock(&other, &busy, &o));
	spool_close(&other);
}

TEST(what_killed_writers_left_is_removed_after_an_hour)
{
	static const struct timespec old[2] = { { 1, 0 }, { 1, 0 } };
	struct spool s;
	char *path;

	open_spool(&s);
	free(sample_write(directory, "queue/tmp/0123456789abcdef", "", 0600));
	path = sample_write(directory, "queue/tmp/0123456789abcdeg", "", 0600);
	assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
	free(path);
	spool_clean(&s);
	assert_int_equal(count_files("tmp"), 1);
	assert_true(is_in("tmp", "0123456789abcdef"));
	spool_close(&s);
}

TEST(an_address_that_would_add_a_line_is_not_kept)
{
	const struct ticket t = ticket();
	struct envelope e = { 0 };
	struct source m;
	struct spool s;
	struct outcome o;
	char id[ENTRY_ID_SIZE];

	open_spool(&s);
	sample_source(&m, span_of(MESSAGE));
	envelope_set_sender(&e, "s@x\nto evil@x");
	envelope_add(&e, "a@x");
	assert_false(spool_put(&s, &t, &e, &m, id, &o));
	assert_int_equal(o.cause, CAUSE_ADDRESS);
	assert_int_equal(count_files("new"), 0);
	envelope_free(&e);
	source_free(&m);
	spool_close(&s);
}

/* Addresses of 512 bytes: so many that they alone would be as long as it may be. */
TEST(an_envelope_has_a_limit)
{
	const struct ticket t = ticket();
	struct envelope e = { 0 };
	char id[ENTRY_ID_SIZE], address[513];
	struct source m;
	struct spool s;
	struct outcome o;

	open_spool(&s);
	sample_source(&m, span_of(MESSAGE));
	envelope_set_sender(&e, "s@x");
	for (int i = 0; i < ENTRY_ENVELOPE_MAX / 512; i++) {
		(void)snprintf(address, sizeof address, "%0510d@x", i);
		envelope_add(&e, address);
	}
	assert_false(spool_put(&s, &t, &e, &m, id, &o));
	assert_int_equal(o.cause, CAUSE_MESSAGE);
	assert_int_equal(count_files("new"), 0);
	assert_int_equal(count_files("tmp"), 0);
	envelope_free(&e);
	source_free(&m);
	spool_close(&s);
}

static char *
made(const char *name, mode_t mode)
{
	char *path = path_to(name);

	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

TEST(a_queue_that_cannot_be_trusted_is_refused_with_the_fix)
{
	char *open_to_all = made("open", 0777), *to_group = made("group", 0770);
	char *missing = path_to("missing"), *linked = path_to("linked");
	char *file = sample_write(directory, "file", "", 0600);
	const struct {
		const char *path, *text, *setting;
		enum cause cause;
	} cases[] = {
		{ open_to_all, "others may write", "chmod 700 ", CAUSE_QUEUE_DIR },
		{ to_group, "others may write", "chmod 700 ", CAUSE_QUEUE_DIR },
		{ missing, "not there", "mkdir -m 700", CAUSE_NO_QUEUE },
		{ linked, "symbolic link", "queue_dir", CAUSE_QUEUE_DIR },
		{ file, "no directory", "queue_dir", CAUSE_QUEUE_DIR },
	};
	struct spool s;
	struct outcome o;

	assert_int_equal(symlink(directory, linked), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		check(cases[i].path, !spool_open(&s, cases[i].path, SPOOL_USE, &o));
		spool_close(&s);
		check_int(cases[i].path, o.cause, cases[i].cause);
		check_part(cases[i].path, o.text, cases[i].text);
		check_part(cases[i].path, o.setting, cases[i].setting);
	}
	free(open_to_all);
	free(to_group);
	free(missing);
	free(linked);
	free(file);
}

TEST(in_a_place_for_all_users_each_has_a_queue)
{
	char *place = made("all", 01777);
	char *own = mem_printf("%s/u%u", place, (unsigned)geteuid());
	struct spool s;
	struct outcome o;
	struct stat st;

	assert_false(spool_open(&s, place, SPOOL_USE, &o));
	assert_int_equal(o.cause, CAUSE_NO_QUEUE);
	spool_close(&s);
	assert_true(spool_open(&s, place, SPOOL_SHARE, &o));
	assert_string_equal(s.path, own);
	spool_close(&s);
	assert_int_equal(stat(own, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_true(spool_open_of(&s, place, geteuid(), SPOOL_USE, &o));
	spool_close(&s);
	assert_int_equal(chmod(own, 0777), 0);
	assert_false(spool_open(&s, place, SPOOL_SHARE, &o));
	assert_int_equal(o.cause, CAUSE_QUEUE_DIR);
	spool_close(&s);
	free(own);
	free(place);
}

#define unit_spool(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_spool(what_was_put_is_what_is_taken),
		unit_spool(
		    a_long_message_that_was_buffered_in_the_spool_is_linked_and_else_copied),
		unit_spool(
		    an_entry_has_one_owner_at_a_time_and_is_gone_when_it_was_removed),
		unit_spool(
		    what_became_of_each_recipient_is_kept_and_half_a_record_is_written_over),
		unit_spool(
		    what_is_torn_or_foreign_is_set_aside_and_told_and_the_others_go_on),
		unit_spool(
		    a_scan_shows_all_in_order_of_time_and_sets_aside_what_cannot_be_a_mail),
		unit_spool(a_mail_moves_from_folder_to_folder_as_it_is),
		unit_spool(there_is_one_runner),
		unit_spool(what_killed_writers_left_is_removed_after_an_hour),
		unit_spool(an_address_that_would_add_a_line_is_not_kept),
		unit_spool(an_envelope_has_a_limit),
		unit_spool(a_queue_that_cannot_be_trusted_is_refused_with_the_fix),
		unit_spool(in_a_place_for_all_users_each_has_a_queue),
	};

	return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
