/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP thread's clocks, and RFC 3339 times as they arrive in parameters and bodies. */
#ifndef HTTP_INSTANT_H
#define HTTP_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

uint64_t instant_wall_ms(void);
uint64_t instant_monotonic_ms(void);
/* "2026-11-24T18:00:00Z", with an optional fraction (cut to milliseconds) and Z or an offset; 1970 to 9999.
 */
bool instant_from_text(struct text text, uint64_t *out_unix_ms);

#endif
