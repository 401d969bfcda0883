/* SPDX-License-Identifier: ISC
 *
 * job.h - what the program can do: each job reads what it needs, says what there is to
 * say, and returns the exit status (sysexits(3))
 */
#ifndef CMD_JOB_H
#define CMD_JOB_H

#include "cmd/choose.h"
#include "cmd/invocation.h"

/* What the words of the command line that are no options are to a job. */
enum words {
	WORDS_RECIPIENTS,
	WORDS_OF_JOB, /* it reads them, and judges them, itself */
	WORDS_NONE    /* there should be none */
};

enum words job_words(enum job job);

/* Whether it is to show something, and not to have something done. */
bool job_is_for_show(enum job job);

/* Where people read how it is called; NULL: nowhere but with all options. */
const char *job_manual(const struct invocation *v);

/* Does the job that the command line asks for. */
int job_run(const struct invocation *v);

/* What jobs about one account share: chooses it, shows its settings where that is wanted,
 * and does the work, whose status it returns. */
int job_with_account(const struct invocation *v,
    int (*work)(const struct invocation *v, const struct config *c,
	const struct choice_made *made));

/* Reads a mail from standard input and sends it. */
int job_send(const struct invocation *v);

/* Shows every setting of the account that would be used. */
int job_print_config(const struct invocation *v);

/* Shows what the server is and can do; sends nothing. */
int job_serverinfo(const struct invocation *v);

/* Has the server send what it holds for somebody. */
int job_rmqs(const struct invocation *v);

/* Shows an account for an address, from what its domain says. */
int job_configure(const struct invocation *v);

/* Looks into everything that a mail of an account needs; sends nothing. */
int job_check(const struct invocation *v);

/* Sends a small mail, and shows what the server says to it. */
int job_test(const struct invocation *v);

/* Asks a server one question: which extensions it has, or about an address. */
int job_ask(const struct invocation *v);

/* Tells more about a message. */
int job_explain(const struct invocation *v);

/* Shows what would become of mails to the addresses; sends nothing. */
int job_verify(const struct invocation *v);

/* Checks the file of aliases, and counts them. */
int job_aliases(const struct invocation *v);

/* Speaks SMTP on standard input and output, and sends what is submitted. */
int job_smtp(const struct invocation *v);

/* Serves those who send mail, and sends none of it. The status is 1 where what was waited
 * for hasn't come. */
int job_catch(const struct invocation *v);

/* Sends what is in the queue. */
int job_queue_run(const struct invocation *v);

/* Takes mail by SMTP where `listen` says, and sends it. */
int job_daemon(const struct invocation *v);

/* Shows what is in the queues that are the caller's. */
int job_queue_list(const struct invocation *v);

/* Shows, retries, holds, releases or deletes mail in them. */
int job_queue(const struct invocation *v);

/* Shows figures about them, or writes them to a file. */
int job_metrics(const struct invocation *v);

#endif
