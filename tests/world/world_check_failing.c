/* SPDX-License-Identifier: Apache-2.0 */
/* Penalties of links: each follows from as many failures on paths over it, lasts its time, and is shown. */
#include "world/world.h"

typedef unsigned long long ull;

static size_t edge_of(struct world *world, struct text link_id)
{
    for (size_t i = 0; i < world->graph.edge_count; i++) {
        if (text_equal_c(link_id, world->graph.edges[i].name))
            return i;
    }
    world_fail(world, "link %.*s was penalised, and nobody has put it", TEXT_ARGUMENTS(link_id));
}

static bool leads_over(const struct world *world, const struct relay_record *relay, size_t edge)
{
    const struct text a = world->graph.nodes[world->graph.edges[edge].a];
    const struct text b = world->graph.nodes[world->graph.edges[edge].b];
    for (size_t i = 0; i + 1 < relay->path_length; i++) {
        if ((text_equal(relay->path[i], a) && text_equal(relay->path[i + 1], b)) ||
            (text_equal(relay->path[i], b) && text_equal(relay->path[i + 1], a)))
            return true;
    }
    return false;
}

static void note_failure(struct world *world, const struct relay_record *relay)
{
    struct penalties *penalties = &world->penalties;
    const struct request_row *row = rows_relay(world, relay->relay_id);
    const bool ends_now = row->touched == world->step_number &&
                          (row->state_before < 0 || row->state_before != (int)relay->state);
    const bool failed =
        relay->state == RELAY_EXPIRED || (relay->state == RELAY_FAILED && relay->reason == REASON_KM_FAILURE);
    if (ends_now && failed)
        penalties->failures[penalties->failure_count++ % WORLD_FAILURES_MAX] =
            (struct failure){ relay->relay_id, world->monotonic_ms };
}

static uint32_t failures_over(struct world *world, size_t edge)
{
    const struct penalties *penalties = &world->penalties;
    uint32_t found = 0;
    for (size_t i = 0; i < penalties->failure_count && i < WORLD_FAILURES_MAX; i++) {
        const struct failure *failure = &penalties->failures[i];
        const struct kept *kept = rows_relay(world, failure->relay_id)->shadow;
        found += kept != NULL && world->monotonic_ms - failure->time_ms < world->settings.failing_window_ms &&
                 leads_over(world, &kept->record.relay, edge);
    }
    return found;
}

static void begin(struct world *world, size_t edge)
{
    const char *name = world->graph.edges[edge].name;
    const uint32_t failures = failures_over(world, edge);
    if (world->penalties.until_ms[edge] != 0)
        world_fail(world, "link %s was penalised twice", name);
    if (world->settings.failing_relays == 0 || failures < world->settings.failing_relays)
        world_fail(world, "link %s was penalised after %u failures instead of %u", name, failures,
                   world->settings.failing_relays);
    world->penalties.until_ms[edge] = world->monotonic_ms + world->settings.failing_penalty_ms;
    world->coverage->penalties++;
}

static void end(struct world *world, size_t edge)
{
    const uint64_t until_ms = world->penalties.until_ms[edge];
    if (until_ms == 0 || (until_ms > world->monotonic_ms && world->settings.failing_relays > 0))
        world_fail(world, "link %s recovered at %llu instead of %llu", world->graph.edges[edge].name,
                   (ull)world->monotonic_ms, (ull)until_ms);
    world->penalties.until_ms[edge] = 0;
    world->coverage->recoveries++;
}

static void follow(struct world *world, const struct notice *notice)
{
    const struct text change = text_from_c(notice->change);
    if (text_equal_c(change, "penalised"))
        begin(world, edge_of(world, notice->link_id));
    else if (text_equal_c(change, "recovered"))
        end(world, edge_of(world, notice->link_id));
    else if (text_equal_c(change, "deleted"))
        world->penalties.until_ms[edge_of(world, notice->link_id)] = 0;
}

void check_failing(struct world *world, const struct step *step)
{
    if (world->memory_may_fail) /* what ended may be told later than what follows from it */
        return;
    for (const struct effect *effect = step->first; effect != NULL; effect = effect->next) {
        if (effect->kind == EFFECT_RECORD && effect->record.kind == RECORD_RELAY)
            note_failure(world, &effect->record.relay);
    }
    for (const struct effect *effect = step->first; effect != NULL; effect = effect->next) {
        if (effect->kind == EFFECT_NOTICE && effect->notice.type == NOTICE_LINK_CHANGED)
            follow(world, &effect->notice);
    }
}

void check_penalties_end(struct world *world)
{
    for (size_t edge = 0; !world->memory_may_fail && edge < world->graph.edge_count; edge++) {
        const uint64_t until_ms = world->penalties.until_ms[edge];
        if (until_ms != 0 && until_ms <= world->monotonic_ms)
            world_fail(world, "link %s is penalised %llu ms too long", world->graph.edges[edge].name,
                       (ull)(world->monotonic_ms - until_ms));
    }
}

void check_penalties_shown(struct world *world, const struct snapshot *snapshot)
{
    uint32_t shown = 0;
    for (size_t i = 0; i < snapshot->link_count; i++) {
        const struct link_view *link = &snapshot->links[i];
        const bool penalised = link->penalised_until_ms != 0;
        shown += penalised;
        if (link->recent_failures > LIMIT_FAILING_RELAYS)
            world_fail(world, "link %.*s shows %u failures", TEXT_ARGUMENTS(link->config.link_id),
                       link->recent_failures);
        if (!world->memory_may_fail &&
            penalised != (world->penalties.until_ms[edge_of(world, link->config.link_id)] != 0))
            world_fail(world, "link %.*s is shown penalised, or not, against its events",
                       TEXT_ARGUMENTS(link->config.link_id));
    }
    if (shown != snapshot->totals.links_penalised)
        world_fail(world, "%u links are counted as penalised, and %u are shown",
                   snapshot->totals.links_penalised, shown);
}
