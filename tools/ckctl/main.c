/* SPDX-License-Identifier: Apache-2.0 */
/* ckctl: the operator's command line over the bridge's HTTP API. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ckctl/command.h"
#include "ckctl/help.h"
#include "config.h"

enum { WATCH_S = 2, WATCH_S_MAX = 86400, MS = 1000 };

static const char clear_screen[] = "\033[H\033[2J";

static bool is_utf8(int count, char **arguments)
{
    for (int i = 1; i < count; i++)
        if (!text_is_utf8(text_from_c(arguments[i]))) {
            fprintf(stderr, "ckctl: argument %d is not UTF-8\n", i);
            return false;
        }
    return true;
}

/* Says on standard error what does not fit. */
static bool fits(const struct command *command, const struct options *options, size_t words_taken)
{
    const char *verb = command->verb != NULL ? command->verb : "";
    for (int id = 0; id < OPTIONS_END; id++)
        if (options->given[id] && !command_takes(command, (enum option_id)id)) {
            fprintf(stderr, "ckctl: %s %s takes no --%s\n", command->noun, verb, options_table[id].name);
            return false;
        }
    if (options->word_count - words_taken == command_argument_count(command))
        return true;
    fprintf(stderr, "ckctl: usage: ckctl %s %s %s\n", command->noun, verb,
            command->arguments != NULL ? command->arguments : "");
    return false;
}

static bool set_times(struct context *context)
{
    const char *kind = context->options->values[OPTION_TIMES];
    if (kind == NULL)
        return true;
    context->terminal.relative_times = strcmp(kind, "relative") == 0;
    if (context->terminal.relative_times || strcmp(kind, "absolute") == 0)
        return true;
    fputs("ckctl: --times is relative or absolute\n", stderr);
    return false;
}

static void show_frame(struct context *context)
{
    if (context->terminal.is_terminal)
        fputs(clear_screen, stdout);
    context_flush(context);
}

/* Until interrupted, which is its ordinary end; a bridge that is away for a while does not end it. */
static enum outcome watch(struct context *context)
{
    long long seconds = WATCH_S;
    if (!options_number(context->options, OPTION_WATCH, 1, WATCH_S_MAX, &seconds))
        return OUTCOME_USAGE;
    api_take_interrupts(context->api);
    for (;;) {
        terminal_set_now(&context->terminal);
        enum outcome outcome = context->command->run(context);
        if (api_is_interrupted(context->api))
            return OUTCOME_OK;
        bool is_verdict = outcome == OUTCOME_REFUSED &&
                          (context->command->run == doctor_run || context->command->run == paths_run);
        if (outcome != OUTCOME_OK && outcome != OUTCOME_UNREACHABLE && !is_verdict)
            return outcome;
        if (outcome != OUTCOME_UNREACHABLE)
            show_frame(context);
        if (!api_wait(context->api, (int)seconds * MS))
            return OUTCOME_OK;
    }
}

static enum outcome run(struct context *context)
{
    enum outcome outcome;
    if (!set_times(context))
        return OUTCOME_USAGE;
    if ((context->command->groups & GROUP_LOCAL) != 0) {
        outcome = context->command->run(context);
        context_flush(context);
        return outcome;
    }
    context->api = api_new(context->options, &outcome);
    if (context->api == NULL)
        return outcome;
    outcome = context->options->given[OPTION_WATCH] ? watch(context) : context->command->run(context);
    context_flush(context);
    api_free(context->api);
    return outcome;
}

static enum outcome help(const struct command *command)
{
    struct buffer text = { .bytes = NULL };
    help_put(&text, command);
    fputs(buffer_c(&text), stdout);
    buffer_fini(&text);
    return OUTCOME_OK;
}

int main(int count, char **arguments)
{
    struct options options;
    size_t words_taken = 0;
    if (!is_utf8(count, arguments) || !options_parse(&options, count, arguments))
        return OUTCOME_USAGE;
    const struct command *command = command_find(&options, &words_taken);
    if (options.given[OPTION_VERSION]) {
        puts("ckctl " PACKAGE_VERSION);
        return OUTCOME_OK;
    }
    if (options.given[OPTION_HELP])
        return (int)help(command);
    if (command == NULL) {
        fprintf(stderr, "ckctl: there is no command \"%s%s%s\"; see ckctl --help\n",
                options.word_count > 0 ? options.words[0] : "", options.word_count > 1 ? " " : "",
                options.word_count > 1 ? options.words[1] : "");
        return OUTCOME_USAGE;
    }
    if (!fits(command, &options, words_taken))
        return OUTCOME_USAGE;
    struct context context = { .options = &options,
                               .command = command,
                               .words = options.words + words_taken };
    terminal_init(&context.terminal);
    enum outcome outcome = run(&context);
    buffer_fini(&context.out);
    return fflush(stdout) == 0 && ferror(stdout) == 0 ? (int)outcome : OUTCOME_REFUSED;
}
