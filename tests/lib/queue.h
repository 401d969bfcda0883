/* SPDX-License-Identifier: ISC
 *
 * queue.h - a queue in a directory of its own: what every test of queue/spool.h needs
 */
#ifndef LIB_QUEUE_H
#define LIB_QUEUE_H

#include "lib/unit.h"
#include "queue/spool.h"

#define QUEUE_MESSAGE "Subject: x\r\n\r\nhello\r\n"
#define QUEUE_THEN 1700000000

/* A row for cmocka_run_group_tests(): the test has a new directory, which goes with it.
 */
#define with_queue(test) cmocka_unit_test_setup_teardown(test, queue_make, queue_remove)
int queue_make(void **state);
int queue_remove(void **state);

/* The directory, in which the queue is "queue"; and a path in it, which the caller frees.
 */
extern char *queue_directory;
char *queue_path(const char *name);

void queue_open(struct spool *s);

/* Of an account "work", from then, and due 300 s later. */
struct ticket queue_ticket(void);

/* Puts a mail from s@x to a@x and "b b"@y into it: this one, or QUEUE_MESSAGE. */
bool queue_put(
    struct spool *s, struct source *m, char id[ENTRY_ID_SIZE], struct outcome *o);
void queue_put_message(struct spool *s, char id[ENTRY_ID_SIZE]);

/* The path of the file of an entry, which the caller frees; whether it is there; and how
 * many there are. */
char *queue_path_of(const char *folder, const char *id);
bool queue_has(const char *folder, const char *id);
size_t queue_count(const char *folder);

#endif
