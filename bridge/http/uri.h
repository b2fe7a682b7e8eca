/* SPDX-License-Identifier: Apache-2.0 */
/* Request targets: path from query, and percent-decoding, once, after splitting. */
#ifndef HTTP_URI_H
#define HTTP_URI_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/text.h"

/* `query` is absent when there is no '?'. The absolute form loses its scheme and authority. */
void uri_split(struct text target, struct text *out_path, struct text *out_query);
enum uri_spelling { URI_PATH, URI_QUERY /* '+' is a space */ };
/* False: a broken escape, a NUL, or bytes that are not UTF-8 once decoded; or no memory. */
bool uri_decode(struct text raw, enum uri_spelling spelling, struct arena *arena, struct text *out_decoded);
/* Percent-encodes all but unreserved characters, for links to identifiers. */
void uri_put_encoded(struct bytes_writer *writer, struct text text);
/* Takes the part up to `separator` off the front; false when nothing is left (rest->bytes NULL). */
bool uri_next(struct text *rest, char separator, struct text *out_part);

#endif
