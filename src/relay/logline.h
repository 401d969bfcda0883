/* SPDX-License-Identifier: ISC
 *
 * logline.h - what a log says about a mail: one line, in msmtp's format
 *
 *	host=H|socket=PATH|catch=WHERE tls=on|off auth=on|off [user=U]
 *	from=F recipients=A,B [mailsize=N] [queue=ID]
 *	[smtpstatus=C smtpmsg='LINES'] [errormsg='WORDS'] exitcode=EX_NAME
 *
 * mailsize stands only where all went well; it counts a line end as one byte. The lines
 * of a reply are joined by "\n", in these two characters. Control characters become '?',
 * and so does "'" in quoted values, and a blank in the others.
 */
#ifndef RELAY_LOGLINE_H
#define RELAY_LOGLINE_H

#include "base/buf.h"
#include "conf/account.h"
#include "mail/envelope.h"
#include "mail/source.h"

#define LOGLINE_MAX (15 * 1024 * 1024)

/* Appends the line, without a time and without a line end; `status` is the exit status.
 */
void logline_add(struct buf *out, const struct account *a, const struct envelope *e,
    const struct source *m, int status);

/* Appends " submitter='WHO'": who gave the mail to a server of ours; and
 * " machine='ADDRESS'", where there is one that isn't the submitter's name already. */
void logline_add_submitter(struct buf *out, const char *who, const char *machine);

#endif
