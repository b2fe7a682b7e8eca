/* SPDX-License-Identifier: Apache-2.0 */
/* A small strict JSON reader (RFC 8259) that works in place and never allocates.
 * No name here is one of jansson's, with which it is linked into one program. */
#ifndef CK_JSON_READER_H
#define CK_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum json_kind {
    JSON_KIND_OBJECT,
    JSON_KIND_ARRAY,
    JSON_KIND_STRING,
    JSON_KIND_NUMBER,
    JSON_KIND_TRUE,
    JSON_KIND_FALSE,
    JSON_KIND_NULL
};

enum json_status { JSON_OK, JSON_END, JSON_SYNTAX, JSON_UTF8, JSON_DEPTH };

struct json_reader {
    unsigned char *bytes;
    size_t length;
    size_t at;      /* the byte to read next; where reading stopped after a failure */
    unsigned depth; /* objects and arrays open; LIMIT_JSON_DEPTH at most, one more is JSON_DEPTH */
};

struct json_reader json_reader(unsigned char *bytes, size_t length);
/* The kind of the value at hand, JSON_SYNTAX when none begins there. Skips white space before it. */
enum json_status json_peek(struct json_reader *reader, enum json_kind *out_kind);
/* A string, unescaped in place; NUL inside is allowed here and judged by the caller. */
enum json_status json_read_string(struct json_reader *reader, struct text *out_string);
/* A number's own bytes, grammar checked. */
enum json_status json_read_number(struct json_reader *reader, struct text *out_number);
/* Checks and passes over any value without changing a byte; its raw bytes are the result. */
enum json_status json_skip(struct json_reader *reader, struct text *out_raw);
/* Steps into an object or array: *first starts true and is kept by the caller between calls.
   JSON_OK: a member (its name) or an element follows; JSON_END: the closing bracket was passed. */
enum json_status json_member(struct json_reader *reader, bool *first, struct text *out_name);
enum json_status json_element(struct json_reader *reader, bool *first);
/* JSON_OK when only white space is left. */
enum json_status json_finish(struct json_reader *reader);

#endif
