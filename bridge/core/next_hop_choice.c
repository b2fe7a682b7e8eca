/* SPDX-License-Identifier: Apache-2.0 */
/* Next hops that the orchestrator chose: whether they may be answered. */
#include "core/budget.h"
#include "core/directory_state.h"
#include "core/next_hop.h"
#include "core/relay.h"

static struct verdict check_next(struct core *core, const struct lookup *lookup, struct text kma_id,
                                 const struct kma *current)
{
    const struct kma *next = kma_find(core, kma_id);
    if (!kma_is_known(next))
        return verdict_of(core, REASON_UNKNOWN_KMA, "no KM and no link names the KMA ", kma_id, "");
    if (kma_is_disabled(next))
        return verdict_of(core, REASON_DISABLED_KMA, "the KM of KMA ", kma_id, " is disabled");
    if (next->km == lookup->km)
        return verdict_of(core, REASON_PATH_LOOPS, "", kma_id, " is a KMA of the asking KM itself");
    if (adjacency_of(core, current, next) == ADJACENCY_DOWN)
        return verdict_of(core, REASON_LINK_DOWN, "the link to ", kma_id, " is down");
    if (!budget_allows(core, current, next))
        return verdict_of(core, REASON_INSUFFICIENT_KEYS, "the link to ", kma_id, " has no key left");
    return (struct verdict){ REASON_NONE, TEXT_ABSENT };
}

/* The KMA from which the KM would relay: the first with a link to the first candidate, else the first. */
static struct kma *current_for(const struct core *core, const struct km *km, const struct command *command)
{
    const struct kma *next = command->path_length > 0 ? kma_find(core, command->path[0]) : NULL;
    for (size_t i = 0; next != NULL && i < km->kma_count; i++) {
        if (adjacency_of(core, km->kmas[i], next) != ADJACENCY_UNKNOWN)
            return km->kmas[i];
    }
    return km->kma_count > 0 ? km->kmas[0] : NULL;
}

static struct verdict take_candidates(struct core *core, const struct lookup *lookup,
                                      const struct command *command, struct candidates *out)
{
    *out = (struct candidates){ .current = current_for(core, lookup->km, command) };
    if (out->current == NULL) /* its configuration waits for memory */
        return verdict_of(core, REASON_OVERLOAD, "out of memory", TEXT(""), "");
    if (command->path_length > LIMIT_PATH_KMAS)
        return verdict_of(core, REASON_PATH_TOO_LONG, "give at most 128 next hops", TEXT(""), "");
    for (size_t i = 0; i < command->path_length; i++) {
        for (size_t j = 0; j < i; j++) {
            if (text_equal(command->path[i], command->path[j]))
                return verdict_of(core, REASON_PATH_LOOPS, "next_hops names ", command->path[i], " twice");
        }
        struct verdict verdict = check_next(core, lookup, command->path[i], out->current);
        if (verdict.reason != REASON_NONE)
            return verdict;
        out->next[out->count++] = kma_find(core, command->path[i]);
    }
    return (struct verdict){ REASON_NONE, TEXT_ABSENT };
}

static struct verdict settle_destination(struct core *core, const struct lookup *lookup,
                                         const struct command *command, struct kma **out_destination)
{
    struct text known = decision_destination(core, lookup->record.destination_kma_id,
                                             lookup->record.application_destination_id);
    struct text destination = text_is_present(known) ? known : command->kma_id;
    if (!text_is_present(destination))
        return verdict_of(core, REASON_UNKNOWN_APPLICATION,
                          "give destination_kma_id: no KMA is known for application ",
                          lookup->record.application_destination_id, "");
    if (text_is_present(command->kma_id) && !text_equal(command->kma_id, destination))
        return verdict_of(core, REASON_DESTINATION_CONFLICT, "destination_kma_id must be the destination, ",
                          destination, "");
    struct kma *kma = kma_find(core, destination);
    if (!kma_is_known(kma))
        return verdict_of(core, REASON_UNKNOWN_KMA, "no KM and no link names the destination ", destination,
                          "");
    *out_destination = kma;
    return (struct verdict){ REASON_NONE, TEXT_ABSENT };
}

struct verdict next_hop_choose(struct core *core, const struct lookup *lookup, const struct command *command,
                               struct kma **out_destination, struct candidates *out_candidates)
{
    struct verdict verdict = settle_destination(core, lookup, command, out_destination);
    return verdict.reason == REASON_NONE ? take_candidates(core, lookup, command, out_candidates) : verdict;
}
