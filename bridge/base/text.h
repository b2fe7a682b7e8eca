/* SPDX-License-Identifier: Apache-2.0 */
/* A text is a borrowed view of bytes with a length; it owns nothing and need not end in NUL. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    const char *bytes; /* NULL means absent, which differs from empty */
    size_t length;     /* bytes */
};

/* A view of a string literal. */
#define TEXT(literal) ((struct text){ (literal), sizeof(literal) - 1 })
#define TEXT_ABSENT ((struct text){ NULL, 0 })
/* For printf's "%.*s". */
#define TEXT_ARGUMENTS(t) (int)(t).length, (t).bytes != NULL ? (t).bytes : ""

/* A view of a NUL-terminated string; NULL gives an absent text. */
struct text text_from_c(const char *string);
bool text_is_present(struct text text);
/* Absent equals only absent. */
bool text_equal(struct text left, struct text right);
bool text_equal_c(struct text left, const char *right);
/* ASCII case only. */
bool text_equal_ignoring_case(struct text left, struct text right);
/* Bytewise order, a prefix before its extension; absent sorts as empty. Returns <0, 0, >0. */
int text_compare(struct text left, struct text right);
bool text_starts_with(struct text text, struct text prefix);
/* The bytes of the well-formed code point with which this begins, and the code point; 0: there is none. */
size_t text_code_point(struct text text, uint32_t *out_code);
/* Well-formed UTF-8 (Unicode 15, table 3-7): no overlong form, no surrogate, nothing above U+10FFFF. */
bool text_is_utf8(struct text text);
/* 1 to LIMIT_IDENTIFIER_BYTES of UTF-8 without control characters: C0, DEL, C1 (wire profile, reading 14). */
bool text_is_identifier(struct text text);
/* Decimal digits alone, no sign, no white space, at most `maximum`. False leaves *out_value untouched. */
bool text_to_u64(struct text text, uint64_t maximum, uint64_t *out_value);
/* Copies and terminates; false, and an empty string, when it does not fit. */
bool text_to_c(struct text text, char *buffer, size_t buffer_bytes);

#endif
