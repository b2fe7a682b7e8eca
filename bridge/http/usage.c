/* SPDX-License-Identifier: Apache-2.0 */
#include "http/usage.h"

#include <assert.h>
#include <string.h>

#include "base/limits.h"
#include "http/access.h"
#include "http/crowd.h"
#include "http/feed.h"

size_t usage_list(const struct status_view *view, struct usage out_usages[USAGES_MAX])
{
    const struct snapshot *snapshot = view->snapshot;
    const struct http_status *status = &view->status;
    const struct access *access = view->feed->access;
    const struct crowd *crowd = view->feed->crowd;
    const struct usage usages[] = {
        { "sessions", status->sessions, status->sessions_max },
        { "kms", snapshot->km_count, LIMIT_KMS },
        { "applications", snapshot->application_count, LIMIT_APPLICATIONS },
        { "destinations", snapshot->destination_count, LIMIT_DESTINATIONS },
        { "routes", snapshot->route_count, LIMIT_ROUTES },
        { "links", snapshot->link_count, LIMIT_LINKS },
        { "open_relays", snapshot->totals.relays_open, LIMIT_OPEN_RELAYS },
        { "held_lookups", snapshot->totals.lookups_held, LIMIT_HELD_LOOKUPS },
        { "turns_in_flight", status->turns_in_flight, LIMIT_TURNS_IN_FLIGHT },
        { "commands_queued", status->commands_queued, LIMIT_COMMANDS_QUEUED },
        { "event_streams", view->feed->stream_count, view->feed->streams_max },
        { "http_connections", crowd->connections, crowd->connections_max },
        { "http_connections_per_address", crowd_most_of_a_host(crowd), crowd->per_host_max },
        { "api_tokens", access->book.mirror.objects.count, API_TOKENS_MAX },
        { "web_sessions", access->sign_ins.mirror.objects.count, SIGN_INS_MAX },
        { "failing_sources", access->attempts.sources.count, ATTEMPT_SOURCES_MAX },
    };
    static_assert(sizeof usages / sizeof *usages <= USAGES_MAX, "all find room");
    memcpy(out_usages, usages, sizeof usages);
    return sizeof usages / sizeof *usages;
}
