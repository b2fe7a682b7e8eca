/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of a decision against what was decided: who decided, what the way costs and where it is
   narrowest, the constraints of the request, and that nothing better was to be had. */
#include "world/world.h"
#include "world/world_ways.h"

typedef unsigned long long ull;

/* ---- who decided ---- */

/* One request as it is told; of a lookup or a relay. */
struct told {
    const char *what;
    ull id;
    struct text explanation;
    enum decider decided_by;
    bool is_held;
    const struct text *path; /* of a relay */
    size_t path_length;
};

static struct told told_of_relay(const struct relay_record *relay)
{
    return (struct told){ .what = "relay",
                          .id = relay->relay_id,
                          .explanation = relay->explanation,
                          .decided_by = relay->decided_by,
                          .is_held = relay->state == RELAY_AWAITING_DECISION,
                          .path = relay->path,
                          .path_length = relay->path_length };
}

static struct told told_of_lookup(const struct lookup_record *lookup)
{
    return (struct told){ .what = "lookup",
                          .id = lookup->lookup_id,
                          .explanation = lookup->explanation,
                          .decided_by = lookup->decided_by,
                          .is_held = lookup->state == LOOKUP_AWAITING_DECISION };
}

/* False: there is none. */
static bool open_told(struct world *world, const struct told *told, struct explanation_reader *out_reader)
{
    if (!text_is_present(told->explanation)) {
        if (!world->memory_may_fail)
            world_fail(world, "%s %llu: no explanation", told->what, told->id);
        return false;
    }
    if (!explanation_open(told->explanation, told->path, told->path_length, out_reader))
        world_fail(world, "%s %llu: an explanation that can't be read", told->what, told->id);
    return true;
}

static bool is_final(const struct explained_step *step)
{
    return step->outcome == EXPLAINED_DECIDED || step->outcome == EXPLAINED_REJECTED;
}

/* The last step decided, and none before it; or none did. */
static void check_decider(struct world *world, const struct told *told)
{
    struct explanation_reader reader;
    struct explanation_storage storage;
    struct explained_step step = { .decider = DECIDER_NONE, .outcome = EXPLAINED_ABANDONED };
    if (!open_told(world, told, &reader))
        return;
    while (reader.unpacker.left > 0) {
        if (is_final(&step))
            world_fail(world, "%s %llu: another was asked after it was decided", told->what, told->id);
        if (!explanation_next(&reader, &storage, &step))
            world_fail(world, "%s %llu: a step of its explanation can't be read", told->what, told->id);
    }
    if ((step.outcome == EXPLAINED_WAITING) != told->is_held)
        world_fail(world, "%s %llu: held, or not, against its explanation", told->what, told->id);
    if ((is_final(&step) ? step.decider : DECIDER_NONE) != told->decided_by)
        world_fail(world, "%s %llu: decided by %s against its explanation", told->what, told->id,
                   decider_name(told->decided_by));
}

/* How often the planner was asked. */
static size_t computed_steps(const struct told *told)
{
    struct explanation_reader reader;
    struct explanation_storage storage;
    struct explained_step step;
    size_t count = 0;
    if (!explanation_open(told->explanation, told->path, told->path_length, &reader))
        return 0;
    while (explanation_next(&reader, &storage, &step))
        count += step.decider == DECIDER_COMPUTED;
    return count;
}

/* ---- constraints ---- */

/* Between two KMAs, of the links that are up one must do. */
static bool keeps_hop(const struct world *world, const struct asked_constraints *said, struct text from,
                      struct text to, uint64_t relay_id)
{
    const size_t a = graph_node(world, from), b = graph_node(world, to);
    bool known = false;
    for (size_t i = 0; i < world->graph.edge_count; i++) {
        const struct edge *edge = &world->graph.edges[i];
        const struct link_config *link = book_link(world, i);
        if (link == NULL || link->state != LINK_UP ||
            !((edge->a == a && edge->b == b) || (edge->a == b && edge->b == a)))
            continue;
        known = true;
        if (!name_is_listed(&said->avoid_links, text_from_c(edge->name)) &&
            (said->key_stock_min == 0 || !book_is_sure(world, i, relay_id) ||
             book_keys(world, i, world->step_wall_ms) >= said->key_stock_min))
            return true;
    }
    return !known && said->key_stock_min == 0; /* an adjacency of which no link tells */
}

static void check_path_constraints(struct world *world, const struct asked_constraints *said,
                                   const struct relay_record *relay)
{
    const ull id = relay->relay_id;
    bool keeps = !said->unreadable && (said->hops_max == 0 || relay->path_length <= said->hops_max + 1);
    size_t passed = 0;
    for (size_t i = 0; i < relay->path_length; i++) {
        keeps &= !name_is_listed(&said->avoid_kmas, relay->path[i]);
        passed += name_is_listed(&said->require_kmas, relay->path[i]);
        if (i > 0)
            keeps &= keeps_hop(world, said, relay->path[i - 1], relay->path[i], relay->relay_id);
    }
    size_t required = said->require_kmas.count;
    if (required == 2 && text_equal(said->require_kmas.names[0], said->require_kmas.names[1]))
        required = 1;
    if (!keeps || passed != required)
        world_fail(world, "relay %llu: its path breaks its constraints", id);
    world->coverage->constrained_paths++;
}

static void check_hop_constraints(struct world *world, const struct asked_constraints *said,
                                  const struct lookup_record *lookup)
{
    for (size_t i = 0; i < lookup->next_kma_id_count; i++) {
        const struct text next = lookup->next_kma_ids[i];
        if (said->unreadable || name_is_listed(&said->avoid_kmas, next) ||
            !keeps_hop(world, said, lookup->current_kma_id, next, 0))
            world_fail(world, "lookup %llu: the next hop %.*s breaks its constraints", (ull)lookup->lookup_id,
                       TEXT_ARGUMENTS(next));
        world->coverage->constrained_hops++;
    }
}

/* ---- computed paths ---- */

static enum explained_rule rule_of(enum paths_metric metric)
{
    switch (metric) {
    case PATHS_SHORTEST:
        return RULE_SHORTEST;
    case PATHS_WIDEST:
        return RULE_WIDEST;
    case PATHS_WIDEST_SHORTEST:
        break;
    }
    return RULE_WIDEST_SHORTEST;
}

struct asking {
    const struct relay_record *relay;
    struct asked_constraints said;
    struct way_ends ends;
    bool is_bounded; /* no KMA is required: the best is known */
};

static struct asking asking_of(struct world *world, const struct relay_record *relay)
{
    struct text destination = relay->destination_kma_id;
    const struct application_config *application =
        text_is_present(destination) ? NULL : config_application(world, relay->application_destination_id);
    if (application != NULL)
        destination = application->kma_id;
    struct asking asking = { .relay = relay, .said = constraints_said(relay->extension) };
    asking.ends = (struct way_ends){ graph_node(world, relay->source_kma_id), graph_node(world, destination),
                                     asking.said.hops_max };
    asking.is_bounded = asking.said.require_kmas.count == 0;
    return asking;
}

static struct way_rules rules_of(const struct asking *asking)
{
    return (struct way_rules){ .said = &asking->said, .relay_id = asking->relay->relay_id };
}

/* The rule: a link that is penalised costs as much as a link can, and by the widest metric is used only if
   no way does without; so a path goes over one only when every way does that keeps the constraints. */
static void check_penalised(struct world *world, const struct asking *asking, const struct own_way *own)
{
    struct ways ways;
    struct way_rules rules = rules_of(asking);
    rules.spared = true;
    ways_gather(world, &rules, &ways);
    const bool is_other = ways_best(world, &ways, WAYS_NEAREST, &asking->ends).any;
    if (own->is_penalised && is_other && asking->is_bounded)
        world_fail(world, "relay %llu: its path is over a penalised link, and there is another way",
                   (ull)asking->relay->relay_id);
    world->coverage->penalised_used += own->is_penalised;
    rules.spared = false;
    rules.forgiving = true;
    ways_gather(world, &rules, &ways);
    const struct reach forgiven = ways_best(world, &ways, WAYS_NEAREST, &asking->ends);
    const bool went_round = forgiven.cost < own->cost ||
                            (forgiven.cost == own->cost && forgiven.hops + 1 < asking->relay->path_length);
    world->coverage->penalised_avoided += !own->is_penalised && asking->is_bounded && went_round;
}

static bool is_any_penalised(const struct world *world)
{
    for (size_t edge = 0; edge < world->graph.edge_count; edge++) {
        if (book_is_penalised(world, edge))
            return true;
    }
    return false;
}

static bool spares(struct world *world, const struct asking *asking)
{
    struct ways ways;
    struct way_rules rules = rules_of(asking);
    rules.spared = world->settings.metric == PATHS_WIDEST;
    ways_gather(world, &rules, &ways);
    return rules.spared && ways_best(world, &ways, WAYS_NEAREST, &asking->ends).any;
}

/* What the best way must be like; of required KMAs it can only be said that none is better. */
static void check_is_best(struct world *world, const struct asking *asking, const struct way_rules *rules,
                          const struct ways *ways, const struct own_way *own)
{
    const ull id = asking->relay->relay_id;
    const bool widest = world->settings.metric == PATHS_WIDEST;
    struct reach best = ways_best(world, ways, widest ? WAYS_WIDEST : WAYS_CHEAPEST, &asking->ends);
    if (!best.any || (widest ? own->width > best.width : own->cost < best.cost))
        world_fail(world, "relay %llu: its path is better than any there is", id);
    if (!asking->is_bounded)
        return;
    if (widest) {
        struct ways wide;
        struct way_rules wide_rules = *rules;
        const uint64_t width = best.width;
        wide_rules.width_min = width;
        ways_gather(world, &wide_rules, &wide);
        best = ways_best(world, &wide, WAYS_NEAREST, &asking->ends);
        best.width = width;
    }
    if (own->cost != best.cost || (world->settings.metric != PATHS_SHORTEST && own->width != best.width))
        world_fail(world, "relay %llu: its path costs %llu, and one for %llu was to be had, or a wider one",
                   id, (ull)own->cost, (ull)best.cost);
}

static void check_told(struct world *world, const struct asking *asking, const struct explained_step *step,
                       const struct own_way *own)
{
    const ull id = asking->relay->relay_id;
    const struct edge *bottleneck = &world->graph.edges[own->bottleneck];
    if (step->cost != own->cost)
        world_fail(world, "relay %llu: told to cost %llu, and its links cost %llu", id, (ull)step->cost,
                   (ull)own->cost);
    if (!text_equal_c(step->bottleneck, bottleneck->name) ||
        step->bottleneck_keys != book_keys(world, own->bottleneck, world->step_wall_ms))
        world_fail(world,
                   "relay %llu: told to be narrowest at %.*s with %lld keys, and is so at %s with %lld", id,
                   TEXT_ARGUMENTS(step->bottleneck), (long long)step->bottleneck_keys, bottleneck->name,
                   (long long)book_keys(world, own->bottleneck, world->step_wall_ms));
}

/* The best that leaves out one adjacency of the path: any other path leaves out one. */
static struct reach best_other(struct world *world, const struct asking *asking)
{
    const struct relay_record *relay = asking->relay;
    struct reach best = { .any = false };
    struct way_rules rules = rules_of(asking);
    struct ways ways;
    for (size_t i = 0; i + 1 < relay->path_length; i++) {
        const struct edge adjacency = { .a = graph_node(world, relay->path[i]),
                                        .b = graph_node(world, relay->path[i + 1]) };
        rules.without = &adjacency;
        ways_gather(world, &rules, &ways);
        const struct reach other = ways_best(world, &ways, WAYS_NEAREST, &asking->ends);
        if (other.any && (!best.any || other.cost < best.cost))
            best = other;
    }
    return best;
}

/* Of those that were told, the constraints forbade some; the best of the others must be among them. */
static void check_others(struct world *world, const struct asking *asking, const struct explained_step *step)
{
    const struct explained_way *told = NULL;
    for (size_t i = 0; i < step->way_count; i++) {
        if (!obstacle_is_of_constraints(step->ways[i].obstacle))
            told = &step->ways[i];
    }
    if (step->ways_unsought) {
        world->coverage->others_unsought++;
        return;
    }
    const struct reach other = best_other(world, asking);
    if ((told != NULL) != other.any || (told != NULL && told->cost != other.cost))
        world_fail(world, "relay %llu: the best way that was not taken is told to cost %llu instead of %llu",
                   (ull)asking->relay->relay_id, told != NULL ? (ull)told->cost : 0, (ull)other.cost);
    if (told != NULL && (told->cost > step->cost) !=
                            (told->obstacle == OBSTACLE_HIGHER_COST || told->obstacle == OBSTACLE_PENALISED))
        world_fail(world, "relay %llu: a way for %llu instead of %llu was not taken for %s",
                   (ull)asking->relay->relay_id, (ull)told->cost, (ull)step->cost,
                   obstacle_name(told->obstacle));
    world->coverage->others_told += told != NULL;
    world->coverage->others_none += told == NULL;
}

static void check_path(struct world *world, const struct asking *asking, const struct explained_step *step)
{
    struct ways ways;
    const bool widest = world->settings.metric == PATHS_WIDEST;
    struct way_rules rules = rules_of(asking);
    rules.spared = widest && spares(world, asking);
    ways_gather(world, &rules, &ways);
    const struct own_way own =
        ways_along(world, &ways, asking->relay->path, asking->relay->path_length, widest);
    if (!own.exists)
        world_fail(world, "relay %llu: a computed path where there is no way", (ull)asking->relay->relay_id);
    if (!ways.sure) {
        world->coverage->explained_in_part++;
        return;
    }
    if (is_any_penalised(world))
        check_penalised(world, asking, &own);
    check_is_best(world, asking, &rules, &ways, &own);
    check_told(world, asking, step, &own);
    check_others(world, asking, step);
    world->coverage->explained_exactly++;
}

/* ---- no path ---- */

static bool is_way(struct world *world, const struct asking *asking, const struct asked_constraints *said,
                   bool keyless, bool *sure)
{
    struct ways ways;
    struct way_ends ends = asking->ends;
    const struct way_rules rules = { .said = said, .keyless = keyless, .relay_id = asking->relay->relay_id };
    if (said == NULL)
        ends.hops_max = 0;
    ways_gather(world, &rules, &ways);
    *sure &= ways.sure;
    return ways_best(world, &ways, WAYS_NEAREST, &ends).any;
}

static void check_no_path(struct world *world, const struct asking *asking, enum explained outcome)
{
    bool sure = true;
    const bool keyless = is_way(world, asking, NULL, true, &sure);
    const bool free = is_way(world, asking, NULL, false, &sure);
    const bool constrained = is_way(world, asking, &asking->said, false, &sure);
    if (outcome == EXPLAINED_WORK_LIMIT || !sure)
        return;
    enum explained expected = free      ? EXPLAINED_CONSTRAINTS_UNMET
                              : keyless ? EXPLAINED_INSUFFICIENT_KEYS
                                        : EXPLAINED_NO_ROUTE;
    if (outcome != expected || (constrained && asking->is_bounded))
        world_fail(world, "relay %llu: told that its planner's outcome is %s, and it is %s",
                   (ull)asking->relay->relay_id, explained_name(outcome),
                   constrained ? explained_name(EXPLAINED_DECIDED) : explained_name(expected));
    world->coverage->explained_none++;
}

static void check_computed_step(struct world *world, const struct relay_record *relay,
                                const struct explained_step *step)
{
    const struct asking asking = asking_of(world, relay);
    if (step->rule != rule_of(world->settings.metric))
        world_fail(world, "relay %llu: told to be computed by %s", (ull)relay->relay_id,
                   explained_rule_name(step->rule));
    if (step->outcome == EXPLAINED_DECIDED)
        check_path(world, &asking, step);
    else if (step->outcome != EXPLAINED_UNKNOWN_DESTINATION)
        check_no_path(world, &asking, step->outcome);
}

/* Those steps that were not there before, which were made just now. */
static void check_computed(struct world *world, const struct relay_record *old,
                           const struct relay_record *new)
{
    const struct told told = told_of_relay(new);
    struct explanation_reader reader;
    struct explanation_storage storage;
    struct explained_step step;
    size_t before = 0;
    if (old != NULL) {
        const struct told old_told = told_of_relay(old);
        before = computed_steps(&old_told);
    }
    if (!open_told(world, &told, &reader))
        return;
    while (explanation_next(&reader, &storage, &step)) {
        if (step.decider != DECIDER_COMPUTED)
            continue;
        if (before > 0)
            before--;
        else
            check_computed_step(world, new, &step);
    }
}

void explanation_check_relay(struct world *world, const struct relay_record *old,
                             const struct relay_record *new)
{
    const struct told told = told_of_relay(new);
    const bool instructed_now = new->instructed_ms != 0 && (old == NULL || old->instructed_ms == 0);
    check_decider(world, &told);
    if (world->memory_may_fail) /* rows may tell late of what the decision has seen */
        return;
    const struct asked_constraints said = constraints_said(new->extension);
    if (instructed_now && said.given && new->decided_by != DECIDER_ORCHESTRATOR)
        check_path_constraints(world, &said, new);
    check_computed(world, old, new);
}

/* ---- computed next hops ---- */

/* The last step, if it is the planner's and was made just now. */
static void check_computed_hops(struct world *world, const struct lookup_record *lookup)
{
    const struct told told = told_of_lookup(lookup);
    struct explanation_reader reader;
    struct explanation_storage storage;
    struct explained_step step = { .decider = DECIDER_NONE };
    if (!open_told(world, &told, &reader))
        return;
    while (explanation_next(&reader, &storage, &step))
        ;
    if (step.rule != RULE_NEAREST_NEXT_HOP)
        world_fail(world, "lookup %llu: told to be computed by %s", (ull)lookup->lookup_id,
                   explained_rule_name(step.rule));
    explanation_check_hops(world, lookup, &step);
}

void explanation_check_lookup(struct world *world, const struct lookup_record *lookup)
{
    const struct told told = told_of_lookup(lookup);
    check_decider(world, &told);
    if (world->memory_may_fail)
        return;
    const struct asked_constraints said = constraints_said(lookup->extension);
    if (said.given && lookup->decided_by != DECIDER_ORCHESTRATOR)
        check_hop_constraints(world, &said, lookup);
    if (lookup->decided_by == DECIDER_COMPUTED && lookup->next_kma_id_count > 0)
        check_computed_hops(world, lookup);
}
