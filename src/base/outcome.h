/* SPDX-License-Identifier: ISC
 *
 * outcome.h - what became of it, and whose move is next
 *
 * One value says how a step ended: what a caller does next (exit status, retry or bounce,
 * enhanced status, words for a person) all derives from it. A function that can fail
 * returns bool and takes a `struct outcome *` last: it leaves it alone where it returns
 * true and fills it once where it returns false, so that calls chain with &&. Callers may
 * add the stage; they never translate the cause. An outcome owns nothing: copy it freely.
 */
#ifndef BASE_OUTCOME_H
#define BASE_OUTCOME_H

#include <stdbool.h>

#include "base/buf.h"

/* Each cause has one row in the table in outcome.c. */
enum cause {
	CAUSE_NONE,           /* it worked */
	CAUSE_QUEUED,         /* it is kept in the queue; the text is its name there */
	CAUSE_USAGE,          /* the command line is wrong */
	CAUSE_FORBIDDEN,      /* what it asks for isn't done under this name */
	CAUSE_NO_SUCH_JOB,    /* what it asks for isn't done at all */
	CAUSE_NO_RECIPIENT,   /* nobody to send to */
	CAUSE_PARTIAL,        /* some recipients were refused, and others got the mail */
	CAUSE_ADDRESS,        /* an address can't be read, or not be put on the wire */
	CAUSE_ALIAS,          /* a local name whose alias leads to nobody */
	CAUSE_MESSAGE,        /* the message can't be sent as it is */
	CAUSE_TOO_LARGE,      /* larger than the server takes */
	CAUSE_NO_INPUT,       /* no message: standard input is closed or unreadable */
	CAUSE_FILE,           /* a file that is needed can't be read */
	CAUSE_CONFIG,         /* a setting is wrong or missing */
	CAUSE_NO_CONFIG,      /* there is no configuration at all */
	CAUSE_NO_ACCOUNT,     /* there is no account of that name */
	CAUSE_CONFIG_FILE,    /* a configuration file can't be read */
	CAUSE_EVAL,           /* a command that is to print a line of one does not */
	CAUSE_EXPOSED,        /* a file with a password can be read by others */
	CAUSE_PASSWORD,       /* there is no password to be had where it should be */
	CAUSE_NO_PASSWORD,    /* nobody has said where the password is */
	CAUSE_STORE,          /* the message can't be kept while it is sent */
	CAUSE_QUEUE,          /* the message can't be kept in the queue */
	CAUSE_QUEUE_CHANGE,   /* a mail in the queue can't be moved or removed */
	CAUSE_QUEUE_DIR,      /* the directory of the queue is none that can be trusted */
	CAUSE_NO_QUEUE,       /* there is no queue yet */
	CAUSE_QUEUE_ENTRY,    /* a file in the queue is no whole mail */
	CAUSE_NO_ENTRY,       /* there is no such mail in the queue */
	CAUSE_BUSY,           /* a mail in the queue is in use just now */
	CAUSE_KILLED,         /* the process that was sending it was killed */
	CAUSE_OUTPUT,         /* what was asked for can't be shown */
	CAUSE_SYSTEM,         /* the system refused a call */
	CAUSE_NO_HOST,        /* the name of the server doesn't exist */
	CAUSE_DNS,            /* the name of the server can't be looked up now */
	CAUSE_SOURCE_IP,      /* the local address can't be used */
	CAUSE_CONNECT,        /* no connection */
	CAUSE_PORT25,         /* no connection to port 25: many networks block it */
	CAUSE_SOCKET,         /* no connection to a unix socket */
	CAUSE_PROXY_NO_HOST,  /* the name of the proxy doesn't exist */
	CAUSE_PROXY_DOWN,     /* no connection to the proxy */
	CAUSE_PROXY_TIMEOUT,  /* the proxy didn't answer in time */
	CAUSE_PROXY_HANGUP,   /* the proxy closed the connection */
	CAUSE_PROXY_PROTOCOL, /* what the proxy says is no SOCKS5 */
	CAUSE_PROXY_AUTH,     /* the proxy wants a sign-in */
	CAUSE_PROXY_REFUSED,  /* the proxy doesn't want to connect to the server */
	CAUSE_PROXY_CONNECT,  /* the proxy couldn't connect to the server */
	CAUSE_TIMEOUT,        /* the server didn't answer in time */
	CAUSE_HANGUP,         /* the server closed the connection */
	CAUSE_MAYBE_SENT,     /* no reply to the final dot, or none that makes sense */
	CAUSE_SESSION_FULL,   /* the server takes no more in this session */
	CAUSE_PROTOCOL,       /* what the server says is no SMTP */
	CAUSE_NOT_SMTP,       /* it says what a server of another protocol says */
	CAUSE_TLS_STARTTLS, /* TLS from the first byte on a port that starts in the clear
			     */
	CAUSE_TLS_IMPLICIT, /* the server speaks TLS from the first byte, we don't */
	CAUSE_TLS_WANTED,   /* the server takes nothing without TLS */
	CAUSE_TLS_NONE,     /* STARTTLS wanted, not offered */
	CAUSE_TLS_SETUP,    /* a TLS setting that GnuTLS doesn't take */
	CAUSE_TLS_FAILED,   /* the TLS handshake or record layer failed */
	CAUSE_TLS_INJECTED, /* the server spoke in the clear where TLS had to begin */
	CAUSE_CERT_NAME,    /* the certificate is for another name */
	CAUSE_CERT_EXPIRED, /* the certificate is too old, or not valid yet */
	CAUSE_CERT_UNKNOWN, /* nobody we trust has signed the certificate */
	CAUSE_CERT_REVOKED, /* the certificate was revoked */
	CAUSE_CERT_PIN,     /* the certificate is not the one that was pinned */
	CAUSE_CERT_KEY_PIN, /* its public key is not the one that was pinned */
	CAUSE_CERT_BAD,     /* the certificate is unfit for a server */
	CAUSE_AUTH_WANTED,  /* the server takes nothing without a sign-in */
	CAUSE_AUTH_NONE,    /* sign-in wanted, not offered */
	CAUSE_AUTH_METHOD,  /* no method that both sides take */
	CAUSE_AUTH_CLEAR,   /* only methods that would reveal the password without TLS */
	CAUSE_AUTH_SETTING, /* the method needs a setting that is missing */
	CAUSE_AUTH_TICKET,  /* Kerberos has no ticket for this server */
	CAUSE_AUTH_REFUSED, /* the server refused user or password */
	CAUSE_AUTH_APP,     /* it wants a password made for programs */
	CAUSE_AUTH_BASIC,   /* it takes no passwords any more */
	CAUSE_AUTH_FAILED,  /* the sign-in broke down */
	CAUSE_AUTH_SERVER,  /* the server couldn't prove that it knows the password */
	CAUSE_SENDER,       /* the server doesn't let this user send as that address */
	CAUSE_QUOTA,        /* no more mails today */
	CAUSE_NO_DSN,       /* delivery notices wanted, not offered */
	CAUSE_NO_SMTPUTF8,  /* an address needs SMTPUTF8, not offered */
	CAUSE_GUARDED,      /* the account lets no mail go to this recipient */
	CAUSE_NOT_YOURS,    /* who submits may not send as that address */
	CAUSE_TOO_MUCH,     /* who submits has sent as much as they may, for now */
	CAUSE_LISTEN,       /* no place to wait for clients at */
	CAUSE_CATCH,        /* a mail can't be put where it is to be caught */
	CAUSE_NO_SERVER,    /* the account has no server that could be asked */
	CAUSE_NO_ETRN,      /* a queue is to be started, not offered */
	CAUSE_QUEUE_NAME,   /* the server can't read the name of a queue */
	CAUSE_NO_SRV,       /* a domain doesn't say where its mail is submitted */
	CAUSE_REPLY,        /* the server said no: see stage, code and status */
	CAUSE_LAST
};

/* How far the work had come. Each stage has one row in outcome.c. */
enum stage {
	STAGE_LOCAL, /* nothing was sent yet */
	STAGE_CONNECT,
	STAGE_GREETING,
	STAGE_HELLO,
	STAGE_TLS,
	STAGE_AUTH,
	STAGE_MAIL,
	STAGE_RCPT,
	STAGE_DATA,
	STAGE_FINAL, /* the reply to the final dot */
	STAGE_QUEUE, /* no mail: a queue is to be started */
	STAGE_LAST
};

enum verdict {
	VERDICT_DONE,
	VERDICT_RETRY,  /* a later try may work */
	VERDICT_REJECT, /* no try will work: the mail goes back to its sender */
	VERDICT_HOLD    /* no try will work until somebody mends a setting; no bounce */
};

struct outcome {
	enum cause cause;
	enum stage stage;
	int code;          /* SMTP reply code, or 0 */
	char status[12];   /* enhanced status (RFC 3463): the server's, or the cause's */
	char text[500];    /* the server's lines less their codes, or what was seen */
	char setting[128]; /* a line for the configuration that may mend it; "": none */
	char note[300];    /* what else people should know about it; "": nothing */
	/* Of a constant table, where more is known than the cause alone tells; else NULL.
	 */
	const char *sentence;
	const char *hint;
};

/* What it is before it is known: neither a yes nor a no. */
#define OUTCOME_OPEN ((struct outcome){ .cause = CAUSE_LAST })

static inline bool
outcome_is_open(const struct outcome *o)
{
	return o->cause == CAUSE_LAST;
}

static inline bool
outcome_is_refusal(const struct outcome *o)
{
	return o->cause != CAUSE_NONE && o->cause != CAUSE_LAST;
}

/* Fills `o` and returns false, so that a caller can return its value. Line ends in the
 * text become blanks, and other control characters '?': it may quote a peer or a file. */
bool outcome_fail(struct outcome *o, enum cause cause, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts a place before the text of an outcome that was filled, such as a file and a line:
 * who finds a mistake knows what it is, and another where. Returns false. */
bool outcome_place(struct outcome *o, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds a setting to an outcome that was filled: a whole line, to be pasted, where an
 * empty value is none; returns false. One that is too long isn't offered. */
bool outcome_offer(struct outcome *o, const char *name, const char *value);

/* Adds a note to an outcome that was filled; returns false. Made fit as by
 * outcome_fail(). */
bool outcome_note(struct outcome *o, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Makes more of an outcome that was filled; `sentence` and `hint` (NULL: the cause's)
 * must be constant. Only for who fills it: a cause is never changed later. */
void outcome_refine(
    struct outcome *o, enum cause cause, const char *sentence, const char *hint);

/* Adds the stage to an outcome that was filled; returns false. */
bool outcome_at(struct outcome *o, enum stage stage);

/* Fills `o` with a reply that means no (4xx, 5xx); returns false. `text` holds the
 * reply's lines less their codes, joined by '\n'; the '\n' are kept. */
bool outcome_reply(struct outcome *o, enum stage stage, int code, const char *text);

/* Fills `o` with a reply that means yes. */
void outcome_accept(struct outcome *o, enum stage stage, int code, const char *text);

enum verdict outcome_verdict(const struct outcome *o);

/* The exit status (sysexits(3)) that this outcome alone would give. */
int outcome_sysexit(const struct outcome *o);

/* For people: the short name of the cause ("CERT_NAME"), and what to do about it, or
 * NULL. */
const char *outcome_name(const struct outcome *o);
const char *outcome_hint(const struct outcome *o);

/* Appends what happened, in words that can stand after "HOST:PORT: ", and about which
 * address, where `address` isn't NULL. What the server said isn't among them, and nor is
 * outcome_seen(). */
void outcome_sentence(const struct outcome *o, const char *address, struct buf *out);

/* What was seen that made it so; NULL: nothing beside the sentence. */
const char *outcome_seen(const struct outcome *o);

/* Appends both. */
void outcome_words(const struct outcome *o, const char *address, struct buf *out);

const char *cause_name(enum cause cause);

/* The cause of that name; CAUSE_LAST: there is none. */
enum cause cause_find(struct span name);

/* Whether the text is what the server said, word for word. */
bool outcome_is_said(const struct outcome *o);

#endif
