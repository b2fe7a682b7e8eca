/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "ckctl/command.h"

#define LIST (GROUP_SHOW | GROUP_WATCH | GROUP_TIMES | GROUP_LIMIT)
#define LOOK (GROUP_SHOW | GROUP_WATCH | GROUP_TIMES)
#define PUT (GROUP_SHOW | GROUP_WRITE | GROUP_MATCH)
#define PKI (GROUP_LOCAL | GROUP_DIR)
#define ISSUE (PKI | GROUP_DAYS | GROUP_FORCE)
#define REPLACE (GROUP_SHOW | GROUP_WRITE | GROUP_ORIGIN | GROUP_MATCH)

const struct command commands_table[] = {
    { "status", NULL, NULL, "how the bridge is, its totals and limits", LOOK, status_run, NULL },
    { "doctor", "km", "ID", "why a KM cannot connect, and what will soon be wrong with it", LOOK, doctor_run,
      NULL },
    { "doctor", "route", "ID", "why a route is not used, and when it will end", LOOK, doctor_run, NULL },
    { "doctor", NULL, NULL, "what is wrong, and what will soon be; exit code 1 when something is", LOOK,
      doctor_run, NULL },
    { "explain", "relay", "ID", "who decided, which way, what happened when, and why it ended", GROUP_TIMES,
      explain_run, &resource_relays },
    { "explain", "lookup", "ID", "who decided, what was answered, and why", GROUP_TIMES, explain_lookup_run,
      &resource_lookups },
    { "paths", NULL, "FROM TO", "what the bridge would compute between two KMAs; installs nothing",
      GROUP_SHOW | GROUP_WATCH | GROUP_POST | GROUP_PATHS, paths_run, NULL },
    { "kms", "list", NULL, "key managers and their sessions", LIST, list_run, &resource_kms },
    { "kms", "show", "ID", "one, with its dialect and counters", LOOK, show_run, &resource_kms },
    { "kms", "put", "ID FILE", "enrol or change one", PUT, put_run, &resource_kms },
    { "kms", "delete", "ID", "remove one", PUT, delete_run, &resource_kms },
    { "applications", "list", NULL, "applications and their KMAs", LIST, list_run, &resource_applications },
    { "applications", "show", "ID", "one", LOOK, show_run, &resource_applications },
    { "applications", "put", "ID FILE", "add or change one", PUT, put_run, &resource_applications },
    { "applications", "delete", "ID", "remove one", PUT, delete_run, &resource_applications },
    { "destinations", "list", NULL, "policies of what goes to a KMA: who decides, by when", LIST, list_run,
      &resource_destinations },
    { "destinations", "show", "KMA", "one", LOOK, show_run, &resource_destinations },
    { "destinations", "put", "KMA FILE", "add or change one", PUT, put_run, &resource_destinations },
    { "destinations", "delete", "KMA", "remove one", PUT, delete_run, &resource_destinations },
    { "routes", "list", NULL, "installed routes", LIST | GROUP_ORIGIN, list_run, &resource_routes },
    { "routes", "show", "ID", "one", LOOK, show_run, &resource_routes },
    { "routes", "put", "ID FILE", "install or change one", PUT, put_run, &resource_routes },
    { "routes", "delete", "ID", "remove one", PUT, delete_run, &resource_routes },
    { "routes", "replace", "FILE", "all of one origin at once: {\"origin\", \"routes\": [...]}", REPLACE,
      replace_run, &resource_routes },
    { "links", "list", NULL, "links between KMAs", LIST | GROUP_ORIGIN, list_run, &resource_links },
    { "links", "show", "ID", "one", LOOK, show_run, &resource_links },
    { "links", "put", "ID FILE", "add or change one", PUT, put_run, &resource_links },
    { "links", "delete", "ID", "remove one", PUT, delete_run, &resource_links },
    { "links", "replace", "FILE", "all of one origin at once: {\"origin\", \"links\": [...]}", REPLACE,
      replace_run, &resource_links },
    { "relays", "list", NULL, "relay requests, the newest first", LIST | GROUP_FILTER, list_run,
      &resource_relays },
    { "relays", "show", "ID", "one, with its timeline", LOOK, show_run, &resource_relays },
    { "relays", "decide", "ID", "decide a held one: --path or --reject",
      GROUP_SHOW | GROUP_POST | GROUP_PATH | GROUP_DECISION, decide_run, &resource_relays },
    { "relays", "start", NULL, "have the KM of the path's first KMA relay a key along --path",
      GROUP_SHOW | GROUP_POST | GROUP_PATH, start_run, &resource_relays },
    { "lookups", "list", NULL, "next hop requests, the newest first", LIST | GROUP_FILTER, list_run,
      &resource_lookups },
    { "lookups", "show", "ID", "one", LOOK, show_run, &resource_lookups },
    { "lookups", "decide", "ID", "decide a held one: --next-hops or --reject",
      GROUP_SHOW | GROUP_POST | GROUP_NEXT_HOPS | GROUP_DECISION, decide_run, &resource_lookups },
    { "events", NULL, NULL, "what happened, the oldest first; --follow for what happens",
      GROUP_SHOW | GROUP_TIMES | GROUP_LIMIT | GROUP_EVENTS | GROUP_AFTER, events_run, &resource_events },
    { "webhook", "list", NULL, "webhooks and how their deliveries are", LIST, list_run, &resource_webhooks },
    { "webhook", "show", "ID", "one", LOOK, show_run, &resource_webhooks },
    { "webhook", "put", "ID FILE", "add or change one; a secret made for it is printed, this once", PUT,
      put_run, &resource_webhooks },
    { "webhook", "delete", "ID", "remove one", PUT, delete_run, &resource_webhooks },
    { "webhook", "test", "ID", "send it an event of its own; exit code 1 when that was not taken",
      GROUP_SHOW | GROUP_POST, webhook_test_run, &resource_webhooks },
    { "webhook", "replay", "ID", "deliver again: --after, or --dead-letters",
      GROUP_SHOW | GROUP_POST | GROUP_AFTER | GROUP_REPLAY, webhook_replay_run, &resource_webhooks },
    { "webhook", "dead-letters", "ID", "what was given up", LIST, list_run, &resource_dead_letters },
    { "webhook", "drop", "ID", "drop its dead letters, or --event", GROUP_LETTER, webhook_drop_run,
      &resource_webhooks },
    { "audit", "list", NULL, "who did what, from where, with what outcome; the newest first",
      LIST | GROUP_AUDIT | GROUP_AFTER, list_run, &resource_audit },
    { "audit", "verify", NULL, "prove that the trail is whole and as it was; exit code 1 when it is not",
      GROUP_SHOW | GROUP_ANCHOR, audit_verify_run, &resource_audit },
    { "token", "list", NULL, "bearer tokens, never their secrets", LIST, list_run, &resource_tokens },
    { "token", "show", "ID", "one", LOOK, show_run, &resource_tokens },
    { "token", "create", "ID", "make one; its secret is printed, this once",
      GROUP_SHOW | GROUP_TOKEN | GROUP_DAYS, token_create_run, &resource_tokens },
    { "token", "revoke", "ID", "end one, and what was begun with it", PUT, delete_run, &resource_tokens },
    { "pki", "init", NULL, "make a lab's own authority: ca.pem, ca.key, crl.pem", ISSUE | GROUP_NAME,
      pki_init_run, NULL },
    { "pki", "server", "NAME", "make NAME.pem and NAME.key for a listener: --dns or --ip",
      ISSUE | GROUP_DNS | GROUP_IP, pki_server_run, NULL },
    { "pki", "km", "KM_ID", "make KM_ID.pem and KM_ID.key for a KM: --dns or --uri",
      ISSUE | GROUP_DNS | GROUP_URI, pki_km_run, NULL },
    { "pki", "client", "NAME", "make NAME.pem and NAME.key for a client of the API",
      ISSUE | GROUP_DNS | GROUP_URI, pki_client_run, NULL },
    { "pki", "list", NULL, "what there is, and when it expires", PKI | GROUP_SHOW | GROUP_TIMES, pki_list_run,
      &resource_certificates },
    { "pki", "revoke", "NAME", "enter NAME.pem into crl.pem", PKI, pki_revoke_run, NULL },
    { "completion", "bash", NULL, "prints the completion for bash", GROUP_LOCAL, completion_run, NULL },
};
const size_t commands_count = sizeof commands_table / sizeof *commands_table;

/* "get" is another word for "show". */
static bool is_verb(const struct command *command, const char *word)
{
    return strcmp(command->verb, strcmp(word, "get") == 0 ? "show" : word) == 0;
}

const struct command *command_find(const struct options *options, size_t *out_words_taken)
{
    for (size_t i = 0; i < commands_count && options->word_count > 0; i++) {
        const struct command *command = &commands_table[i];
        if (strcmp(command->noun, options->words[0]) != 0)
            continue;
        *out_words_taken = command->verb != NULL ? 2 : 1;
        if (command->verb == NULL || (options->word_count > 1 && is_verb(command, options->words[1])))
            return command;
    }
    return NULL;
}

size_t command_argument_count(const struct command *command)
{
    size_t count = command->arguments != NULL;
    for (const char *at = command->arguments; at != NULL && *at != '\0'; at++)
        count += *at == ' ';
    return count;
}

bool command_takes(const struct command *command, enum option_id id)
{
    unsigned every = GROUP_EVERY | ((command->groups & GROUP_LOCAL) != 0 ? 0 : GROUP_COMMON);
    return (options_table[id].groups & (command->groups | every)) != 0;
}
