/* SPDX-License-Identifier: ISC
 *
 * explain.h - the long words for each way to fail: --explain, and the manual's
 * DIAGNOSTICS
 */
#ifndef BASE_EXPLAIN_H
#define BASE_EXPLAIN_H

#include "base/outcome.h"

/* What it means, why it comes about, and what to do: some whole sentences in ASCII, each
 * of which ends with a '.' and, but for the last, a blank. "": nobody has written it. */
const char *explain(enum cause cause);

#endif
