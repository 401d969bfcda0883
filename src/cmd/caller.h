/* SPDX-License-Identifier: ISC
 *
 * caller.h - who calls the program, and what the machine is called in addresses
 *
 * None of it needs an environment: cron's has nothing but PATH. And what is there only
 * counts where it can't lie.
 */
#ifndef CMD_CALLER_H
#define CMD_CALLER_H

/* The login name: $LOGNAME or $USER where it is one of the user's, for those who share a
 * number; else as the user database has it, or "uid4242" where it has none. Owned by the
 * caller. */
char *caller_login(void);

/* The full name: $NAME, else the user database's, up to its first comma and with the
 * login name for '&'; NULL: not known. Owned by the caller. */
char *caller_full_name(void);

/* The domain of local addresses where no setting has one: the first line of
 * SYSCONFDIR/mailname, else the full name of this machine, else its short one, which
 * others can make nothing of. Never "localhost", which is everybody: rather NULL. Owned
 * by the caller. */
char *caller_domain(void);

#endif
