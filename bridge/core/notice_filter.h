/* SPDX-License-Identifier: Apache-2.0 */
/* Which events somebody wants: by type, and by what they are about. */
#ifndef CORE_NOTICE_FILTER_H
#define CORE_NOTICE_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "core/vocabulary.h"

struct notice_filter {
    bool types[NOTICES_END];
    const struct text *subjects; /* "alice", of any kind, or "km_id:alice"; borrowed; any one is enough */
    size_t subject_count;        /* 0: whatever it is about */
};

/* A type's name, or one '*' in it for any run of characters. */
bool notice_pattern_matches(struct text pattern, enum notice_type type);
/* Wants the types that match; false: there is none. */
bool notice_filter_add(struct notice_filter *filter, struct text pattern);

/* "km_id:alice" to its two sides; "alice" alone has an absent member. False: the value is no identifier. */
bool notice_subject_split(struct text subject, struct text *out_member, struct text *out_value);
/* `json` is the event in notice_write_json's form; `scratch` has room for as many bytes and is overwritten.
 */
bool notice_filter_wants(const struct notice_filter *filter, enum notice_type type, struct text json,
                         unsigned char *scratch);

#endif
