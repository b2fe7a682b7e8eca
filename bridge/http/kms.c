/* SPDX-License-Identifier: Apache-2.0 */
#include "http/resources.h"

#include <string.h>

#include "base/limits.h"
#include "ck/json_writer.h"
#include "http/configuration.h"
#include "http/items.h"
#include "http/page.h"
#include "http/policy.h"
#include "http/preview_render.h"
#include "http/uri.h"

enum { SETTING_BYTES_MAX = LIMIT_SUCCESS_WORDS * (LIMIT_STRING_BYTES + 2) };

/* As in the configuration: "dns:a.example, psk:a". */
static void put_identity(struct bytes_writer *writer, const struct km_config *config)
{
    char joined[LIMIT_IDENTITIES_PER_KM * (LIMIT_STRING_BYTES + 2)];
    struct bytes_writer text = bytes_writer(joined, sizeof joined);
    for (size_t i = 0; i < config->identity_count; i++) {
        if (i > 0)
            bytes_put_c(&text, ", ");
        bytes_put_text(&text, config->identities[i]);
    }
    render_name_and_text(writer, "identity", bytes_written(&text));
}

static void put_dialect(struct bytes_writer *writer, const struct ck_dialect *dialect)
{
    char value[SETTING_BYTES_MAX];
    json_name(writer, "dialect");
    json_open_object(writer);
    for (const struct ck_dialect_setting *setting = ck_dialect_settings; setting->name != NULL; setting++) {
        struct bytes_writer text = bytes_writer(value, sizeof value);
        if (ck_dialect_get(dialect, text_from_c(setting->name), &text))
            render_name_and_text(writer, setting->name, bytes_written(&text));
    }
    json_close_object(writer);
}

static void put_last_error(struct bytes_writer *writer, const struct km_view *km)
{
    json_name(writer, "last_error");
    if (km->last_error_ms == 0) {
        json_put_null(writer);
        return;
    }
    json_open_object(writer);
    render_name_and_c(writer, "reason", reason_name(km->last_error));
    render_name_and_text(writer, "detail", km->last_error_detail);
    render_name_and_time(writer, "time", km->last_error_ms);
    json_close_object(writer);
}

static void put_session(struct bytes_writer *writer, const struct km_view *km)
{
    bool connected = km->connected;
    json_name(writer, "session");
    json_open_object(writer);
    render_name_and_c(writer, "state", connected ? "connected" : "disconnected");
    render_name_and_text(writer, "peer", km->peer);
    render_name_and_c(writer, "security", connected ? security_name(km->security) : NULL);
    render_name_and_text(writer, "tls_version", km->tls_version);
    render_name_and_text(writer, "cipher", km->cipher);
    render_name_and_time(writer, "certificate_expires_at", km->certificate_expires_ms);
    render_name_and_time(writer, "since", km->since_ms);
    render_name_and_c(writer, "key_style_seen", km->key_style_seen);
    render_name_and_c(writer, "byte_order", connected ? (km->little_endian ? "little" : "big") : NULL);
    render_name_and_time(writer, "held_off_until", km->held_off_until_ms);
    put_last_error(writer, km);
    json_close_object(writer);
}

static void put_reply_times(struct bytes_writer *writer, const struct km_counters *counters)
{
    json_name(writer, "reply_time_ms");
    json_open_array(writer);
    for (unsigned i = 0; i < REPLY_TIME_BUCKETS; i++) {
        json_open_object(writer);
        json_name(writer, "below");
        if (i + 1 < REPLY_TIME_BUCKETS)
            json_u64(writer, UINT64_C(1) << i);
        else
            json_put_null(writer);
        render_name_and_u64(writer, "count", counters->reply_time_ms[i]);
        json_close_object(writer);
    }
    json_close_array(writer);
}

static void put_counters(struct bytes_writer *writer, const struct km_view *km)
{
    const struct km_counters *counters = &km->counters;
    json_name(writer, "counters");
    json_open_object(writer);
    render_name_and_u64(writer, "next_hop_requests", counters->received[CK_NEXT_HOP_REQUEST]);
    render_name_and_u64(writer, "next_hop_responses", counters->sent[CK_NEXT_HOP_RESPONSE]);
    render_name_and_u64(writer, "relay_notifications", counters->received[CK_NOTIFY_RELAY]);
    render_name_and_u64(writer, "relay_requests", counters->sent[CK_RELAY_REQUEST]);
    render_name_and_u64(writer, "relay_responses", counters->received[CK_RELAY_RESPONSE]);
    render_name_and_u64(writer, "unknown_commands", counters->received[0]);
    render_name_and_u64(writer, "malformed", counters->malformed);
    render_name_and_u64(writer, "unexpected", counters->unexpected);
    render_name_and_u64(writer, "unknown_members", counters->unknown_members);
    render_name_and_u64(writer, "uncorrelated", counters->uncorrelated);
    render_name_and_u64(writer, "repeats", counters->repeats);
    render_name_and_u64(writer, "sessions", counters->sessions);
    render_name_and_u64(writer, "sessions_refused", counters->refused);
    render_name_and_u64(writer, "relays_open", km->relays_open);
    render_name_and_u64(writer, "relays_succeeded", counters->relays_succeeded);
    render_name_and_u64(writer, "relays_failed", counters->relays_failed);
    render_name_and_u64(writer, "relays_rejected", counters->relays_rejected);
    render_name_and_u64(writer, "relays_expired", counters->relays_expired);
    render_name_and_u64(writer, "relays_orphaned", counters->relays_orphaned);
    put_reply_times(writer, counters);
    json_close_object(writer);
}

void km_put_config(struct bytes_writer *writer, const void *km_config)
{
    const struct km_config *config = km_config;
    render_name_and_text(writer, "km_id", config->km_id);
    render_name_and_texts(writer, "kma_ids", config->kma_ids, config->kma_id_count);
    put_identity(writer, config);
    render_name_and_boolean(writer, "enabled", config->enabled);
    put_dialect(writer, &config->dialect);
    json_name(writer, "policy");
    json_open_object(writer);
    policy_put_members(writer, &config->policy);
    json_close_object(writer);
}

static void put_members(struct bytes_writer *writer, const void *value)
{
    const struct km_view *km = value;
    km_put_config(writer, &km->config);
    json_name(writer, "policy_in_force");
    json_open_object(writer);
    policy_put_in_force(writer, &km->policy_in_force, &km->config.policy);
    json_close_object(writer);
    render_name_and_c(writer, "origin", configuration_origin_name(km->revision.origin));
    render_name_and_boolean(writer, "in_file", km->in_file);
    configuration_put_revision(writer, &km->revision);
    put_session(writer, km);
    put_counters(writer, km);
}

void km_put_item(struct bytes_writer *writer, const void *value)
{
    json_open_object(writer);
    put_members(writer, value);
    json_close_object(writer);
}

static struct text key_of(const void *item)
{
    return ((const struct km_view *)item)->config.km_id;
}

static struct configured find(struct request *request)
{
    const struct km_view *km = snapshot_km(request_snapshot(request), request->id);
    return (struct configured){
        .item = km, .revision = km != NULL ? &km->revision : NULL, .render = put_members, .live = true
    };
}

enum handled handle_kms_list(struct request *request)
{
    const struct snapshot *snapshot = request_snapshot(request);
    struct listing listing = { .items = snapshot->kms,
                               .count = snapshot->km_count,
                               .item_bytes = sizeof *snapshot->kms,
                               .key = key_of,
                               .render = km_put_item };
    return page_answer_listing(request, &listing);
}

enum handled handle_km_get(struct request *request)
{
    struct configured km = find(request);
    return configuration_answer_object(request, &km);
}

enum handled handle_km_delete(struct request *request)
{
    struct configured km = find(request);
    return configuration_delete(request, COMMAND_KM_DELETE, &km);
}

static struct text trimmed(struct text text)
{
    for (; text.length > 0 && text.bytes[0] == ' '; text.length--)
        text.bytes++;
    while (text.length > 0 && text.bytes[text.length - 1] == ' ')
        text.length--;
    return text;
}

/* Without commas and blanks at its end, so that what GET shows, with commas between them, may be sent back.
 */
static bool is_identity(struct text identity)
{
    static const char *const prefixes[] = { "dns:", "uri:", "cn:", "psk:", "address:" };
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        struct text prefix = text_from_c(prefixes[i]);
        if (text_starts_with(identity, prefix) && identity.length > prefix.length)
            return memchr(identity.bytes, ',', identity.length) == NULL &&
                   trimmed(identity).length == identity.length &&
                   text_is_identifier(
                       (struct text){ identity.bytes + prefix.length, identity.length - prefix.length });
    }
    return false;
}

static bool add_identity(const struct body *body, struct km_config *config, struct text identity)
{
    if (config->identity_count == LIMIT_IDENTITIES_PER_KM)
        return body_refuse(body, PROBLEM_BAD_MEMBER, "identity", "a KM has at most %d identities",
                           LIMIT_IDENTITIES_PER_KM);
    if (!is_identity(identity))
        return body_refuse(body, PROBLEM_BAD_MEMBER, "identity",
                           "\"%.*s\" is no identity: dns:NAME, uri:URI, cn:NAME, psk:IDENTITY or "
                           "address:ADDRESS",
                           TEXT_ARGUMENTS(identity));
    config->identities[config->identity_count++] = identity;
    return true;
}

/* One string, separated by commas as in the configuration file, or an array of strings. */
static bool read_identities(const struct body *body, struct km_config *config)
{
    const json_t *value = json_object_get(body->json, "identity");
    bool is_array = json_is_array(value);
    config->identities = arena_allocate(body->arena, LIMIT_IDENTITIES_PER_KM * sizeof *config->identities);
    if (config->identities == NULL)
        return body_refuse(body, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
    if (is_array) {
        for (size_t i = 0; i < json_array_size(value); i++)
            if (!json_is_string(json_array_get(value, i)))
                return body_refuse(body, PROBLEM_BAD_MEMBER, "identity", "element %zu is not a string", i);
            else if (!add_identity(body, config, body_copy(body, json_array_get(value, i))))
                return false;
        return true;
    }
    struct text joined = TEXT_ABSENT, part;
    if (!body_words(body, "identity", MANDATORY, &joined))
        return false;
    while (uri_next(&joined, ',', &part))
        if (!add_identity(body, config, trimmed(part)))
            return false;
    return true;
}

static bool put_single(struct bytes_writer *text, const json_t *value)
{
    if (json_is_string(value))
        bytes_put(text, json_string_value(value), json_string_length(value));
    else if (json_is_integer(value) && json_integer_value(value) >= 0)
        bytes_put_u64(text, (uint64_t)json_integer_value(value));
    else
        return false;
    return !text->overflowed;
}

/* An item of a list is one: neither none nor, with a comma, several. */
static bool is_item(const json_t *value)
{
    if (!json_is_string(value))
        return true;
    struct text item = { json_string_value(value), json_string_length(value) };
    return trimmed(item).length > 0 && memchr(item.bytes, ',', item.length) == NULL;
}

/* A setting's text form from a string or an integer, or of one that is a list from an array of these. */
static bool put_setting(struct bytes_writer *text, const struct ck_dialect_setting *setting,
                        const json_t *value)
{
    if (!json_is_array(value))
        return put_single(text, value);
    if (!setting->is_list)
        return false;
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (i > 0)
            bytes_put_c(text, ", ");
        if (!is_item(json_array_get(value, i)) || !put_single(text, json_array_get(value, i)))
            return false;
    }
    return true;
}

/* NULL: there is none of this name. */
static const struct ck_dialect_setting *find_setting(const char *name)
{
    for (const struct ck_dialect_setting *setting = ck_dialect_settings; setting->name != NULL; setting++)
        if (strcmp(setting->name, name) == 0)
            return setting;
    return NULL;
}

static bool read_dialect(const struct body *body, struct ck_dialect *dialect)
{
    struct body settings;
    const char *name;
    json_t *value;
    ck_dialect_init(dialect);
    if (!body_has(body, "dialect"))
        return true;
    if (!body_object(body, "dialect", &settings))
        return false;
    json_object_foreach((json_t *)settings.json, name, value)
    {
        char buffer[SETTING_BYTES_MAX];
        struct bytes_writer text = bytes_writer(buffer, sizeof buffer);
        const struct ck_dialect_setting *setting = find_setting(name);
        enum ck_dialect_status status =
            setting == NULL ? CK_DIALECT_UNKNOWN_SETTING
            : put_setting(&text, setting, value)
                ? ck_dialect_set(dialect, body->arena, text_from_c(name), bytes_written(&text))
                : CK_DIALECT_BAD_VALUE;
        switch (status) {
        case CK_DIALECT_OK:
            break;
        case CK_DIALECT_UNKNOWN_SETTING:
            return body_refuse(&settings, PROBLEM_UNKNOWN_MEMBER, name,
                               "there is no dialect setting \"%s\"; remove it", name);
        case CK_DIALECT_NO_MEMORY:
            return body_refuse(&settings, PROBLEM_INTERNAL, name, "out of memory; try again later");
        case CK_DIALECT_BAD_VALUE:
            return body_refuse(&settings, PROBLEM_BAD_MEMBER, name, "\"%s\" is %s", name, setting->values);
        }
    }
    return true;
}

static bool read_policy(const struct body *body, struct policy *out_policy)
{
    static const char *const members[] = { "order", "orchestrator_ms", "completion_ms", NULL };
    struct body policy;
    if (!body_has(body, "policy"))
        return true;
    return body_object(body, "policy", &policy) && body_has_only(&policy, members) &&
           policy_read(&policy, out_policy);
}

/* What GET shows may be sent back: the members that nobody can set are passed over. */
static bool read_km(struct request *request, struct command_request *command, struct km_config *config)
{
    static const char *const members[] = { "km_id",   "kma_ids",         "identity", "enabled",  "dialect",
                                           "policy",  "policy_in_force", "origin",   "in_file",  "revision",
                                           "session", "changed_at",      "counters", "warnings", NULL };
    struct body body;
    config->km_id = command->command.id;
    config->enabled = true;
    return body_parse(request, &command->arena, &body) && body_has_only(&body, members) &&
           body_agrees(&body, "km_id", request->id) &&
           body_identifiers(&body, "kma_ids", MANDATORY, LIMIT_KMAS_PER_KM, &config->kma_ids,
                            &config->kma_id_count) &&
           read_identities(&body, config) && body_boolean(&body, "enabled", &config->enabled) &&
           read_dialect(&body, &config->dialect) && read_policy(&body, &config->policy);
}

static void after_put(struct request *request, const struct reply *reply)
{
    struct configured km = find(request);
    configuration_answer_written(request, reply, &km);
}

enum handled handle_km_put(struct request *request)
{
    struct configured km = find(request);
    struct command_request *command = configuration_command(request, COMMAND_KM_PUT, &km);
    if (command == NULL)
        return HANDLED_ANSWERED;
    struct km_config *config = arena_allocate(&command->arena, sizeof *config);
    if (config == NULL || !read_km(request, command, config)) {
        if (config == NULL)
            request_refuse(request, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
        command_request_free(command);
        return HANDLED_ANSWERED;
    }
    command->command.kms = config;
    command->command.km_count = 1;
    return commands_submit(request, command, after_put);
}
