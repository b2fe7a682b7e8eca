/* SPDX-License-Identifier: Apache-2.0 */
/* How the core says things: notices, records, frames, closes and replies into the running step's effects. */
#ifndef CORE_EMIT_H
#define CORE_EMIT_H

#include "core/core_state.h"

/* A notice with its number and time; NULL when memory is exhausted: then it takes no number. */
struct notice *emit_notice(struct core *core, enum notice_type type);
/* A copy for the effects of this step; what is no UTF-8 has its odd bytes replaced. */
struct text emit_text(struct core *core, struct text text);
/* As hexadecimal digits, two a byte. Absent when memory is exhausted. */
struct text emit_hex(struct core *core, struct text bytes);
/* The value of the record is copied deeply. NULL when memory is exhausted. */
struct record *emit_record(struct core *core, enum record_kind kind, pack_function function,
                           const void *value, size_t value_bytes);
bool emit_close(struct core *core, struct session_handle session, enum reason reason);
/* Encodes for `km` and sends; without a session it only says whether it could be sent. Too large or not to be
 * encoded: EMIT_TOO_LARGE, nothing is sent. */
enum emit_status { EMIT_OK, EMIT_TOO_LARGE, EMIT_NO_MEMORY };
enum emit_status emit_message(struct core *core, struct km *km, const struct session *session,
                              const struct ck_header *header, const struct ck_message *message);
/* The spelling in which this KM is answered (reading 16). */
enum ck_key_style emit_key_style(const struct km *km);
/* The reason as an extension for this KM, or absent when it gets none (reading 15). */
struct text emit_reason_extension(struct core *core, const struct km *km, enum reason reason);

/* What was emitted since the mark is taken back: for effects that only make sense together. */
struct emit_mark {
    struct effect **last;
    size_t count, durable_count;
    uint64_t next_event_id; /* those of notices undone are given again: they were never seen */
};
struct emit_mark emit_mark(const struct core *core);
void emit_undo(struct core *core, struct emit_mark mark);

#endif
