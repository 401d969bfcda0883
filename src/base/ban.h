/* SPDX-License-Identifier: ISC
 *
 * ban.h - calls that this program never makes
 *
 * Included in every file by the compiler's command line. Each name below is turned into a
 * build error where it is called: it can overrun, it can't report an error, it depends on
 * the locale or on hidden state, or it hands text to a shell. The header that declares a
 * name is read first, so that only calls trip.
 */
#ifndef BASE_BAN_H
#define BASE_BAN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BANNED(name, instead) banned_##name##_use_##instead

#undef strcpy
#define strcpy(...) BANNED(strcpy, buf_puts)
#undef strcat
#define strcat(...) BANNED(strcat, buf_puts)
#undef strncpy
#define strncpy(...) BANNED(strncpy, buf_add)
#undef strncat
#define strncat(...) BANNED(strncat, buf_add)
#undef strtok
#define strtok(...) BANNED(strtok, span_cut)
#undef sprintf
#define sprintf(...) BANNED(sprintf, buf_printf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf, buf_printf)
#undef atoi
#define atoi(...) BANNED(atoi, strtol)
#undef atol
#define atol(...) BANNED(atol, strtol)
#undef scanf
#define scanf(...) BANNED(scanf, span_cut)
#undef sscanf
#define sscanf(...) BANNED(sscanf, span_cut)
#undef alloca
#define alloca(...) BANNED(alloca, mem_new)
#undef system
#define system(...) BANNED(system, command_run)
#undef popen
#define popen(...) BANNED(popen, command_run)
#undef gmtime
#define gmtime(...) BANNED(gmtime, gmtime_r)
#undef localtime
#define localtime(...) BANNED(localtime, localtime_r)

#endif
