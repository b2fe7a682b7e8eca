/* SPDX-License-Identifier: Apache-2.0 */
/* A JSON writer over bytes_writer: commas and escapes are its business, structure is the caller's.
 * No name here is one of jansson's, with which it is linked into one program. */
#ifndef CK_JSON_WRITER_H
#define CK_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/text.h"

/* All of these write a comma first when the writer's last byte ends a value. */
void json_open_object(struct bytes_writer *writer);
void json_close_object(struct bytes_writer *writer);
void json_open_array(struct bytes_writer *writer);
void json_close_array(struct bytes_writer *writer);
void json_name(struct bytes_writer *writer, const char *name);
/* Escapes what RFC 8259 wants escaped, and nothing else; ill-formed UTF-8 must not come here. Absent is null.
 */
void json_text(struct bytes_writer *writer, struct text text);
void json_c(struct bytes_writer *writer, const char *string);
void json_u64(struct bytes_writer *writer, uint64_t value);
/* The decimal digits as a string: for identifiers above 2^53. */
void json_u64_text(struct bytes_writer *writer, uint64_t value);
void json_put_boolean(struct bytes_writer *writer, bool value);
void json_put_null(struct bytes_writer *writer);
/* RFC 3339 as bytes_put_time; 0 is null. */
void json_time(struct bytes_writer *writer, uint64_t unix_ms);
/* The inside of a string, escaped, without quotes or comma: to join several texts in one string. */
void json_put_escaped(struct bytes_writer *writer, struct text text);
/* JSON that is known to be well-formed, as it is. */
void json_raw(struct bytes_writer *writer, struct text json);

#endif
