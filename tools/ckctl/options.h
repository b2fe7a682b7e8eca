/* SPDX-License-Identifier: Apache-2.0 */
/* One table of all options; each command says which groups of them it takes. */
#ifndef CKCTL_OPTIONS_H
#define CKCTL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum option_group {
    GROUP_COMMON = 1 << 0, /* of commands that talk to a bridge */
    GROUP_SHOW = 1 << 1,   /* --json */
    GROUP_WATCH = 1 << 2,
    GROUP_LIMIT = 1 << 3,
    GROUP_ORIGIN = 1 << 4,
    GROUP_FILTER = 1 << 5, /* of relays and lookups */
    GROUP_WRITE = 1 << 6,  /* --dry-run */
    GROUP_MATCH = 1 << 7,  /* --if-match, --create */
    GROUP_PATH = 1 << 8,
    GROUP_NEXT_HOPS = 1 << 9,
    GROUP_DECISION = 1 << 10,
    GROUP_EVENTS = 1 << 11,
    GROUP_TIMES = 1 << 12,
    GROUP_POST = 1 << 13,  /* --idempotency-key */
    GROUP_LOCAL = 1 << 14, /* of a command: it talks to no bridge */
    GROUP_EVERY = 1 << 15, /* of an option: all commands take it */
    GROUP_DIR = 1 << 16,
    GROUP_FORCE = 1 << 17,
    GROUP_NAME = 1 << 18,
    GROUP_DNS = 1 << 19,
    GROUP_URI = 1 << 20,
    GROUP_IP = 1 << 21,
    GROUP_DAYS = 1 << 22,
    GROUP_TOKEN = 1 << 23, /* --role, --expires, --description */
    GROUP_AFTER = 1 << 24,
    GROUP_AUDIT = 1 << 25, /* filters of the audit trail */
    GROUP_ANCHOR = 1 << 26,
    GROUP_PATHS = 1 << 27,
    GROUP_REPLAY = 1 << 28,
    GROUP_LETTER = 1 << 29,
};

enum option_id {
    OPTION_URL,
    OPTION_TOKEN_FILE,
    OPTION_CA,
    OPTION_CERTIFICATE,
    OPTION_KEY,
    OPTION_TIMEOUT,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_JSON,
    OPTION_WATCH,
    OPTION_TIMES,
    OPTION_LIMIT,
    OPTION_ORIGIN,
    OPTION_STATE,
    OPTION_KM_ID,
    OPTION_SOURCE_KMA_ID,
    OPTION_DESTINATION_KMA_ID,
    OPTION_APPLICATION_DESTINATION_ID,
    OPTION_DECIDED_BY,
    OPTION_REASON,
    OPTION_RECEIVED_AFTER,
    OPTION_RECEIVED_BEFORE,
    OPTION_DRY_RUN,
    OPTION_IF_MATCH,
    OPTION_CREATE,
    OPTION_PATH,
    OPTION_NEXT_HOPS,
    OPTION_REJECT,
    OPTION_LEARN,
    OPTION_IDEMPOTENCY_KEY,
    OPTION_FOLLOW,
    OPTION_POSITION_FILE,
    OPTION_AFTER,
    OPTION_TYPE,
    OPTION_SUBJECT,
    OPTION_DIR,
    OPTION_NAME,
    OPTION_DNS,
    OPTION_URI,
    OPTION_IP,
    OPTION_DAYS,
    OPTION_FORCE,
    OPTION_ROLE,
    OPTION_EXPIRES,
    OPTION_DESCRIPTION,
    OPTION_ACTOR,
    OPTION_BEFORE,
    OPTION_ORDER,
    OPTION_ANCHOR,
    OPTION_K,
    OPTION_METRIC,
    OPTION_AVOID_KMA,
    OPTION_AVOID_LINK,
    OPTION_VIA,
    OPTION_MAX_HOPS,
    OPTION_MIN_KEY_STOCK,
    OPTION_DISJOINT,
    OPTION_DEAD_LETTERS,
    OPTION_EVENT,
    OPTIONS_END,
};

enum option_argument {
    ARGUMENT_NONE,
    ARGUMENT_NEEDED,
    ARGUMENT_OPTIONAL,
    ARGUMENT_REPEATED, /* needed, and the option may be given several times */
};

struct option {
    const char *name; /* without the dashes */
    enum option_argument kind;
    const char *argument, *help;
    unsigned groups;
    const char *parameter; /* of the query that lists; NULL: none */
};

extern const struct option options_table[OPTIONS_END];

enum { OPTIONS_WORDS_MAX = 4, OPTIONS_REPEATED_MAX = 64 };

struct options {
    bool given[OPTIONS_END];
    const char *values[OPTIONS_END]; /* NULL: none was given */
    const char *words[OPTIONS_WORDS_MAX];
    size_t word_count;
    struct {
        enum option_id id;
        const char *value;
    } repeated[OPTIONS_REPEATED_MAX];
    size_t repeated_count;
};

/* Options may stand anywhere; after "--" all are words. False: says why on standard error. */
bool options_parse(struct options *options, int count, char **arguments);
/* The next value of a repeated option; *at begins 0. NULL: there is no more. */
const char *options_next(const struct options *options, enum option_id id, size_t *at);
/* The whole value as a number from `minimum` to `maximum`. False: says why on standard error. */
bool options_number(const struct options *options, enum option_id id, long long minimum, long long maximum,
                    long long *out_number);

#endif
