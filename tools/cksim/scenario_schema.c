/* SPDX-License-Identifier: Apache-2.0 */
#include "cksim/scenario_schema.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cksim/quantity.h"

static const char *const securities[] = { "tls", "psk", "plain", NULL };
static const char *const tls_versions[] = { "1.3", "1.2", NULL };
static const char *const modes[] = { "centralized", "distributed", "mixed", NULL };
static const char *const choices[] = { "best", "usable", "random", NULL };
static const char *const spellings[] = { "snake", "camel", "title", NULL };
static const char *const arrivals[] = { "poisson", "fixed", NULL };
static const char *const traffics[] = { "uniform", "neighbours", "pairs", NULL };
static const char *const garbages[] = { "frame", "bytes", NULL };
const char *const schema_fault_kinds[] = { "drop", "stall", "garbage", "storm", "wrong_certificate",
                                           "cut",  NULL };

#define ROW(section, structure, key, field, kind, choices, value, help)                                      \
    {                                                                                                        \
        section, key, kind, offsetof(struct structure, field), choices, value, help                          \
    }
#define FLEET(key, kind, choices, value, help)                                                               \
    ROW("fleet", fleet_settings, #key, key, kind, choices, value, help)
#define LOAD(key, kind, choices, value, help)                                                                \
    ROW("load", load_settings, #key, key, kind, choices, value, help)
#define KM(key, help) ROW("km", scenario_km, #key, key, SCHEMA_WORDS, NULL, NULL, help)
#define LINK(key, field, kind, help) ROW("link", scenario_link, key, field, kind, NULL, NULL, help)
#define FAULT(key, field, kind, choices, value, help)                                                        \
    ROW("fault", scenario_fault, key, field, kind, choices, value, help)

const struct schema_row schema_rows[] = {
    FLEET(connect, SCHEMA_WORDS, NULL, "127.0.0.1:7164", "the controller's Ck address"),
    FLEET(security, SCHEMA_CHOICE, securities, "tls", "how the connection is protected"),
    FLEET(tls, SCHEMA_CHOICE, tls_versions, "1.3", "the TLS version that is offered"),
    FLEET(ca, SCHEMA_WORDS, NULL, NULL, "PEM file: who may have signed the controller's certificate"),
    FLEET(server_name, SCHEMA_WORDS, NULL, NULL, "name that the controller's certificate must have"),
    FLEET(certificate_directory, SCHEMA_WORDS, NULL, NULL,
          "holds NAME.pem and NAME.key of every KM; without NAME.key, fleet.key"),
    FLEET(certificate, SCHEMA_WORDS, NULL, NULL, "PEM file: one certificate for the whole fleet"),
    FLEET(key, SCHEMA_WORDS, NULL, NULL, "PEM file: its key"),
    FLEET(psk_file, SCHEMA_WORDS, NULL, NULL, "lines 'identity:hex key'; a KM's identity is its name"),
    FLEET(resume, SCHEMA_BOOLEAN, NULL, "yes", "offer session tickets when reconnecting"),
    FLEET(source, SCHEMA_WORDS, NULL, NULL,
          "first local address: each KM binds the next one (plain on loopback: 127.1.0.1)"),
    FLEET(topology, SCHEMA_WORDS, NULL, NULL, "file (what [km] and [link] say), ring:N, line:N or grid:WxH"),
    FLEET(kms, SCHEMA_COUNT, NULL, NULL, "N: the same as topology = ring:N"),
    FLEET(km_prefix, SCHEMA_WORDS, NULL, "km-", "generated KMs are named PREFIX1, PREFIX2 ..."),
    FLEET(kma_prefix, SCHEMA_WORDS, NULL, "kma-", "likewise their KMAs"),
    FLEET(mode, SCHEMA_CHOICE, modes, "centralized", "notify and whole routes, or a lookup at each hop"),
    FLEET(centralized_share, SCHEMA_SHARE, NULL, "50 %", "of the requests, in mode mixed"),
    FLEET(choice, SCHEMA_CHOICE, choices, "usable",
          "distributed: which candidate a hop takes: the best, the best that works, any that works"),
    FLEET(spelling, SCHEMA_CHOICE, spellings, "snake", "of the payload's keys"),
    FLEET(repeat, SCHEMA_BOOLEAN, NULL, "yes", "send unanswered requests again after a reconnect"),
    FLEET(key_stock, SCHEMA_REAL, NULL, "unlimited", "keys that a link holds at first and at most"),
    FLEET(key_rate, SCHEMA_REAL, NULL, "0", "keys a second by which a link's stock refills"),
    FLEET(distance, SCHEMA_REAL, NULL, "0", "a link's length in km: 5 us each at every hop"),
    FLEET(hop_latency, SCHEMA_DURATION, NULL, "1 ms", "of the key relay from one KM to the next"),
    FLEET(hop_limit, SCHEMA_COUNT, NULL, "64", "distributed: a relay that needs more hops fails"),
    FLEET(answer_timeout, SCHEMA_DURATION, NULL, "10 s", "an unanswered request is given up after this"),
    FLEET(connect_timeout, SCHEMA_DURATION, NULL, "30 s", "for connection and handshake"),
    FLEET(connect_rate, SCHEMA_REAL, NULL, "1000", "connections started a second, in the beginning"),
    FLEET(connecting_max, SCHEMA_COUNT, NULL, "256", "first connections that are under way at once"),
    FLEET(reconnect_min, SCHEMA_DURATION, NULL, "200 ms", "first wait before a reconnect, doubled each time"),
    FLEET(reconnect_max, SCHEMA_DURATION, NULL, "10 s", "longest wait before a reconnect"),
    FLEET(start_timeout, SCHEMA_DURATION, NULL, "60 s",
          "load begins when all are connected, or after this with those that are"),
    FLEET(seed, SCHEMA_COUNT, NULL, "1", "of every random choice"),

    LOAD(load, SCHEMA_WORDS, NULL, "closed:1",
         "closed:N keeps N requests outstanding per session; open:R starts R a second in the fleet"),
    LOAD(arrivals, SCHEMA_CHOICE, arrivals, "poisson", "open load: random or even gaps"),
    LOAD(seconds, SCHEMA_DURATION, NULL, "10 s", "how long requests are started"),
    LOAD(requests, SCHEMA_COUNT, NULL, "0", "stop after this many; 0: only by time"),
    LOAD(drain, SCHEMA_DURATION, NULL, "5 s", "then wait at most this long for what is outstanding"),
    LOAD(think, SCHEMA_DURATION, NULL, "0", "closed load: pause between an end and the next start"),
    LOAD(outstanding_max, SCHEMA_COUNT, NULL, "200000",
         "open load: beyond it a request is not sent, counted"),
    LOAD(traffic, SCHEMA_CHOICE, traffics, "uniform", "between any two KMs, neighbours, or listed pairs"),
    LOAD(pairs, SCHEMA_WORDS, NULL, NULL, "source>destination KMAs, separated by commas"),
    LOAD(application_share, SCHEMA_SHARE, NULL, "0", "requests that name an [application] as destination"),

    KM(kma, "its KMAs, separated by commas; one is needed"),
    KM(certificate, "PEM file"),
    KM(key, "PEM file"),
    KM(psk, "hexadecimal key"),
    KM(source, "local address that it binds"),
    KM(identity, "for --emit-config: how the bridge knows it; dns:NAME, psk:NAME or address:SOURCE"),

    LINK("a", a_name, SCHEMA_WORDS, "KMA"),
    LINK("b", b_name, SCHEMA_WORDS, "KMA"),
    LINK("key_stock", key_stock, SCHEMA_REAL, "as in [fleet]"),
    LINK("key_rate", key_rate, SCHEMA_REAL, "as in [fleet]"),
    LINK("distance", distance, SCHEMA_REAL, "as in [fleet]"),

    ROW("application", scenario_application, "kma", kma_name, SCHEMA_WORDS, NULL, NULL, "where it lives"),

    FAULT("kind", kind, SCHEMA_CHOICE, schema_fault_kinds, NULL,
          "drop: reset connections; stall: stop reading; garbage: send rubbish; storm: reset, and reconnect "
          "all at once; wrong_certificate: reconnect with another certificate; cut: take links away"),
    FAULT("at", at, SCHEMA_DURATION, NULL, "0", "after the load's start"),
    FAULT("for", duration, SCHEMA_DURATION, NULL, "0", "how long it lasts; drop: how long they stay away"),
    FAULT("every", every, SCHEMA_DURATION, NULL, "0", "again after this; 0: once"),
    FAULT("share", share, SCHEMA_SHARE, NULL, "100 %", "of the KMs (cut: links), chosen each time"),
    FAULT("kms", kms, SCHEMA_WORDS, NULL, NULL, "KM names instead of a share"),
    FAULT("links", links, SCHEMA_WORDS, NULL, NULL, "cut: link names instead of a share"),
    FAULT("garbage", garbage, SCHEMA_CHOICE, garbages, "frame",
          "a good header with a bad payload, or random bytes"),
    FAULT("count", count, SCHEMA_COUNT, NULL, "1", "garbage: pieces sent by each KM"),
    FAULT("certificate", certificate, SCHEMA_WORDS, NULL, NULL, "wrong_certificate: PEM file"),
    FAULT("key", key, SCHEMA_WORDS, NULL, NULL, "wrong_certificate: PEM file"),
    { 0 },
};

const char *schema_values(const struct schema_row *row, char buffer[static 128])
{
    static const char *const kinds[] = { "text", "duration", "count", "number", "share", "yes | no" };
    if (row->kind != SCHEMA_CHOICE)
        return kinds[row->kind];
    size_t length = 0;
    for (size_t i = 0; row->choices[i] != NULL; i++) {
        int wrote = snprintf(buffer + length, 128 - length, "%s%s", i > 0 ? " | " : "", row->choices[i]);
        length += (size_t)wrote;
        assert(length < 128);
    }
    return buffer;
}

const struct schema_row *schema_find(const char *section, const char *key)
{
    for (const struct schema_row *row = schema_rows; row->section != NULL; row++)
        if (strcmp(row->section, section) == 0 && strcmp(row->key, key) == 0)
            return row;
    return NULL;
}

static bool store_choice(const struct schema_row *row, int *out_choice, const char *value)
{
    for (int i = 0; row->choices[i] != NULL; i++) {
        if (strcmp(row->choices[i], value) == 0) {
            *out_choice = i;
            return true;
        }
    }
    return false;
}

static bool store_count(uint32_t *out_count, const char *value)
{
    uint64_t count;
    if (!quantity_count(value, UINT32_MAX - 1, &count))
        return false;
    *out_count = (uint32_t)count;
    return true;
}

static bool store_words(struct arena *arena, const char **out_words, const char *value)
{
    size_t length = strlen(value);
    if (length == 0)
        return false;
    char *copy = arena_allocate(arena, length + 1);
    memcpy(copy, value, length);
    *out_words = copy;
    return true;
}

bool schema_store(const struct schema_row *row, struct arena *arena, void *object, const char *value)
{
    unsigned char *field = (unsigned char *)object + row->offset;
    switch (row->kind) {
    case SCHEMA_WORDS:
        return store_words(arena, (const char **)(void *)field, value);
    case SCHEMA_DURATION:
        return quantity_duration(value, (uint64_t *)(void *)field);
    case SCHEMA_COUNT:
        return store_count((uint32_t *)(void *)field, value);
    case SCHEMA_REAL:
        return quantity_real(value, (double *)(void *)field);
    case SCHEMA_SHARE:
        return quantity_share(value, (double *)(void *)field);
    case SCHEMA_BOOLEAN:
        return quantity_boolean(value, (bool *)field);
    case SCHEMA_CHOICE:
        return store_choice(row, (int *)(void *)field, value);
    }
    return false;
}

void schema_defaults(const char *section, struct arena *arena, void *object)
{
    for (const struct schema_row *row = schema_rows; row->section != NULL; row++) {
        if (strcmp(row->section, section) != 0 || row->default_value == NULL)
            continue;
        bool stored = schema_store(row, arena, object, row->default_value);
        assert(stored);
        (void)stored;
    }
}
