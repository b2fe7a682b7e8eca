/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions of KMs: who may connect, which connection is a KM's one session, and when it is closed. */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include "core/core_state.h"

bool session_is(const struct session *session, struct session_handle handle);
/* NULL: no such session, or it was closed. */
struct session *session_find(const struct core *core, struct session_handle handle);
/* Tells the net what an earlier step had no memory to tell it: sessions to be closed. */
void session_close_unclosed(struct core *core);
void session_opened(struct core *core, const struct event_session_opened *opened);
void session_closed(struct core *core, const struct event_session_closed *closed);
void session_refused(struct core *core, const struct event_session_refused *refused);
/* The core's own wish; the session is gone for the core when this returns. */
void session_close(struct core *core, struct session *session, enum reason reason, struct text detail);
/* Top bit set, and used by no open relay of the KM (reading 2). */
uint32_t session_fresh_message_id(const struct core *core, struct session *session);
/* Counts a bad frame (reading 11); true: that was one too many, the session is closed. */
bool session_bad_frame(struct core *core, struct session *session);
void session_free_all(struct core *core);
void km_note_error(struct core *core, struct km *km, enum reason reason, struct text detail);

#endif
