/* SPDX-License-Identifier: Apache-2.0 */
#include "ckctl/help.h"

#include <string.h>

static const char head[] =
    "usage: ckctl COMMAND [OPTION...]\n"
    "\n"
    "Talks to a bridge over its HTTP API, directly: proxies of the environment are not used.\n";

static const char tail[] = "\nFILE holds a JSON object, as \"show --json\" prints it; - is standard input. "
                           "Identifiers that begin with a dash\n"
                           "stand behind \"--\". Tables cut long cells on a terminal; piped, they are whole. "
                           "NO_COLOR turns colours off.\n"
                           "With an orchestrator's token the bridge takes each request as a sign that an "
                           "orchestrator is present; for looking,\n"
                           "use a viewer's. \"get\" is another word for \"show\".\n"
                           "\n"
                           "exit codes:\n"
                           "  0  done\n"
                           "  1  the bridge refused, or could not; its reason is on standard error; or "
                           "what was asked is bad news: doctor\n"
                           "     found something wrong, there is no path, a test was not taken, the "
                           "audit trail is not whole\n"
                           "  2  the command line, or a file that it names, is not usable\n"
                           "  3  no connection, no trust (TLS), or no answer in time\n"
                           "  4  no valid credentials, or a role that does not suffice\n"
                           "  5  there is no such object\n";

static void pad(struct buffer *out, size_t from, size_t width)
{
    for (size_t length = out->length - from; length < width; length++)
        buffer_put(out, " ", 1);
}

static void put_command(struct buffer *out, const struct command *command)
{
    size_t start = out->length;
    buffer_format(out, "  %s", command->noun);
    if (command->verb != NULL)
        buffer_format(out, " %s", command->verb);
    if (command->arguments != NULL)
        buffer_format(out, " %s", command->arguments);
    pad(out, start, 28);
    buffer_format(out, "  %s\n", command->help);
}

static void put_option(struct buffer *out, const struct option *option)
{
    size_t start = out->length;
    buffer_format(out, "  --%s", option->name);
    if (option->kind == ARGUMENT_NEEDED || option->kind == ARGUMENT_REPEATED)
        buffer_format(out, " %s", option->argument);
    else if (option->kind == ARGUMENT_OPTIONAL)
        buffer_format(out, "[=%s]", option->argument);
    pad(out, start, 36);
    buffer_format(out, "  %s\n", option->help);
}

static void put_options(struct buffer *out, const char *title, unsigned groups)
{
    buffer_format(out, "\n%s:\n", title);
    for (int id = 0; id < OPTIONS_END; id++)
        if ((options_table[id].groups & groups) != 0)
            put_option(out, &options_table[id]);
}

void help_put(struct buffer *out, const struct command *command)
{
    buffer_put_c(out, head);
    buffer_put_c(out, "\ncommands:\n");
    for (size_t i = 0; i < commands_count; i++)
        if (command == NULL || command == &commands_table[i])
            put_command(out, &commands_table[i]);
    if (command == NULL) {
        put_options(out, "options of commands; \"ckctl COMMAND --help\" names those it takes",
                    ~(unsigned)(GROUP_COMMON | GROUP_EVERY));
    } else if ((command->groups & ~(unsigned)GROUP_LOCAL) != 0) {
        put_options(out, "its options", command->groups);
    }
    if (command == NULL || (command->groups & GROUP_LOCAL) == 0)
        put_options(out, "options of all commands that talk to a bridge", GROUP_COMMON);
    put_options(out, "options of all commands", GROUP_EVERY);
    buffer_put_c(out, tail);
}

static bool begins_noun(size_t i)
{
    return i == 0 || strcmp(commands_table[i].noun, commands_table[i - 1].noun) != 0;
}

/* "status doctor kms ...": each noun once. */
static void put_nouns(struct buffer *out)
{
    for (size_t i = 0; i < commands_count; i++)
        if (begins_noun(i))
            buffer_format(out, "%s%s", i > 0 ? " " : "", commands_table[i].noun);
}

/* "kms) words="list show" ;;" of the noun that begins at `first`; nothing when it has no verbs. */
static void put_verbs_of(struct buffer *out, size_t first)
{
    const char *noun = commands_table[first].noun, *between = "";
    struct buffer verbs = { .bytes = NULL };
    for (size_t i = first; i < commands_count && strcmp(commands_table[i].noun, noun) == 0; i++)
        if (commands_table[i].verb != NULL) {
            buffer_format(&verbs, "%s%s", between, commands_table[i].verb);
            between = " ";
        }
    if (verbs.length > 0)
        buffer_format(out, "        %s) words=\"%s\" ;;\n", noun, verbs.bytes);
    buffer_fini(&verbs);
}

static void put_verbs(struct buffer *out)
{
    for (size_t i = 0; i < commands_count; i++)
        if (begins_noun(i))
            put_verbs_of(out, i);
}

static void put_command_options(struct buffer *out, const struct command *command)
{
    const char *between = "";
    buffer_format(out, "        \"%s%s%s\") words=\"", command->noun, command->verb != NULL ? " " : "",
                  command->verb != NULL ? command->verb : "");
    for (int id = 0; id < OPTIONS_END; id++)
        if (command_takes(command, (enum option_id)id)) {
            buffer_format(out, "%s--%s", between, options_table[id].name);
            between = " ";
        }
    buffer_put_c(out, "\" ;;\n");
}

/* Their next word is not a noun. */
static void put_options_with_value(struct buffer *out)
{
    const char *between = "";
    for (int id = 0; id < OPTIONS_END; id++)
        if (options_table[id].kind == ARGUMENT_NEEDED || options_table[id].kind == ARGUMENT_REPEATED) {
            buffer_format(out, "%s--%s", between, options_table[id].name);
            between = " | ";
        }
}

static const char completion_head[] =
    "# SPDX-License-Identifier: Apache-2.0\n"
    "# Completion of ckctl for bash. Made by \"ckctl completion bash\"; do not edit.\n"
    "_ckctl() {\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words= noun= verb= at\n"
    "    case $before in\n"
    "    --token-file | --ca | --certificate | --key | --dir | put | replace)\n"
    "        COMPREPLY=($(compgen -f -- \"$word\"))\n"
    "        return ;;\n"
    "    esac\n"
    "    for ((at = 1; at < COMP_CWORD; at++)); do\n"
    "        case ${COMP_WORDS[at]} in\n"
    "        ";

static const char completion_loop_end[] =
    ") ((at++)) ;;\n"
    "        -* | =) ;;\n"
    "        *) if [[ -z $noun ]]; then noun=${COMP_WORDS[at]}; elif [[ -z $verb ]]; then "
    "verb=${COMP_WORDS[at]}; fi ;;\n"
    "        esac\n"
    "    done\n";

void help_put_completion(struct buffer *out)
{
    buffer_put_c(out, completion_head);
    put_options_with_value(out);
    buffer_put_c(out, completion_loop_end);
    buffer_put_c(out, "    if [[ $word == -* ]]; then\n        case \"$noun${verb:+ $verb}\" in\n");
    for (size_t i = 0; i < commands_count; i++)
        put_command_options(out, &commands_table[i]);
    buffer_put_c(out, "        esac\n    elif [[ -z $noun ]]; then\n        words=\"");
    put_nouns(out);
    buffer_put_c(out, "\"\n    elif [[ -z $verb ]]; then\n        case $noun in\n");
    put_verbs(out);
    buffer_put_c(
        out,
        "        esac\n    else\n        COMPREPLY=($(compgen -f -- \"$word\"))\n        return\n    fi\n"
        "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\n"
        "complete -F _ckctl ckctl\n");
}

enum outcome completion_run(struct context *context)
{
    help_put_completion(&context->out);
    return OUTCOME_OK;
}
