/* SPDX-License-Identifier: Apache-2.0 */
/* What the northbound side and the configuration file ask of the core, and what it answers. */
#ifndef CORE_COMMAND_H
#define CORE_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "core/directory.h"
#include "core/preview.h"
#include "core/trail.h"
#include "core/vocabulary.h"

enum command_kind {
    COMMAND_KM_PUT,
    COMMAND_KM_DELETE,
    COMMAND_APPLICATION_PUT,
    COMMAND_APPLICATION_DELETE,
    COMMAND_DESTINATION_PUT,
    COMMAND_DESTINATION_DELETE,
    COMMAND_ROUTE_PUT,
    COMMAND_ROUTE_DELETE,
    COMMAND_ROUTES_REPLACE, /* all of one origin at once, atomically */
    COMMAND_LINK_PUT,
    COMMAND_LINK_DELETE,
    COMMAND_LINKS_REPLACE,
    COMMAND_RELAY_DECIDE,
    COMMAND_LOOKUP_DECIDE,
    COMMAND_RELAY_START, /* an unsolicited Key relay request */
    COMMAND_DOCUMENT_PUT,
    COMMAND_DOCUMENT_DELETE,
    COMMAND_KEEP_ANSWER,         /* what was answered under an idempotency key, for its repeats */
    COMMAND_DEAD_LETTERS_PUT,    /* events that a webhook's receiver would not take */
    COMMAND_DEAD_LETTERS_DELETE, /* those of `id`, a webhook: one event, or all */
    COMMAND_AUDIT,        /* only a line of the audit trail: of what was refused before it was a command */
    COMMAND_FILE_REPLACE, /* main only: the configuration file's objects, all at once */
};

/* How the audit trail tells of a command; an absent action: not at all. */
struct command_audit {
    struct text source; /* where it came from: "192.0.2.1:50112"; absent: from the bridge's own machine */
    struct text action; /* "PUT", "reload" ... */
    struct text target; /* "/api/v1/routes/r1", a file's path ... */
};

/* Under which a request that comes again is known; absent key: none. */
struct command_idempotency {
    struct text key;    /* who asks and the key of his own choice, as one text */
    struct text digest; /* DIGEST_BYTES of what is asked */
};

/* What a collection of one origin's objects is: each change to it changes one of the two for good, since
   every object that is written gets the highest revision of all. */
struct collection_version {
    uint64_t count;    /* of the API's objects of this origin */
    uint64_t revision; /* the highest among them; 0: there are none */
};

/* Everything a command points at is borrowed for the duration of core_step; the core copies what it keeps. */
struct command {
    enum command_kind kind;
    struct text actor;                           /* who asks, for audit and detail: "token:ops", "file" */
    uint64_t if_match;                           /* the revision that must be current; 0: any */
    bool if_present;                             /* *_PUT, *_DELETE: there must be one of this ID */
    bool if_absent;                              /* *_PUT, *_DELETE: there must be none */
    const struct collection_version *if_version; /* *_REPLACE: what must be current; NULL: any */
    bool dry_run;        /* validate and say what would change; nothing does, nothing is recorded */
    struct text id;      /* of *_DELETE; the origin of *_REPLACE */
    uint64_t request_id; /* of *_DECIDE: relay_id or lookup_id */
    struct text *path;   /* RELAY_DECIDE, RELAY_START: source to destination; LOOKUP_DECIDE: the next hops */
    size_t path_length;
    struct text reject; /* *_DECIDE: present: rejected, with these words */
    struct text kma_id; /* *_DECIDE of an unknown application: the KMA it is at; absent otherwise */
    bool learn;         /* *_DECIDE: the directory says so from now on, see learn.h */
    /* *_PUT: one; *_REPLACE: any number of the one kind; FILE_REPLACE: of all */
    const struct km_config *kms;
    size_t km_count;
    const struct application_config *applications;
    size_t application_count;
    const struct destination_config *destinations;
    size_t destination_count;
    const struct route_config *routes;
    size_t route_count;
    const struct link_config *links;
    size_t link_count;
    const struct document_config *document; /* DOCUMENT_PUT */
    struct command_audit audit;
    struct command_idempotency idempotency; /* of KEEP_ANSWER: the key; else kept when the command is done */
    struct text answer;                     /* KEEP_ANSWER: in HTTP's own form */
    const struct dead_letter *dead_letters; /* DEAD_LETTERS_PUT */
    size_t dead_letter_count;
    uint64_t event_id;   /* DEAD_LETTERS_DELETE: of one letter; 0: all */
    struct text outcome; /* AUDIT: a problem's name, "forbidden" */
    struct text detail;  /* AUDIT: for people */
};

enum reply_status {
    REPLY_OK,
    REPLY_CREATED,
    REPLY_NOT_FOUND, /* 404 */
    REPLY_CONFLICT,  /* 409: not held any more, defined in file, name taken */
    REPLY_STALE,     /* 412 */
    REPLY_INVALID,   /* 422: detail names the element and why */
    REPLY_BUSY,      /* 503 */
};

/* "ok", "created", "not_found" ...: the audit trail's outcome. */
const char *reply_status_name(enum reply_status status);

struct reply {
    uint64_t command_id; /* from the event */
    enum reply_status status;
    enum reason reason;    /* REASON_NONE when OK or CREATED */
    struct text detail;    /* for people: which element and what to change; absent when OK */
    struct text *warnings; /* e.g. an adjacency without a link */
    size_t warning_count;
    uint64_t revision;                           /* of the object written */
    uint64_t request_id;                         /* the relay or lookup decided or started */
    size_t created, updated, deleted, unchanged; /* of *_REPLACE, also with dry_run */
    struct collection_version version;           /* of *_REPLACE: the collection's now */
    const struct preview *preview;               /* of *_PUT, *_DELETE, *_REPLACE with dry_run; else NULL */
};

#endif
