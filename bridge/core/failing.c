/* SPDX-License-Identifier: Apache-2.0 */
#include "core/failing.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "core/directory_state.h"
#include "core/emit.h"
#include "core/planner.h"

enum { RETRY_MS = 100 }; /* when memory did not suffice to tell that a penalty ended */

void failing_init(struct core *core)
{
    heap_init(&core->penalties, &core->memory);
}

void failing_fini(struct core *core)
{
    heap_fini(&core->penalties);
}

bool failing_is_penalised(const struct link *link)
{
    return link->failing.penalty.position != 0;
}

static bool counts(const struct core *core, uint64_t failed_ms)
{
    return core->now_ms - failed_ms < core->settings.failing_window_ms;
}

uint32_t failing_recent(const struct core *core, const struct link *link)
{
    uint32_t recent = 0;
    for (uint32_t i = 0; i < link->failing.count; i++)
        recent += counts(core, link->failing.failed_ms[i]);
    return recent;
}

/* ---- a penalty begins and ends ---- */

/* False: out of memory. */
static bool tell(struct core *core, const struct link *link, const char *change, struct text detail)
{
    const struct text id = emit_text(core, link->object.id);
    struct notice *notice = text_is_present(id) ? emit_notice(core, NOTICE_LINK_CHANGED) : NULL;
    if (notice == NULL)
        return false;
    notice->link_id = id;
    notice->change = change;
    notice->detail = emit_text(core, detail);
    return true;
}

static void note_change(struct core *core, const struct link *link)
{
    objects_note_change(core, OBJECT_LINK);
    planner_note_link(core, link);
}

/* The next failure tries again when memory does not suffice. */
static void penalise(struct core *core, struct link *link)
{
    const struct core_settings *settings = &core->settings;
    char words[160];
    struct bytes_writer writer = bytes_writer(words, sizeof words);
    bytes_put_u64(&writer, link->failing.count);
    bytes_put_c(&writer, link->failing.count == 1 ? " relay" : " relays");
    bytes_put_c(&writer, " over it failed within ");
    bytes_put_u64(&writer, settings->failing_window_ms);
    bytes_put_c(&writer, " ms: computed paths avoid it for ");
    bytes_put_u64(&writer, settings->failing_penalty_ms);
    bytes_put_c(&writer, " ms");
    if (!heap_set(&core->penalties, &link->failing.penalty, core->now_ms + settings->failing_penalty_ms)) {
        core->out_of_memory = true;
        return;
    }
    if (!tell(core, link, "penalised", bytes_written(&writer))) {
        heap_remove(&core->penalties, &link->failing.penalty);
        return;
    }
    link->failing.until_wall_ms = core->wall_ms + settings->failing_penalty_ms;
    core->totals.links_penalised++;
    note_change(core, link);
}

static void end_penalty(struct core *core, struct link *link)
{
    assert(core->totals.links_penalised > 0);
    heap_remove(&core->penalties, &link->failing.penalty);
    link->failing = (struct failing){ .count = 0 }; /* it counts anew */
    core->totals.links_penalised--;
    note_change(core, link);
}

void failing_recover(struct core *core)
{
    for (;;) {
        struct heap_node *first = heap_first(&core->penalties);
        if (first == NULL || (first->deadline_ms > core->now_ms && core->settings.failing_relays > 0))
            return;
        struct link *link = (struct link *)(void *)((char *)first - offsetof(struct link, failing.penalty));
        if (!tell(core, link, "recovered", TEXT("computed paths use it again"))) {
            (void)heap_set(&core->penalties, first, core->now_ms + RETRY_MS); /* it is in, and only moves */
            return;
        }
        end_penalty(core, link);
    }
}

void failing_forget_link(struct core *core, struct link *link)
{
    if (!failing_is_penalised(link))
        return;
    heap_remove(&core->penalties, &link->failing.penalty);
    core->totals.links_penalised--;
}

/* ---- how relays end ---- */

static void forget_first(struct failing *failing)
{
    failing->count--;
    memmove(failing->failed_ms, failing->failed_ms + 1, failing->count * sizeof *failing->failed_ms);
}

static void count_failure(struct core *core, struct link *link)
{
    struct failing *failing = &link->failing;
    if (failing_is_penalised(link))
        return;
    while (failing->count > 0 &&
           (failing->count == LIMIT_FAILING_RELAYS || !counts(core, failing->failed_ms[0])))
        forget_first(failing);
    failing->failed_ms[failing->count++] = core->now_ms;
    if (failing->count >= core->settings.failing_relays)
        penalise(core, link);
}

/* One that expired has counted already, whatever its KM says of it later. */
static bool is_failure(const struct relay *relay, enum relay_state state, enum reason reason)
{
    return state == RELAY_EXPIRED ||
           (state == RELAY_FAILED && reason == REASON_KM_FAILURE && relay->record.state != RELAY_EXPIRED);
}

void failing_note_end(struct core *core, const struct relay *relay, enum relay_state state,
                      enum reason reason)
{
    const bool failed = is_failure(relay, state, reason);
    if (core->settings.failing_relays == 0 || (!failed && state != RELAY_SUCCEEDED))
        return;
    for (size_t i = 0; i < relay->reservation_count; i++) {
        struct link *link = relay->reservations[i].link;
        if (link == NULL)
            continue; /* an adjacency that no link tells of, or one that was removed */
        if (failed)
            count_failure(core, link);
        else if (!failing_is_penalised(link))
            link->failing.count = 0;
    }
}
