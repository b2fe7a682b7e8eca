/* SPDX-License-Identifier: Apache-2.0 */
#include "ckctl/list.h"

#include "ckctl/pages.h"
#include "ckctl/route_judge.h"
#include "ckctl/table.h"
#include "ckctl/value.h"

struct list {
    struct context *context;
    struct table table;
};

void list_put_target(struct buffer *target, const struct context *context)
{
    char between = '?';
    const struct resource *resource = context->command->resource;
    buffer_put_c(target, resource->path);
    if (resource->below != NULL) {
        buffer_put_c(target, "/");
        api_put_encoded(target, context->words[0]);
        buffer_put_c(target, resource->below);
    }
    for (int id = 0; id < OPTIONS_END; id++) {
        if (context->options->values[id] == NULL || options_table[id].parameter == NULL)
            continue;
        buffer_format(target, "%c%s=", between, options_table[id].parameter);
        api_put_encoded(target, context->options->values[id]);
        between = '&';
    }
}

static void put_way(struct buffer *words, const json_t *item)
{
    if (json_array_size(value_at(item, "path")) > 0 || value_at(item, "next_hops") != NULL)
        route_put_way(words, item);
    else
        buffer_put_c(words, "-");
}

static void add_cell(struct table *table, const struct terminal *terminal, const json_t *item,
                     const struct column *column)
{
    struct buffer words = { .bytes = NULL };
    enum style style = STYLE_PLAIN;
    if (column->kind == COLUMN_WAY)
        put_way(&words, item);
    else
        value_put(&words, value_at(item, column->member), terminal);
    if (column->kind == COLUMN_STATE)
        style = terminal_state_style(buffer_c(&words));
    table_add(table, style, buffer_c(&words), words.length);
    buffer_fini(&words);
}

void list_add_row(struct table *table, const struct context *context, const json_t *item)
{
    for (const struct column *column = context->command->resource->columns; column->heading != NULL; column++)
        add_cell(table, &context->terminal, item, column);
}

static void visit_row(void *context, const char *item, size_t length)
{
    struct list *list = context;
    json_t *value = value_parse(item, length);
    list_add_row(&list->table, list->context, value);
    json_decref(value);
}

static void visit_line(void *context, const char *item, size_t length)
{
    struct list *list = context;
    buffer_put(&list->context->out, item, length);
    buffer_put_c(&list->context->out, "\n");
}

/* What is piped is not kept until the last page. */
static void flush_lines(void *context)
{
    struct list *list = context;
    if (!list->context->options->given[OPTION_WATCH])
        context_flush(list->context);
}

void list_init_table(struct table *table, const struct resource *resource)
{
    size_t count = 0;
    while (resource->columns[count].heading != NULL)
        count++;
    table_init(table, count);
    for (size_t i = 0; i < count; i++) {
        table->headings[i] = resource->columns[i].heading;
        table->right[i] = resource->columns[i].kind == COLUMN_NUMBER;
        if (resource->columns[i].kind == COLUMN_STATE)
            table->whole[i] = true;
    }
}

enum outcome list_run(struct context *context)
{
    struct list list = { .context = context };
    struct buffer target = { .bytes = NULL };
    struct pages pages = { .visit = visit_row, .context = &list };
    if (!options_number(context->options, OPTION_LIMIT, 1, 1000000000, &pages.limit))
        return OUTCOME_USAGE;
    if (context_wants_json(context)) {
        pages.visit = visit_line;
        pages.page_end = flush_lines;
    }
    list_init_table(&list.table, context->command->resource);
    list_put_target(&target, context);
    pages.target = target.bytes;
    enum outcome outcome = pages_read(context, &pages);
    if (outcome == OUTCOME_OK && !context_wants_json(context)) {
        table_print(&list.table, &context->terminal, &context->out);
        if (list.table.cell_count == 0 && context->terminal.is_terminal)
            buffer_put_c(&context->out, "none\n"); /* to a pipe, the headings alone */
    }
    table_fini(&list.table);
    buffer_fini(&target);
    return outcome;
}
