/* SPDX-License-Identifier: Apache-2.0 */
/* The snapshot against the rows and sessions: sorted, complete, and counting right. */
#include <string.h>

#include "world/world.h"

typedef unsigned long long ull;

static bool api_covers(struct world *world, const struct object_row *file_row)
{
    for (size_t i = 0; i < world->rows.object_count; i++) {
        const struct object_row *row = &world->rows.objects[i];
        if (row->kind == file_row->kind && row->origin == ORIGIN_API && row->shadow != NULL &&
            strcmp(row->id, file_row->id) == 0)
            return true;
    }
    return false;
}

/* The API's, and of the file's those that the API's do not cover. */
static size_t rows_in_force(struct world *world, enum record_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < world->rows.object_count; i++) {
        const struct object_row *row = &world->rows.objects[i];
        if (row->kind == kind && row->shadow != NULL)
            count += row->origin == ORIGIN_API || !api_covers(world, row);
    }
    return count;
}

static void check_count(struct world *world, const char *what, enum record_kind kind, size_t found)
{
    size_t expected = rows_in_force(world, kind);
    if (found != expected)
        world_fail(world, "a snapshot shows %zu %s of %zu", found, what, expected);
}

static void check_order(struct world *world, struct text former, struct text next)
{
    if (text_compare(former, next) >= 0)
        world_fail(world, "a snapshot is not sorted: %.*s before %.*s", TEXT_ARGUMENTS(former),
                   TEXT_ARGUMENTS(next));
}

static void check_sorted(struct world *world, const struct snapshot *snapshot)
{
    for (size_t i = 1; i < snapshot->km_count; i++)
        check_order(world, snapshot->kms[i - 1].config.km_id, snapshot->kms[i].config.km_id);
    for (size_t i = 1; i < snapshot->application_count; i++)
        check_order(world, snapshot->applications[i - 1].config.application_id,
                    snapshot->applications[i].config.application_id);
    for (size_t i = 1; i < snapshot->route_count; i++)
        check_order(world, snapshot->routes[i - 1].config.route_id, snapshot->routes[i].config.route_id);
    for (size_t i = 1; i < snapshot->link_count; i++)
        check_order(world, snapshot->links[i - 1].config.link_id, snapshot->links[i].config.link_id);
}

static bool is_live(const struct world *world, struct text km_id)
{
    for (size_t i = 0; i < WORLD_SESSIONS_MAX; i++) {
        if (world->sessions[i].live && text_equal_c(km_id, world->sessions[i].km_id))
            return true;
    }
    return false;
}

static void check_km(struct world *world, const struct km_view *view)
{
    const struct km_config *config = config_km(world, view->config.km_id);
    if (config == NULL)
        world_fail(world, "a snapshot shows %.*s, which is not enrolled", TEXT_ARGUMENTS(view->config.km_id));
    bool same = config->enabled == view->config.enabled && config->kma_id_count == view->config.kma_id_count;
    for (size_t i = 0; same && i < config->kma_id_count; i++)
        same = text_equal(config->kma_ids[i], view->config.kma_ids[i]);
    if (!same)
        world_fail(world, "a snapshot shows %.*s otherwise than its row", TEXT_ARGUMENTS(config->km_id));
    if (view->connected != is_live(world, config->km_id))
        world_fail(world, "a snapshot shows %.*s %s", TEXT_ARGUMENTS(config->km_id),
                   view->connected ? "connected" : "disconnected");
}

/* Every relay is decided once, or still held; one that came before the restart has no time. */
static void check_decisions(struct world *world, const struct totals *totals)
{
    uint64_t timed = 0, decided = 0;
    for (int decider = 0; decider < DECIDERS_END; decider++) {
        timed += distribution_count(&totals->relay_decision_ms[decider]);
        decided += totals->relays_decided[decider];
    }
    if (timed > decided || timed > totals->relays_received ||
        totals->relays_received - timed > totals->relays_held)
        world_fail(world, "of %llu relays %llu are decided, %llu with a time, and %u held",
                   (ull)totals->relays_received, (ull)decided, (ull)timed, totals->relays_held);
    for (int state = 0; state < RELAY_STATES_END; state++)
        if (distribution_count(&totals->relay_ms[state]) > totals->relays_ended[state])
            world_fail(world, "%llu relays ended as %s, and more with a time",
                       (ull)totals->relays_ended[state], relay_state_name((enum relay_state)state));
}

static void check_totals(struct world *world, const struct snapshot *snapshot)
{
    uint32_t open = 0, held = 0, lookups = 0, connected = 0, of_kms = 0;
    for (size_t id = 1; id < world->rows.relay_capacity; id++) {
        const struct kept *kept = world->rows.relays[id].shadow;
        if (kept == NULL || relay_state_is_terminal(kept->record.relay.state))
            continue;
        open++;
        held += kept->record.relay.state == RELAY_AWAITING_DECISION;
    }
    for (size_t id = 1; id < world->rows.lookup_capacity; id++) {
        const struct kept *kept = world->rows.lookups[id].shadow;
        lookups += kept != NULL && kept->record.lookup.state == LOOKUP_AWAITING_DECISION;
    }
    for (size_t i = 0; i < WORLD_SESSIONS_MAX; i++)
        connected += world->sessions[i].live;
    for (size_t i = 0; i < snapshot->km_count; i++)
        of_kms += snapshot->kms[i].relays_open;
    const struct totals *totals = &snapshot->totals;
    if (totals->relays_open != open || totals->relays_held != held || totals->lookups_held != lookups)
        world_fail(world, "totals say %u open, %u held, %u lookups; rows say %u, %u, %u", totals->relays_open,
                   totals->relays_held, totals->lookups_held, open, held, lookups);
    if (totals->kms_connected != connected || totals->kms_enrolled != snapshot->km_count)
        world_fail(world, "totals say %u connected, %u enrolled; there are %u and %zu", totals->kms_connected,
                   totals->kms_enrolled, connected, snapshot->km_count);
    if (of_kms > open)
        world_fail(world, "KMs have %u relays open of %u", of_kms, open);
    check_decisions(world, totals);
}

static uint64_t digest_shown(const struct snapshot *snapshot)
{
    uint64_t digest = 1;
    for (size_t i = 0; i < snapshot->km_count; i++) {
        const struct km_view *view = &snapshot->kms[i];
        const struct policy *policy = &view->policy_in_force;
        const uint64_t numbers[] = { view->revision.number, view->config.enabled,    view->connected,
                                     view->in_file,         policy->orchestrator_ms, policy->completion_ms };
        digest = digest_mix(digest_text(digest, view->config.km_id), numbers, sizeof numbers);
    }
    for (size_t i = 0; i < snapshot->application_count; i++)
        digest = digest_text(digest, snapshot->applications[i].config.kma_id) +
                 snapshot->applications[i].revision.number;
    for (size_t i = 0; i < snapshot->destination_count; i++)
        digest = digest_text(digest, snapshot->destinations[i].config.kma_id) +
                 snapshot->destinations[i].revision.number;
    for (size_t i = 0; i < snapshot->route_count; i++)
        digest =
            digest_text(digest, snapshot->routes[i].config.route_id) + snapshot->routes[i].revision.number;
    for (size_t i = 0; i < snapshot->link_count; i++)
        digest = digest_text(digest, snapshot->links[i].config.link_id) + snapshot->links[i].revision.number;
    const unsigned char flags[] = { snapshot->store_available, snapshot->overloaded };
    return digest_mix(digest, flags, sizeof flags);
}

/* A change number that stood still means that nothing shown has changed. */
static void check_change_number(struct world *world, const struct snapshot *snapshot)
{
    uint64_t digest = digest_shown(snapshot);
    if (snapshot->change_number != core_change_number(world->core))
        world_fail(world, "a snapshot with another change number than the core's");
    if (world->snapshot_taken && snapshot->change_number < world->snapshot_change)
        world_fail(world, "the change number went back");
    if (world->snapshot_taken && snapshot->change_number == world->snapshot_change &&
        digest != world->snapshot_digest)
        world_fail(world, "a change that the change number does not tell");
    world->snapshot_taken = true;
    world->snapshot_change = snapshot->change_number;
    world->snapshot_digest = digest;
}

/* A view that shares with the one before shows the same as one that shares nothing. */
static void check_sharing(struct world *world, const struct snapshot *whole)
{
    const struct snapshot_moment moment = { world->wall_ms, world->monotonic_ms };
    struct snapshot *sharing = core_snapshot_after(world->core, &world->plain_memory, moment, world->former);
    if (sharing == NULL || digest_shown(sharing) != digest_shown(whole) ||
        sharing->document_count != whole->document_count)
        world_fail(world, "a view that shares with the former one shows something else");
    if (world->former != NULL)
        world->coverage->views_shared += sharing->parts[0] == world->former->parts[0];
    snapshot_release(world->former);
    world->former = sharing;
}

void check_forget_snapshot(struct world *world)
{
    snapshot_release(world->former);
    world->former = NULL;
}

void check_snapshot(struct world *world)
{
    struct snapshot *snapshot = core_snapshot(world->core, &world->reader_memory.memory, world->wall_ms);
    if (snapshot == NULL) {
        if (world->reader_memory.fail_one_in == 0)
            world_fail(world, "no snapshot");
        if (world->reader_memory.blocks != 0)
            world_fail(world, "a snapshot that failed left blocks behind");
        return;
    }
    world->coverage->snapshots++;
    if (world->untold) { /* the core is ahead of what it could tell, and says so: NO_MEMORY */
        snapshot_release(snapshot);
        return;
    }
    check_sorted(world, snapshot);
    check_count(world, "KMs", RECORD_KM, snapshot->km_count);
    check_count(world, "applications", RECORD_APPLICATION, snapshot->application_count);
    check_count(world, "destinations", RECORD_DESTINATION, snapshot->destination_count);
    check_count(world, "routes", RECORD_ROUTE, snapshot->route_count);
    check_count(world, "links", RECORD_LINK, snapshot->link_count);
    for (size_t i = 0; i < snapshot->km_count; i++) {
        check_km(world, &snapshot->kms[i]);
        if (snapshot_km(snapshot, snapshot->kms[i].config.km_id) != &snapshot->kms[i])
            world_fail(world, "a snapshot does not find its own KM");
    }
    check_totals(world, snapshot);
    check_keys(world, snapshot);
    check_penalties_shown(world, snapshot);
    check_change_number(world, snapshot);
    check_sharing(world, snapshot);
    snapshot_release(snapshot_retain(snapshot));
    snapshot_release(snapshot);
    if (world->reader_memory.blocks != 0)
        world_fail(world, "a snapshot left %llu blocks behind", (ull)world->reader_memory.blocks);
}
