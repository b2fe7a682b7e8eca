/* SPDX-License-Identifier: Apache-2.0 */
#include "main/configuration_apply.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "main/configuration_snmp.h"
#include "main/schema.h"
#include "system/process_heap.h"

static const char *copy_c(struct arena *arena, struct text text)
{
    char *copy = arena_allocate(arena, text.length + 1);
    if (copy != NULL && text.length > 0)
        memcpy(copy, text.bytes, text.length);
    return copy;
}

struct listener_options configuration_listener(const struct ck_section *ck, struct arena *arena)
{
    bool tls = ck->security == SECURITY_TLS;
    return (struct listener_options){
        .name = copy_c(arena, ck->head.name),
        .listen = ck->listen,
        .security = (enum security)ck->security,
        .certificate = tls ? ck->certificate : NULL,
        .key = tls ? ck->key : NULL,
        .ca = tls ? ck->ca : NULL,
        .crl = tls ? ck->crl : NULL,
        .psk_file = ck->security == SECURITY_PSK ? ck->psk_file : NULL,
        .tls12 = ck->tls_min == TLS_MIN_1_2,
        .bad_frames_per_minute = (uint32_t)ck->bad_frames_per_minute,
        .hold_off_ms = (uint32_t)ck->hold_off_s * 1000,
        .replacements_per_minute = (uint32_t)ck->replacements_per_minute,
        .frames_per_second = (uint32_t)ck->frames_per_second,
    };
}

struct server_options configuration_server(const struct bridge_section *bridge)
{
    struct server_options options;
    server_options_init(&options);
    options.handshake_threads = (uint32_t)bridge->handshake_threads;
    options.sessions_max = (uint32_t)bridge->sessions_max;
    options.handshakes_max = (uint32_t)bridge->handshakes_max;
    options.handshake_timeout_ms = (uint32_t)bridge->handshake_timeout_ms;
    options.idle_timeout_ms = (uint32_t)bridge->idle_timeout_ms;
    options.user_timeout_ms = (uint32_t)bridge->user_timeout_ms;
    options.outbox_bytes_max = (uint32_t)bridge->outbox_bytes_max;
    return options;
}

static struct policy policy_from(const struct policy_settings *settings)
{
    struct policy policy = {
        .orchestrator_ms = (uint32_t)settings->orchestrator_ms,
        .completion_ms = (uint32_t)settings->completion_ms,
    };
    memcpy(policy.order, settings->order, sizeof policy.order);
    return policy;
}

struct core_settings configuration_settings(const struct decision_section *decision)
{
    return (struct core_settings){
        .policy = policy_from(&decision->policy),
        .presence_ms = (uint32_t)decision->presence_ms,
        .answer_memory_ms = (uint32_t)decision->answer_memory_ms,
        .failing_relays = (uint32_t)decision->failing_relays,
        .failing_window_ms = (uint32_t)decision->failing_window_ms,
        .failing_penalty_ms = (uint32_t)decision->failing_penalty_ms,
        .metric = (enum paths_metric)decision->metric,
    };
}

struct store_retention configuration_retention(const struct store_section *store)
{
    enum { DAY_MS = 24 * 60 * 60 * 1000 };
    return (struct store_retention){
        .age_ms = (uint64_t)store->retention_days * DAY_MS,
        .relays_max = (uint64_t)store->retention_relays,
        .audit_age_ms = (uint64_t)store->audit_days * DAY_MS,
        .audit_max = (uint64_t)store->audit_entries,
    };
}

static enum http_role http_role(int role)
{
    switch ((enum role)role) {
    case ROLE_VIEWER:
        return HTTP_ROLE_VIEWER;
    case ROLE_ORCHESTRATOR:
        return HTTP_ROLE_ORCHESTRATOR;
    case ROLE_ADMIN:
        return HTTP_ROLE_ADMIN;
    }
    return HTTP_ROLE_NONE;
}

static void fill_tokens(const struct configuration *configuration, struct arena *arena,
                        struct http_token *tokens)
{
    for (size_t i = 0; i < configuration->token_count; i++) {
        const struct token_section *token = &configuration->tokens[i];
        tokens[i] = (struct http_token){ .name = copy_c(arena, token->head.name),
                                         .role = http_role(token->role),
                                         .expires_ms = token->expires_ms };
        memcpy(tokens[i].sha256, token->sha256, sizeof tokens[i].sha256);
    }
}

/* One for each name that a client's certificate may bear. */
static size_t client_names(const struct configuration *configuration)
{
    size_t count = 0;
    for (size_t i = 0; i < configuration->client_count; i++)
        count += configuration->clients[i].identity.count;
    return count;
}

static void fill_clients(const struct configuration *configuration, struct arena *arena,
                         struct http_client *clients)
{
    for (size_t i = 0; i < configuration->client_count; i++) {
        const struct client_section *client = &configuration->clients[i];
        for (size_t k = 0; k < client->identity.count; k++)
            *clients++ = (struct http_client){ .name = copy_c(arena, client->head.name),
                                               .role = http_role(client->role),
                                               .identity = copy_c(arena, client->identity.items[k]) };
    }
}

bool configuration_http(const struct configuration *configuration, struct arena *arena,
                        struct http_options *out_options)
{
    const struct http_section *http = &configuration->http;
    struct http_token *tokens = arena_allocate(arena, (configuration->token_count + 1) * sizeof *tokens);
    const size_t client_count = client_names(configuration);
    struct http_client *clients = arena_allocate(arena, (client_count + 1) * sizeof *clients);
    if (tokens == NULL || clients == NULL)
        return false;
    fill_tokens(configuration, arena, tokens);
    fill_clients(configuration, arena, clients);
    *out_options = (struct http_options){
        .listen = http->listen,
        .certificate = http->certificate,
        .key = http->key,
        .client_ca = http->client_ca,
        .tokens = tokens,
        .token_count = configuration->token_count,
        .clients = clients,
        .client_count = client_count,
        .auth_failures_per_minute = (uint32_t)http->auth_failures_per_minute,
        .session_hours = (uint32_t)http->session_hours,
        .session_idle_minutes = (uint32_t)http->session_idle_minutes,
        .metrics = { .open = http->metrics_open, .per_km = http->metrics_per_km },
        .connections_max = (uint32_t)http->connections_max,
        .connections_per_address_max = (uint32_t)http->connections_per_address_max,
        .streams_per_actor_max = (uint32_t)http->streams_per_actor_max,
        .heartbeat_ms = (uint32_t)http->heartbeat_ms,
        .receive_ms = (uint32_t)http->receive_ms,
        .require_if_match = http->require_if_match,
        .web_folder = http->web ? http->web_folder : NULL,
    };
    return true;
}

static void fill_kms(const struct configuration *configuration, struct km_config *kms)
{
    for (size_t i = 0; i < configuration->km_count; i++) {
        const struct km_section *km = &configuration->kms[i];
        kms[i] = (struct km_config){
            .km_id = km->head.name,
            .kma_ids = km->kma.items,
            .kma_id_count = km->kma.count,
            .identities = km->identity.items,
            .identity_count = km->identity.count,
            .enabled = km->enabled,
            .dialect = km->dialect,
            .policy = policy_from(&km->policy),
        };
    }
}

static void fill_links(const struct configuration *configuration, struct link_config *links)
{
    for (size_t i = 0; i < configuration->link_count; i++) {
        const struct link_section *link = &configuration->links[i];
        links[i] = (struct link_config){
            .link_id = link->head.name,
            .kma_a = link->a,
            .kma_b = link->b,
            .cost = (uint32_t)link->cost,
            .key_stock = link->key_stock,
            .key_rate = link->key_rate,
            .key_capacity = link->key_capacity,
            .state = (enum link_state)link->state,
            .origin = TEXT("file"),
        };
    }
}

bool configuration_file_command(const struct configuration *configuration, struct arena *arena,
                                struct command *out_command)
{
    struct km_config *kms = arena_allocate(arena, (configuration->km_count + 1) * sizeof *kms);
    struct link_config *links = arena_allocate(arena, (configuration->link_count + 1) * sizeof *links);
    struct application_config *applications =
        arena_allocate(arena, (configuration->application_count + 1) * sizeof *applications);
    struct destination_config *destinations =
        arena_allocate(arena, (configuration->destination_count + 1) * sizeof *destinations);
    if (kms == NULL || links == NULL || applications == NULL || destinations == NULL)
        return false;
    fill_kms(configuration, kms);
    fill_links(configuration, links);
    for (size_t i = 0; i < configuration->application_count; i++)
        applications[i] = (struct application_config){ configuration->applications[i].head.name,
                                                       configuration->applications[i].kma };
    for (size_t i = 0; i < configuration->destination_count; i++)
        destinations[i] = (struct destination_config){ configuration->destinations[i].head.name,
                                                       policy_from(&configuration->destinations[i].policy) };
    *out_command = (struct command){
        .kind = COMMAND_FILE_REPLACE,
        .actor = TEXT("file"),
        .audit = { .action = TEXT("apply"), .target = TEXT("configuration file") },
        .kms = kms,
        .km_count = configuration->km_count,
        .applications = applications,
        .application_count = configuration->application_count,
        .destinations = destinations,
        .destination_count = configuration->destination_count,
        .links = links,
        .link_count = configuration->link_count,
    };
    return true;
}

static void check_readable(const struct section_head *head, const char *setting, const char *path,
                           struct problems *problems)
{
    if (path == NULL)
        return;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        problems_error(problems, configuration_place(head, setting), "%s %s cannot be read: %s", setting,
                       path, strerror(errno));
    else
        close(fd);
}

void configuration_check_files(const struct configuration *configuration, struct problems *problems)
{
    const struct http_section *http = &configuration->http;
    struct arena arena;
    arena_init(&arena, &process_heap);
    for (size_t i = 0; i < configuration->ck_count; i++) {
        const struct ck_section *ck = &configuration->cks[i];
        const struct listener_options options = configuration_listener(ck, &arena);
        char detail[512];
        if (!server_check(&options, detail, sizeof detail))
            problems_error(problems, ck->head.source->place, "[ck \"%.*s\"] %s",
                           TEXT_ARGUMENTS(ck->head.name), detail);
    }
    check_readable(&http->head, "certificate", http->certificate, problems);
    check_readable(&http->head, "key", http->key, problems);
    check_readable(&http->head, "client_ca", http->client_ca, problems);
    check_readable(&configuration->webhook.head, "ca", configuration->webhook.ca, problems);
    configuration_snmp_check_files(configuration, problems);
    arena_fini(&arena);
}

static bool same_c(const char *left, const char *right)
{
    return left == NULL || right == NULL ? left == right : strcmp(left, right) == 0;
}

/* Of the types that settings have which take a restart. */
static bool same_value(enum setting_type type, const void *left, const void *right)
{
    switch (type) {
    case SETTING_TEXT:
    case SETTING_PATH:
    case SETTING_ADDRESS:
    case SETTING_STORE_URL:
        return same_c(*(const char *const *)left, *(const char *const *)right);
    case SETTING_INTEGER:
        return *(const int64_t *)left == *(const int64_t *)right;
    case SETTING_BOOLEAN:
        return *(const bool *)left == *(const bool *)right;
    case SETTING_CHOICE:
        return *(const int *)left == *(const int *)right;
    case SETTING_IDENTIFIER:
        return text_equal(*(const struct text *)left, *(const struct text *)right);
    case SETTING_IDENTIFIERS:
    case SETTING_IDENTITIES:
    case SETTING_CERTIFICATE_NAMES:
    case SETTING_SHA256:
    case SETTING_TIME:
    case SETTING_DECIDERS:
    case SETTING_DIALECT:
        break;
    }
    return true;
}

struct restarts {
    void (*tell)(void *context, const char *section, const char *setting);
    void *context;
};

static void compare_settings(const struct section_schema *schema, const char *before, const char *after,
                             const struct restarts *restarts)
{
    for (const struct setting *row = schema->settings; row->name != NULL; row++)
        if (!row->reloadable && !same_value(row->type, before + row->offset, after + row->offset))
            restarts->tell(restarts->context, schema->type, row->name);
}

/* One that was added, removed or renamed makes all settings of its kind differ. */
static void compare_named(const struct section_schema *schema, const struct configuration *before,
                          const struct configuration *after, const struct restarts *restarts)
{
    const char *old = *(const char *const *)((const char *)before + schema->array_offset);
    const char *new = *(const char *const *)((const char *)after + schema->array_offset);
    const size_t count = *(const size_t *)((const char *)before + schema->count_offset);
    bool same = count == *(const size_t *)((const char *)after + schema->count_offset);
    for (size_t i = 0; same && i < count; i++)
        same = text_equal(((const struct section_head *)(old + i * schema->bytes))->name,
                          ((const struct section_head *)(new + i * schema->bytes))->name);
    if (!same)
        restarts->tell(restarts->context, schema->type, "*");
    for (size_t i = 0; same && i < count; i++)
        compare_settings(schema, old + i * schema->bytes, new + i * schema->bytes, restarts);
}

void configuration_restart_needed(const struct configuration *before, const struct configuration *after,
                                  void (*tell)(void *context, const char *section, const char *setting),
                                  void *context)
{
    const struct restarts restarts = { tell, context };
    for (const struct section_schema *schema = schema_sections; schema->type != NULL; schema++) {
        if (!schema->named)
            compare_settings(schema, (const char *)before + schema->array_offset,
                             (const char *)after + schema->array_offset, &restarts);
        else if (schema->restarts)
            compare_named(schema, before, after, &restarts);
    }
}
