/* SPDX-License-Identifier: Apache-2.0 */
/* Is what a plan leads to valid, as a whole? */
#include "core/change.h"
#include "core/directory_state.h"
#include "core/hop_graph.h"
#include "core/policy.h"

static const char *const identity_kinds[] = { "dns:", "uri:", "cn:", "psk:", "address:" };

static struct verdict invalid(struct core *core, const char *before, struct text subject, const char *after)
{
    return verdict_of(core, REASON_INVALID, before, subject, after);
}

static const struct verdict accepted = { REASON_NONE, { NULL, 0 } };

/* ---- single values ---- */

static bool is_identity(struct text identity)
{
    if (!text_is_utf8(identity) || identity.length > LIMIT_IDENTIFIER_BYTES + 8)
        return false;
    for (size_t i = 0; i < sizeof identity_kinds / sizeof *identity_kinds; i++) {
        struct text kind = text_from_c(identity_kinds[i]);
        if (text_starts_with(identity, kind))
            return identity.length > kind.length;
    }
    return false;
}

static struct verdict check_policy(struct core *core, const struct policy *policy, struct text of)
{
    const char *fault = policy_fault(policy);
    return fault != NULL ? invalid(core, "the policy of ", of, fault) : accepted;
}

static struct verdict check_km(struct core *core, const struct km_config *config)
{
    if (config->kma_id_count == 0 || config->kma_id_count > LIMIT_KMAS_PER_KM)
        return invalid(core, "give 1 to 32 KMAs for the KM ", config->km_id, "");
    if (config->identity_count > LIMIT_IDENTITIES_PER_KM)
        return invalid(core, "give at most 8 identities for the KM ", config->km_id, "");
    if (config->dialect.version_count == 0 || config->dialect.version_count > LIMIT_VERSIONS)
        return invalid(core, "give 1 to 4 versions for the KM ", config->km_id, "");
    for (size_t i = 0; i < config->kma_id_count; i++) {
        if (!text_is_identifier(config->kma_ids[i]))
            return invalid(core, "a KMA of ", config->km_id,
                           " is no identifier: 1 to 255 bytes without control characters");
        for (size_t j = 0; j < i; j++) {
            if (text_equal(config->kma_ids[i], config->kma_ids[j]))
                return invalid(core, "the KMA ", config->kma_ids[i], " is given twice");
        }
    }
    for (size_t i = 0; i < config->identity_count; i++) {
        if (!is_identity(config->identities[i]))
            return invalid(core, "an identity of ", config->km_id,
                           " must begin with dns:, uri:, cn:, psk: or address:");
        for (size_t j = 0; j < i; j++) {
            if (text_equal(config->identities[i], config->identities[j]))
                return invalid(core, "the identity ", config->identities[i], " is given twice");
        }
    }
    return check_policy(core, &config->policy, config->km_id);
}

static struct verdict check_application(struct core *core, const struct application_config *config)
{
    if (!text_is_identifier(config->kma_id))
        return invalid(core, "kma_id of the application ", config->application_id, " must be an identifier");
    return accepted;
}

/* One that nobody names may come yet, and may be a slip of the pen. */
static struct verdict check_destination_config(struct core *core, struct plan *plan,
                                               const struct destination_config *config)
{
    if (!kma_is_known(kma_find(core, config->kma_id)))
        warnings_add(
            core, &plan->warnings,
            verdict_of(core, REASON_UNKNOWN_KMA, "no KM and no link names the KMA ", config->kma_id, " yet")
                .detail);
    return check_policy(core, &config->policy, config->kma_id);
}

static struct verdict check_link(struct core *core, const struct link_config *config)
{
    if (!text_is_identifier(config->kma_a) || !text_is_identifier(config->kma_b))
        return invalid(core, "both ends of the link ", config->link_id, " must be identifiers");
    if (text_equal(config->kma_a, config->kma_b))
        return invalid(core, "the link ", config->link_id, " must join two different KMAs");
    return accepted;
}

static struct verdict check_document(struct core *core, const struct document_config *config)
{
    if (!text_is_present(config->body) || config->body.length > LIMIT_DOCUMENT_BYTES)
        return invalid(core, "", config->document_id, " takes more than 65536 bytes");
    return accepted;
}

static struct verdict check_value(struct core *core, struct plan *plan, const struct change *change)
{
    if (!text_is_identifier(change->id))
        return invalid(core, "the ID must be an identifier: 1 to 255 bytes without control characters",
                       TEXT(""), "");
    switch (change->kind) {
    case OBJECT_KM:
        return check_km(core, &change->config->km);
    case OBJECT_APPLICATION:
        return check_application(core, &change->config->application);
    case OBJECT_DESTINATION:
        return check_destination_config(core, plan, &change->config->destination);
    case OBJECT_LINK:
        return check_link(core, &change->config->link);
    case OBJECT_DOCUMENT:
        return check_document(core, &change->config->document);
    case OBJECT_ROUTE:
        return routes_check(core, &change->config->route, &plan->warnings);
    case OBJECT_KINDS_END:
        break;
    }
    return accepted;
}

/* ---- names ---- */

struct claim {
    struct text name;
    struct text by;
};

static struct text claim_key(const void *value)
{
    return ((const struct claim *)value)->name;
}

static bool releases(const struct plan *plan, const struct km *owner)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->changes[i].object == &owner->object && plan->changes[i].in_force)
            return true;
    }
    return false;
}

static struct verdict claim(struct core *core, const struct plan *plan, struct table *claims,
                            const struct change *change, struct text name, const struct km *owner)
{
    struct text taken_by = TEXT_ABSENT;
    const struct claim *earlier = table_find(claims, name);
    if (earlier != NULL)
        taken_by = earlier->by;
    else if (owner != NULL && &owner->object != change->object && !releases(plan, owner))
        taken_by = owner->object.id;
    if (text_is_present(taken_by)) {
        char words[2 * LIMIT_IDENTIFIER_BYTES + 64];
        struct bytes_writer writer = bytes_writer(words, sizeof words);
        bytes_put_text(&writer, name);
        bytes_put_c(&writer, " belongs to the KM ");
        bytes_put_text(&writer, taken_by);
        return verdict_of(core, REASON_KMA_TAKEN, "", bytes_written(&writer), " already");
    }
    struct claim *made = arena_allocate(&core->scratch, sizeof *made);
    if (made == NULL)
        return verdict_of(core, REASON_OVERLOAD, "out of memory", TEXT(""), "");
    *made = (struct claim){ name, change->id };
    return table_insert(claims, made) ? accepted
                                      : verdict_of(core, REASON_OVERLOAD, "out of memory", TEXT(""), "");
}

/* Identities and KMA IDs don't meet: an identity has its prefix, which goes into another table. */
static struct verdict claim_names(struct core *core, const struct plan *plan, struct table *claims,
                                  const struct change *change)
{
    const struct km_config *config = &change_in_force(change)->km;
    struct verdict verdict = accepted;
    for (size_t i = 0; i < config->kma_id_count && verdict.reason == REASON_NONE; i++) {
        const struct kma *kma = kma_find(core, config->kma_ids[i]);
        verdict = claim(core, plan, &claims[0], change, config->kma_ids[i], kma != NULL ? kma->km : NULL);
    }
    for (size_t i = 0; i < config->identity_count && verdict.reason == REASON_NONE; i++) {
        const struct identity *identity = table_find(&core->identities, config->identities[i]);
        verdict = claim(core, plan, &claims[1], change, config->identities[i],
                        identity != NULL ? identity->km : NULL);
    }
    return verdict;
}

static struct verdict check_names(struct core *core, const struct plan *plan)
{
    struct table claims[2];
    table_init(&claims[0], &core->memory, core->hash_key, claim_key);
    table_init(&claims[1], &core->memory, core->hash_key, claim_key);
    struct verdict verdict = accepted;
    for (size_t i = 0; i < plan->count && verdict.reason == REASON_NONE; i++) {
        const struct change *change = &plan->changes[i];
        if (change->kind == OBJECT_KM && change->in_force && change_in_force(change) != NULL)
            verdict = claim_names(core, plan, claims, change);
    }
    table_fini(&claims[0]);
    table_fini(&claims[1]);
    return verdict;
}

/* ---- numbers ---- */

static struct verdict check_limits(struct core *core, const struct plan *plan)
{
    static const size_t limits[OBJECT_KINDS_END] = {
        [OBJECT_KM] = LIMIT_KMS,
        [OBJECT_APPLICATION] = LIMIT_APPLICATIONS,
        [OBJECT_LINK] = LIMIT_LINKS,
        [OBJECT_ROUTE] = LIMIT_ROUTES,
        [OBJECT_DOCUMENT] = LIMIT_DOCUMENTS,
        [OBJECT_DESTINATION] = LIMIT_DESTINATIONS,
    };
    size_t counts[OBJECT_KINDS_END];
    size_t created[OBJECT_KINDS_END] = { 0 };
    for (int kind = 0; kind < OBJECT_KINDS_END; kind++)
        counts[kind] = core->objects[kind].count;
    for (size_t i = 0; i < plan->count; i++) {
        const struct change *change = &plan->changes[i];
        counts[change->kind] += change->object == NULL;
        counts[change->kind] -= change->object != NULL && change->deleted;
        created[change->kind] += change->object == NULL;
    }
    for (int kind = 0; kind < OBJECT_KINDS_END; kind++) {
        if (created[kind] > 0 && counts[kind] > limits[kind])
            return verdict_of(core, REASON_LIMIT_REACHED, "there are as many as the bridge can hold",
                              TEXT(""), "");
    }
    return accepted;
}

/* ---- cycles ---- */

static struct verdict name_cycle(struct core *core, const struct site *found, struct text destination)
{
    enum { NAMED_MAX = 6 };
    const struct site *ring[NAMED_MAX];
    size_t count = 0;
    for (const struct site *at = found; count < NAMED_MAX; at = at->parent) {
        ring[count++] = at;
        if (at->parent == found)
            break;
    }
    char words[800];
    struct bytes_writer writer = bytes_writer(words, sizeof words);
    bytes_put_c(&writer, "toward ");
    bytes_put_text(&writer, destination);
    bytes_put_c(&writer, " the routes would lead round in a cycle: ");
    for (size_t i = count; i-- > 0;) { /* parents lead backwards */
        if (writer.capacity - writer.length < ring[i]->name.length + 32)
            break;
        bytes_put_text(&writer, ring[i]->name);
        bytes_put_c(&writer, " > ");
    }
    bytes_put_c(&writer, "...");
    return verdict_of(core, REASON_CYCLE, "", bytes_written(&writer), "");
}

static bool add_kept_routes(struct core *core, const struct kma *destination)
{
    for (size_t i = 0; i < destination->routes.count; i++) {
        const struct route *route = destination->routes.values[i];
        if (route->planned != core->plan_number && !graph_add_config(core, route_config_of(route)))
            return false;
    }
    return true;
}

static struct verdict check_destination(struct core *core, struct kma *destination)
{
    graph_begin(core);
    bool whole = add_kept_routes(core, destination);
    for (struct change *put = destination->planned_routes; put != NULL && whole; put = put->next)
        whole = graph_add_config(core, &put->config->route);
    if (!whole)
        return verdict_of(core, REASON_OVERLOAD, "out of memory", TEXT(""), "");
    const struct site *found = graph_cycle(core);
    return found != NULL ? name_cycle(core, found, destination->id) : accepted;
}

/* Reading 5: installed routes of one destination are validated together. */
static struct verdict check_cycles(struct core *core, struct plan *plan)
{
    core->plan_number++;
    for (size_t i = 0; i < plan->count; i++) {
        struct change *change = &plan->changes[i];
        if (change->kind != OBJECT_ROUTE)
            continue;
        if (change->object != NULL)
            ((struct route *)change->object)->planned = core->plan_number;
        if (change->config == NULL)
            continue;
        struct kma *destination = kma_find(core, change->config->route.destination_kma_id);
        if (destination->planned != core->plan_number)
            destination->planned_routes = NULL;
        destination->planned = core->plan_number;
        change->next = destination->planned_routes;
        destination->planned_routes = change;
    }
    struct verdict verdict = accepted;
    for (size_t i = 0; i < plan->count && verdict.reason == REASON_NONE; i++) {
        const struct change *change = &plan->changes[i];
        if (change->kind != OBJECT_ROUTE || change->config == NULL)
            continue;
        struct kma *destination = kma_find(core, change->config->route.destination_kma_id);
        if (destination->planned_routes == NULL)
            continue; /* checked already */
        verdict = check_destination(core, destination);
        destination->planned_routes = NULL;
    }
    return verdict;
}

void plan_check(struct core *core, struct plan *plan)
{
    for (size_t i = 0; i < plan->count && plan->verdict.reason == REASON_NONE; i++) {
        if (plan->changes[i].config != NULL)
            plan->verdict = check_value(core, plan, &plan->changes[i]);
    }
    if (plan->verdict.reason == REASON_NONE)
        plan->verdict = check_limits(core, plan);
    if (plan->verdict.reason == REASON_NONE)
        plan->verdict = check_names(core, plan);
    if (plan->verdict.reason == REASON_NONE)
        plan->verdict = check_cycles(core, plan);
}
