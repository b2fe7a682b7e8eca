/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a whole of what was read: topology, names, defaults; and refuses what cannot be run. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "cksim/quantity.h"
#include "cksim/scenario_build.h"

/* Calls `take` for each word of a list separated by commas, trimmed. */
typedef bool (*word_function)(struct scenario *scenario, void *context, const char *word,
                              struct complaint *complaint);
static bool each_word(struct scenario *scenario, const char *list, word_function take, void *context,
                      struct complaint *complaint)
{
    for (const char *at = list; at != NULL;) {
        const char *comma = strchr(at, ',');
        at += strspn(at, " \t");
        size_t length = comma != NULL ? (size_t)(comma - at) : strlen(at);
        while (length > 0 && (at[length - 1] == ' ' || at[length - 1] == '\t'))
            length--;
        if (!take(scenario, context, scenario_keep(scenario, at, length), complaint))
            return false;
        at = comma != NULL ? comma + 1 : NULL;
    }
    return true;
}

static bool take_kma(struct scenario *scenario, void *context, const char *word, struct complaint *complaint)
{
    struct scenario_km *km = context;
    if (!text_is_identifier(text_from_c(word)))
        return scenario_refuse(complaint, km->origin, "[km \"%s\"]: '%s' is no KMA's name", km->name, word);
    if (++km->kma_count > LIMIT_KMAS_PER_KM)
        return scenario_refuse(complaint, km->origin, "[km \"%s\"] has more than %d KMAs", km->name,
                               LIMIT_KMAS_PER_KM);
    scenario_add_kma(scenario, word, (uint32_t)(km - scenario->kms));
    return true;
}

static bool finish_kms(struct scenario *scenario, struct complaint *complaint)
{
    for (uint32_t i = 0; i < scenario->km_count; i++) {
        struct scenario_km *km = &scenario->kms[i];
        if (km->kma == NULL)
            return scenario_refuse(complaint, km->origin, "[km \"%s\"] needs kma = ...", km->name);
        if (table_find(&scenario->kms_by_name, text_from_c(km->name)) != NULL)
            return scenario_refuse(complaint, km->origin, "[km \"%s\"] stands twice", km->name);
        table_insert(&scenario->kms_by_name, km);
        km->first_kma = scenario->kma_count;
        if (!each_word(scenario, km->kma, take_kma, km, complaint))
            return false;
    }
    for (uint32_t i = 0; i < scenario->kma_count; i++) {
        struct scenario_kma *kma = &scenario->kmas[i];
        if (table_find(&scenario->kmas_by_name, text_from_c(kma->name)) != NULL)
            return scenario_refuse(complaint, scenario->kms[kma->km].origin, "KMA '%s' belongs to two KMs",
                                   kma->name);
        table_insert(&scenario->kmas_by_name, kma);
    }
    return true;
}

static uint32_t find_kma(const struct scenario *scenario, const char *name)
{
    const struct scenario_kma *kma =
        name != NULL ? table_find(&scenario->kmas_by_name, text_from_c(name)) : NULL;
    return kma != NULL ? (uint32_t)(kma - scenario->kmas) : NOBODY;
}

static bool finish_links(struct scenario *scenario, struct complaint *complaint)
{
    for (uint32_t i = 0; i < scenario->link_count; i++) {
        struct scenario_link *link = &scenario->links[i];
        link->a = find_kma(scenario, link->a_name);
        link->b = find_kma(scenario, link->b_name);
        if (link->a == NOBODY || link->b == NOBODY) {
            const char *name = link->a == NOBODY ? link->a_name : link->b_name;
            return scenario_refuse(complaint, link->origin, "[link \"%s\"]: %s = '%s' is no KM's KMA",
                                   link->name, link->a == NOBODY ? "a" : "b", name != NULL ? name : "");
        }
        if (link->a == link->b)
            return scenario_refuse(complaint, link->origin, "[link \"%s\"] joins a KMA to itself",
                                   link->name);
        if (table_find(&scenario->links_by_name, text_from_c(link->name)) != NULL)
            return scenario_refuse(complaint, link->origin, "[link \"%s\"] stands twice", link->name);
        table_insert(&scenario->links_by_name, link);
        link->key_stock = link->key_stock == UNSET ? scenario->fleet.key_stock : link->key_stock;
        link->key_rate = link->key_rate == UNSET ? scenario->fleet.key_rate : link->key_rate;
        link->distance = link->distance == UNSET ? scenario->fleet.distance : link->distance;
        if (link->distance < 0)
            return scenario_refuse(complaint, link->origin, "[link \"%s\"]: distance is unlimited",
                                   link->name);
    }
    return true;
}

static bool finish_applications(struct scenario *scenario, struct complaint *complaint)
{
    for (uint32_t i = 0; i < scenario->application_count; i++) {
        struct scenario_application *application = &scenario->applications[i];
        application->kma = find_kma(scenario, application->kma_name);
        if (application->kma == NOBODY)
            return scenario_refuse(complaint, application->origin,
                                   "[application \"%s\"]: kma = '%s' is no KM's KMA", application->name,
                                   application->kma_name != NULL ? application->kma_name : "");
    }
    if (scenario->load.application_share > 0 && scenario->application_count == 0)
        return scenario_refuse(complaint, (struct origin){ "[load]", 0 },
                               "application_share needs an [application]");
    return true;
}

struct target_reader {
    struct scenario_fault *fault;
    struct table *names;
    const char *what;
    const void *first;
    size_t bytes;
    uint32_t room;
};

static bool take_target(struct scenario *scenario, void *context, const char *word,
                        struct complaint *complaint)
{
    (void)scenario;
    struct target_reader *reader = context;
    const char *found = table_find(reader->names, text_from_c(word));
    if (found == NULL)
        return scenario_refuse(complaint, reader->fault->origin, "[fault \"%s\"]: no %s is named '%s'",
                               reader->fault->name, reader->what, word);
    if (reader->fault->target_count == reader->room)
        return scenario_refuse(complaint, reader->fault->origin, "[fault \"%s\"] names a %s twice",
                               reader->fault->name, reader->what);
    uint32_t index = (uint32_t)((size_t)(found - (const char *)reader->first) / reader->bytes);
    reader->fault->targets[reader->fault->target_count++] = index;
    return true;
}

static bool judge_fault(const struct scenario *scenario, const struct scenario_fault *fault,
                        struct complaint *complaint)
{
    if (fault->kind < 0)
        return scenario_refuse(complaint, fault->origin, "[fault \"%s\"] needs kind = ...", fault->name);
    if (fault->kind == FAULT_CUT ? fault->kms != NULL : fault->links != NULL)
        return scenario_refuse(complaint, fault->origin, "[fault \"%s\"]: cut takes links, other kinds kms",
                               fault->name);
    if (fault->kind == FAULT_WRONG_CERTIFICATE &&
        (fault->certificate == NULL || fault->key == NULL || scenario->fleet.security != FLEET_TLS))
        return scenario_refuse(complaint, fault->origin,
                               "[fault \"%s\"]: wrong_certificate needs certificate, key and security = tls",
                               fault->name);
    bool lasts =
        fault->kind == FAULT_STALL || fault->kind == FAULT_WRONG_CERTIFICATE || fault->kind == FAULT_CUT;
    if (lasts && fault->duration == 0)
        return scenario_refuse(complaint, fault->origin, "[fault \"%s\"]: this kind needs for = DURATION",
                               fault->name);
    if (fault->every != 0 && fault->every <= fault->duration)
        return scenario_refuse(complaint, fault->origin, "[fault \"%s\"]: every must be longer than for",
                               fault->name);
    return true;
}

static bool finish_faults(struct scenario *scenario, struct complaint *complaint)
{
    for (uint32_t i = 0; i < scenario->fault_count; i++) {
        struct scenario_fault *fault = &scenario->faults[i];
        if (!judge_fault(scenario, fault, complaint))
            return false;
        bool cut = fault->kind == FAULT_CUT;
        const char *list = cut ? fault->links : fault->kms;
        if (list == NULL)
            continue;
        struct target_reader reader = {
            .fault = fault,
            .names = cut ? &scenario->links_by_name : &scenario->kms_by_name,
            .what = cut ? "link" : "KM",
            .first = cut ? (const void *)scenario->links : scenario->kms,
            .bytes = cut ? sizeof *scenario->links : sizeof *scenario->kms,
            .room = cut ? scenario->link_count : scenario->km_count,
        };
        fault->targets = arena_allocate(&scenario->arena, reader.room * sizeof *fault->targets);
        if (!each_word(scenario, list, take_target, &reader, complaint))
            return false;
    }
    return true;
}

static bool take_pair(struct scenario *scenario, void *context, const char *word, struct complaint *complaint)
{
    (void)context;
    struct origin origin = { "[load]", 0 };
    char source[256];
    const char *arrow = strchr(word, '>');
    if (arrow == NULL || (size_t)(arrow - word) >= sizeof source)
        return scenario_refuse(complaint, origin, "pairs: '%s' is no source>destination", word);
    memcpy(source, word, (size_t)(arrow - word));
    source[arrow - word] = '\0';
    uint32_t from = find_kma(scenario, source), to = find_kma(scenario, arrow + 1);
    if (from == NOBODY || to == NOBODY)
        return scenario_refuse(complaint, origin, "pairs: '%s' names an unknown KMA", word);
    if (scenario->kmas[from].km == scenario->kmas[to].km)
        return scenario_refuse(complaint, origin, "pairs: '%s' stays within one KM", word);
    scenario_add_pair(scenario, from, to);
    return true;
}

static bool finish_load(struct scenario *scenario, struct complaint *complaint)
{
    struct load_settings *load = &scenario->load;
    struct origin origin = { "[load]", 0 };
    uint64_t closed = 0;
    bool read = strncmp(load->load, "closed:", 7) == 0 ? quantity_count(load->load + 7, 65536, &closed)
                : strncmp(load->load, "open:", 5) == 0 ? quantity_real(load->load + 5, &load->rate)
                                                       : false;
    load->closed = (uint32_t)closed;
    if (!read || (closed == 0 && !(load->rate > 0 && load->rate <= 1e7)))
        return scenario_refuse(complaint, origin, "load = '%s' is neither closed:N nor open:RATE",
                               load->load);
    if (load->pairs != NULL && !each_word(scenario, load->pairs, take_pair, NULL, complaint))
        return false;
    if (load->traffic == TRAFFIC_PAIRS && load->pairs == NULL)
        return scenario_refuse(complaint, origin, "traffic = pairs needs pairs = source>destination, ...");
    return true;
}

static bool finish_fleet(struct scenario *scenario, struct complaint *complaint)
{
    struct fleet_settings *fleet = &scenario->fleet;
    struct origin origin = { "[fleet]", 0 };
    char ring[32];
    if (fleet->kms > 0 && fleet->topology != NULL)
        return scenario_refuse(complaint, origin, "kms and topology exclude each other");
    snprintf(ring, sizeof ring, "ring:%u", fleet->kms);
    const char *topology = fleet->kms > 0 ? ring : fleet->topology;
    if (topology != NULL && strcmp(topology, "file") != 0) {
        if (scenario->km_count > 0)
            return scenario_refuse(complaint, scenario->kms[0].origin, "[km] beside topology = %s", topology);
        if (!topology_generate(scenario, topology, complaint))
            return false;
    }
    if (scenario->km_count < 2 || scenario->km_count > LIMIT_KMS || scenario->link_count > LIMIT_LINKS)
        return scenario_refuse(complaint, origin, "%u KMs and %u links; from 2 to %d KMs, at most %d links",
                               scenario->km_count, scenario->link_count, LIMIT_KMS, LIMIT_LINKS);
    if (fleet->connecting_max == 0)
        return scenario_refuse(complaint, origin, "connecting_max: at least 1");
    if (fleet->hop_limit == 0 || fleet->hop_limit > LIMIT_PATH_KMAS)
        return scenario_refuse(complaint, origin, "hop_limit: from 1 to %d", LIMIT_PATH_KMAS);
    if (fleet->security == FLEET_PLAIN && fleet->source == NULL && strncmp(fleet->connect, "127.", 4) == 0)
        fleet->source = "127.1.0.1"; /* a plain listener knows a KM by its address */
    return true;
}

bool scenario_finish(struct scenario *scenario, struct complaint *complaint)
{
    return finish_fleet(scenario, complaint) && finish_kms(scenario, complaint) &&
           finish_links(scenario, complaint) && finish_applications(scenario, complaint) &&
           finish_faults(scenario, complaint) && finish_load(scenario, complaint);
}
