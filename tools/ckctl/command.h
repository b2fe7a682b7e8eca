/* SPDX-License-Identifier: Apache-2.0 */
/* A command (noun and verb), and what it works with. */
#ifndef CKCTL_COMMAND_H
#define CKCTL_COMMAND_H

#include <jansson.h>

#include "ckctl/api.h"
#include "ckctl/buffer.h"
#include "ckctl/options.h"
#include "ckctl/outcome.h"
#include "ckctl/resource.h"
#include "ckctl/terminal.h"

struct context;

struct command {
    const char *noun;
    const char *verb;      /* NULL: none */
    const char *arguments; /* the words that must follow, separated by blanks; NULL: none */
    const char *help;
    unsigned groups; /* of options, GROUP_EVERY and, unless it is GROUP_LOCAL, GROUP_COMMON aside */
    enum outcome (*run)(struct context *context);
    const struct resource *resource;
};

struct context {
    const struct options *options;
    const struct command *command;
    const char *const *words; /* behind noun and verb */
    struct api *api;          /* NULL: the command is GROUP_LOCAL */
    struct terminal terminal;
    struct buffer out; /* goes to standard output when the command has ended, or with context_flush() */
};

/* The table of commands. */
extern const struct command commands_table[];
extern const size_t commands_count;

/* The command that the first words name; *out_words_taken tells how many they were. NULL: there is none. */
const struct command *command_find(const struct options *options, size_t *out_words_taken);
size_t command_argument_count(const struct command *command);
bool command_takes(const struct command *command, enum option_id id);

void context_flush(struct context *context);
/* A line of output, escaped: what it tells of the bridge's texts may hold anything. */
__attribute__((format(printf, 2, 3))) void context_say(struct context *context, const char *format, ...);
/* GET, parsed. *out_value is to be released with json_decref(); NULL unless OUTCOME_OK, and when interrupted.
 */
enum outcome context_get(struct context *context, const char *target, json_t **out_value);
bool context_wants_json(const struct context *context);

/* What the table names. */
enum outcome list_run(struct context *context);
enum outcome show_run(struct context *context);
enum outcome status_run(struct context *context);
enum outcome put_run(struct context *context);
enum outcome delete_run(struct context *context);
enum outcome replace_run(struct context *context);
enum outcome decide_run(struct context *context);
enum outcome start_run(struct context *context);
enum outcome events_run(struct context *context);
enum outcome doctor_run(struct context *context);
enum outcome explain_run(struct context *context);
enum outcome explain_lookup_run(struct context *context);
enum outcome paths_run(struct context *context);
enum outcome webhook_test_run(struct context *context);
enum outcome webhook_replay_run(struct context *context);
enum outcome webhook_drop_run(struct context *context);
enum outcome audit_verify_run(struct context *context);
enum outcome token_create_run(struct context *context);
enum outcome pki_init_run(struct context *context);
enum outcome pki_server_run(struct context *context);
enum outcome pki_km_run(struct context *context);
enum outcome pki_client_run(struct context *context);
enum outcome pki_list_run(struct context *context);
enum outcome pki_revoke_run(struct context *context);
enum outcome completion_run(struct context *context);

#endif
