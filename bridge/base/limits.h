/* SPDX-License-Identifier: Apache-2.0 */
/* Every maximum of the bridge, named once, with what happens when it is reached. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

enum {
    /* Ck payloads; longer or deeper is malformed, the frame is skipped and counted. */
    LIMIT_IDENTIFIER_BYTES = 255, /* any identifier, without terminator (wire profile, reading 14) */
    LIMIT_STRING_BYTES = 4096,    /* any other string in a Ck payload, e.g. a failure reason */
    LIMIT_JSON_DEPTH = 16,
    LIMIT_PATH_KMAS = 128, /* next hops, transit list, or full path; longer is refused by name */
    LIMIT_EXTENSION_BYTES = 16384,
    LIMIT_EXCERPT_BYTES = 256, /* of a bad frame's payload, in its event; the rest is left out */

    /* Configuration objects; one more is refused with `limit_reached`. */
    LIMIT_KMS = 16384,
    LIMIT_KMAS_PER_KM = 32,
    LIMIT_IDENTITIES_PER_KM = 8,
    LIMIT_APPLICATIONS = 65536,
    LIMIT_DESTINATIONS = 16384,
    LIMIT_ROUTES = 65536,
    LIMIT_LINKS = 32768,
    LIMIT_FAILING_RELAYS = 8,  /* that a link has to have before it is penalised, at most */
    LIMIT_ROUTE_HOPS = 128,    /* KMAs that a next_hops route may speak of */
    LIMIT_HOP_CANDIDATES = 16, /* candidates for one KMA in a next_hops route */
    LIMIT_SUCCESS_WORDS = 8,
    LIMIT_DOCUMENTS = 8192,       /* tokens, webhooks, sign-ins ... together */
    LIMIT_DOCUMENT_BYTES = 65536, /* of one's body; longer is refused as invalid */
    LIMIT_VERSIONS = 4,
    LIMIT_ORCHESTRATOR_MS = 3600000, /* of a policy; more is refused as invalid */
    LIMIT_COMPLETION_MS = 86400000,  /* likewise */

    /* Live objects. */
    LIMIT_SESSIONS = 16384,           /* one more connection is closed at accept, counted */
    LIMIT_OPEN_RELAYS = 262144,       /* one more 0x03 ends at once as failed/overload */
    LIMIT_OPEN_RELAYS_PER_KM = 16384, /* likewise */
    LIMIT_HELD_LOOKUPS = 65536,       /* one more 0x01 is answered empty, reason overload */
    LIMIT_ENDED_RELAYS =
        65536, /* expired or orphaned ones kept for a late completion; the oldest is forgotten */
    LIMIT_ANSWERS_RESTORED = 65536, /* newest answered lookups looked at after a restart (reading 5) */
    LIMIT_DEAD_LETTERS = 256,       /* that one command may add; more are a programmer's error */
    LIMIT_TIMELINE = 12,            /* entries of one relay's timeline; a relay makes at most 8 */

    /* What is kept of commands and deliveries; the oldest goes. */
    LIMIT_IDEMPOTENCY_KEYS = 262144, /* beside going after IDEMPOTENCY_HOURS */
    LIMIT_ANSWER_BYTES = 65536,      /* of one kept under such a key; longer is made anew for a repeat */
    LIMIT_DEAD_LETTERS_PER_WEBHOOK = 1024,

    /* What a dry run tells; the rest is cut, which the answer says. */
    LIMIT_PREVIEW_CHANGES = 1000,
    LIMIT_PREVIEW_BYTES = 1048576,   /* of their configurations */
    LIMIT_PREVIEW_TOUCHED = 100,     /* relays, and lookups; further ones are counted */
    LIMIT_PREVIEW_LOOKED_AT = 16384, /* open requests */

    /* Queues between threads. */
    LIMIT_TURNS_IN_FLIGHT =
        64, /* turns waiting for the journal; full: the core stops reading KMs and commands */
    LIMIT_COMMANDS_QUEUED = 1024, /* HTTP commands; full: 503 with Retry-After */
};

#endif
