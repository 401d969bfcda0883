/* SPDX-License-Identifier: ISC
 *
 * checksum.h - CRC-32C: was it written whole?
 *
 * It finds bytes that a power cut or a bad disk has changed; it is no proof against
 * people. A checksum of bytes that come in parts begins with 0 and goes on with what the
 * last call returned.
 */
#ifndef BASE_CHECKSUM_H
#define BASE_CHECKSUM_H

#include <stdint.h>

#include "base/span.h"

uint32_t checksum_add(uint32_t sum, struct span bytes);

#endif
