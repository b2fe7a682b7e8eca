/* SPDX-License-Identifier: Apache-2.0 */
/* What a run is to be: the fleet of KMs, the network between them, the load and the faults. */
#ifndef CKSIM_SCENARIO_H
#define CKSIM_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/table.h"
#include "cksim/ini.h"
#include "cksim/system.h"

#define NOBODY UINT32_MAX /* an index that names nothing */

enum fleet_security { FLEET_TLS, FLEET_PSK, FLEET_PLAIN };
enum fleet_mode { MODE_CENTRALIZED, MODE_DISTRIBUTED, MODE_MIXED };
enum fleet_tls { FLEET_TLS_13, FLEET_TLS_12 };
enum fleet_choice { CHOICE_BEST, CHOICE_USABLE, CHOICE_RANDOM };
enum fleet_spelling { SPELLING_SNAKE, SPELLING_CAMEL, SPELLING_TITLE };
enum load_arrivals { ARRIVALS_POISSON, ARRIVALS_FIXED };
enum load_traffic { TRAFFIC_UNIFORM, TRAFFIC_NEIGHBOURS, TRAFFIC_PAIRS };
enum fault_kind { FAULT_DROP, FAULT_STALL, FAULT_GARBAGE, FAULT_STORM, FAULT_WRONG_CERTIFICATE, FAULT_CUT };
enum fault_garbage { GARBAGE_FRAME, GARBAGE_BYTES };

/* [fleet]. Words are NULL when not given; durations are in nanoseconds. */
struct fleet_settings {
    const char *connect, *ca, *certificate_directory, *certificate, *key, *psk_file, *server_name, *source;
    const char *topology, *km_prefix, *kma_prefix;
    int security, tls, mode, choice, spelling; /* the enumerations above */
    bool resume, repeat;
    double centralized_share, key_stock, key_rate, distance, connect_rate; /* stock, rates: -1 unlimited */
    uint64_t hop_latency, answer_timeout, connect_timeout, reconnect_min, reconnect_max, start_timeout;
    uint32_t kms, hop_limit, seed, connecting_max;
};

/* [load] */
struct load_settings {
    const char *load, *pairs;
    int arrivals, traffic;
    uint64_t seconds, drain, think;
    uint32_t requests, outstanding_max;
    double application_share;
    /* From `load`: one of the two is above 0. */
    uint32_t closed; /* outstanding per session */
    double rate;     /* requests a second, of the whole fleet */
};

struct scenario_km {
    struct origin origin;
    const char *name, *kma, *certificate, *key, *psk, *source, *identity;
    uint32_t first_kma, kma_count; /* a range of scenario.kmas */
};

struct scenario_kma {
    const char *name;
    uint32_t km;
};

struct scenario_link {
    struct origin origin;
    const char *name, *a_name, *b_name;
    double key_stock, key_rate, distance; /* keys, keys a second, km */
    uint32_t a, b;                        /* KMAs */
};

struct scenario_application {
    struct origin origin;
    const char *name, *kma_name;
    uint32_t kma;
};

struct scenario_fault {
    struct origin origin;
    const char *name, *kms, *links, *certificate, *key;
    int kind, garbage;
    uint64_t at, duration, every;
    double share;
    uint32_t count;
    uint32_t *targets; /* KMs by `kms`; links by `links`; NULL: by share */
    uint32_t target_count;
};

struct scenario_pair {
    uint32_t source, destination; /* KMAs */
};

struct scenario {
    struct arena arena; /* owns all words and arrays made by scenario_finish */
    struct fleet_settings fleet;
    struct load_settings load;
    struct scenario_km *kms;
    struct scenario_kma *kmas;
    struct scenario_link *links;
    struct scenario_application *applications;
    struct scenario_fault *faults;
    struct scenario_pair *pairs;
    uint32_t km_count, kma_count, link_count, application_count, fault_count, pair_count;
    size_t km_capacity, kma_capacity, link_capacity, application_capacity, fault_capacity, pair_capacity;
    struct table kms_by_name, kmas_by_name, links_by_name;
};

/* Defaults everywhere, nothing in the network. */
void scenario_init(struct scenario *scenario);
void scenario_fini(struct scenario *scenario);
/* Adds what a file says; later words win. */
bool scenario_read(struct scenario *scenario, const char *file, struct complaint *complaint);
/* Sets one key of [fleet] or [load], as a command-line option does. */
bool scenario_set(struct scenario *scenario, struct origin origin, const char *section, const char *key,
                  const char *value, struct complaint *complaint);
/* Builds the topology, resolves every name and judges the whole. Once, after the last read and set. */
bool scenario_finish(struct scenario *scenario, struct complaint *complaint);
/* The [km], [application] and [link] sections of the bridge's configuration that match. */
void scenario_emit_configuration(const struct scenario *scenario,
                                 void (*put)(void *context, const char *line), void *context);
/* What identifies the KM to the bridge: "dns:km-1". The buffer is returned. */
const char *scenario_identity(const struct scenario *scenario, uint32_t km, char buffer[static 320]);
/* The local address it dials from: "127.1.0.7"; NULL: any. */
const char *scenario_source(const struct scenario *scenario, uint32_t km, char buffer[static 64]);

#endif
