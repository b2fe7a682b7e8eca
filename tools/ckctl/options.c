/* SPDX-License-Identifier: Apache-2.0 */
#include "ckctl/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct option options_table[OPTIONS_END] = {
    [OPTION_URL] = { "url", ARGUMENT_NEEDED, "URL",
                     "where the bridge answers; else $CKBRIDGE_URL, else http://127.0.0.1:8480", GROUP_COMMON,
                     NULL },
    [OPTION_TOKEN_FILE] = { "token-file", ARGUMENT_NEEDED, "FILE",
                            "the bearer token; else $CKBRIDGE_TOKEN, else the file that $CKBRIDGE_TOKEN_FILE "
                            "names",
                            GROUP_COMMON, NULL },
    [OPTION_CA] = { "ca", ARGUMENT_NEEDED, "FILE",
                    "who signed the bridge's certificate; else the system's authorities", GROUP_COMMON,
                    NULL },
    [OPTION_CERTIFICATE] = { "certificate", ARGUMENT_NEEDED, "FILE", "client certificate, PEM", GROUP_COMMON,
                             NULL },
    [OPTION_KEY] = { "key", ARGUMENT_NEEDED, "FILE", "its key, PEM", GROUP_COMMON, NULL },
    [OPTION_TIMEOUT] = { "timeout", ARGUMENT_NEEDED, "S", "how long an answer may take; 30", GROUP_COMMON,
                         NULL },
    [OPTION_HELP] = { "help", ARGUMENT_NONE, NULL, "this", GROUP_EVERY, NULL },
    [OPTION_VERSION] = { "version", ARGUMENT_NONE, NULL, "the version", GROUP_EVERY, NULL },
    [OPTION_JSON] = { "json", ARGUMENT_NONE, NULL,
                      "the API's JSON, untouched; of a list one item a line (NDJSON)", GROUP_SHOW, NULL },
    [OPTION_WATCH] = { "watch", ARGUMENT_OPTIONAL, "S",
                       "again every S seconds, 2 by default, until interrupted", GROUP_WATCH, NULL },
    [OPTION_TIMES] = { "times", ARGUMENT_NEEDED, "KIND",
                       "relative or absolute; by default relative on a terminal, else absolute", GROUP_TIMES,
                       NULL },
    [OPTION_LIMIT] = { "limit", ARGUMENT_NEEDED, "N", "at most N items; by default all", GROUP_LIMIT, NULL },
    [OPTION_ORIGIN] = { "origin", ARGUMENT_NEEDED, "ORIGIN", "of this origin", GROUP_ORIGIN, "origin" },
    [OPTION_STATE] = { "state", ARGUMENT_NEEDED, "STATE", "in this state", GROUP_FILTER, "state" },
    [OPTION_KM_ID] = { "km-id", ARGUMENT_NEEDED, "ID", "received from this KM", GROUP_FILTER, "km_id" },
    [OPTION_SOURCE_KMA_ID] = { "source-kma-id", ARGUMENT_NEEDED, "ID", "from this KMA", GROUP_FILTER,
                               "source_kma_id" },
    [OPTION_DESTINATION_KMA_ID] = { "destination-kma-id", ARGUMENT_NEEDED, "ID",
                                    "to this KMA; of a decision: the destination that the bridge shall tell",
                                    GROUP_FILTER | GROUP_DECISION, "destination_kma_id" },
    [OPTION_APPLICATION_DESTINATION_ID] = { "application-destination-id", ARGUMENT_NEEDED, "ID",
                                            "to this application", GROUP_FILTER,
                                            "application_destination_id" },
    [OPTION_DECIDED_BY] = { "decided-by", ARGUMENT_NEEDED, "WHO", "orchestrator, route or computed",
                            GROUP_FILTER, "decided_by" },
    [OPTION_REASON] = { "reason", ARGUMENT_NEEDED, "CODE", "ended for this reason", GROUP_FILTER, "reason" },
    [OPTION_RECEIVED_AFTER] = { "received-after", ARGUMENT_NEEDED, "TIME", "as 2026-11-24T18:00:00Z",
                                GROUP_FILTER, "received_after" },
    [OPTION_RECEIVED_BEFORE] = { "received-before", ARGUMENT_NEEDED, "TIME", "likewise", GROUP_FILTER,
                                 "received_before" },
    [OPTION_DRY_RUN] = { "dry-run", ARGUMENT_NONE, NULL, "check and tell what would change; change nothing",
                         GROUP_WRITE, NULL },
    [OPTION_IF_MATCH] = { "if-match", ARGUMENT_NEEDED, "REVISION",
                          "only if this is still its revision (or a collection's ETag); * for any",
                          GROUP_MATCH, NULL },
    [OPTION_CREATE] = { "create", ARGUMENT_NONE, NULL, "only if there is none of this name yet", GROUP_MATCH,
                        NULL },
    [OPTION_PATH] = { "path", ARGUMENT_NEEDED, "A,B,C",
                      "KMAs from source to destination, both included; \\, is a comma", GROUP_PATH, NULL },
    [OPTION_NEXT_HOPS] = { "next-hops", ARGUMENT_NEEDED, "A,B", "candidates, the best first; \\, is a comma",
                           GROUP_NEXT_HOPS, NULL },
    [OPTION_REJECT] = { "reject", ARGUMENT_NEEDED, "WORDS", "reject, and why", GROUP_DECISION, NULL },
    [OPTION_LEARN] = { "learn", ARGUMENT_NONE, NULL,
                       "the bridge keeps at which KMA the application is (see --destination-kma-id)",
                       GROUP_DECISION, NULL },
    [OPTION_IDEMPOTENCY_KEY] = { "idempotency-key", ARGUMENT_NEEDED, "KEY",
                                 "done once under this key, however often it is sent; for scripts that try "
                                 "again",
                                 GROUP_POST, NULL },
    [OPTION_FOLLOW] = { "follow", ARGUMENT_NONE, NULL,
                        "new ones as they come, also across a restart of the bridge, until interrupted",
                        GROUP_EVENTS, NULL },
    [OPTION_POSITION_FILE] = { "position-file", ARGUMENT_NEEDED, "FILE",
                               "with --follow: remembers the last event told, and goes on behind it the next "
                               "time",
                               GROUP_EVENTS, NULL },
    [OPTION_AFTER] = { "after", ARGUMENT_NEEDED, "EVENT",
                       "behind this event ID; of the audit trail: entries of this time or later", GROUP_AFTER,
                       "after" },
    [OPTION_TYPE] = { "type", ARGUMENT_NEEDED, "TYPES", "such as relay.failed, or relay.*,km.*", GROUP_EVENTS,
                      "type" },
    [OPTION_SUBJECT] = { "subject", ARGUMENT_NEEDED, "ID", "about this; km_id:ID for one kind only",
                         GROUP_EVENTS, "subject" },
    [OPTION_DIR] = { "dir", ARGUMENT_NEEDED, "DIR", "where the authority and its certificates are", GROUP_DIR,
                     NULL },
    [OPTION_NAME] = { "name", ARGUMENT_NEEDED, "NAME", "the authority's name; \"ckbridge lab CA\"",
                      GROUP_NAME, NULL },
    [OPTION_DNS] = { "dns", ARGUMENT_REPEATED, "NAME", "a DNS name of the certificate; may be repeated",
                     GROUP_DNS, NULL },
    [OPTION_URI] = { "uri", ARGUMENT_REPEATED, "URI", "a URI of the certificate; may be repeated", GROUP_URI,
                     NULL },
    [OPTION_IP] = { "ip", ARGUMENT_REPEATED, "ADDRESS", "an address of the certificate; may be repeated",
                    GROUP_IP, NULL },
    [OPTION_DAYS] = { "days", ARGUMENT_NEEDED, "N",
                      "valid for so many days; a certificate 365 and an authority 3650 by default, a token "
                      "for ever",
                      GROUP_DAYS, NULL },
    [OPTION_FORCE] = { "force", ARGUMENT_NONE, NULL, "replace files that are there already", GROUP_FORCE,
                       NULL },
    [OPTION_ROLE] = { "role", ARGUMENT_NEEDED, "ROLE", "viewer, orchestrator or admin", GROUP_TOKEN, NULL },
    [OPTION_EXPIRES] = { "expires", ARGUMENT_NEEDED, "TIME", "when it ends, as 2027-11-24T18:00:00Z",
                         GROUP_TOKEN, NULL },
    [OPTION_DESCRIPTION] = { "description", ARGUMENT_NEEDED, "WORDS", "what it is for", GROUP_TOKEN, NULL },
    [OPTION_ACTOR] = { "actor", ARGUMENT_NEEDED, "WHO", "what this one did: token:ID, client:NAME or file",
                       GROUP_AUDIT, "actor" },
    [OPTION_BEFORE] = { "before", ARGUMENT_NEEDED, "TIME", "earlier entries", GROUP_AUDIT, "before" },
    [OPTION_ORDER] = { "order", ARGUMENT_NEEDED, "ORDER", "desc, the newest first, or asc", GROUP_AUDIT,
                       "order" },
    [OPTION_ANCHOR] = { "anchor", ARGUMENT_NEEDED, "HASH", "a hash that was noted before, and must be there",
                        GROUP_ANCHOR, NULL },
    [OPTION_K] = { "k", ARGUMENT_NEEDED, "N", "so many paths at most; 1", GROUP_PATHS, NULL },
    [OPTION_METRIC] = { "metric", ARGUMENT_NEEDED, "METRIC",
                        "widest_shortest, shortest or widest; the bridge's own", GROUP_PATHS, NULL },
    [OPTION_AVOID_KMA] = { "avoid-kma", ARGUMENT_REPEATED, "ID", "not through this KMA; may be repeated",
                           GROUP_PATHS, NULL },
    [OPTION_AVOID_LINK] = { "avoid-link", ARGUMENT_REPEATED, "ID", "not over this link; may be repeated",
                            GROUP_PATHS, NULL },
    [OPTION_VIA] = { "via", ARGUMENT_REPEATED, "ID", "through this KMA; may be repeated", GROUP_PATHS, NULL },
    [OPTION_MAX_HOPS] = { "max-hops", ARGUMENT_NEEDED, "N", "over so many links at most", GROUP_PATHS, NULL },
    [OPTION_MIN_KEY_STOCK] = { "min-key-stock", ARGUMENT_NEEDED, "N", "over links with so many keys at least",
                               GROUP_PATHS, NULL },
    [OPTION_DISJOINT] = { "disjoint", ARGUMENT_NEEDED, "WHAT",
                          "two paths without a common one of these: links or kmas", GROUP_PATHS, NULL },
    [OPTION_DEAD_LETTERS] = { "dead-letters", ARGUMENT_OPTIONAL, "EVENT,EVENT",
                              "deliver those of these events once more, or all", GROUP_REPLAY, NULL },
    [OPTION_EVENT] = { "event", ARGUMENT_NEEDED, "EVENT", "that of this event only", GROUP_LETTER, NULL },
};

/* "--name" or "--name=...". */
static enum option_id find(const char *argument)
{
    size_t length = strcspn(argument + 2, "=");
    int id = 0;
    while (id < OPTIONS_END && (strncmp(options_table[id].name, argument + 2, length) != 0 ||
                                options_table[id].name[length] != '\0'))
        id++;
    return (enum option_id)id;
}

static bool complain(const char *format, const char *name)
{
    fputs("ckctl: ", stderr);
    fprintf(stderr, format, name);
    fputs("; see ckctl --help\n", stderr);
    return false;
}

static bool keep_repeated(struct options *options, enum option_id id)
{
    if (options->repeated_count == OPTIONS_REPEATED_MAX)
        return complain("--%s is given too often", options_table[id].name);
    options->repeated[options->repeated_count].id = id;
    options->repeated[options->repeated_count++].value = options->values[id];
    return true;
}

/* Takes the option at *at, and its value where that is the next argument. */
static bool take(struct options *options, int count, char **arguments, int *at)
{
    const char *argument = arguments[*at];
    const char *equals = strchr(argument, '=');
    enum option_id id = find(argument);
    if (id == OPTIONS_END)
        return complain("there is no option %s", argument);
    const struct option *option = &options_table[id];
    if (options->given[id] && option->kind != ARGUMENT_REPEATED)
        return complain("--%s is given twice", option->name);
    options->given[id] = true;
    if (equals != NULL && option->kind == ARGUMENT_NONE)
        return complain("--%s takes no value", option->name);
    bool is_needed = option->kind == ARGUMENT_NEEDED || option->kind == ARGUMENT_REPEATED;
    const char *value = equals != NULL ? equals + 1 : NULL;
    if (equals == NULL && is_needed && *at + 1 < count)
        value = arguments[++*at];
    if (is_needed && value == NULL)
        return complain("--%s needs a value", option->name);
    options->values[id] = value;
    return option->kind != ARGUMENT_REPEATED || keep_repeated(options, id);
}

bool options_parse(struct options *options, int count, char **arguments)
{
    bool words_only = false;
    *options = (struct options){ .word_count = 0 };
    for (int at = 1; at < count; at++) {
        const char *argument = arguments[at];
        if (!words_only && strcmp(argument, "--") == 0) {
            words_only = true;
        } else if (!words_only && strncmp(argument, "--", 2) == 0) {
            if (!take(options, count, arguments, &at))
                return false;
        } else if (!words_only && argument[0] == '-' && argument[1] != '\0') {
            return complain("there is no option %s", argument);
        } else if (options->word_count == OPTIONS_WORDS_MAX) {
            return complain("\"%s\" is one word too many", argument);
        } else {
            options->words[options->word_count++] = argument;
        }
    }
    return true;
}

const char *options_next(const struct options *options, enum option_id id, size_t *at)
{
    while (*at < options->repeated_count)
        if (options->repeated[(*at)++].id == id)
            return options->repeated[*at - 1].value;
    return NULL;
}

bool options_number(const struct options *options, enum option_id id, long long minimum, long long maximum,
                    long long *out_number)
{
    char *end;
    const char *words = options->values[id];
    if (words == NULL)
        return true;
    errno = 0;
    long long number = strtoll(words, &end, 10);
    if (end == words || *end != '\0' || errno != 0 || number < minimum || number > maximum) {
        fprintf(stderr, "ckctl: --%s is a number from %lld to %lld, not \"%s\"\n", options_table[id].name,
                minimum, maximum, words);
        return false;
    }
    *out_number = number;
    return true;
}
