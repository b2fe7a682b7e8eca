/* SPDX-License-Identifier: Apache-2.0 */
/* Dispatch: which event concerns which part, and what belongs to every step. */
#include "core/core.h"

#include <assert.h>

#include "core/budget.h"
#include "core/change.h"
#include "core/commands.h"
#include "core/directory_state.h"
#include "core/emit.h"
#include "core/failing.h"
#include "core/held.h"
#include "core/hop_graph.h"
#include "core/next_hop.h"
#include "core/planner.h"
#include "core/relay.h"
#include "core/session.h"

static int compare_objects(const void *left, const void *right)
{
    return text_compare(((const struct object *)left)->id, ((const struct object *)right)->id);
}

static struct text kma_key(const void *value)
{
    return ((const struct kma *)value)->id;
}

static struct text identity_key(const void *value)
{
    return ((const struct identity *)value)->text;
}

struct core *core_new(const struct memory *memory, const struct core_settings *settings,
                      struct siphash_key hash_key)
{
    struct core *core = memory_allocate(memory, sizeof *core);
    if (core == NULL)
        return NULL;
    core->memory = *memory;
    core->hash_key = hash_key;
    core->settings = *settings;
    core->next = (struct high_water){ 1, 1, 1, 1, 1 };
    core->store_available = true;
    core->graph_version = 1;
    core->offers_version = 1;
    arena_init(&core->scratch, memory);
    for (int kind = 0; kind < OBJECT_KINDS_END; kind++)
        sorted_init(&core->objects[kind], memory, compare_objects);
    table_init(&core->kmas, memory, hash_key, kma_key);
    table_init(&core->identities, memory, hash_key, identity_key);
    chain_table_init(&core->links_by_pair, memory, hash_key);
    chain_table_init(&core->routes_by_pair, memory, hash_key);
    heap_init(&core->route_expiry, memory);
    relay_tables_init(core);
    next_hop_init(core);
    failing_init(core);
    graph_init(core);
    core->sessions = memory_allocate(memory, LIMIT_SESSIONS * sizeof(struct session *));
    core->unclosed = memory_allocate(memory, LIMIT_SESSIONS * sizeof *core->unclosed);
    core->frame = memory_allocate(memory, CK_FRAME_BYTES_MAX);
    core->planner = planner_new(core);
    if (core->sessions == NULL || core->unclosed == NULL || core->frame == NULL || core->planner == NULL) {
        core_free(core);
        return NULL;
    }
    return core;
}

static void free_objects(struct core *core)
{
    static const enum object_kind order[OBJECT_KINDS_END] = { OBJECT_ROUTE,       OBJECT_LINK,
                                                              OBJECT_APPLICATION, OBJECT_DESTINATION,
                                                              OBJECT_KM,          OBJECT_DOCUMENT };
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        struct sorted *objects = &core->objects[order[i]];
        while (objects->count > 0) {
            struct object *object = objects->values[objects->count - 1];
            objects_unbind_one(core, object);
            object_free(core, object);
        }
        sorted_fini(objects);
    }
}

void core_free(struct core *core)
{
    if (core == NULL)
        return;
    struct memory memory = core->memory;
    planner_free(core);
    relay_free_all(core);
    relay_tables_fini(core);
    next_hop_fini(core);
    graph_fini(core);
    if (core->sessions != NULL)
        session_free_all(core);
    free_objects(core);
    table_fini(&core->kmas);
    table_fini(&core->identities);
    table_fini(&core->links_by_pair);
    table_fini(&core->routes_by_pair);
    heap_fini(&core->route_expiry);
    failing_fini(core);
    for (size_t i = 0; i < LIMIT_REFUSED_PEERS; i++)
        owned_release(&memory, &core->refused[i].owned);
    arena_fini(&core->scratch);
    memory_release(&memory, core->sessions, LIMIT_SESSIONS * sizeof(struct session *));
    memory_release(&memory, core->unclosed, LIMIT_SESSIONS * sizeof *core->unclosed);
    memory_release(&memory, core->frame, CK_FRAME_BYTES_MAX);
    memory_release(&memory, core, sizeof *core);
}

struct siphash_digest core_payload_digest(struct text payload)
{
    /* It must be the same after a restart; who can collide it can only repeat a request of his own KM. */
    static const struct siphash_key key = { UINT64_C(0x636b627269646765), UINT64_C(0x7061796c6f616473) };
    return siphash(key, payload);
}

/* ---- messages ---- */

/* What is around the place where it went wrong, for whoever has to find out what the KM has sent. */
static void add_excerpt(struct core *core, const struct event_message *event, struct notice *notice)
{
    enum { BEFORE_BYTES = LIMIT_EXCERPT_BYTES / 2 };
    struct text payload = event->payload;
    if (!text_is_present(payload))
        return;
    size_t from = event->offset < payload.length ? (size_t)event->offset : payload.length;
    from = from > BEFORE_BYTES ? from - BEFORE_BYTES : 0;
    if (payload.length - from < LIMIT_EXCERPT_BYTES) /* near its end: more of what is before */
        from = payload.length > LIMIT_EXCERPT_BYTES ? payload.length - LIMIT_EXCERPT_BYTES : 0;
    size_t count = payload.length - from < LIMIT_EXCERPT_BYTES ? payload.length - from : LIMIT_EXCERPT_BYTES;
    notice->excerpt_offset = from;
    notice->excerpt = emit_hex(core, (struct text){ payload.bytes + from, count });
}

static void protocol_error(struct core *core, const struct session *session,
                           const struct event_message *event, const char *word)
{
    core->totals.protocol_errors++;
    km_note_error(core, session->km, REASON_MALFORMED, text_from_c(word));
    struct notice *notice = emit_notice(core, NOTICE_CK_PROTOCOL_ERROR);
    if (notice == NULL)
        return;
    notice->km_id = emit_text(core, session->km->object.id);
    notice->reason = REASON_MALFORMED;
    notice->detail = emit_text(core, text_from_c(word));
    notice->offset = event->offset;
    notice->message_id = event->header.message_id;
    notice->command = event->header.command;
    notice->has_frame = true;
    notice->version = event->header.version;
    notice->payload_bytes = event->header.payload_bytes;
    add_excerpt(core, event, notice);
}

/* It is answered too, with an empty list (reading 6), and makes no lookup. */
static void answer_malformed_next_hop(struct core *core, struct session *session,
                                      const struct event_message *event)
{
    struct ck_message message = { .command = CK_NEXT_HOP_RESPONSE, .has_kma_ids = true };
    message.extension = emit_reason_extension(core, session->km, REASON_MALFORMED);
    struct ck_header header = { .version = event->header.version, .message_id = event->header.message_id };
    (void)emit_message(core, session->km, session, &header, &message);
}

/* Reading 11. */
static void malformed(struct core *core, struct session *session, const struct event_message *event)
{
    session->km->counters.malformed++;
    core->totals.malformed[event->malformed]++;
    protocol_error(core, session, event, ck_malformed_name(event->malformed));
    if (event->header.command == CK_NEXT_HOP_REQUEST)
        answer_malformed_next_hop(core, session, event);
    session_bad_frame(core, session);
}

static void unexpected(struct core *core, struct session *session, const struct event_message *event)
{
    session->km->counters.unexpected++;
    core->totals.unexpected++;
    protocol_error(core, session, event, "unexpected_command");
    session_bad_frame(core, session);
}

static bool is_known(uint16_t command)
{
    return command >= CK_NEXT_HOP_REQUEST && command < CK_COMMANDS_END;
}

static void learn(struct km *km, const struct ck_message *message)
{
    km->counters.unknown_members += message->unknown_members;
    if (message->key_style != CK_KEYS_AUTO)
        km->key_style = message->key_style; /* reading 16: the latest request's */
    if (text_is_present(message->extension))
        km->sent_extension = true; /* reading 15 */
}

static void dispatch(struct core *core, struct session *session, const struct event_message *event)
{
    uint16_t command = event->header.command;
    if (!is_known(command))
        return; /* skipped and counted */
    if (command == CK_NEXT_HOP_RESPONSE || command == CK_RELAY_REQUEST) {
        unexpected(core, session, event);
        return;
    }
    if (event->malformed != CK_WELL_FORMED || event->message == NULL) {
        malformed(core, session, event);
        return;
    }
    learn(session->km, event->message);
    if (command == CK_NEXT_HOP_REQUEST)
        next_hop_receive(core, session, event);
    else if (command == CK_NOTIFY_RELAY)
        relay_receive(core, session, event);
    else
        completion_receive(core, session, event);
}

bool core_accepts_version(const struct core *core, struct session_handle handle, uint16_t version)
{
    const struct session *session = session_find(core, handle);
    return session == NULL || ck_dialect_accepts_version(&km_config_of(session->km)->dialect, version);
}

static void message(struct core *core, const struct event_message *event)
{
    struct session *session = session_find(core, event->session);
    if (session == NULL)
        return; /* it was closed while this was on its way */
    struct km *km = session->km;
    session->byte_order = event->byte_order;
    uint16_t known_command = is_known(event->header.command) ? event->header.command : 0;
    km->counters.received[known_command]++;
    core->totals.frames_received[known_command]++;
    if (!ck_dialect_accepts_version(&km_config_of(km)->dialect, event->header.version)) {
        session_close(core, session, REASON_BAD_VERSION, TEXT_ABSENT);
        return;
    }
    km->version = event->header.version;
    dispatch(core, session, event);
}

/* ---- the other events ---- */

static void orchestrator(struct core *core, enum orchestrator_sign sign)
{
    switch (sign) {
    case ORCHESTRATOR_REQUEST:
        core->orchestrator_seen_ms = core->now_ms + 1;
        return;
    case ORCHESTRATOR_STREAM_OPENED:
        core->orchestrator_streams++;
        return;
    case ORCHESTRATOR_STREAM_CLOSED:
        if (core->orchestrator_streams > 0)
            core->orchestrator_streams--;
        return;
    }
}

static void overload(struct core *core, bool overloaded)
{
    if (core->overloaded == overloaded)
        return;
    core->overloaded = overloaded;
    core->change_number++;
    struct notice *notice = emit_notice(core, overloaded ? NOTICE_OVERLOAD_ENTERED : NOTICE_OVERLOAD_LEFT);
    if (notice != NULL)
        notice->reason = REASON_OVERLOAD;
}

static void store(struct core *core, bool available)
{
    if (core->store_available != available)
        core->change_number++;
    core->store_available = available;
}

static void handle(struct core *core, const struct event *event)
{
    switch (event->kind) {
    case EVENT_TICK:
        return;
    case EVENT_SESSION_OPENED:
        session_opened(core, &event->opened);
        return;
    case EVENT_SESSION_CLOSED:
        session_closed(core, &event->closed);
        return;
    case EVENT_SESSION_REFUSED:
        session_refused(core, &event->refused);
        return;
    case EVENT_MESSAGE:
        message(core, &event->message);
        return;
    case EVENT_COMMAND:
        commands_run(core, &event->command);
        return;
    case EVENT_ORCHESTRATOR:
        orchestrator(core, event->orchestrator);
        return;
    case EVENT_STORE:
        store(core, event->store_available);
        return;
    case EVENT_OVERLOAD:
        overload(core, event->overloaded);
        return;
    case EVENT_SETTINGS:
        core->settings = event->settings;
        graph_refresh_all(core); /* for as long as the settings say now */
        held_note_offers(core);
        failing_recover(core);
        objects_note_change(core, OBJECT_KM); /* a view of them shows the policy that they inherit */
        return;
    }
}

static void note_presence(struct core *core)
{
    bool present = decision_orchestrator_present(core);
    if (present != core->orchestrator_was_present)
        core->change_number++;
    core->orchestrator_was_present = present;
}

enum core_status core_step(struct core *core, const struct event *event, struct effects *out_effects)
{
    core->effects = out_effects;
    if (event->monotonic_ms > core->now_ms)
        core->now_ms = event->monotonic_ms;
    core->wall_ms = event->wall_ms;
    core->out_of_memory = false;
    core->step_number++;
    arena_clear(&core->scratch);
    objects_rebind(core);
    graph_forget_old(core);
    failing_recover(core);
    routes_expire(core);
    session_close_unclosed(core);
    handle(core, event);
    held_look_again(core);
    decision_deadlines(core);
    next_hop_deadlines(core);
    if (relay_flush(core))
        budget_flush(core);
    note_presence(core);
    core->effects = NULL;
    out_effects->high_water = core->next;
    out_effects->wall_ms = event->wall_ms;
    return core->out_of_memory ? CORE_NO_MEMORY : CORE_OK;
}

static uint64_t earlier(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

uint64_t core_deadline_ms(const struct core *core)
{
    enum { RETRY_MS = 100 };
    uint64_t deadline_ms = UINT64_MAX;
    const struct heap_node *first = heap_first(&core->relay_deadlines);
    if (first != NULL)
        deadline_ms = earlier(deadline_ms, first->deadline_ms);
    first = heap_first(&core->lookup_deadlines);
    if (first != NULL)
        deadline_ms = earlier(deadline_ms, first->deadline_ms);
    first = heap_first(&core->penalties);
    if (first != NULL)
        deadline_ms = earlier(deadline_ms, first->deadline_ms);
    first = heap_first(&core->route_expiry);
    if (first != NULL && first->deadline_ms > core->wall_ms)
        deadline_ms = earlier(deadline_ms, core->now_ms + (first->deadline_ms - core->wall_ms));
    else if (first != NULL)
        deadline_ms = earlier(deadline_ms, core->now_ms + RETRY_MS);
    if (core->first_dirty != NULL || core->first_untold_link != NULL || core->rebind ||
        core->unclosed_count > 0)
        deadline_ms = earlier(deadline_ms, core->now_ms + RETRY_MS);
    if (held_waits(core))
        deadline_ms = earlier(deadline_ms, core->now_ms);
    if (core->orchestrator_was_present && core->orchestrator_streams == 0) /* for the snapshot */
        deadline_ms = earlier(deadline_ms, core->orchestrator_seen_ms + core->settings.presence_ms);
    return deadline_ms;
}

uint64_t core_change_number(const struct core *core)
{
    return core->change_number;
}
