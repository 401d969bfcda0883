/* SPDX-License-Identifier: ISC
 *
 * type.h - the types that settings have: how each is read, shown, copied and cleared
 */
#ifndef CONF_TYPE_H
#define CONF_TYPE_H

#include "conf/option.h"

extern const struct option_type type_text; /* char *; no control characters */
extern const struct option_type type_path; /* char *; a leading ~ is the home directory */
extern const struct option_type type_directory; /* the same, beginning with / or ~ */
extern const struct option_type type_token; /* a path or PKCS#11 URI; a PIN isn't shown */
extern const struct option_type type_secret;   /* struct secret */
extern const struct option_type type_port;     /* int, 1..65535; C's notation */
extern const struct option_type type_seconds;  /* int; "off" is 0 */
extern const struct option_type type_wait;     /* int; seconds, 1 at least */
extern const struct option_type type_interval; /* int; seconds, as "1h30m"; "off" is 0 */
extern const struct option_type type_count;    /* int, 1 at least; 0: not set */
extern const struct option_type type_switch;   /* bool; on, off */
extern const struct option_type type_word;     /* int; one of the row's choices */
extern const struct option_type type_words;    /* int; a comma list of them, or-ed */
extern const struct option_type type_fingerprint; /* struct fingerprint */
extern const struct option_type type_sha256;      /* the same, SHA-256 only */

extern const struct option_type type_mailbox; /* char *; one address, as its spec */
extern const struct option_type type_routes;  /* char *; lines, of which each adds one */
extern const struct option_type type_catch;   /* char *; "-", or "KIND:PATH" */

#endif
