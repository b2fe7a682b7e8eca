/* SPDX-License-Identifier: Apache-2.0 */
/* Times as the API writes them (RFC 3339, UTC), and as people tell them. */
#ifndef CKCTL_INSTANT_H
#define CKCTL_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#include "ckctl/buffer.h"

/* "2026-11-24T18:00:00.123Z" to milliseconds since 1970; false: it is none. */
bool instant_parse(const char *words, int64_t *out_ms);
/* Likewise the other way. */
void instant_put(struct buffer *out, int64_t when_ms);
/* "just now", "12 s ago", "in 3 days". */
void instant_put_relative(struct buffer *out, int64_t when_ms, int64_t now_ms);
/* "850 ms", "12 s", "3 days". */
void instant_put_span(struct buffer *out, int64_t span_ms);

#endif
