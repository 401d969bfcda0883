/* SPDX-License-Identifier: ISC
 *
 * invocation.h - what the command line asks for
 */
#ifndef CMD_INVOCATION_H
#define CMD_INVOCATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/outcome.h"
#include "cmd/syntax.h"
#include "conf/option.h"
#include "queue/wish.h"

enum job {
	JOB_SEND,
	JOB_PRINT_CONFIG,
	JOB_SERVERINFO,
	JOB_RMQS,
	JOB_CONFIGURE,
	JOB_EXPLAIN,
	JOB_CATCH, /* a server that delivers nothing */
	JOB_CHECK,
	JOB_TEST,
	JOB_HAS_EXTN,
	JOB_VRFY,
	JOB_EXPN,
	JOB_VERIFY,     /* -bv: what would become of addresses */
	JOB_ALIASES,    /* newaliases: is the file of aliases in order? */
	JOB_QUEUE_LIST, /* mailq */
	JOB_QUEUE,      /* what is to be done with mail in the queue */
	JOB_METRICS,    /* figures about the queue */
	JOB_QUEUE_RUN,  /* -q */
	JOB_SMTP,       /* -bs: SMTP on standard input and output */
	JOB_DAEMON,     /* -bd */
	JOB_HELP,
	JOB_VERSION
};

/* When a mail is to be handed over, as sendmail's -od says. */
enum delivery {
	DELIVERY_AS_SET, /* as the account's `queue` says */
	DELIVERY_NOW,    /* at once, before whoever gave it goes on */
	DELIVERY_LATER   /* it is only kept, if there is a queue */
};

struct config;

/* A setting given on the command line. */
struct given {
	const struct option_row *row;
	const char *value; /* "" where there was none; borrowed from argv */
};

/* An option of a job's own, with its value. */
struct wish {
	enum action action;
	const char *value;
};

/* Strings are borrowed from argv, or from what is kept. */
struct invocation {
	const char *program; /* the name that we were called by, for messages */
	bool as_sendmail;    /* that is one of sendmail's: cmd/sendmail.h */
	bool whole; /* programs give us mails that are to be made whole: repaired, and
		     * with a domain behind each name; so it is as sendmail, and for
		     * servers */
	enum job job;
	bool has_input;        /* there was a standard input when we were started */
	const char *account;   /* -a; NULL: not given */
	const char *file;      /* -C */
	const char *envid;     /* -V */
	const char *domain;    /* caller_domain(), where it has been asked for; "" where
				* it has none; NULL: not yet */
	const char *machine;   /* from which the submitter comes; NULL: this one */
	const char *submitter; /* for whom mail is kept, as in a ticket; NULL: for us */
	bool read_recipients;  /* -t */
	bool read_sender;      /* --read-envelope-from */
	bool pretends;         /* -P: what would be done is only shown */
	bool verbose;          /* -v, -d */
	bool detailed;         /* -v twice: times, and TLS */
	int64_t began;         /* when, see clock_now() */
	bool debug;            /* -d */
	bool ignore_dots;      /* -i: a line with only a dot doesn't end the mail */
	bool quiet;            /* -oeq: nothing is said about a mail that failed */
	bool errors_by_mail;   /* -oem, -oew, -oee */
	enum delivery delivery;
	bool is_queue;      /* the first word is "queue" */
	bool count;         /* only how many there are is shown */
	bool all;           /* --all: all mail in the queue */
	const char *rcpt;   /* --rcpt: mail in the queue for such recipients */
	const char *sender; /* --sender: mail in the queue from such senders */
	bool gateway;       /* -G: it was handed on to us; its headers stay as they are */
	bool serverinfo;    /* -S; with -P, its settings are what is shown */
	const char *rmqs;   /* --rmqs; likewise */
	const char *configure;
	const char *argument; /* of the job */
	const char *to;       /* --to */
	bool json;
	const struct config *known; /* what is in the files, for who has read them; NULL:
				     * they are read */
	bool runs_queue;            /* -q, also beside -bd */
	struct drain_wish queue_wish; /* -q */
	struct given *given;
	size_t n;
	struct wish *wish;
	size_t wishes;
	char **recipient;
	size_t recipients;
	char **kept; /* strings that had to be made */
	size_t n_kept;
};

/* Reads the command line, as sendmail_parse() does where v->program is a name of
 * sendmail's; argv is reordered. Fails with CAUSE_USAGE or CAUSE_FORBIDDEN. */
bool invocation_parse(struct invocation *v, int argc, char **argv, struct outcome *o);
void invocation_free(struct invocation *v);

/* Takes over a string, and keeps it for as long as there is the invocation. */
const char *invocation_keep(struct invocation *v, char *text);

/* Takes a setting, as if it had been given by its name. Fails with CAUSE_USAGE. */
bool invocation_give(
    struct invocation *v, const char *name, const char *value, struct outcome *o);

/* Whether there is an option --NAME, under the name mailchute. */
bool invocation_has_option(struct span name);

/* The last value of the setting of that name on the command line; NULL: none. */
const char *invocation_given(const struct invocation *v, const char *name);

#endif
