/* SPDX-License-Identifier: Apache-2.0 */
#include "core/commands.h"

#include <assert.h>

#include "core/change.h"
#include "core/directory_state.h"
#include "core/emit.h"
#include "core/preview_state.h"
#include "core/relay.h"
#include "core/trail_state.h"

static void refuse(struct reply *reply, enum reply_status status, struct verdict verdict)
{
    reply->status = status;
    reply->reason = verdict.reason;
    reply->detail = verdict.detail;
}

static uint64_t revision_of(const struct object *object)
{
    const struct layer *layer = object != NULL ? object_effective(object) : NULL;
    return layer != NULL ? layer->revision.number : 0;
}

static bool refuse_stale(struct core *core, struct reply *reply)
{
    refuse(
        reply, REPLY_STALE,
        verdict_of(core, REASON_REVISION_MISMATCH, "it was changed meanwhile: read it again", TEXT(""), ""));
    return false;
}

static bool is_current(struct core *core, const struct command *command, const struct object *object,
                       struct reply *reply)
{
    uint64_t revision = revision_of(object);
    if ((command->if_match == 0 || command->if_match == revision) &&
        (!command->if_present || revision != 0) && (!command->if_absent || revision == 0))
        return true;
    return refuse_stale(core, reply);
}

static enum reply_status status_of(enum reason reason)
{
    if (reason == REASON_KMA_TAKEN || reason == REASON_LIMIT_REACHED)
        return REPLY_CONFLICT;
    return reason == REASON_OVERLOAD ? REPLY_BUSY : REPLY_INVALID;
}

/* Checks the plan, applies it unless it is a dry run, and says what came of it. */
static bool carry_out(struct core *core, struct plan *plan, enum object_kind kind, bool dry_run,
                      struct reply *reply)
{
    plan_check(core, plan);
    reply->warnings = plan->warnings.texts;
    reply->warning_count = plan->warnings.count;
    if (plan->verdict.reason != REASON_NONE) {
        refuse(reply, status_of(plan->verdict.reason), plan->verdict);
        return false;
    }
    reply->created = plan->created;
    reply->updated = plan->updated;
    reply->deleted = plan->deleted;
    reply->unchanged = plan->unchanged;
    if (dry_run && kind == OBJECT_KINDS_END)
        return true; /* the file's: of several kinds, and nobody reads it */
    if (dry_run) {
        reply->preview = preview_plan(core, plan, kind);
        core->out_of_memory = core->out_of_memory || reply->preview == NULL;
        return true;
    }
    plan_apply(core, plan);
    if (core->out_of_memory)
        refuse(reply, REPLY_BUSY, verdict_of(core, REASON_OVERLOAD, "out of memory", TEXT(""), ""));
    return true;
}

/* What the command gives of the kind, the one at `i`. */
static union object_config config_at(const struct command *command, enum object_kind kind, size_t i)
{
    union object_config config;
    switch (kind) {
    case OBJECT_KM:
        config.km = command->kms[i];
        break;
    case OBJECT_APPLICATION:
        config.application = command->applications[i];
        break;
    case OBJECT_DESTINATION:
        config.destination = command->destinations[i];
        break;
    case OBJECT_LINK:
        config.link = command->links[i];
        break;
    case OBJECT_ROUTE:
        config.route = command->routes[i];
        break;
    case OBJECT_DOCUMENT:
    case OBJECT_KINDS_END:
        config.document = *command->document;
        break;
    }
    return config;
}

static struct text config_id(enum object_kind kind, const union object_config *config)
{
    switch (kind) {
    case OBJECT_KM:
        return config->km.km_id;
    case OBJECT_APPLICATION:
        return config->application.application_id;
    case OBJECT_DESTINATION:
        return config->destination.kma_id;
    case OBJECT_LINK:
        return config->link.link_id;
    case OBJECT_ROUTE:
        return config->route.route_id;
    case OBJECT_DOCUMENT:
        return config->document.document_id;
    case OBJECT_KINDS_END:
        break;
    }
    return TEXT_ABSENT;
}

static void put(struct core *core, const struct command *command, enum object_kind kind, struct reply *reply)
{
    const union object_config config = config_at(command, kind, 0);
    const struct text id = config_id(kind, &config);
    struct plan plan;
    if (!is_current(core, command, object_find(core, kind, id), reply) || !plan_begin(core, &plan, 1))
        return;
    plan_put(core, &plan, kind, ORIGIN_API, id, &config);
    if (!carry_out(core, &plan, kind, command->dry_run, reply))
        return;
    if (reply->status == REPLY_OK && plan.created > 0)
        reply->status = REPLY_CREATED;
    reply->revision = revision_of(object_find(core, kind, id));
}

static void delete (struct core *core, const struct command *command, enum object_kind kind,
                    struct reply *reply)
{
    struct object *object = object_find(core, kind, command->id);
    struct plan plan;
    if (object == NULL || object_effective(object) == NULL) {
        refuse(reply, REPLY_NOT_FOUND,
               verdict_of(core, REASON_NOT_FOUND, "there is none of the ID ", command->id, ""));
        return;
    }
    if (!is_current(core, command, object, reply))
        return;
    if (!object->layers[ORIGIN_API].present) {
        refuse(reply, REPLY_CONFLICT,
               verdict_of(core, REASON_DEFINED_IN_FILE, "", command->id,
                          " is defined in the configuration file: remove it there"));
        return;
    }
    if (!plan_begin(core, &plan, 1))
        return;
    plan_delete(core, &plan, object, ORIGIN_API);
    carry_out(core, &plan, kind, command->dry_run, reply);
}

/* ---- many at once ---- */

struct named {
    struct text id;
};

static struct text named_key(const void *value)
{
    return ((const struct named *)value)->id;
}

/* The IDs of one kind that a command puts; false: one is given twice, or out of memory. */
static bool name(struct core *core, struct table *names, struct text id, struct plan *plan)
{
    if (table_find(names, id) != NULL) {
        plan->verdict = verdict_of(core, REASON_INVALID, "the ID ", id, " is given twice");
        return false;
    }
    struct named *named = arena_allocate(&core->scratch, sizeof *named);
    if (named != NULL)
        named->id = id;
    if (named == NULL || !table_insert(names, named)) {
        plan->verdict = verdict_of(core, REASON_OVERLOAD, "out of memory", TEXT(""), "");
        return false;
    }
    return true;
}

static struct text config_origin(enum object_kind kind, const union object_config *config)
{
    return kind == OBJECT_LINK ? config->link.origin : config->route.origin;
}

/* What replaces a collection: those of a layer and, for the API's, of one origin. */
struct replacement {
    enum object_kind kind;
    enum origin layer;
    struct text origin; /* absent: all */
    union object_config *configs;
    size_t count;
};

static bool is_of(const struct replacement *replacement, const struct object *object)
{
    const struct layer *layer = &object->layers[replacement->layer];
    return layer->present && (!text_is_present(replacement->origin) ||
                              text_equal(config_origin(object->kind, &layer->config), replacement->origin));
}

static struct collection_version version_of(const struct core *core, const struct replacement *replacement)
{
    struct collection_version version = { 0, 0 };
    const struct sorted *objects = &core->objects[replacement->kind];
    for (size_t i = 0; i < objects->count; i++) {
        const struct object *object = objects->values[i];
        if (!is_of(replacement, object))
            continue;
        uint64_t revision = object->layers[replacement->layer].revision.number;
        version.count++;
        version.revision = revision > version.revision ? revision : version.revision;
    }
    return version;
}

static bool take_over(struct core *core, struct plan *plan, const struct replacement *replacement,
                      const union object_config *config)
{
    struct text id = config_id(replacement->kind, config);
    const struct object *object = object_find(core, replacement->kind, id);
    bool others = object != NULL && object->layers[replacement->layer].present && !is_of(replacement, object);
    if (others)
        plan->verdict = verdict_of(core, REASON_KMA_TAKEN, "the ID ", id, " belongs to another origin");
    return !others;
}

static void plan_replacement(struct core *core, struct plan *plan, const struct replacement *replacement)
{
    struct table names;
    table_init(&names, &core->memory, core->hash_key, named_key);
    for (size_t i = 0; i < replacement->count; i++) {
        const union object_config *config = &replacement->configs[i];
        struct text id = config_id(replacement->kind, config);
        if (!name(core, &names, id, plan) || !take_over(core, plan, replacement, config))
            goto done;
        plan_put(core, plan, replacement->kind, replacement->layer, id, config);
    }
    const struct sorted *objects = &core->objects[replacement->kind];
    for (size_t i = 0; i < objects->count; i++) {
        struct object *object = objects->values[i];
        if (is_of(replacement, object) && table_find(&names, object->id) == NULL)
            plan_delete(core, plan, object, replacement->layer);
    }
done:
    table_fini(&names);
}

static bool copy_configs(struct core *core, const struct command *command, struct replacement *replacement)
{
    size_t bytes = (replacement->count + 1) * sizeof *replacement->configs;
    replacement->configs = arena_allocate(&core->scratch, bytes);
    if (replacement->configs == NULL) {
        core->out_of_memory = true;
        return false;
    }
    for (size_t i = 0; i < replacement->count; i++) {
        union object_config *config = &replacement->configs[i];
        *config = config_at(command, replacement->kind, i);
        if (replacement->kind == OBJECT_LINK && text_is_present(replacement->origin))
            config->link.origin = replacement->origin;
        if (replacement->kind == OBJECT_ROUTE)
            config->route.origin = replacement->origin;
    }
    return true;
}

static void replace(struct core *core, const struct command *command, struct replacement *replacements,
                    size_t count, struct reply *reply)
{
    size_t changes = 0;
    for (size_t i = 0; i < count; i++)
        changes += replacements[i].count + core->objects[replacements[i].kind].count;
    struct plan plan;
    if (!plan_begin(core, &plan, changes))
        return;
    for (size_t i = 0; i < count && plan.verdict.reason == REASON_NONE; i++) {
        if (!copy_configs(core, command, &replacements[i]))
            return;
        plan_replacement(core, &plan, &replacements[i]);
    }
    if (plan.verdict.reason != REASON_NONE)
        refuse(reply, status_of(plan.verdict.reason), plan.verdict);
    else
        carry_out(core, &plan, count == 1 ? replacements[0].kind : OBJECT_KINDS_END, command->dry_run, reply);
}

/* Relays of KMs that neither the API nor the file knows after the file was read. */
static void end_relays_of_unknown_kms(struct core *core)
{
    struct sorted *kms = &core->objects[OBJECT_KM];
    for (size_t i = kms->count; i-- > 0;) {
        struct km *km = kms->values[i];
        if (km_is_enrolled(km))
            continue;
        relay_orphan_all(core, km, REASON_KM_REMOVED);
        km_free_unneeded(core, km);
    }
}

static void replace_file(struct core *core, const struct command *command, struct reply *reply)
{
    struct replacement replacements[] = {
        { .kind = OBJECT_KM, .layer = ORIGIN_FILE, .count = command->km_count },
        { .kind = OBJECT_APPLICATION, .layer = ORIGIN_FILE, .count = command->application_count },
        { .kind = OBJECT_LINK, .layer = ORIGIN_FILE, .count = command->link_count },
        { .kind = OBJECT_DESTINATION, .layer = ORIGIN_FILE, .count = command->destination_count },
    };
    replace(core, command, replacements, sizeof replacements / sizeof *replacements, reply);
    if (!command->dry_run && reply->reason == REASON_NONE)
        end_relays_of_unknown_kms(core);
}

static bool is_version(const struct core *core, const struct replacement *replacement,
                       const struct collection_version *wanted)
{
    if (wanted == NULL)
        return true;
    struct collection_version version = version_of(core, replacement);
    return version.count == wanted->count && version.revision == wanted->revision;
}

static void replace_origin(struct core *core, const struct command *command, enum object_kind kind,
                           size_t count, struct reply *reply)
{
    struct replacement replacement = {
        .kind = kind, .layer = ORIGIN_API, .origin = command->id, .count = count
    };
    if (!text_is_identifier(command->id))
        refuse(reply, REPLY_INVALID,
               verdict_of(core, REASON_INVALID, "origin must be an identifier", TEXT(""), ""));
    else if (is_version(core, &replacement, command->if_version))
        replace(core, command, &replacement, 1, reply);
    else
        refuse_stale(core, reply);
    reply->version = version_of(core, &replacement);
}

/* ---- dispatch ---- */

static void run(struct core *core, const struct command *command, struct reply *reply)
{
    switch (command->kind) {
    case COMMAND_KM_PUT:
        put(core, command, OBJECT_KM, reply);
        return;
    case COMMAND_KM_DELETE:
        delete (core, command, OBJECT_KM, reply);
        return;
    case COMMAND_APPLICATION_PUT:
        put(core, command, OBJECT_APPLICATION, reply);
        return;
    case COMMAND_APPLICATION_DELETE:
        delete (core, command, OBJECT_APPLICATION, reply);
        return;
    case COMMAND_DESTINATION_PUT:
        put(core, command, OBJECT_DESTINATION, reply);
        return;
    case COMMAND_DESTINATION_DELETE:
        delete (core, command, OBJECT_DESTINATION, reply);
        return;
    case COMMAND_ROUTE_PUT:
        put(core, command, OBJECT_ROUTE, reply);
        return;
    case COMMAND_ROUTE_DELETE:
        delete (core, command, OBJECT_ROUTE, reply);
        return;
    case COMMAND_ROUTES_REPLACE:
        replace_origin(core, command, OBJECT_ROUTE, command->route_count, reply);
        return;
    case COMMAND_LINK_PUT:
        put(core, command, OBJECT_LINK, reply);
        return;
    case COMMAND_LINK_DELETE:
        delete (core, command, OBJECT_LINK, reply);
        return;
    case COMMAND_LINKS_REPLACE:
        replace_origin(core, command, OBJECT_LINK, command->link_count, reply);
        return;
    case COMMAND_RELAY_DECIDE:
        commands_decide_relay(core, command, reply);
        return;
    case COMMAND_LOOKUP_DECIDE:
        commands_decide_lookup(core, command, reply);
        return;
    case COMMAND_RELAY_START:
        commands_start_relay(core, command, reply);
        return;
    case COMMAND_DOCUMENT_PUT:
        put(core, command, OBJECT_DOCUMENT, reply);
        return;
    case COMMAND_DOCUMENT_DELETE:
        delete (core, command, OBJECT_DOCUMENT, reply);
        return;
    case COMMAND_KEEP_ANSWER:
        trail_keep_answer(core, command);
        return;
    case COMMAND_DEAD_LETTERS_PUT:
        trail_put_dead_letters(core, command);
        return;
    case COMMAND_DEAD_LETTERS_DELETE:
        trail_delete_dead_letters(core, command);
        return;
    case COMMAND_AUDIT:
        return; /* the entry is all */
    case COMMAND_FILE_REPLACE:
        replace_file(core, command, reply);
        return;
    }
}

void commands_run(struct core *core, const struct event_command *event)
{
    struct reply reply = { .command_id = event->command_id };
    struct trail trail = { .audit = NULL };
    if (!core->store_available && !event->command->dry_run)
        refuse(&reply, REPLY_BUSY,
               verdict_of(core, REASON_STORE_UNAVAILABLE, "the store can't be written now: try again",
                          TEXT(""), ""));
    else if (!trail_begin(core, event->command, &trail))
        core->out_of_memory = true; /* nothing is done that the trail could not tell of */
    else
        run(core, event->command, &reply);
    if (core->out_of_memory && reply.reason == REASON_NONE) {
        reply.status = REPLY_BUSY;
        reply.reason = REASON_OVERLOAD;
    }
    if (trail.audit != NULL)
        (void)relay_flush(core); /* so that the entry can name these events too */
    trail_end(core, &trail, &reply);
    if (event->command_id == 0)
        return;
    struct effect *effect = effects_add(core->effects, EFFECT_REPLY);
    if (effect == NULL)
        core->out_of_memory = true;
    else
        effect->reply = reply;
}
