/* SPDX-License-Identifier: Apache-2.0 */
/* Members of the API's JSON as words for people. */
#ifndef CKCTL_VALUE_H
#define CKCTL_VALUE_H

#include <jansson.h>

#include "ckctl/buffer.h"
#include "ckctl/terminal.h"

/* Parses what the bridge sent; NULL: it is no JSON that can be read here. To be released with json_decref().
 */
json_t *value_parse(const char *bytes, size_t length);
/* "session.state" descends; NULL when a step is absent or null. */
const json_t *value_at(const json_t *object, const char *path);
/* The string there, or NULL. */
const char *value_string(const json_t *object, const char *path);
/* The string there, or "?". */
const char *value_words(const json_t *object, const char *path);
/* NULL: "". */
const char *or_empty(const char *words);
/* The integer there, or 0. */
long long value_number(const json_t *object, const char *path);
bool value_is_true(const json_t *object, const char *path);
/* Milliseconds since 1970 of the time there; false when there is none. */
bool value_time(const json_t *object, const char *path, int64_t *out_ms);
/* Strings as they are, times by the terminal's choice, lists joined, objects as name=value; "-" for nothing.
 */
void value_put(struct buffer *out, const json_t *value, const struct terminal *terminal);
/* A path or candidates: elements joined by these words. */
void value_put_joined(struct buffer *out, const json_t *array, const char *between);

#endif
