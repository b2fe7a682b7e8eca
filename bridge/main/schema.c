/* SPDX-License-Identifier: Apache-2.0 */
#include "main/schema.h"

#include "base/limits.h"
#include "main/configuration.h"

#define AT(section, field) .offset = offsetof(struct section, field)
#define ROLE_VALUES "viewer | orchestrator | admin"
#define ORDER_VALUES "some of routes, orchestrator, computed, each but once"

static const struct setting bridge_settings[] = {
    { "instance", SETTING_IDENTIFIER, "an identifier", "bridge-1",
      "Name of this bridge in /status and the log.", AT(bridge_section, instance) },
    { "user", SETTING_TEXT, "a user's name", "ckbridge",
      "User to become after reading keys and binding, when started as root.", AT(bridge_section, user) },
    { "log_level", SETTING_CHOICE, "error | warning | notice | info | debug", "info",
      "Log lines less severe than this are dropped.", .reloadable = true, AT(bridge_section, log_level) },
    { "handshake_threads", SETTING_INTEGER, "1 to 64", "2", "Threads that do nothing but TLS handshakes.", 1,
      64, AT(bridge_section, handshake_threads) },
    { "sessions_max", SETTING_INTEGER, "1 to 16384", "16384", "Ck sessions; one more is closed at accept.", 1,
      LIMIT_SESSIONS, AT(bridge_section, sessions_max) },
    { "handshakes_max", SETTING_INTEGER, "1 to 16384", "512",
      "Handshakes in progress; further connections wait in the kernel's queue.", 1, LIMIT_SESSIONS,
      AT(bridge_section, handshakes_max) },
    { "handshake_timeout_ms", SETTING_INTEGER, "100 to 600000", "10000",
      "A handshake slower than this is cut.", 100, 600000, AT(bridge_section, handshake_timeout_ms) },
    { "idle_timeout_ms", SETTING_INTEGER, "0 to 86400000", "0",
      "A session without a frame for so long is closed; 0: never, for Ck has no keep-alive.", 0, 86400000,
      AT(bridge_section, idle_timeout_ms) },
    { "user_timeout_ms", SETTING_INTEGER, "1000 to 3600000", "30000",
      "TCP's measure for a dead peer: TCP_USER_TIMEOUT and keep-alive.", 1000, 3600000,
      AT(bridge_section, user_timeout_ms) },
    { "outbox_bytes_max", SETTING_INTEGER, "65536 to 67108864", "1048576",
      "Bytes queued for one session; a reader slower than this is cut.", 65536, 67108864,
      AT(bridge_section, outbox_bytes_max) },
    { 0 },
};

static const struct setting ck_settings[] = {
    { "listen", SETTING_ADDRESS, "address:port", NULL, "Where KMs connect, e.g. 0.0.0.0:7164 or [::]:7164.",
      .required = true, .reloadable = true, AT(ck_section, listen) },
    { "security", SETTING_CHOICE, "tls | psk | plain", "tls",
      "Mutual certificates, an external pre-shared key, or none at all (KMs are told by source address).",
      .reloadable = true, AT(ck_section, security) },
    { "certificate", SETTING_PATH, "a PEM file", NULL, "The bridge's certificate chain.", .reloadable = true,
      AT(ck_section, certificate) },
    { "key", SETTING_PATH, "a PEM file", NULL, "The certificate's private key.", .reloadable = true,
      AT(ck_section, key) },
    { "ca", SETTING_PATH, "a PEM file", NULL, "Authorities that KMs' certificates must come from.",
      .reloadable = true, AT(ck_section, ca) },
    { "crl", SETTING_PATH, "a PEM file", NULL, "Revocation lists of those authorities.", .reloadable = true,
      AT(ck_section, crl) },
    { "psk_file", SETTING_PATH, "a file", NULL, "Lines `identity:hex key`, for security = psk.",
      .reloadable = true, AT(ck_section, psk_file) },
    { "tls_min", SETTING_CHOICE, "1.3 | 1.2", "1.3",
      "Lowest TLS version accepted; 1.2 with AEAD and ECDHE only.", .reloadable = true,
      AT(ck_section, tls_min) },
    { "bad_frames_per_minute", SETTING_INTEGER, "1 to 1000000", "60",
      "More bad frames than this close the session and hold its KM off.", 1, 1000000, .reloadable = true,
      AT(ck_section, bad_frames_per_minute) },
    { "hold_off_s", SETTING_INTEGER, "0 to 86400", "30", "How long a KM is held off.", 0, 86400,
      .reloadable = true, AT(ck_section, hold_off_s) },
    { "frames_per_second", SETTING_INTEGER, "0 to 1000000", "0",
      "Of one session; above it reading waits; 0: unlimited.", 0, 1000000, .reloadable = true,
      AT(ck_section, frames_per_second) },
    { "replacements_per_minute", SETTING_INTEGER, "1 to 1000000", "60",
      "A KM whose live session is replaced more often than this is flapping and held off.", 1, 1000000,
      .reloadable = true, AT(ck_section, replacements_per_minute) },
    { 0 },
};

static const struct setting http_settings[] = {
    { "listen", SETTING_ADDRESS, "address:port", "127.0.0.1:8480", "Where the API is served.",
      AT(http_section, listen) },
    { "certificate", SETTING_PATH, "a PEM file", NULL, "Without it the API is plain HTTP.",
      .reloadable = true, AT(http_section, certificate) },
    { "key", SETTING_PATH, "a PEM file", NULL, "The certificate's private key.", .reloadable = true,
      AT(http_section, key) },
    { "client_ca", SETTING_PATH, "a PEM file", NULL, "Authorities of client certificates; see [client].",
      .reloadable = true, AT(http_section, client_ca) },
    { "insecure", SETTING_BOOLEAN, "yes | no", "no", "Allows plain HTTP on an address that is not loopback.",
      AT(http_section, insecure) },
    { "connections_max", SETTING_INTEGER, "8 to 100000", "2048",
      "HTTP connections; one more is answered 503, and far more wait to be accepted.", 8, 100000,
      AT(http_section, connections_max) },
    { "connections_per_address_max", SETTING_INTEGER, "0 to 100000", "0",
      "Of one address; one more is answered 429. 0: all but an eighth of connections_max.", 0, 100000,
      AT(http_section, connections_per_address_max) },
    { "streams_per_actor_max", SETTING_INTEGER, "0 to 100000", "0",
      "Event streams of one token or client; one more is answered 429. 0: three quarters of all there may "
      "be.",
      0, 100000, AT(http_section, streams_per_actor_max) },
    { "receive_ms", SETTING_INTEGER, "100 to 600000", "30000",
      "For a request's head to arrive, again for its body, and for a block of a stream to be taken.", 100,
      600000, AT(http_section, receive_ms) },
    { "heartbeat_ms", SETTING_INTEGER, "100 to 15000", "10000",
      "A comment at least so often in an idle event stream.", 100, 15000, AT(http_section, heartbeat_ms) },
    { "auth_failures_per_minute", SETTING_INTEGER, "1 to 1000000", "10",
      "Unknown tokens from one source address (IPv6: /64), twice as many at once; more get 429.", 1, 1000000,
      .reloadable = true, AT(http_section, auth_failures_per_minute) },
    { "session_hours", SETTING_INTEGER, "1 to 8760", "12", "A browser that has signed in is signed out then.",
      1, 8760, .reloadable = true, AT(http_section, session_hours) },
    { "session_idle_minutes", SETTING_INTEGER, "1 to 525600", "30",
      "And when it has not asked for anything for so long; an open event stream is use.", 1, 525600,
      .reloadable = true, AT(http_section, session_idle_minutes) },
    { "require_if_match", SETTING_BOOLEAN, "yes | no", "no",
      "PUT and DELETE of what exists need If-Match with its ETag; else 428. No write is lost unseen.",
      AT(http_section, require_if_match) },
    { "metrics_open", SETTING_BOOLEAN, "yes | no", "no",
      "Anybody may read /metrics; else it takes the role viewer.", .reloadable = true,
      AT(http_section, metrics_open) },
    { "metrics_per_km", SETTING_BOOLEAN, "yes | no", "no",
      "/metrics has series of every KM too, about fifteen each.", .reloadable = true,
      AT(http_section, metrics_per_km) },
    { "web", SETTING_BOOLEAN, "yes | no", "yes", "The dashboard is served at /, beside the API.",
      AT(http_section, web) },
    { "web_folder", SETTING_PATH, "a folder", WEB_FOLDER,
      "The dashboard's files, read once at the start; without them the API is served all the same.",
      AT(http_section, web_folder) },
    { 0 },
};

static const struct setting webhook_settings[] = {
    { "ca", SETTING_PATH, "a PEM file", NULL,
      "Authorities of receivers' certificates, instead of the system's; the bridge's user must be able to "
      "read it.",
      .reloadable = true, AT(webhook_section, ca) },
    { "proxy", SETTING_TEXT, "a URL", NULL,
      "Proxy to receivers, e.g. http://proxy.example:3128; without it none, whatever the environment says.",
      .reloadable = true, AT(webhook_section, proxy) },
    { "insecure", SETTING_BOOLEAN, "yes | no", "no",
      "Allows http:// to receivers beyond this machine: whoever listens in reads the events.",
      .reloadable = true, AT(webhook_section, insecure) },
    { 0 },
};

static const struct setting token_settings[] = {
    { "role", SETTING_CHOICE, ROLE_VALUES, NULL, "What the token's bearer may do.", .required = true,
      .reloadable = true, AT(token_section, role) },
    { "sha256", SETTING_SHA256, "64 hexadecimal digits", NULL,
      "SHA-256 of the token: printf %s \"$TOKEN\" | sha256sum", .required = true, .reloadable = true,
      AT(token_section, sha256) },
    { "expires", SETTING_TIME, "2027-01-31 or 2027-01-31T12:00:00Z", NULL,
      "The token is refused from then on.", .reloadable = true, AT(token_section, expires_ms) },
    { 0 },
};

static const struct setting client_settings[] = {
    { "role", SETTING_CHOICE, ROLE_VALUES, NULL, "What the certificate's holder may do.", .required = true,
      .reloadable = true, AT(client_section, role) },
    { "identity", SETTING_CERTIFICATE_NAMES, "dns:... | uri:... | cn:..., separated by commas", NULL,
      "The certificate's name; any one of several.", 1, LIMIT_IDENTITIES_PER_KM, .required = true,
      .reloadable = true, AT(client_section, identity) },
    { 0 },
};

static const struct setting store_settings[] = {
    { "url", SETTING_STORE_URL, "sqlite:/path", "sqlite:/var/lib/ckbridge/ckbridge.db",
      "Where everything is kept.", AT(store_section, url) },
    { "retention_days", SETTING_INTEGER, "0 to 36500", "90",
      "Ended relays, lookups and events older than this go; 0: never.", 0, 36500, .reloadable = true,
      AT(store_section, retention_days) },
    { "retention_relays", SETTING_INTEGER, "0 to 1000000000", "1000000",
      "Ended relays beyond this many go, oldest first; lookups likewise; 0: no bound.", 0, 1000000000,
      .reloadable = true, AT(store_section, retention_relays) },
    { "audit_days", SETTING_INTEGER, "0 to 36500", "365",
      "Entries of the audit trail older than this go, from the oldest on; 0: never.", 0, 36500,
      .reloadable = true, AT(store_section, audit_days) },
    { "audit_entries", SETTING_INTEGER, "0 to 1000000000", "10000000",
      "Entries of the audit trail beyond this many go, oldest first; 0: no bound.", 0, 1000000000,
      .reloadable = true, AT(store_section, audit_entries) },
    { 0 },
};

static const struct setting decision_settings[] = {
    { "order", SETTING_DECIDERS, ORDER_VALUES, "routes, orchestrator, computed",
      "Who decides, in which order, where neither destination nor KM says otherwise.", .reloadable = true,
      AT(decision_section, policy.order) },
    { "orchestrator_ms", SETTING_INTEGER, "1 to 3600000", "2000",
      "How long a request is held for the orchestrator.", 1, LIMIT_ORCHESTRATOR_MS, .reloadable = true,
      AT(decision_section, policy.orchestrator_ms) },
    { "completion_ms", SETTING_INTEGER, "1 to 86400000", "60000",
      "An instructed relay without a completion for so long expires.", 1, LIMIT_COMPLETION_MS,
      .reloadable = true, AT(decision_section, policy.completion_ms) },
    { "presence_ms", SETTING_INTEGER, "0 to 3600000", "30000",
      "An orchestrator without an event stream counts as present so long after a request.", 0, 3600000,
      .reloadable = true, AT(decision_section, presence_ms) },
    { "answer_memory_ms", SETTING_INTEGER, "0 to 600000", "10000",
      "Next hop answers are remembered so long across a change and not contradicted into a loop.", 0, 600000,
      .reloadable = true, AT(decision_section, answer_memory_ms) },
    { "failing_relays", SETTING_INTEGER, "0 to 8", "3",
      "A link over which so many relays failed by their KM's word, or expired, is penalised: computed paths "
      "and "
      "next hops use it only when there is nothing else. A success clears its count. A restart forgets "
      "counts "
      "and penalties. 0: no link is.",
      0, LIMIT_FAILING_RELAYS, .reloadable = true, AT(decision_section, failing_relays) },
    { "failing_window_ms", SETTING_INTEGER, "1 to 86400000", "60000", "Within so long they have to fail.", 1,
      86400000, .reloadable = true, AT(decision_section, failing_window_ms) },
    { "failing_penalty_ms", SETTING_INTEGER, "1 to 86400000", "300000",
      "A link is penalised for so long, and then counts anew.", 1, 86400000, .reloadable = true,
      AT(decision_section, failing_penalty_ms) },
    { "metric", SETTING_CHOICE, "widest_shortest | shortest | widest", "widest_shortest",
      "Which computed path is the best for a relay: the one that costs least, and of equals the one whose "
      "scarcest link has most keys; the one that costs least alone; the one whose scarcest link has most "
      "keys, however long it is. Next hops go by cost first whatever this says, for that leads nobody in a "
      "circle.",
      .reloadable = true, AT(decision_section, metric) },
    { 0 },
};

static const struct setting snmp_settings[] = {
    { "mode", SETTING_CHOICE, "agentx | standalone | off", "agentx",
      "Subagent of the machine's snmpd, an agent of its own, or none. Without this section: off.",
      AT(snmp_section, mode) },
    { "agentx_socket", SETTING_TEXT, "unix:path or tcp:host:port", "unix:/var/agentx/master",
      "Where the machine's snmpd takes subagents.", AT(snmp_section, agentx_socket) },
    { "listen", SETTING_TEXT, "udp:address:port, tcp:..., udp6:..., separated by commas",
      "udp:127.0.0.1:1161", "Where a standalone agent answers.", AT(snmp_section, listen) },
    { "state_folder", SETTING_PATH, "a folder", "/var/lib/ckbridge",
      "Where a standalone agent keeps its engine's ID and boots.", AT(snmp_section, state_folder) },
    { "notifications_per_minute", SETTING_INTEGER, "1 to 60000", "60",
      "Of each kind; those beyond are counted in the next one.", 1, 60000,
      AT(snmp_section, notifications_per_minute) },
    { "name", SETTING_TEXT, "up to 255 characters", NULL,
      "What a standalone agent says of itself as sysName; none: the bridge's instance.",
      AT(snmp_section, name) },
    { "contact", SETTING_TEXT, "up to 255 characters", "", "Likewise sysContact: who is to be called.",
      AT(snmp_section, contact) },
    { "location", SETTING_TEXT, "up to 255 characters", "", "Likewise sysLocation: where it stands.",
      AT(snmp_section, location) },
    { "authentication_traps", SETTING_BOOLEAN, "yes | no", "no",
      "A standalone agent tells its receivers (authenticationFailure) when somebody asks without the right.",
      AT(snmp_section, authentication_traps) },
    { 0 },
};

static const struct setting snmp_user_settings[] = {
    { "auth", SETTING_CHOICE, "SHA-256 | SHA-224 | SHA-384 | SHA-512 | SHA", "SHA-256",
      "How messages are authenticated.", AT(snmp_user_section, auth) },
    { "auth_key_file", SETTING_PATH, "a file", NULL, "The passphrase, 8 bytes or more, on its first line.",
      .required = true, AT(snmp_user_section, auth_key_file) },
    { "privacy", SETTING_CHOICE, "AES | none", "AES", "How messages are encrypted.",
      AT(snmp_user_section, privacy) },
    { "privacy_key_file", SETTING_PATH, "a file", NULL, "The passphrase, likewise; none: as auth_key_file.",
      AT(snmp_user_section, privacy_key_file) },
    { 0 },
};

static const struct setting snmp_community_settings[] = {
    { "source", SETTING_TEXT, "an address or network", "127.0.0.1", "From where this community may read.",
      AT(snmp_community_section, source) },
    { 0 },
};

static const struct setting snmp_receiver_settings[] = {
    { "address", SETTING_TEXT, "udp:address:port or udp6:[address]:port", NULL,
      "Who gets a standalone agent's notifications.", .required = true, AT(snmp_receiver_section, address) },
    { "user", SETTING_IDENTIFIER, "name of an snmp_user", NULL, "In whose name (SNMPv3); none: v2c.",
      AT(snmp_receiver_section, user) },
    { "community", SETTING_TEXT, "a community", "public", "Of v2c.", AT(snmp_receiver_section, community) },
    { "inform", SETTING_BOOLEAN, "yes | no", "no", "Acknowledged, and sent again until it is.",
      AT(snmp_receiver_section, inform) },
    { 0 },
};

static const struct setting km_settings[] = {
    { "kma", SETTING_IDENTIFIERS, "identifiers, separated by commas", NULL,
      "The KM's KMAs; one KMA has one KM.", 1, LIMIT_KMAS_PER_KM, .required = true, .reloadable = true,
      AT(km_section, kma) },
    { "identity", SETTING_IDENTITIES,
      "dns:... | uri:... | cn:... | psk:... | address:..., separated by commas", NULL,
      "What the KM proves to be: certificate name, PSK identity, or (plain listeners) source address.", 1,
      LIMIT_IDENTITIES_PER_KM, .required = true, .reloadable = true, AT(km_section, identity) },
    { "enabled", SETTING_BOOLEAN, "yes | no", "yes", "A KM that is not enabled is refused.",
      .reloadable = true, AT(km_section, enabled) },
    { "decision_order", SETTING_DECIDERS, ORDER_VALUES, NULL,
      "Who decides this KM's requests; without it [decision] order.", .reloadable = true,
      AT(km_section, policy.order) },
    { "orchestrator_ms", SETTING_INTEGER, "1 to 3600000", NULL,
      "How long its requests are held; without it as [decision] says.", 1, LIMIT_ORCHESTRATOR_MS,
      .reloadable = true, AT(km_section, policy.orchestrator_ms) },
    { "completion_ms", SETTING_INTEGER, "1 to 86400000", NULL,
      "When its instructed relays expire; without it as [decision] says.", 1, LIMIT_COMPLETION_MS,
      .reloadable = true, AT(km_section, policy.completion_ms) },
    { "dialect", SETTING_DIALECT, "", NULL, "", .reloadable = true, AT(km_section, dialect) },
    { 0 },
};

static const struct setting application_settings[] = {
    { "kma", SETTING_IDENTIFIER, "an identifier", NULL, "The KMA at which the application is.",
      .required = true, .reloadable = true, AT(application_section, kma) },
    { 0 },
};

static const struct setting destination_settings[] = {
    { "order", SETTING_DECIDERS, ORDER_VALUES, NULL,
      "Who decides requests to this KMA, whoever asks; without it as the KM or [decision] says.",
      .reloadable = true, AT(destination_section, policy.order) },
    { "orchestrator_ms", SETTING_INTEGER, "1 to 3600000", NULL, "How long they are held; likewise.", 1,
      LIMIT_ORCHESTRATOR_MS, .reloadable = true, AT(destination_section, policy.orchestrator_ms) },
    { "completion_ms", SETTING_INTEGER, "1 to 86400000", NULL,
      "When instructed relays to it expire; likewise.", 1, LIMIT_COMPLETION_MS, .reloadable = true,
      AT(destination_section, policy.completion_ms) },
    { 0 },
};

static const struct setting link_settings[] = {
    { "a", SETTING_IDENTIFIER, "an identifier", NULL, "The KMA at one end.", .required = true,
      .reloadable = true, AT(link_section, a) },
    { "b", SETTING_IDENTIFIER, "an identifier", NULL, "The KMA at the other end.", .required = true,
      .reloadable = true, AT(link_section, b) },
    { "cost", SETTING_INTEGER, "1 to 1000000", "1", "What a path over it costs.", 1, 1000000,
      .reloadable = true, AT(link_section, cost) },
    { "key_stock", SETTING_INTEGER, "-1 to 1000000000000", "-1", "Keys in stock; -1: unknown.", -1,
      1000000000000, .reloadable = true, AT(link_section, key_stock) },
    { "key_rate", SETTING_INTEGER, "-1 to 1000000000000", "-1", "Keys an hour; -1: unknown.", -1,
      1000000000000, .reloadable = true, AT(link_section, key_rate) },
    { "key_capacity", SETTING_INTEGER, "0 to 1000000000000", "0",
      "Keys in stock at which key_rate stops; 0: no limit.", 0, 1000000000000, .reloadable = true,
      AT(link_section, key_capacity) },
    { "state", SETTING_CHOICE, "up | down", "up", "A link that is down is on no path.", .reloadable = true,
      AT(link_section, state) },
    { 0 },
};

#define ONE(type, settings, field, help)                                                                     \
    {                                                                                                        \
#type, help, settings, .limit = 1, .bytes = sizeof(struct type##_section),                           \
                               .array_offset = offsetof(struct configuration, field)                         \
    }
#define MANY_AS(type, plural, settings, maximum, help, takes_restart)                                        \
    {                                                                                                        \
#type, help, settings, .named = true, .restarts = takes_restart, .limit = maximum,                   \
                               .bytes = sizeof(struct type##_section),                                       \
                               .array_offset = offsetof(struct configuration, plural),                       \
                               .count_offset = offsetof(struct configuration, type##_count)                  \
    }
#define MANY(type, settings, maximum, help) MANY_AS(type, type##s, settings, maximum, help, false)

const struct section_schema schema_sections[] = {
    ONE(bridge, bridge_settings, bridge, "The bridge itself."),
    MANY(ck, ck_settings, LIMIT_CK_LISTENERS, "A listener for KMs."),
    ONE(http, http_settings, http, "The northbound API."),
    ONE(webhook, webhook_settings, webhook, "Events to receivers that the API names."),
    MANY(token, token_settings, LIMIT_TOKENS, "A bearer token for the API."),
    MANY(client, client_settings, LIMIT_CLIENTS, "A client certificate for the API."),
    ONE(store, store_settings, store, "The durable store."),
    ONE(decision, decision_settings, decision, "Who decides a request, and by when."),
    MANY(km, km_settings, LIMIT_KMS, "A key manager; the API can enrol more."),
    MANY(application, application_settings, LIMIT_APPLICATIONS, "Where an application is."),
    MANY(destination, destination_settings, LIMIT_DESTINATIONS,
         "A policy for what goes to one KMA, which is the section's name."),
    MANY(link, link_settings, LIMIT_LINKS, "A link between two KMAs."),
    ONE(snmp, snmp_settings, snmp, "The SNMP agent."),
    MANY_AS(snmp_user, snmp_users, snmp_user_settings, LIMIT_SNMP_USERS,
            "A user of a standalone agent (SNMPv3).", true),
    MANY_AS(snmp_community, snmp_communities, snmp_community_settings, LIMIT_SNMP_COMMUNITIES,
            "A community of a standalone agent (v2c).", true),
    MANY_AS(snmp_receiver, snmp_receivers, snmp_receiver_settings, LIMIT_SNMP_RECEIVERS,
            "A receiver of a standalone agent's notifications.", true),
    { 0 },
};

static void print_setting(FILE *stream, const char *name, const char *help, const char *values,
                          const char *fallback, const char *remark, bool is_commented)
{
    fprintf(stream, "# %s\n# %s%s\n", help, values, remark);
    fprintf(stream, "%s%s = %s\n\n", is_commented || fallback == NULL ? "#" : "", name,
            fallback != NULL ? fallback : "");
}

static void print_dialect(FILE *stream)
{
    for (const struct ck_dialect_setting *row = ck_dialect_settings; row->name != NULL; row++)
        print_setting(stream, row->name, row->help, row->values, NULL, "", true);
}

static void print_section(FILE *stream, const struct section_schema *section)
{
    fprintf(stream, "# %s\n%s[%s%s]\n\n", section->help, section->named ? "#" : "", section->type,
            section->named ? " \"name\"" : "");
    for (const struct setting *row = section->settings; row->name != NULL; row++) {
        if (row->type == SETTING_DIALECT)
            print_dialect(stream);
        else
            print_setting(stream, row->name, row->help, row->values, row->fallback,
                          row->required     ? " (required)"
                          : row->reloadable ? ""
                                            : " (takes a restart)",
                          section->named);
    }
}

void schema_print(FILE *stream)
{
    for (const struct section_schema *section = schema_sections; section->type != NULL; section++)
        print_section(stream, section);
}
