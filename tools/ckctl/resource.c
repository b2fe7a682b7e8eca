/* SPDX-License-Identifier: Apache-2.0 */
#include "ckctl/resource.h"

#include <stddef.h>

const struct resource resource_kms = {
    .path = "/kms",
    .id_member = "km_id",
    .columns = { { "KM", "km_id", COLUMN_PLAIN },
                 { "STATE", "session.state", COLUMN_STATE },
                 { "ENABLED", "enabled", COLUMN_PLAIN },
                 { "KMAS", "kma_ids", COLUMN_PLAIN },
                 { "IDENTITY", "identity", COLUMN_PLAIN },
                 { "PEER", "session.peer", COLUMN_PLAIN },
                 { "SECURITY", "session.security", COLUMN_PLAIN },
                 { "SINCE", "session.since", COLUMN_PLAIN },
                 { "OPEN", "counters.relays_open", COLUMN_NUMBER },
                 { "REVISION", "revision", COLUMN_NUMBER } },
};

const struct resource resource_applications = {
    .path = "/applications",
    .id_member = "application_id",
    .columns = { { "APPLICATION", "application_id", COLUMN_PLAIN },
                 { "KMA", "kma_id", COLUMN_PLAIN },
                 { "ORIGIN", "origin", COLUMN_PLAIN },
                 { "REVISION", "revision", COLUMN_NUMBER },
                 { "CHANGED", "changed_at", COLUMN_PLAIN } },
};

const struct resource resource_destinations = {
    .path = "/destinations",
    .id_member = "kma_id",
    .columns = { { "KMA", "kma_id", COLUMN_PLAIN },
                 { "ORDER", "order", COLUMN_PLAIN },
                 { "ORCHESTRATOR MS", "orchestrator_ms", COLUMN_NUMBER },
                 { "COMPLETION MS", "completion_ms", COLUMN_NUMBER },
                 { "ORIGIN", "origin", COLUMN_PLAIN },
                 { "REVISION", "revision", COLUMN_NUMBER },
                 { "CHANGED", "changed_at", COLUMN_PLAIN } },
};

const struct resource resource_routes = {
    .path = "/routes",
    .id_member = "route_id",
    .columns = { { "ROUTE", "route_id", COLUMN_PLAIN },
                 { "SOURCE", "source_kma_id", COLUMN_PLAIN },
                 { "DESTINATION", "destination_kma_id", COLUMN_PLAIN },
                 { "WAY", "path", COLUMN_WAY },
                 { "PRIORITY", "priority", COLUMN_NUMBER },
                 { "USES", "uses", COLUMN_NUMBER },
                 { "VALID UNTIL", "valid_until", COLUMN_PLAIN },
                 { "ORIGIN", "origin", COLUMN_PLAIN },
                 { "REVISION", "revision", COLUMN_NUMBER } },
};

const struct resource resource_links = {
    .path = "/links",
    .id_member = "link_id",
    .columns = { { "LINK", "link_id", COLUMN_PLAIN },
                 { "A", "a", COLUMN_PLAIN },
                 { "B", "b", COLUMN_PLAIN },
                 { "STATE", "state", COLUMN_STATE },
                 { "COST", "cost", COLUMN_NUMBER },
                 { "KEY STOCK", "key_stock", COLUMN_NUMBER },
                 { "KEY RATE", "key_rate", COLUMN_NUMBER },
                 { "KEY CAPACITY", "key_capacity", COLUMN_NUMBER },
                 { "PENALISED UNTIL", "penalised_until", COLUMN_PLAIN },
                 { "ORIGIN", "origin", COLUMN_PLAIN },
                 { "REVISION", "revision", COLUMN_NUMBER } },
};

const struct resource resource_relays = {
    .path = "/relays",
    .id_member = "relay_id",
    .choice_member = "path",
    .columns = { { "RELAY", "relay_id", COLUMN_PLAIN },
                 { "STATE", "state", COLUMN_STATE },
                 { "REASON", "reason", COLUMN_PLAIN },
                 { "KM", "km_id", COLUMN_PLAIN },
                 { "SOURCE", "source_kma_id", COLUMN_PLAIN },
                 { "DESTINATION", "destination_kma_id", COLUMN_PLAIN },
                 { "PATH", "path", COLUMN_WAY },
                 { "DECIDED BY", "decided_by", COLUMN_PLAIN },
                 { "RECEIVED", "received_at", COLUMN_PLAIN },
                 { "ENDED", "ended_at", COLUMN_PLAIN } },
};

const struct resource resource_lookups = {
    .path = "/lookups",
    .id_member = "lookup_id",
    .choice_member = "next_hops",
    .columns = { { "LOOKUP", "lookup_id", COLUMN_PLAIN },
                 { "STATE", "state", COLUMN_STATE },
                 { "REASON", "reason", COLUMN_PLAIN },
                 { "KM", "km_id", COLUMN_PLAIN },
                 { "SOURCE", "source_kma_id", COLUMN_PLAIN },
                 { "DESTINATION", "destination_kma_id", COLUMN_PLAIN },
                 { "NEXT", "next_kma_ids", COLUMN_PLAIN },
                 { "DECIDED BY", "decided_by", COLUMN_PLAIN },
                 { "RECEIVED", "received_at", COLUMN_PLAIN },
                 { "ENDED", "ended_at", COLUMN_PLAIN } },
};

const struct resource resource_events = {
    .path = "/events",
    .id_member = "event_id",
    .columns = { { "EVENT", "event_id", COLUMN_PLAIN },
                 { "TIME", "time", COLUMN_PLAIN },
                 { "TYPE", "type", COLUMN_PLAIN },
                 { "SUBJECT", "subject", COLUMN_PLAIN },
                 { "DATA", "data", COLUMN_PLAIN } },
};

const struct resource resource_tokens = {
    .path = "/tokens",
    .id_member = "token_id",
    .columns = { { "TOKEN", "token_id", COLUMN_PLAIN },
                 { "ROLE", "role", COLUMN_PLAIN },
                 { "ORIGIN", "origin", COLUMN_PLAIN },
                 { "EXPIRES", "expires_at", COLUMN_PLAIN },
                 { "LAST USED", "last_used_at", COLUMN_PLAIN },
                 { "FROM", "last_used_from", COLUMN_PLAIN },
                 { "CREATED BY", "created_by", COLUMN_PLAIN },
                 { "DESCRIPTION", "description", COLUMN_PLAIN } },
};

const struct resource resource_webhooks = {
    .path = "/webhooks",
    .id_member = "webhook_id",
    .columns = { { "WEBHOOK", "webhook_id", COLUMN_PLAIN },
                 { "STATE", "delivery.state", COLUMN_STATE },
                 { "ENABLED", "enabled", COLUMN_PLAIN },
                 { "URL", "url", COLUMN_PLAIN },
                 { "TYPES", "types", COLUMN_PLAIN },
                 { "POSITION", "delivery.position", COLUMN_NUMBER },
                 { "LAG", "delivery.lag", COLUMN_NUMBER },
                 { "DEAD", "delivery.dead_letters", COLUMN_NUMBER },
                 { "LAST SUCCESS", "delivery.last_success_at", COLUMN_PLAIN },
                 { "LAST ERROR", "delivery.last_error", COLUMN_PLAIN } },
};

const struct resource resource_dead_letters = {
    .path = "/webhooks",
    .below = "/dead_letters",
    .id_member = "event_id",
    .columns = { { "EVENT", "event_id", COLUMN_PLAIN },
                 { "KIND", "kind", COLUMN_PLAIN },
                 { "GIVEN UP", "given_up_at", COLUMN_PLAIN },
                 { "ATTEMPTS", "attempts", COLUMN_NUMBER },
                 { "STATUS", "status", COLUMN_NUMBER },
                 { "DETAIL", "detail", COLUMN_PLAIN } },
};

const struct resource resource_audit = {
    .path = "/audit",
    .id_member = "audit_id",
    .columns = { { "ENTRY", "audit_id", COLUMN_PLAIN },
                 { "TIME", "time", COLUMN_PLAIN },
                 { "ACTOR", "actor", COLUMN_PLAIN },
                 { "FROM", "source", COLUMN_PLAIN },
                 { "ACTION", "action", COLUMN_PLAIN },
                 { "TARGET", "target", COLUMN_PLAIN },
                 { "OUTCOME", "outcome", COLUMN_PLAIN },
                 { "REASON", "reason", COLUMN_PLAIN },
                 { "EVENT", "first_event_id", COLUMN_NUMBER } },
};

/* Of the pki commands, in a directory. */
const struct resource resource_certificates = {
    .id_member = "name",
    .columns = { { "NAME", "name", COLUMN_PLAIN },
                 { "USE", "use", COLUMN_PLAIN },
                 { "STATE", "state", COLUMN_STATE },
                 { "VALID UNTIL", "valid_until", COLUMN_PLAIN },
                 { "NAMES", "names", COLUMN_PLAIN },
                 { "SERIAL", "serial", COLUMN_PLAIN } },
};
