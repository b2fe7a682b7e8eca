/* SPDX-License-Identifier: Apache-2.0 */
#include "ckctl/show.h"

#include <stdio.h>
#include <string.h>

#include "ckctl/table.h"
#include "ckctl/value.h"

enum { EXPANDED_LEVELS = 2 }; /* deeper objects stand in one line */

static void add_line(struct table *table, const struct terminal *terminal, const char *name,
                     const json_t *value)
{
    struct buffer words = { .bytes = NULL };
    bool is_state = strcmp(name, "state") == 0 || strcmp(name, "session.state") == 0;
    if (strcmp(name, "path") == 0 && json_array_size(value) > 0)
        value_put_joined(&words, value, " > ");
    else
        value_put(&words, value, terminal);
    table_add_c(table, STYLE_HEADING, name);
    table_add(table, is_state ? terminal_state_style(buffer_c(&words)) : STYLE_PLAIN, buffer_c(&words),
              words.length);
    buffer_fini(&words);
}

/* Lists of objects: a line each, the name before the first. */
static void add_lines(struct table *table, const struct terminal *terminal, const char *name,
                      const json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++)
        add_line(table, terminal, i == 0 ? name : "", json_array_get(array, i));
}

static void add_members(struct table *table, const struct terminal *terminal, const char *before,
                        const json_t *object, int levels)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value)
    {
        struct buffer full = { .bytes = NULL };
        buffer_format(&full, "%s%s%s", before, *before != '\0' ? "." : "", name);
        if (json_is_object(value) && json_object_size(value) > 0 && levels > 1)
            add_members(table, terminal, full.bytes, value, levels - 1);
        else if (json_is_object(json_array_get(value, 0)))
            add_lines(table, terminal, full.bytes, value);
        else
            add_line(table, terminal, full.bytes, value);
        buffer_fini(&full);
    }
}

void show_object(struct context *context, const json_t *object)
{
    struct table table;
    struct terminal unlimited = context->terminal;
    unlimited.columns = 0; /* here all is shown, in as many lines as it takes */
    table_init(&table, 2);
    add_members(&table, &unlimited, "", object, EXPANDED_LEVELS);
    table_print(&table, &unlimited, &context->out);
    table_fini(&table);
}

void show_put_target(struct buffer *target, const struct context *context)
{
    buffer_format(target, "%s/", context->command->resource->path);
    api_put_encoded(target, context->words[0]);
}

static enum outcome show(struct context *context, const char *target)
{
    struct api_answer answer;
    enum outcome outcome =
        api_call(context->api, &(struct api_request){ .method = "GET", .target = target }, &answer);
    json_t *object = NULL;
    if (outcome == OUTCOME_OK && answer.status != 0 && context_wants_json(context)) {
        buffer_put(&context->out, buffer_c(&answer.body), answer.body.length);
        buffer_put_c(&context->out, "\n");
    } else if (outcome == OUTCOME_OK && answer.status != 0) {
        object = value_parse(buffer_c(&answer.body), answer.body.length);
        if (object == NULL) {
            fputs("ckctl: the answer is not JSON that can be shown; --json shows it as it is\n", stderr);
            outcome = OUTCOME_REFUSED;
        }
        show_object(context, object);
    }
    json_decref(object);
    api_answer_fini(&answer);
    return outcome;
}

enum outcome show_run(struct context *context)
{
    struct buffer target = { .bytes = NULL };
    show_put_target(&target, context);
    enum outcome outcome = show(context, target.bytes);
    buffer_fini(&target);
    return outcome;
}

enum outcome status_run(struct context *context)
{
    return show(context, "/status");
}
