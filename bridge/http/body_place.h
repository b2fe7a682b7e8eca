/* SPDX-License-Identifier: Apache-2.0 */
/* Which element of a JSON text stands at a byte: for refusals of what is well-formed, yet not acceptable. */
#ifndef HTTP_BODY_PLACE_H
#define HTTP_BODY_PLACE_H

#include <stddef.h>

#include "base/bytes.h"

/* Appends the JSON pointer (RFC 6901) of the innermost element that begins before byte `at` and does not end
   before it. `json` is overwritten where its members' names have escapes. Nothing is appended for the root.
   A pointer that does not fit ends early: it only helps people. */
void body_place(unsigned char *json, size_t bytes, size_t at, struct bytes_writer *pointer);
/* Appends "/name", '~' and '/' within it escaped, or nothing when it does not fit. */
void body_place_put_name(struct bytes_writer *pointer, struct text name);

#endif
