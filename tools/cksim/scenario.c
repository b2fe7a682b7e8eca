/* SPDX-License-Identifier: Apache-2.0 */
#include "cksim/scenario.h"

#include <stdlib.h>
#include <string.h>

#include "cksim/scenario_build.h"
#include "cksim/scenario_schema.h"

static struct text km_key(const void *value)
{
    return text_from_c(((const struct scenario_km *)value)->name);
}

static struct text kma_key(const void *value)
{
    return text_from_c(((const struct scenario_kma *)value)->name);
}

static struct text link_key(const void *value)
{
    return text_from_c(((const struct scenario_link *)value)->name);
}

void scenario_init(struct scenario *scenario)
{
    /* Keys come from the user's own file; nobody gains by making them collide. */
    static const struct siphash_key key = { 1, 2 };
    memset(scenario, 0, sizeof *scenario);
    arena_init(&scenario->arena, &system_memory);
    schema_defaults("fleet", &scenario->arena, &scenario->fleet);
    schema_defaults("load", &scenario->arena, &scenario->load);
    table_init(&scenario->kms_by_name, &system_memory, key, km_key);
    table_init(&scenario->kmas_by_name, &system_memory, key, kma_key);
    table_init(&scenario->links_by_name, &system_memory, key, link_key);
}

void scenario_fini(struct scenario *scenario)
{
    table_fini(&scenario->kms_by_name);
    table_fini(&scenario->kmas_by_name);
    table_fini(&scenario->links_by_name);
    free(scenario->kms);
    free(scenario->kmas);
    free(scenario->links);
    free(scenario->applications);
    free(scenario->faults);
    free(scenario->pairs);
    arena_fini(&scenario->arena);
}

const char *scenario_keep(struct scenario *scenario, const char *words, size_t length)
{
    char *copy = arena_allocate(&scenario->arena, length + 1);
    memcpy(copy, words, length);
    return copy;
}

#define ADD(scenario, array, count, capacity)                                                                \
    ((scenario)->array = system_grow((scenario)->array, (scenario)->count, &(scenario)->capacity,            \
                                     sizeof *(scenario)->array),                                             \
     &(scenario)->array[(scenario)->count++])

struct scenario_km *scenario_add_km(struct scenario *scenario, struct origin origin, const char *name)
{
    struct scenario_km *km = ADD(scenario, kms, km_count, km_capacity);
    *km = (struct scenario_km){ .origin = origin, .name = scenario_keep(scenario, name, strlen(name)) };
    return km;
}

void scenario_add_kma(struct scenario *scenario, const char *name, uint32_t km)
{
    struct scenario_kma *kma = ADD(scenario, kmas, kma_count, kma_capacity);
    *kma = (struct scenario_kma){ .name = name, .km = km };
}

struct scenario_link *scenario_add_link(struct scenario *scenario, struct origin origin, const char *name)
{
    struct scenario_link *link = ADD(scenario, links, link_count, link_capacity);
    *link = (struct scenario_link){
        .origin = origin,
        .name = scenario_keep(scenario, name, strlen(name)),
        .key_stock = UNSET,
        .key_rate = UNSET,
        .distance = UNSET,
    };
    return link;
}

struct scenario_application *scenario_add_application(struct scenario *scenario, struct origin origin,
                                                      const char *name)
{
    struct scenario_application *application =
        ADD(scenario, applications, application_count, application_capacity);
    *application = (struct scenario_application){ .origin = origin,
                                                  .name = scenario_keep(scenario, name, strlen(name)) };
    return application;
}

struct scenario_fault *scenario_add_fault(struct scenario *scenario, struct origin origin, const char *name)
{
    struct scenario_fault *fault = ADD(scenario, faults, fault_count, fault_capacity);
    *fault = (struct scenario_fault){ .origin = origin,
                                      .name = scenario_keep(scenario, name, strlen(name)),
                                      .kind = -1 };
    schema_defaults("fault", &scenario->arena, fault);
    return fault;
}

void scenario_add_pair(struct scenario *scenario, uint32_t source, uint32_t destination)
{
    struct scenario_pair *pair = ADD(scenario, pairs, pair_count, pair_capacity);
    *pair = (struct scenario_pair){ .source = source, .destination = destination };
}
