/* SPDX-License-Identifier: Apache-2.0 */
/* The rows that the core's records make: as of the newest step (shadow) and as of the newest commit
 * (durable). */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "record_copy.h"
#include "world/world.h"

struct kept *kept_record(struct world *world, const struct record *record)
{
    struct kept *kept = calloc(1, sizeof *kept);
    assert(kept != NULL);
    kept->references = 1;
    arena_init(&kept->arena, &world->plain_memory);
    kept->record = *record;
    (void)record_copy_texts(&kept->arena,
                            &kept->record); /* of kinds without rows nothing is kept but the kind */
    return kept;
}

void kept_drop(struct kept *kept)
{
    if (kept == NULL || --kept->references > 0)
        return;
    arena_fini(&kept->arena);
    free(kept);
}

static struct kept *kept_share(struct kept *kept)
{
    if (kept != NULL)
        kept->references++;
    return kept;
}

static void grow(struct request_row **rows, size_t *capacity, uint64_t id)
{
    if (id < *capacity)
        return;
    size_t wanted = *capacity > 0 ? *capacity : 256;
    while (wanted <= id)
        wanted *= 2;
    *rows = realloc(*rows, wanted * sizeof **rows);
    assert(*rows != NULL);
    memset(*rows + *capacity, 0, (wanted - *capacity) * sizeof **rows);
    *capacity = wanted;
}

struct request_row *rows_relay(struct world *world, uint64_t relay_id)
{
    if (relay_id == 0 || relay_id > 1000000)
        world_fail(world, "relay ID %llu is out of all proportion", (unsigned long long)relay_id);
    grow(&world->rows.relays, &world->rows.relay_capacity, relay_id);
    return &world->rows.relays[relay_id];
}

struct request_row *rows_lookup(struct world *world, uint64_t lookup_id)
{
    if (lookup_id == 0 || lookup_id > 1000000)
        world_fail(world, "lookup ID %llu is out of all proportion", (unsigned long long)lookup_id);
    grow(&world->rows.lookups, &world->rows.lookup_capacity, lookup_id);
    return &world->rows.lookups[lookup_id];
}

enum record_kind record_base_kind(enum record_kind kind)
{
    switch (kind) {
    case RECORD_RELAY:
    case RECORD_LOOKUP:
    case RECORD_KM:
    case RECORD_APPLICATION:
    case RECORD_DESTINATION:
    case RECORD_ROUTE:
    case RECORD_LINK:
    case RECORD_BUDGET:
    case RECORD_DOCUMENT:
    case RECORD_AUDIT:
    case RECORD_IDEMPOTENCY:
    case RECORD_ANSWER:
    case RECORD_DEAD_LETTER:
    case RECORD_DEAD_LETTERS_DELETED:
        return kind;
    case RECORD_KM_DELETED:
        return RECORD_KM;
    case RECORD_APPLICATION_DELETED:
        return RECORD_APPLICATION;
    case RECORD_DESTINATION_DELETED:
        return RECORD_DESTINATION;
    case RECORD_ROUTE_DELETED:
        return RECORD_ROUTE;
    case RECORD_LINK_DELETED:
        return RECORD_LINK;
    case RECORD_DOCUMENT_DELETED:
        return RECORD_DOCUMENT;
    }
    return kind;
}

bool record_deletes(enum record_kind kind)
{
    return record_base_kind(kind) != kind;
}

bool text_copy_name(char *name, struct text text)
{
    return text_to_c(text, name, WORLD_NAME_BYTES);
}

struct object_row *rows_object(struct world *world, enum record_kind kind, enum origin origin, struct text id)
{
    struct rows *rows = &world->rows;
    for (size_t i = 0; i < rows->object_count; i++) {
        if (rows->objects[i].kind == kind && rows->objects[i].origin == origin &&
            text_equal_c(id, rows->objects[i].id))
            return &rows->objects[i];
    }
    assert(rows->object_count < WORLD_OBJECTS_MAX);
    struct object_row *row = &rows->objects[rows->object_count++];
    *row = (struct object_row){ .kind = kind, .origin = origin };
    if (!text_copy_name(row->id, id))
        world_fail(world, "a record of an object that nobody named: %.*s", TEXT_ARGUMENTS(id));
    return row;
}

static struct text object_id(const struct record *record)
{
    switch (record->kind) {
    case RECORD_RELAY:
    case RECORD_LOOKUP:
        break;
    case RECORD_KM:
        return record->km.km_id;
    case RECORD_APPLICATION:
        return record->application.application_id;
    case RECORD_DESTINATION:
        return record->destination.kma_id;
    case RECORD_ROUTE:
        return record->route.route_id;
    case RECORD_LINK:
        return record->link.link_id;
    case RECORD_BUDGET:
        return record->budget.link_id;
    case RECORD_DOCUMENT:
        return record->document.document_id;
    case RECORD_KM_DELETED:
    case RECORD_APPLICATION_DELETED:
    case RECORD_DESTINATION_DELETED:
    case RECORD_ROUTE_DELETED:
    case RECORD_LINK_DELETED:
    case RECORD_DOCUMENT_DELETED:
        return record->deleted_id;
    case RECORD_AUDIT:
    case RECORD_IDEMPOTENCY:
    case RECORD_ANSWER:
    case RECORD_DEAD_LETTER:
    case RECORD_DEAD_LETTERS_DELETED:
        break;
    }
    return TEXT_ABSENT;
}

static struct kept **slot_of(struct world *world, const struct record *record, bool durable)
{
    struct request_row *request = NULL;
    if (record->kind == RECORD_RELAY)
        request = rows_relay(world, record->relay.relay_id);
    else if (record->kind == RECORD_LOOKUP)
        request = rows_lookup(world, record->lookup.lookup_id);
    if (request != NULL)
        return durable ? &request->durable : &request->shadow;
    struct object_row *row =
        rows_object(world, record_base_kind(record->kind), record->revision.origin, object_id(record));
    return durable ? &row->durable : &row->shadow;
}

static void put(struct world *world, struct kept *kept, bool durable)
{
    struct kept **slot = slot_of(world, &kept->record, durable);
    kept_drop(*slot);
    *slot = record_deletes(kept->record.kind) ? NULL : kept_share(kept);
}

void rows_put_shadow(struct world *world, struct kept *kept)
{
    put(world, kept, false);
}

void rows_put_durable(struct world *world, struct kept *kept)
{
    put(world, kept, true);
}

static void forget(struct kept **shadow, struct kept *durable)
{
    if (*shadow == durable)
        return;
    kept_drop(*shadow);
    *shadow = kept_share(durable);
}

static void forget_requests(struct world *world, struct request_row *rows, size_t capacity)
{
    for (size_t i = 0; i < capacity; i++) {
        forget(&rows[i].shadow, rows[i].durable);
        rows[i].session = rows[i].sent_on = (struct session_handle){ 0, 0 };
        rows[i].since_ms = world->monotonic_ms;
    }
}

void rows_forget_shadow(struct world *world)
{
    struct rows *rows = &world->rows;
    forget_requests(world, rows->relays, rows->relay_capacity);
    forget_requests(world, rows->lookups, rows->lookup_capacity);
    for (size_t i = 0; i < rows->object_count; i++)
        forget(&rows->objects[i].shadow, rows->objects[i].durable);
    rows->shadow_high = rows->durable_high;
}

static void drop_requests(struct request_row *rows, size_t capacity)
{
    for (size_t i = 0; i < capacity; i++) {
        kept_drop(rows[i].shadow);
        kept_drop(rows[i].durable);
        free(rows[i].holds);
    }
    free(rows);
}

void rows_fini(struct world *world)
{
    struct rows *rows = &world->rows;
    drop_requests(rows->relays, rows->relay_capacity);
    drop_requests(rows->lookups, rows->lookup_capacity);
    for (size_t i = 0; i < rows->object_count; i++) {
        kept_drop(rows->objects[i].shadow);
        kept_drop(rows->objects[i].durable);
    }
}

/* What is in force of the object: the API's, or the file's; NULL: neither. */
static const struct record *in_force(struct world *world, enum record_kind kind, struct text id)
{
    for (int origin = ORIGIN_API; origin >= ORIGIN_FILE; origin--) {
        const struct kept *kept = rows_object(world, kind, (enum origin)origin, id)->shadow;
        if (kept != NULL)
            return &kept->record;
    }
    return NULL;
}

const struct km_config *config_km(struct world *world, struct text km_id)
{
    const struct record *record = in_force(world, RECORD_KM, km_id);
    return record != NULL ? &record->km : NULL;
}

const struct application_config *config_application(struct world *world, struct text application_id)
{
    const struct record *record = in_force(world, RECORD_APPLICATION, application_id);
    return record != NULL ? &record->application : NULL;
}

const struct destination_config *config_destination(struct world *world, struct text kma_id)
{
    const struct record *record = in_force(world, RECORD_DESTINATION, kma_id);
    return record != NULL ? &record->destination : NULL;
}
