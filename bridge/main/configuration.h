/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration as values: what the files say, with every default filled in. */
#ifndef MAIN_CONFIGURATION_H
#define MAIN_CONFIGURATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "ck/dialect.h"
#include "core/directory.h"
#include "main/ini.h"
#include "main/problems.h"

struct text_list {
    struct text *items;
    size_t count;
};

/* Begins every section's values. */
struct section_head {
    struct text name;                 /* of [km "alice"]; absent in sections without a name */
    const struct ini_section *source; /* NULL: no file has this section, all are defaults */
};

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_NOTICE, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

struct bridge_section {
    struct section_head head;
    struct text instance;
    const char *user;
    int log_level; /* enum log_level */
    int64_t handshake_threads, sessions_max, handshakes_max;
    int64_t handshake_timeout_ms, idle_timeout_ms, user_timeout_ms, outbox_bytes_max;
};

enum tls_min { TLS_MIN_1_3, TLS_MIN_1_2 };

struct ck_section {
    struct section_head head;
    const char *listen;
    int security; /* enum security */
    const char *certificate, *key, *ca, *crl, *psk_file;
    int tls_min; /* enum tls_min */
    int64_t bad_frames_per_minute, hold_off_s, frames_per_second, replacements_per_minute;
};

struct http_section {
    struct section_head head;
    const char *listen;
    const char *certificate, *key, *client_ca;
    bool insecure, require_if_match, metrics_open, metrics_per_km, web;
    const char *web_folder;
    int64_t connections_max, connections_per_address_max, streams_per_actor_max;
    int64_t heartbeat_ms, receive_ms;
    int64_t auth_failures_per_minute, session_hours, session_idle_minutes;
};

struct webhook_section {
    struct section_head head;
    const char *ca, *proxy; /* NULL: the system's; none */
    bool insecure;
};

enum role { ROLE_VIEWER, ROLE_ORCHESTRATOR, ROLE_ADMIN };

struct token_section {
    struct section_head head;
    int role; /* enum role */
    unsigned char sha256[32];
    uint64_t expires_ms; /* Unix time; 0: never */
};

struct client_section {
    struct section_head head;
    int role;                  /* enum role */
    struct text_list identity; /* any one of them is enough */
};

struct store_section {
    struct section_head head;
    const char *url;
    int64_t retention_days, retention_relays, audit_days, audit_entries; /* 0: no bound */
};

/* As struct policy; what no file says is DECIDER_NONE and 0. */
struct policy_settings {
    enum decider order[POLICY_TURNS];
    int64_t orchestrator_ms, completion_ms;
};

struct decision_section {
    struct section_head head;
    struct policy_settings policy;
    int64_t presence_ms, answer_memory_ms;
    int64_t failing_relays, failing_window_ms, failing_penalty_ms;
    int metric; /* enum paths_metric */
};

enum snmp_setting { SNMP_SETTING_AGENTX, SNMP_SETTING_STANDALONE, SNMP_SETTING_OFF };

struct snmp_section {
    struct section_head head;
    int mode; /* enum snmp_setting */
    const char *agentx_socket, *listen, *state_folder;
    const char *name; /* NULL: the instance's */
    const char *contact, *location;
    int64_t notifications_per_minute;
    bool authentication_traps;
};

struct snmp_user_section {
    struct section_head head;
    int auth;    /* into snmp_auth_names */
    int privacy; /* into snmp_privacy_names */
    const char *auth_key_file, *privacy_key_file;
};

struct snmp_community_section {
    struct section_head head;
    const char *source;
};

struct snmp_receiver_section {
    struct section_head head;
    const char *address, *community;
    struct text user; /* of [snmp_user "name"]; absent: v2c */
    bool inform;
};

struct km_section {
    struct section_head head;
    struct text_list kma, identity;
    bool enabled;
    struct ck_dialect dialect;
    struct policy_settings policy;
};

struct application_section {
    struct section_head head;
    struct text kma;
};

struct destination_section {
    struct section_head head; /* its name is the KMA's */
    struct policy_settings policy;
};

struct link_section {
    struct section_head head;
    struct text a, b;
    int64_t cost, key_stock, key_rate; /* -1: unknown */
    int64_t key_capacity;              /* 0: no limit */
    int state;                         /* enum link_state */
};

struct configuration {
    struct arena arena; /* holds all below */
    struct ini ini;
    struct bridge_section bridge;
    struct http_section http;
    struct webhook_section webhook;
    struct store_section store;
    struct decision_section decision;
    struct ck_section *cks;
    size_t ck_count;
    struct token_section *tokens;
    size_t token_count;
    struct client_section *clients;
    size_t client_count;
    struct snmp_section snmp;
    struct snmp_user_section *snmp_users;
    size_t snmp_user_count;
    struct snmp_community_section *snmp_communities;
    size_t snmp_community_count;
    struct snmp_receiver_section *snmp_receivers;
    size_t snmp_receiver_count;
    struct km_section *kms;
    size_t km_count;
    struct application_section *applications;
    size_t application_count;
    struct destination_section *destinations;
    size_t destination_count;
    struct link_section *links;
    size_t link_count;
};

/* One listener is shown in one row of /status. */
enum { LIMIT_SNMP_USERS = 64, LIMIT_SNMP_COMMUNITIES = 64, LIMIT_SNMP_RECEIVERS = 32 };
enum { LIMIT_CK_LISTENERS = 8, LIMIT_TOKENS = 1024, LIMIT_CLIENTS = 1024 };
/* Of one configuration file; a larger one is refused. */
enum { LIMIT_CONFIGURATION_BYTES = 64 * 1024 * 1024 };

/*
 * Reads `path` and conf.d/ (its *.conf) beside it, in name order, and checks everything that can be known
 * without opening what the settings name. NULL when there was any error; `problems` has them all, and the
 * warnings.
 */
struct configuration *configuration_load(const char *path, struct problems *problems);
/* The same of one text in memory, as if it were the file `name`. */
struct configuration *configuration_parse(const char *name, struct text text, struct problems *problems);
void configuration_free(struct configuration *configuration);

/* Where a section's setting was written, or the section when it was not, to report a problem with it. */
struct place configuration_place(const struct section_head *head, const char *setting);

#endif
