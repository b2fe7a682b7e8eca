/* SPDX-License-Identifier: Apache-2.0 */
#include "cksim/check.h"

#include <stdarg.h>
#include <stdio.h>

static bool broken(struct check_result *result, enum violation violation, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool broken(struct check_result *result, enum violation violation, const char *format, ...)
{
    va_list arguments;
    result->broken = true;
    result->violation = violation;
    va_start(arguments, format);
    vsnprintf(result->detail, sizeof result->detail, format, arguments);
    va_end(arguments);
    return false;
}

static uint32_t find_kma(const struct network *network, struct text name)
{
    const struct scenario *scenario = network->scenario;
    const struct scenario_kma *kma = table_find(&scenario->kmas_by_name, name);
    return kma != NULL ? (uint32_t)(kma - scenario->kmas) : NOBODY;
}

static const char *name_of(const struct network *network, uint32_t kma)
{
    return network->scenario->kmas[kma].name;
}

/* An end that the answer names must be the one that was asked for; an absent one is it. */
static bool take_end(const struct network *network, struct text name, uint32_t asked,
                     enum violation violation, uint32_t *out_kma, struct check_result *result)
{
    *out_kma = asked;
    if (!text_is_present(name))
        return true;
    uint32_t said = find_kma(network, name);
    if (said == NOBODY)
        return broken(result, VIOLATION_UNKNOWN_KMA, "%.*s", TEXT_ARGUMENTS(name));
    if (asked != NOBODY && said != asked)
        return broken(result, violation, "%.*s instead of %s", TEXT_ARGUMENTS(name), name_of(network, asked));
    *out_kma = said;
    return true;
}

static bool take_ends(const struct network *network, const struct check_request *request,
                      const struct ck_message *message, struct check_result *result)
{
    return take_end(network, message->source_kma_id, request->source, VIOLATION_SOURCE_DIFFERS,
                    &result->source, result) &&
           take_end(network, message->destination_kma_id, request->destination, VIOLATION_DESTINATION_DIFFERS,
                    &result->destination, result);
}

static bool add_kma(const struct network *network, struct text name, struct check_result *result)
{
    uint32_t kma = find_kma(network, name);
    if (kma == NOBODY)
        return broken(result, VIOLATION_UNKNOWN_KMA, "%.*s", TEXT_ARGUMENTS(name));
    result->kmas[result->kma_count++] = kma;
    return true;
}

static bool is_adjacent(const struct network *network, uint32_t km, uint32_t candidate)
{
    const struct scenario_km *described = &network->scenario->kms[km];
    for (uint32_t i = 0; i < described->kma_count; i++)
        if (network_has_link(network, described->first_kma + i, candidate))
            return true;
    return false;
}

void check_next_hops(const struct network *network, const struct check_request *request,
                     const struct ck_message *message, struct check_result *out_result)
{
    *out_result = (struct check_result){ 0 };
    if (!take_ends(network, request, message, out_result))
        return;
    /* Table 2: mandatory when the request named an application. */
    if (request->by_application && message->kma_id_count > 0 &&
        !text_is_present(message->destination_kma_id)) {
        broken(out_result, VIOLATION_DESTINATION_DIFFERS, "no destination KMA ID for an application");
        return;
    }
    for (size_t i = 0; i < message->kma_id_count; i++) {
        if (!add_kma(network, message->kma_ids[i], out_result))
            return;
        uint32_t candidate = out_result->kmas[i];
        if (!is_adjacent(network, request->asker, candidate)) {
            broken(out_result, VIOLATION_NOT_ADJACENT, "%s is no neighbour, on the way to %s",
                   name_of(network, candidate), name_of(network, out_result->destination));
            return;
        }
    }
}

static bool check_path(const struct network *network, struct check_result *result)
{
    for (uint32_t i = 0; i < result->kma_count; i++) {
        for (uint32_t j = 0; j < i; j++)
            if (result->kmas[i] == result->kmas[j])
                return broken(result, VIOLATION_PATH_LOOPS, "%s stands twice in the path to %s",
                              name_of(network, result->kmas[i]), name_of(network, result->destination));
        if (i == 0 || result->without_link || network_has_link(network, result->kmas[i - 1], result->kmas[i]))
            continue;
        result->without_link = true;
        snprintf(result->detail, sizeof result->detail, "%s to %s", name_of(network, result->kmas[i - 1]),
                 name_of(network, result->kmas[i]));
    }
    return true;
}

void check_route(const struct network *network, const struct check_request *request,
                 const struct ck_message *message, struct check_result *out_result)
{
    *out_result = (struct check_result){ 0 };
    if (!take_ends(network, request, message, out_result))
        return;
    const struct scenario_km *asker = &network->scenario->kms[request->asker];
    if (out_result->source == NOBODY && asker->kma_count == 1)
        out_result->source = asker->first_kma;
    if (out_result->source == NOBODY || network->scenario->kmas[out_result->source].km != request->asker) {
        broken(out_result, VIOLATION_SOURCE_DIFFERS, "the source is not of this KM");
        return;
    }
    if (message->relay_id == 0) {
        broken(out_result, VIOLATION_MISSING_RELAY_ID, "to %s", name_of(network, out_result->destination));
        return;
    }
    out_result->kmas[out_result->kma_count++] = out_result->source;
    for (size_t i = 0; i < message->kma_id_count; i++)
        if (!add_kma(network, message->kma_ids[i], out_result))
            return;
    out_result->kmas[out_result->kma_count++] = out_result->destination;
    check_path(network, out_result);
}
