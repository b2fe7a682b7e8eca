/* SPDX-License-Identifier: Apache-2.0 */
/* The handlers that the route table names; each resource has a file of its own. */
#ifndef HTTP_RESOURCES_H
#define HTTP_RESOURCES_H

#include "http/request.h"

/* health.c */
enum handled handle_healthz(struct request *request);
enum handled handle_readyz(struct request *request);

/* openapi.c */
enum handled handle_openapi(struct request *request);

/* metrics.c */
enum handled handle_metrics(struct request *request);

/* status.c */
enum handled handle_status(struct request *request);

/* kms.c */
enum handled handle_kms_list(struct request *request);
enum handled handle_km_get(struct request *request);
enum handled handle_km_put(struct request *request);
enum handled handle_km_delete(struct request *request);

/* applications.c */
enum handled handle_applications_list(struct request *request);
enum handled handle_application_get(struct request *request);
enum handled handle_application_put(struct request *request);
enum handled handle_application_delete(struct request *request);

/* destinations.c */
enum handled handle_destinations_list(struct request *request);
enum handled handle_destination_get(struct request *request);
enum handled handle_destination_put(struct request *request);
enum handled handle_destination_delete(struct request *request);

/* routes.c */
enum handled handle_routes_list(struct request *request);
enum handled handle_routes_replace(struct request *request);
enum handled handle_route_get(struct request *request);
enum handled handle_route_put(struct request *request);
enum handled handle_route_delete(struct request *request);

/* links.c */
enum handled handle_links_list(struct request *request);
enum handled handle_links_replace(struct request *request);
enum handled handle_link_get(struct request *request);
enum handled handle_link_put(struct request *request);
enum handled handle_link_delete(struct request *request);

/* paths.c */
enum handled handle_paths_find(struct request *request);

/* layouts.c */
enum handled handle_layouts_list(struct request *request);
enum handled handle_layout_get(struct request *request);
enum handled handle_layout_put(struct request *request);
enum handled handle_layout_delete(struct request *request);

/* relays.c */
enum handled handle_relays_list(struct request *request);
enum handled handle_relay_get(struct request *request);
enum handled handle_relay_start(struct request *request);
enum handled handle_relay_decide(struct request *request);

/* lookups.c */
enum handled handle_lookups_list(struct request *request);
enum handled handle_lookup_get(struct request *request);
enum handled handle_lookup_decide(struct request *request);

/* audit.c */
enum handled handle_audit(struct request *request);

/* tokens.c */
enum handled handle_tokens_list(struct request *request);
enum handled handle_token_create(struct request *request);
enum handled handle_token_get(struct request *request);
enum handled handle_token_delete(struct request *request);

/* session.c */
enum handled handle_session_get(struct request *request);
enum handled handle_session_create(struct request *request);
enum handled handle_session_delete(struct request *request);

/* webhooks.c */
enum handled handle_webhooks_list(struct request *request);
enum handled handle_webhook_get(struct request *request);
enum handled handle_webhook_put(struct request *request);
enum handled handle_webhook_delete(struct request *request);

/* webhook_deliveries.c */
enum handled handle_webhook_letters_list(struct request *request);
enum handled handle_webhook_letters_delete(struct request *request);
enum handled handle_webhook_replay(struct request *request);
enum handled handle_webhook_test(struct request *request);

/* events.c */
enum handled handle_events(struct request *request);

#endif
