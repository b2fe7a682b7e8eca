/* SPDX-License-Identifier: Apache-2.0 */
#include "http/api.h"

#include "http/resources.h"

#define VIEWER HTTP_ROLE_VIEWER
#define ORCHESTRATOR HTTP_ROLE_ORCHESTRATOR
#define ADMIN HTTP_ROLE_ADMIN

static const char *const page[] = { "limit", "cursor", NULL };
static const char *const page_of_origin[] = { "limit", "cursor", "origin", NULL };
static const char *const dry_run[] = { "dry_run", NULL };
static const char *const replacement[] = { "dry_run", "origin", NULL };
static const char *const relays[] = { "limit",
                                      "cursor",
                                      "state",
                                      "km_id",
                                      "source_kma_id",
                                      "destination_kma_id",
                                      "application_destination_id",
                                      "decided_by",
                                      "reason",
                                      "received_after",
                                      "received_before",
                                      NULL };
static const char *const letters[] = { "event_id", NULL };
static const char *const events[] = { "limit", "cursor",  "after",    "before",
                                      "type",  "subject", "snapshot", NULL };

static const char *const audit[] = { "limit", "cursor", "actor", "after", "before", "order", NULL };

static const struct route routes[] = {
    { METHOD_GET, "/healthz", HTTP_ROLE_NONE, NULL, handle_healthz },
    { METHOD_GET, "/readyz", HTTP_ROLE_NONE, NULL, handle_readyz },
    { METHOD_GET, "/openapi.json", HTTP_ROLE_NONE, NULL, handle_openapi },
    { METHOD_GET, "/metrics", VIEWER, NULL, handle_metrics },
    { METHOD_GET, API_BASE "/status", VIEWER, NULL, handle_status },

    { METHOD_GET, API_BASE "/kms", VIEWER, page, handle_kms_list },
    { METHOD_GET, API_BASE "/kms/{km_id}", VIEWER, NULL, handle_km_get },
    { METHOD_PUT, API_BASE "/kms/{km_id}", ADMIN, dry_run, handle_km_put },
    { METHOD_DELETE, API_BASE "/kms/{km_id}", ADMIN, dry_run, handle_km_delete },

    { METHOD_GET, API_BASE "/applications", VIEWER, page, handle_applications_list },
    { METHOD_GET, API_BASE "/applications/{application_id}", VIEWER, NULL, handle_application_get },
    { METHOD_PUT, API_BASE "/applications/{application_id}", ORCHESTRATOR, dry_run, handle_application_put },
    { METHOD_DELETE, API_BASE "/applications/{application_id}", ORCHESTRATOR, dry_run,
      handle_application_delete },

    { METHOD_GET, API_BASE "/destinations", VIEWER, page, handle_destinations_list },
    { METHOD_GET, API_BASE "/destinations/{kma_id}", VIEWER, NULL, handle_destination_get },
    { METHOD_PUT, API_BASE "/destinations/{kma_id}", ORCHESTRATOR, dry_run, handle_destination_put },
    { METHOD_DELETE, API_BASE "/destinations/{kma_id}", ORCHESTRATOR, dry_run, handle_destination_delete },

    { METHOD_GET, API_BASE "/routes", VIEWER, page_of_origin, handle_routes_list },
    { METHOD_PUT, API_BASE "/routes", ORCHESTRATOR, replacement, handle_routes_replace },
    { METHOD_GET, API_BASE "/routes/{route_id}", VIEWER, NULL, handle_route_get },
    { METHOD_PUT, API_BASE "/routes/{route_id}", ORCHESTRATOR, dry_run, handle_route_put },
    { METHOD_DELETE, API_BASE "/routes/{route_id}", ORCHESTRATOR, dry_run, handle_route_delete },

    { METHOD_GET, API_BASE "/links", VIEWER, page_of_origin, handle_links_list },
    { METHOD_PUT, API_BASE "/links", ORCHESTRATOR, replacement, handle_links_replace },
    { METHOD_GET, API_BASE "/links/{link_id}", VIEWER, NULL, handle_link_get },
    { METHOD_PUT, API_BASE "/links/{link_id}", ORCHESTRATOR, dry_run, handle_link_put },
    { METHOD_DELETE, API_BASE "/links/{link_id}", ORCHESTRATOR, dry_run, handle_link_delete },

    { METHOD_GET, API_BASE "/layouts", VIEWER, page, handle_layouts_list },
    { METHOD_GET, API_BASE "/layouts/{layout_id}", VIEWER, NULL, handle_layout_get },
    { METHOD_PUT, API_BASE "/layouts/{layout_id}", ORCHESTRATOR, dry_run, handle_layout_put },
    { METHOD_DELETE, API_BASE "/layouts/{layout_id}", ORCHESTRATOR, dry_run, handle_layout_delete },

    { METHOD_POST, API_BASE "/paths", VIEWER, NULL, handle_paths_find },

    { METHOD_GET, API_BASE "/relays", VIEWER, relays, handle_relays_list },
    { METHOD_POST, API_BASE "/relays", ORCHESTRATOR, NULL, handle_relay_start },
    { METHOD_GET, API_BASE "/relays/{relay_id}", VIEWER, NULL, handle_relay_get },
    { METHOD_POST, API_BASE "/relays/{relay_id}/decision", ORCHESTRATOR, NULL, handle_relay_decide },

    { METHOD_GET, API_BASE "/lookups", VIEWER, relays, handle_lookups_list },
    { METHOD_GET, API_BASE "/lookups/{lookup_id}", VIEWER, NULL, handle_lookup_get },
    { METHOD_POST, API_BASE "/lookups/{lookup_id}/decision", ORCHESTRATOR, NULL, handle_lookup_decide },

    { METHOD_GET, API_BASE "/events", VIEWER, events, handle_events },
    { METHOD_GET, API_BASE "/audit", ADMIN, audit, handle_audit },

    { METHOD_GET, API_BASE "/tokens", ADMIN, page, handle_tokens_list },
    { METHOD_POST, API_BASE "/tokens", ADMIN, NULL, handle_token_create },
    { METHOD_GET, API_BASE "/tokens/{token_id}", ADMIN, NULL, handle_token_get },
    { METHOD_DELETE, API_BASE "/tokens/{token_id}", ADMIN, dry_run, handle_token_delete },

    { METHOD_GET, API_BASE "/session", VIEWER, NULL, handle_session_get },
    { METHOD_POST, API_BASE "/session", HTTP_ROLE_NONE, NULL, handle_session_create },
    { METHOD_DELETE, API_BASE "/session", VIEWER, NULL, handle_session_delete },

    { METHOD_GET, API_BASE "/webhooks", ADMIN, page, handle_webhooks_list },
    { METHOD_GET, API_BASE "/webhooks/{webhook_id}", ADMIN, NULL, handle_webhook_get },
    { METHOD_PUT, API_BASE "/webhooks/{webhook_id}", ADMIN, dry_run, handle_webhook_put },
    { METHOD_DELETE, API_BASE "/webhooks/{webhook_id}", ADMIN, dry_run, handle_webhook_delete },
    { METHOD_GET, API_BASE "/webhooks/{webhook_id}/dead_letters", ADMIN, page, handle_webhook_letters_list },
    { METHOD_DELETE, API_BASE "/webhooks/{webhook_id}/dead_letters", ADMIN, letters,
      handle_webhook_letters_delete },
    { METHOD_POST, API_BASE "/webhooks/{webhook_id}/replay", ADMIN, NULL, handle_webhook_replay },
    { METHOD_POST, API_BASE "/webhooks/{webhook_id}/test", ADMIN, NULL, handle_webhook_test },
};

const struct route *api_routes(size_t *out_count)
{
    *out_count = sizeof routes / sizeof *routes;
    return routes;
}

bool api_holds_secret(const struct route *route)
{
    return route->handle == handle_token_create || route->handle == handle_session_create;
}
