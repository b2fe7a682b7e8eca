/* SPDX-License-Identifier: Apache-2.0 */
/* What is configured: KMs, applications, destinations, routes and links, as plain values that commands and
   records carry. */
#ifndef CORE_DIRECTORY_H
#define CORE_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "ck/dialect.h"
#include "core/vocabulary.h"

/* Where an object was written. The API's wins over the file's for the same identifier; deleting the API's
   uncovers the file's. */
enum origin { ORIGIN_FILE, ORIGIN_API }; /* stored by these numbers */

/* The kinds of what is configured. */
enum object_kind {
    OBJECT_KM,
    OBJECT_APPLICATION,
    OBJECT_DESTINATION,
    OBJECT_LINK,
    OBJECT_ROUTE,
    OBJECT_DOCUMENT,
    OBJECT_KINDS_END
};

enum { POLICY_TURNS = 3 };
/* Who decides a request, in which order, and by when. What is not set is inherited, see policy.h. */
struct policy {
    enum decider order[POLICY_TURNS]; /* DECIDER_NONE ends it early; as the first: not set */
    uint32_t orchestrator_ms;         /* how long a request is held for the orchestrator; 0: not set */
    uint32_t completion_ms;           /* from instructed to expired; 0: not set */
};

struct km_config {
    struct text km_id;
    struct text *kma_ids; /* at least one; a KMA belongs to one KM */
    size_t kma_id_count;
    struct text *identities; /* "dns:...", "uri:...", "cn:...", "psk:...", "address:..."; each names one KM */
    size_t identity_count;
    bool enabled;
    struct ck_dialect dialect;
    struct policy policy;
};

struct application_config {
    struct text application_id;
    struct text kma_id;
};

/* A policy for what goes to one KMA, whoever asks. */
struct destination_config {
    struct text kma_id;
    struct policy policy;
};

/* The candidates, best first, for a key that is at `kma_id`. */
struct route_hop {
    struct text kma_id;
    struct text *next_kma_ids;
    size_t next_kma_id_count;
};

struct route_config {
    struct text route_id;
    struct text source_kma_id; /* absent: any source; of a path always its first */
    struct text destination_kma_id;
    struct text *path; /* source to destination, both included; NULL when `hops` is given */
    size_t path_length;
    struct route_hop *hops; /* NULL when `path` is given */
    size_t hop_count;
    int32_t priority;        /* the higher is tried first; ties by route_id */
    uint64_t valid_until_ms; /* Unix time; 0: no end */
    struct text origin;      /* whose routes these are: collection replace works on one origin */
};

enum link_state { LINK_UP, LINK_DOWN };

struct link_config {
    struct text link_id;
    struct text kma_a;
    struct text kma_b;
    uint32_t cost;
    int64_t key_stock;    /* keys; -1: unknown */
    int64_t key_rate;     /* keys per hour; -1: unknown */
    int64_t key_capacity; /* keys; what the rate makes beyond is not kept; 0: no limit */
    enum link_state state;
    struct text origin;
};

/* What the northbound side keeps through the core, which does not read it: same durability, revisions and
   views as all else that is configured. */
enum document_kind {
    DOCUMENT_TOKEN,         /* an API token, by its hash */
    DOCUMENT_TOKEN_USE,     /* when a credential was last used */
    DOCUMENT_SIGN_IN,       /* a browser's session */
    DOCUMENT_WEBHOOK,       /* where events are posted to */
    DOCUMENT_WEBHOOK_STATE, /* how far that has come */
    DOCUMENT_LAYOUT,        /* where a person put things on a map */
    DOCUMENT_KINDS_END,
};
/* "token" ...: the folder of its IDs. */
const char *document_kind_name(enum document_kind kind);
/* True: bookkeeping, whose changes are no event. */
bool document_kind_is_quiet(enum document_kind kind);

struct document_config {
    enum document_kind kind;
    struct text document_id; /* the kind's name, a slash, and the ID within the kind: "token/ops" */
    struct text body;        /* JSON, at most LIMIT_DOCUMENT_BYTES, in the form of whoever writes the kind */
};

/* What the store and snapshots say of an object beside its value. */
struct revision {
    uint64_t number;     /* grows with every change of any object; the ETag; never used twice */
    uint64_t changed_ms; /* Unix time */
    enum origin origin;
    uint64_t first; /* the object's first number, of either origin: a name for it that is short and stays */
};

#endif
