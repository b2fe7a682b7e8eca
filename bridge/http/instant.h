/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 3339 times as they arrive in parameters and bodies. */
#ifndef HTTP_INSTANT_H
#define HTTP_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* "2026-11-24T18:00:00Z", with an optional fraction (cut to milliseconds) and Z or an offset; 1970 to 9999.
 */
bool instant_from_text(struct text text, uint64_t *out_unix_ms);

#endif
