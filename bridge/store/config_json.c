/* SPDX-License-Identifier: Apache-2.0 */
#include "store/config_json.h"

#include <jansson.h>
#include <stdlib.h>

/* Building: json_object_set_new and json_array_append_new take NULL and answer -1, so that one flag gathers
   every failure and nothing leaks. */
struct build {
    bool failed;
};

static void put(struct build *build, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0)
        build->failed = true;
}

/* An absent text is an absent member. */
static void put_text(struct build *build, json_t *object, const char *key, struct text text)
{
    if (text_is_present(text))
        put(build, object, key, json_stringn(text.bytes, text.length));
}

static json_t *texts_to_json(struct build *build, const struct text *texts, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        if (json_array_append_new(array, json_stringn(texts[i].bytes, texts[i].length)) != 0)
            build->failed = true;
    return array;
}

/* In the settings' own text form, so that a later ckbridge with more of them reads it. */
static json_t *dialect_to_json(struct build *build, const struct ck_dialect *dialect)
{
    static const size_t value_bytes = 64 * 1024;
    json_t *object = json_object();
    char *buffer = malloc(value_bytes);
    for (const struct ck_dialect_setting *row = ck_dialect_settings; buffer != NULL && row->name != NULL;
         row++) {
        struct bytes_writer value = bytes_writer(buffer, value_bytes);
        if (!ck_dialect_get(dialect, text_from_c(row->name), &value) || value.overflowed)
            build->failed = true;
        else if (value.length > 0)
            put_text(build, object, row->name, bytes_written(&value));
    }
    if (buffer == NULL)
        build->failed = true;
    free(buffer);
    return object;
}

/* What is not set is an absent member. The words are those of the configuration. */
static void build_policy(struct build *build, json_t *object, const struct policy *policy)
{
    json_t *order = policy->order[0] != DECIDER_NONE ? json_array() : NULL;
    for (size_t i = 0; i < POLICY_TURNS && policy->order[i] != DECIDER_NONE; i++)
        if (json_array_append_new(order, json_string(turn_name(policy->order[i]))) != 0)
            build->failed = true;
    if (policy->order[0] != DECIDER_NONE)
        put(build, object, "order", order);
    if (policy->orchestrator_ms != 0)
        put(build, object, "orchestrator_ms", json_integer(policy->orchestrator_ms));
    if (policy->completion_ms != 0)
        put(build, object, "completion_ms", json_integer(policy->completion_ms));
}

static json_t *policy_to_json(struct build *build, const struct policy *policy)
{
    json_t *object = json_object();
    build_policy(build, object, policy);
    return object;
}

static void build_km(struct build *build, json_t *object, const struct km_config *km)
{
    put(build, object, "kma_ids", texts_to_json(build, km->kma_ids, km->kma_id_count));
    put(build, object, "identities", texts_to_json(build, km->identities, km->identity_count));
    put(build, object, "enabled", json_boolean(km->enabled));
    put(build, object, "dialect", dialect_to_json(build, &km->dialect));
    put(build, object, "policy", policy_to_json(build, &km->policy));
}

static json_t *hops_to_json(struct build *build, const struct route_config *route)
{
    json_t *array = json_array();
    for (size_t i = 0; i < route->hop_count; i++) {
        json_t *hop = json_object();
        put_text(build, hop, "kma_id", route->hops[i].kma_id);
        put(build, hop, "next_kma_ids",
            texts_to_json(build, route->hops[i].next_kma_ids, route->hops[i].next_kma_id_count));
        if (json_array_append_new(array, hop) != 0)
            build->failed = true;
    }
    return array;
}

static void build_route(struct build *build, json_t *object, const struct route_config *route)
{
    put_text(build, object, "source_kma_id", route->source_kma_id);
    put_text(build, object, "destination_kma_id", route->destination_kma_id);
    if (route->path != NULL)
        put(build, object, "path", texts_to_json(build, route->path, route->path_length));
    if (route->hops != NULL)
        put(build, object, "hops", hops_to_json(build, route));
    put(build, object, "priority", json_integer(route->priority));
    put(build, object, "valid_until_ms", json_integer((json_int_t)route->valid_until_ms));
    put_text(build, object, "origin", route->origin);
}

static void build_link(struct build *build, json_t *object, const struct link_config *link)
{
    put_text(build, object, "kma_a", link->kma_a);
    put_text(build, object, "kma_b", link->kma_b);
    put(build, object, "cost", json_integer(link->cost));
    put(build, object, "key_stock", json_integer(link->key_stock));
    put(build, object, "key_rate", json_integer(link->key_rate));
    if (link->key_capacity > 0)
        put(build, object, "key_capacity", json_integer(link->key_capacity));
    put(build, object, "up", json_boolean(link->state == LINK_UP));
    put_text(build, object, "origin", link->origin);
}

char *config_json_write(const struct record *record)
{
    struct build build = { false };
    json_t *object = json_object();
    switch (record->kind) {
    case RECORD_KM:
        build_km(&build, object, &record->km);
        break;
    case RECORD_APPLICATION:
        put_text(&build, object, "kma_id", record->application.kma_id);
        break;
    case RECORD_DESTINATION:
        build_policy(&build, object, &record->destination.policy);
        break;
    case RECORD_ROUTE:
        build_route(&build, object, &record->route);
        break;
    case RECORD_LINK:
        build_link(&build, object, &record->link);
        break;
    case RECORD_RELAY:
    case RECORD_LOOKUP:
    case RECORD_KM_DELETED:
    case RECORD_APPLICATION_DELETED:
    case RECORD_DESTINATION_DELETED:
    case RECORD_ROUTE_DELETED:
    case RECORD_LINK_DELETED:
    case RECORD_DOCUMENT:
    case RECORD_DOCUMENT_DELETED:
    case RECORD_AUDIT:
    case RECORD_IDEMPOTENCY:
    case RECORD_ANSWER:
    case RECORD_BUDGET:
    case RECORD_DEAD_LETTER:
    case RECORD_DEAD_LETTERS_DELETED:
        build.failed = true;
        break;
    }
    char *text = build.failed ? NULL : json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return text;
}

/* Reading: the first thing that is not as it was written, or does not fit in memory, settles the status. */
struct reading {
    struct arena *arena;
    enum config_json_status status;
};

static void fail(struct reading *reading, enum config_json_status status)
{
    if (reading->status == CONFIG_JSON_OK)
        reading->status = status;
}

static void *reading_allocate(struct reading *reading, size_t bytes)
{
    void *block = arena_allocate(reading->arena, bytes);
    if (block == NULL)
        fail(reading, CONFIG_JSON_NO_MEMORY);
    return block;
}

static struct text copy_text(struct reading *reading, struct text text)
{
    struct text copy = arena_copy(reading->arena, text);
    if (text_is_present(text) && !text_is_present(copy))
        fail(reading, CONFIG_JSON_NO_MEMORY);
    return copy;
}

static struct text read_text(struct reading *reading, const json_t *value)
{
    if (value == NULL)
        return TEXT_ABSENT;
    if (!json_is_string(value)) {
        fail(reading, CONFIG_JSON_DAMAGED);
        return TEXT_ABSENT;
    }
    return copy_text(reading, (struct text){ json_string_value(value), json_string_length(value) });
}

static int64_t read_integer(struct reading *reading, const json_t *object, const char *key, int64_t minimum,
                            int64_t maximum)
{
    const json_t *value = json_object_get(object, key);
    json_int_t integer = json_integer_value(value);
    if (!json_is_integer(value) || integer < minimum || integer > maximum) {
        fail(reading, CONFIG_JSON_DAMAGED);
        return minimum;
    }
    return integer;
}

static bool read_boolean(struct reading *reading, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_boolean(value))
        fail(reading, CONFIG_JSON_DAMAGED);
    return json_is_true(value);
}

/* NULL when the member is absent. */
static struct text *read_texts(struct reading *reading, const json_t *object, const char *key,
                               size_t *out_count)
{
    const json_t *array = json_object_get(object, key);
    *out_count = 0;
    if (array == NULL)
        return NULL;
    if (!json_is_array(array)) {
        fail(reading, CONFIG_JSON_DAMAGED);
        return NULL;
    }
    size_t count = json_array_size(array);
    struct text *texts = reading_allocate(reading, (count + 1) * sizeof *texts);
    if (texts == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        texts[i] = read_text(reading, json_array_get(array, i));
    *out_count = count;
    return texts;
}

static void read_dialect(struct reading *reading, json_t *object, struct ck_dialect *out)
{
    const char *key = NULL;
    json_t *value = NULL;
    ck_dialect_init(out);
    if (!json_is_object(object))
        fail(reading, CONFIG_JSON_DAMAGED);
    json_object_foreach(object, key, value)
    {
        struct text text = { json_string_value(value), json_string_length(value) };
        if (ck_dialect_set(out, reading->arena, text_from_c(key), text) != CK_DIALECT_OK)
            fail(reading, CONFIG_JSON_DAMAGED);
    }
}

static void read_order(struct reading *reading, const json_t *array, struct policy *out)
{
    if (array == NULL)
        return;
    if (!json_is_array(array) || json_array_size(array) > POLICY_TURNS) {
        fail(reading, CONFIG_JSON_DAMAGED);
        return;
    }
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *word = json_array_get(array, i);
        if (!turn_from_name((struct text){ json_string_value(word), json_string_length(word) },
                            &out->order[i]))
            fail(reading, CONFIG_JSON_DAMAGED);
    }
}

static uint32_t read_limit(struct reading *reading, const json_t *object, const char *key, int64_t maximum)
{
    return json_object_get(object, key) != NULL ? (uint32_t)read_integer(reading, object, key, 1, maximum)
                                                : 0;
}

static void read_policy(struct reading *reading, const json_t *object, struct policy *out)
{
    *out = (struct policy){ .orchestrator_ms = 0 };
    if (object == NULL)
        return; /* written before there were policies */
    read_order(reading, json_object_get(object, "order"), out);
    out->orchestrator_ms = read_limit(reading, object, "orchestrator_ms", LIMIT_ORCHESTRATOR_MS);
    out->completion_ms = read_limit(reading, object, "completion_ms", LIMIT_COMPLETION_MS);
}

static void read_km(struct reading *reading, struct text id, const json_t *object, struct km_config *out)
{
    *out = (struct km_config){ .km_id = id };
    out->kma_ids = read_texts(reading, object, "kma_ids", &out->kma_id_count);
    out->identities = read_texts(reading, object, "identities", &out->identity_count);
    out->enabled = read_boolean(reading, object, "enabled");
    read_dialect(reading, json_object_get(object, "dialect"), &out->dialect);
    read_policy(reading, json_object_get(object, "policy"), &out->policy);
}

static void read_hops(struct reading *reading, const json_t *array, struct route_config *out)
{
    if (array == NULL)
        return;
    size_t count = json_array_size(array);
    out->hops = reading_allocate(reading, (count + 1) * sizeof *out->hops);
    if (out->hops == NULL)
        return;
    out->hop_count = count;
    for (size_t i = 0; i < count; i++) {
        const json_t *hop = json_array_get(array, i);
        out->hops[i].kma_id = read_text(reading, json_object_get(hop, "kma_id"));
        out->hops[i].next_kma_ids = read_texts(reading, hop, "next_kma_ids", &out->hops[i].next_kma_id_count);
    }
}

static void read_route(struct reading *reading, struct text id, const json_t *object,
                       struct route_config *out)
{
    *out = (struct route_config){ .route_id = id };
    out->source_kma_id = read_text(reading, json_object_get(object, "source_kma_id"));
    out->destination_kma_id = read_text(reading, json_object_get(object, "destination_kma_id"));
    out->path = read_texts(reading, object, "path", &out->path_length);
    read_hops(reading, json_object_get(object, "hops"), out);
    out->priority = (int32_t)read_integer(reading, object, "priority", INT32_MIN, INT32_MAX);
    out->valid_until_ms = (uint64_t)read_integer(reading, object, "valid_until_ms", INT64_MIN, INT64_MAX);
    out->origin = read_text(reading, json_object_get(object, "origin"));
}

static void read_link(struct reading *reading, struct text id, const json_t *object, struct link_config *out)
{
    *out = (struct link_config){ .link_id = id };
    out->kma_a = read_text(reading, json_object_get(object, "kma_a"));
    out->kma_b = read_text(reading, json_object_get(object, "kma_b"));
    out->cost = (uint32_t)read_integer(reading, object, "cost", 0, UINT32_MAX);
    out->key_stock = read_integer(reading, object, "key_stock", INT64_MIN, INT64_MAX);
    out->key_rate = read_integer(reading, object, "key_rate", INT64_MIN, INT64_MAX);
    if (json_object_get(object, "key_capacity") != NULL) /* rows from before it have none */
        out->key_capacity = read_integer(reading, object, "key_capacity", 1, INT64_MAX);
    out->state = read_boolean(reading, object, "up") ? LINK_UP : LINK_DOWN;
    out->origin = read_text(reading, json_object_get(object, "origin"));
}

enum config_json_status config_json_read(struct text id, struct text json, struct arena *arena,
                                         struct record *record)
{
    struct reading reading = { .arena = arena, .status = CONFIG_JSON_OK };
    json_t *object = json_loadb(json.bytes, json.length, JSON_ALLOW_NUL, NULL);
    if (!json_is_object(object)) {
        json_decref(object);
        return CONFIG_JSON_DAMAGED;
    }
    struct text own_id = copy_text(&reading, id);
    switch (record->kind) {
    case RECORD_KM:
        read_km(&reading, own_id, object, &record->km);
        break;
    case RECORD_APPLICATION:
        record->application.application_id = own_id;
        record->application.kma_id = read_text(&reading, json_object_get(object, "kma_id"));
        break;
    case RECORD_DESTINATION:
        record->destination.kma_id = own_id;
        read_policy(&reading, object, &record->destination.policy);
        break;
    case RECORD_ROUTE:
        read_route(&reading, own_id, object, &record->route);
        break;
    case RECORD_LINK:
        read_link(&reading, own_id, object, &record->link);
        break;
    case RECORD_RELAY:
    case RECORD_LOOKUP:
    case RECORD_KM_DELETED:
    case RECORD_APPLICATION_DELETED:
    case RECORD_DESTINATION_DELETED:
    case RECORD_ROUTE_DELETED:
    case RECORD_LINK_DELETED:
    case RECORD_DOCUMENT:
    case RECORD_DOCUMENT_DELETED:
    case RECORD_AUDIT:
    case RECORD_IDEMPOTENCY:
    case RECORD_ANSWER:
    case RECORD_BUDGET:
    case RECORD_DEAD_LETTER:
    case RECORD_DEAD_LETTERS_DELETED:
        fail(&reading, CONFIG_JSON_DAMAGED);
        break;
    }
    json_decref(object);
    return reading.status;
}
