/* SPDX-License-Identifier: Apache-2.0 */
#include "core/constraints.h"

#include <string.h>

#include "ck/json_reader.h"
#include "core/budget.h"
#include "core/directory_state.h"
#include "core/emit.h"

static const char member_name[] = "ckbridge_constraints";

/* ---- read ---- */

struct reading {
    struct core *core;
    struct json_reader reader;
    struct request_constraints *out;
    struct text *word; /* what is wrong; absent: nothing yet */
};

/* What is wrong with a member of it, or with all of it (CONSTRAINTS_END). */
static bool refuse(struct reading *reading, enum constraint constraint, const char *why)
{
    char words[256];
    struct bytes_writer writer = bytes_writer(words, sizeof words);
    bytes_put_c(&writer, member_name);
    if (constraint != CONSTRAINTS_END) {
        bytes_put_c(&writer, ".");
        bytes_put_c(&writer, constraint_name(constraint));
    }
    bytes_put_c(&writer, " ");
    bytes_put_c(&writer, why);
    *reading->word = emit_text(reading->core, bytes_written(&writer));
    return false;
}

static bool is_next(struct reading *reading, enum json_kind wanted)
{
    enum json_kind kind;
    return json_peek(&reading->reader, &kind) == JSON_OK && kind == wanted;
}

struct list {
    enum constraint constraint;
    size_t count_max;
    const char *why; /* what it must be */
};

static bool read_list(struct reading *reading, const struct list *list, const struct text **out_ids,
                      size_t *out_count)
{
    bool first = true;
    enum json_status status;
    struct text *ids = arena_allocate(&reading->core->scratch, list->count_max * sizeof *ids);
    if (ids == NULL)
        return false;
    if (!is_next(reading, JSON_KIND_ARRAY))
        return refuse(reading, list->constraint, list->why);
    size_t count = 0;
    while ((status = json_element(&reading->reader, &first)) == JSON_OK) {
        if (count == list->count_max || !is_next(reading, JSON_KIND_STRING) ||
            json_read_string(&reading->reader, &ids[count]) != JSON_OK || !text_is_identifier(ids[count]))
            return refuse(reading, list->constraint, list->why);
        count++;
    }
    *out_ids = ids;
    *out_count = count;
    return status == JSON_END || refuse(reading, list->constraint, list->why);
}

static bool read_number(struct reading *reading, enum constraint constraint, uint64_t maximum,
                        const char *why, uint64_t *out_number)
{
    struct text digits;
    if (!is_next(reading, JSON_KIND_NUMBER) || json_read_number(&reading->reader, &digits) != JSON_OK ||
        !text_to_u64(digits, maximum, out_number))
        return refuse(reading, constraint, why);
    return true;
}

static bool read_hops(struct reading *reading)
{
    static const char why[] = "must be an integer from 1 to 127";
    uint64_t hops;
    if (!read_number(reading, CONSTRAINT_MAX_HOPS, PATHS_HOPS_MAX, why, &hops))
        return false;
    reading->out->hops_max = (uint32_t)hops;
    return hops > 0 || refuse(reading, CONSTRAINT_MAX_HOPS, why);
}

static bool read_key_stock(struct reading *reading)
{
    uint64_t stock;
    if (!read_number(reading, CONSTRAINT_MIN_KEY_STOCK, INT64_MAX,
                     "must be an integer from 0 to 9223372036854775807", &stock))
        return false;
    reading->out->key_stock_min = (int64_t)stock;
    return true;
}

static bool read_value(struct reading *reading, enum constraint constraint)
{
    static const char avoided[] = "must be a list of at most 128 identifiers";
    struct request_constraints *out = reading->out;
    switch (constraint) {
    case CONSTRAINT_AVOID_KMAS:
        return read_list(reading, &(struct list){ constraint, CONSTRAINTS_AVOIDED_MAX, avoided },
                         &out->avoid_kma_ids, &out->avoid_kma_id_count);
    case CONSTRAINT_AVOID_LINKS:
        return read_list(reading, &(struct list){ constraint, CONSTRAINTS_AVOIDED_MAX, avoided },
                         &out->avoid_link_ids, &out->avoid_link_id_count);
    case CONSTRAINT_REQUIRE_KMAS:
        return read_list(
            reading,
            &(struct list){ constraint, PATHS_REQUIRED_MAX, "must be a list of at most 4 identifiers" },
            &out->require_kma_ids, &out->require_kma_id_count);
    case CONSTRAINT_MAX_HOPS:
        return read_hops(reading);
    case CONSTRAINT_MIN_KEY_STOCK:
        return read_key_stock(reading);
    case CONSTRAINTS_END:
        break;
    }
    return refuse(reading, CONSTRAINTS_END,
                  "has a member that is none of avoid_kma_ids, avoid_link_ids, require_kma_ids, max_hops and "
                  "min_key_stock");
}

static enum constraint constraint_named(struct text name)
{
    int i = 0;
    while (i < CONSTRAINTS_END && !text_equal_c(name, constraint_name((enum constraint)i)))
        i++;
    return (enum constraint)i;
}

static bool read_constraints(struct reading *reading)
{
    bool first = true;
    struct text name;
    enum json_status status;
    if (!is_next(reading, JSON_KIND_OBJECT))
        return refuse(reading, CONSTRAINTS_END, "must be an object");
    while ((status = json_member(&reading->reader, &first, &name)) == JSON_OK) {
        const enum constraint constraint = constraint_named(name);
        if (constraint != CONSTRAINTS_END && (reading->out->given >> constraint & 1) != 0)
            return refuse(reading, constraint, "is given twice");
        if (!read_value(reading, constraint))
            return false;
        reading->out->given |= UINT64_C(1) << constraint;
    }
    return status == JSON_END || refuse(reading, CONSTRAINTS_END, "can't be read");
}

/* One of the extension's objects; what is not ours is passed over. */
static bool read_object(struct reading *reading, bool *found)
{
    bool first = true;
    struct text name, ignored;
    enum json_status status;
    while ((status = json_member(&reading->reader, &first, &name)) == JSON_OK) {
        if (!text_equal_c(name, member_name)) {
            if (json_skip(&reading->reader, &ignored) != JSON_OK)
                return refuse(reading, CONSTRAINTS_END, "can't be looked for: the extension can't be read");
            continue;
        }
        if (*found)
            return refuse(reading, CONSTRAINTS_END, "is given twice");
        *found = true;
        if (!read_constraints(reading))
            return false;
    }
    return status == JSON_END ||
           refuse(reading, CONSTRAINTS_END, "can't be looked for: the extension can't be read");
}

static bool read_extension(struct reading *reading)
{
    bool first = true, found = false;
    enum json_status status;
    while ((status = json_element(&reading->reader, &first)) == JSON_OK) {
        if (!read_object(reading, &found))
            return false;
    }
    return status == JSON_END ||
           refuse(reading, CONSTRAINTS_END, "can't be looked for: the extension can't be read");
}

bool constraints_read(struct core *core, struct text extension, struct request_constraints *out_constraints,
                      struct text *out_word)
{
    *out_constraints = (struct request_constraints){ .given = 0 };
    *out_word = TEXT_ABSENT;
    if (extension.length == 0)
        return true;
    struct reading reading = { .core = core, .out = out_constraints, .word = out_word };
    unsigned char *copy = arena_allocate(&core->scratch, extension.length); /* strings are read in place */
    if (copy != NULL) {
        memcpy(copy, extension.bytes, extension.length);
        reading.reader = json_reader(copy, extension.length);
    }
    if (copy != NULL && read_extension(&reading))
        return true;
    *out_constraints = (struct request_constraints){ .unreadable = true };
    core->out_of_memory = core->out_of_memory || !text_is_present(*out_word);
    return false;
}

static const struct request_constraints none = { .given = 0 };

static bool is_none(const struct request_constraints *constraints)
{
    return constraints->given == 0 && !constraints->unreadable;
}

void constraints_keep(struct core *core, struct kept_constraints *kept,
                      const struct request_constraints *constraints)
{
    struct request_constraints *copy = NULL;
    if (!is_none(constraints) && (copy = arena_allocate(&core->scratch, sizeof *copy)) == NULL) {
        core->out_of_memory = true;
        return;
    }
    if (copy != NULL)
        *copy = *constraints;
    *kept = (struct kept_constraints){ copy != NULL ? copy : &none, core->step_number };
}

static const struct request_constraints *constraints_of(struct core *core, struct text extension,
                                                        struct kept_constraints *kept)
{
    static const struct request_constraints unreadable = { .unreadable = true };
    struct request_constraints constraints;
    struct text ignored;
    if (extension.length == 0)
        return &none;
    if (kept->constraints != NULL && kept->step_number == core->step_number)
        return kept->constraints;
    (void)constraints_read(core, extension, &constraints, &ignored);
    *kept = (struct kept_constraints){ &unreadable, core->step_number };
    constraints_keep(core, kept, &constraints);
    return kept->constraints;
}

const struct request_constraints *constraints_of_relay(struct core *core, struct relay *relay)
{
    return constraints_of(core, relay->record.extension, &relay->constraints);
}

const struct request_constraints *constraints_of_lookup(struct core *core, struct lookup *lookup)
{
    return constraints_of(core, lookup->record.extension, &lookup->constraints);
}

/* ---- kept? ---- */

static bool names(const struct text *ids, size_t count, struct text id)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equal(ids[i], id))
            return true;
    }
    return false;
}

static enum obstacle judge_link(const struct core *core, const struct request_constraints *constraints,
                                const struct link *link)
{
    if (names(constraints->avoid_link_ids, constraints->avoid_link_id_count, link->object.id))
        return OBSTACLE_LINK_AVOIDED;
    const int64_t keys = budget_available(core, link);
    if (constraints->key_stock_min <= 0 || keys >= constraints->key_stock_min)
        return OBSTACLE_NONE;
    return keys < 0 ? OBSTACLE_KEYS_UNKNOWN : OBSTACLE_FEW_KEYS;
}

/* One of the links that join them is enough; else the first by ID tells why. */
static enum obstacle judge_links(const struct core *core, const struct request_constraints *constraints,
                                 const struct kma *from, const struct kma *to, struct text *out_object)
{
    enum obstacle obstacle = constraints->key_stock_min > 0 ? OBSTACLE_KEYS_UNKNOWN : OBSTACLE_NONE;
    struct text first = TEXT_ABSENT;
    for (const struct chain_node *node = links_between(core, from, to); node != NULL; node = node->next) {
        const struct link *link = node->owner;
        if (object_effective(&link->object)->config.link.state != LINK_UP)
            continue;
        const enum obstacle of_link = judge_link(core, constraints, link);
        if (of_link == OBSTACLE_NONE)
            return OBSTACLE_NONE;
        if (text_is_present(first) && text_compare(first, link->object.id) < 0)
            continue;
        first = link->object.id;
        obstacle = of_link;
    }
    *out_object = first;
    return obstacle;
}

enum obstacle constraints_judge_hop(const struct core *core, const struct request_constraints *constraints,
                                    const struct kma *from, const struct kma *to, struct text *out_object)
{
    *out_object = TEXT_ABSENT;
    if (constraints->unreadable)
        return OBSTACLE_BAD_CONSTRAINTS;
    if (constraints->given == 0)
        return OBSTACLE_NONE;
    if (names(constraints->avoid_kma_ids, constraints->avoid_kma_id_count, to->id)) {
        *out_object = to->id;
        return OBSTACLE_KMA_AVOIDED;
    }
    return judge_links(core, constraints, from, to, out_object);
}

static bool passes(struct kma *const *kmas, size_t count, struct text kma_id)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equal(kmas[i]->id, kma_id))
            return true;
    }
    return false;
}

enum obstacle constraints_judge_path(const struct core *core, const struct request_constraints *constraints,
                                     struct kma *const *kmas, size_t count, struct text *out_object)
{
    *out_object = TEXT_ABSENT;
    if (constraints->unreadable)
        return OBSTACLE_BAD_CONSTRAINTS;
    if (constraints->hops_max > 0 && count > (size_t)constraints->hops_max + 1)
        return OBSTACLE_TOO_MANY_HOPS;
    if (constraints->given == 0)
        return OBSTACLE_NONE;
    if (count > 0 && names(constraints->avoid_kma_ids, constraints->avoid_kma_id_count, kmas[0]->id)) {
        *out_object = kmas[0]->id;
        return OBSTACLE_KMA_AVOIDED;
    }
    for (size_t i = 0; i + 1 < count; i++) {
        const enum obstacle obstacle =
            constraints_judge_hop(core, constraints, kmas[i], kmas[i + 1], out_object);
        if (obstacle != OBSTACLE_NONE)
            return obstacle;
    }
    for (size_t i = 0; i < constraints->require_kma_id_count; i++) {
        if (passes(kmas, count, constraints->require_kma_ids[i]))
            continue;
        *out_object = constraints->require_kma_ids[i];
        return OBSTACLE_KMA_MISSING;
    }
    return OBSTACLE_NONE;
}

/* ---- warned of ---- */

/* This one alone of those that are given. */
static struct request_constraints only(const struct request_constraints *all, enum constraint constraint)
{
    struct request_constraints one = { .given = UINT64_C(1) << constraint };
    switch (constraint) {
    case CONSTRAINT_AVOID_KMAS:
        one.avoid_kma_ids = all->avoid_kma_ids;
        one.avoid_kma_id_count = all->avoid_kma_id_count;
        break;
    case CONSTRAINT_AVOID_LINKS:
        one.avoid_link_ids = all->avoid_link_ids;
        one.avoid_link_id_count = all->avoid_link_id_count;
        break;
    case CONSTRAINT_REQUIRE_KMAS:
        one.require_kma_ids = all->require_kma_ids;
        one.require_kma_id_count = all->require_kma_id_count;
        break;
    case CONSTRAINT_MAX_HOPS:
        one.hops_max = all->hops_max;
        break;
    case CONSTRAINT_MIN_KEY_STOCK:
        one.key_stock_min = all->key_stock_min;
        break;
    case CONSTRAINTS_END:
        break;
    }
    return one;
}

/* "the request's constraint avoid_link_ids is not kept: link 19" */
static void warn(struct core *core, enum constraint constraint, const struct explained_route *told,
                 struct warnings *warnings)
{
    static const char *const objects[] = {
        [OBSTACLE_OF_NOTHING] = "", [OBSTACLE_OF_KMA] = "KMA ", [OBSTACLE_OF_LINK] = "link "
    };
    char words[LIMIT_IDENTIFIER_BYTES + 128];
    struct bytes_writer writer = bytes_writer(words, sizeof words);
    bytes_put_c(&writer, "the request's constraint ");
    bytes_put_c(&writer, constraint_name(constraint));
    bytes_put_c(&writer, " is not kept");
    if (text_is_present(told->object)) {
        bytes_put_c(&writer, ": ");
        bytes_put_c(&writer, objects[obstacle_object(told->obstacle)]);
        bytes_put_text(&writer, told->object);
    }
    warnings_add(core, warnings, emit_text(core, bytes_written(&writer)));
}

static bool warn_of_unreadable(struct core *core, const struct request_constraints *constraints,
                               struct warnings *warnings)
{
    if (constraints->unreadable)
        warnings_add(core, warnings,
                     emit_text(core, TEXT("the request's constraints can't be read, so that nobody knows "
                                          "whether they are kept")));
    return constraints->unreadable;
}

void constraints_warn_path(struct core *core, const struct request_constraints *constraints,
                           struct kma *const *kmas, size_t count, struct warnings *warnings)
{
    if (warn_of_unreadable(core, constraints, warnings))
        return;
    for (int i = 0; i < CONSTRAINTS_END; i++) {
        const struct request_constraints one = only(constraints, (enum constraint)i);
        struct explained_route told = { .obstacle = OBSTACLE_NONE };
        told.obstacle = constraints_judge_path(core, &one, kmas, count, &told.object);
        if (told.obstacle != OBSTACLE_NONE)
            warn(core, (enum constraint)i, &told, warnings);
    }
}

void constraints_warn_hops(struct core *core, const struct request_constraints *constraints,
                           const struct kma *from, struct kma *const *next, size_t count,
                           struct warnings *warnings)
{
    if (count == 0 || warn_of_unreadable(core, constraints, warnings))
        return;
    for (int i = 0; i < CONSTRAINTS_END; i++) {
        const struct request_constraints one = only(constraints, (enum constraint)i);
        struct explained_route told = { .obstacle = OBSTACLE_NONE };
        for (size_t j = 0; j < count && told.obstacle == OBSTACLE_NONE; j++)
            told.obstacle = constraints_judge_hop(core, &one, from, next[j], &told.object);
        if (told.obstacle != OBSTACLE_NONE)
            warn(core, (enum constraint)i, &told, warnings);
    }
}
