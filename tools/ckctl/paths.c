/* SPDX-License-Identifier: Apache-2.0 */
/* paths: what the bridge would compute between two KMAs. */
#include "ckctl/paths.h"

#include <stdint.h>
#include <string.h>

#include "ckctl/send.h"
#include "ckctl/table.h"
#include "ckctl/value.h"

static void add_joined(struct table *table, const json_t *array, const char *between)
{
    struct buffer words = { .bytes = NULL };
    value_put_joined(&words, array, between);
    table_add_c(table, STYLE_PLAIN, words.length > 0 ? words.bytes : "-");
    buffer_fini(&words);
}

static void add_value(struct table *table, const struct terminal *terminal, const json_t *path,
                      const char *name)
{
    struct buffer words = { .bytes = NULL };
    value_put(&words, value_at(path, name), terminal);
    table_add_c(table, STYLE_PLAIN, words.bytes);
    buffer_fini(&words);
}

static void add_path(struct table *table, const struct terminal *terminal, const json_t *path, bool is_chosen)
{
    const char *behind = value_string(path, "behind_best.detail");
    add_joined(table, value_at(path, "path"), " > ");
    add_value(table, terminal, path, "cost");
    add_value(table, terminal, path, "hops");
    add_value(table, terminal, path, "bottleneck.key_stock");
    add_joined(table, value_at(path, "link_ids"), ", ");
    add_joined(table, value_at(path, "disconnected_kma_ids"), ", ");
    table_add_c(table, is_chosen ? STYLE_GOOD : STYLE_PLAIN,
                is_chosen        ? "taken"
                : behind != NULL ? behind
                                 : "the best");
}

static void tell_table(struct context *context, const json_t *paths, const json_t *chosen)
{
    static const char *const headings[] = { "PATH", "COST", "HOPS", "KEY STOCK", "LINKS", "AWAY", "WHY NOT" };
    static const bool right[] = { false, true, true, true, false, false, false };
    struct table table;
    table_init(&table, sizeof headings / sizeof *headings);
    for (size_t i = 0; i < table.column_count; i++) {
        table.headings[i] = headings[i];
        table.right[i] = right[i];
    }
    for (size_t i = 0; i < json_array_size(paths); i++) {
        const json_t *path = json_array_get(paths, i);
        add_path(&table, &context->terminal, path,
                 chosen != NULL && json_equal(value_at(path, "path"), chosen));
    }
    table_print(&table, &context->terminal, &context->out);
    table_fini(&table);
}

static void tell_rejected(struct context *context, const json_t *answer)
{
    const json_t *links = value_at(answer, "rejected_links");
    long long count = value_number(answer, "rejected_link_count");
    if (count > 0)
        context_say(context, "Links that no path could use:");
    for (size_t i = 0; i < json_array_size(links); i++) {
        const json_t *link = json_array_get(links, i);
        context_say(context, "  %s (%s - %s): %s.", value_string(link, "link_id"), value_string(link, "a"),
                    value_string(link, "b"), value_string(link, "detail"));
    }
    if (count > (long long)json_array_size(links))
        context_say(context, "  and %lld more.", count - (long long)json_array_size(links));
}

static void tell_list(struct context *context, const char *what, const json_t *array)
{
    struct buffer words = { .bytes = NULL };
    value_put_joined(&words, array, ", ");
    if (words.length > 0)
        context_say(context, "  %s: %s.", what, words.bytes);
    buffer_fini(&words);
}

static void tell_no_second(struct context *context, const json_t *answer)
{
    if (value_string(answer, "no_second.detail") == NULL)
        return;
    context_say(context, "There is no second path: %s.", value_string(answer, "no_second.detail"));
    tell_list(context, "Links that every path uses", value_at(answer, "no_second.link_ids"));
    tell_list(context, "KMAs that every path passes", value_at(answer, "no_second.kma_ids"));
}

void paths_tell(struct context *context, const json_t *answer, const json_t *chosen)
{
    const json_t *paths = value_at(answer, "paths");
    if (json_array_size(paths) > 0)
        tell_table(context, paths, chosen);
    else
        context_say(context, "There is no path: %s.", value_string(answer, "no_path.detail"));
    tell_no_second(context, answer);
    tell_rejected(context, answer);
    if (json_is_false(value_at(answer, "complete")))
        context_say(context,
                    value_string(answer, "disjoint") != NULL
                        ? "The bridge did not try every pair: there may be a better one."
                        : "The bridge stopped at its limit of work: there may be more paths, none of "
                          "them better.");
    if (value_string(answer, "installed_route_id") != NULL)
        context_say(context,
                    "The installed route %s would decide such a relay, when it is the turn of routes.",
                    value_string(answer, "installed_route_id"));
}

static enum outcome tell_answer(struct context *context, long status, const json_t *answer)
{
    (void)status;
    paths_tell(context, answer, NULL);
    bool told = json_array_size(value_at(answer, "paths")) > 0;
    return told && value_string(answer, "no_second.reason") == NULL ? OUTCOME_OK : OUTCOME_REFUSED;
}

static const struct {
    enum option_id option;
    const char *member;
    long long minimum;
} numbers[] = { { OPTION_K, "k", 1 },
                { OPTION_MAX_HOPS, "max_hops", 1 },
                { OPTION_MIN_KEY_STOCK, "min_key_stock", 0 } };

static const struct {
    enum option_id option;
    const char *member;
} lists[] = { { OPTION_AVOID_KMA, "avoid_kma_ids" },
              { OPTION_AVOID_LINK, "avoid_link_ids" },
              { OPTION_VIA, "require_kma_ids" } };

static void set_list(json_t *body, const struct options *options, enum option_id id, const char *member)
{
    size_t at = 0;
    const char *value;
    json_t *array = json_array();
    while ((value = options_next(options, id, &at)) != NULL)
        json_array_append_new(array, json_string(value));
    if (json_array_size(array) > 0)
        json_object_set(body, member, array);
    json_decref(array);
}

/* False: says on standard error what is no number. */
static bool set_conditions(json_t *body, const struct options *options)
{
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        long long number = 0;
        if (!options_number(options, numbers[i].option, numbers[i].minimum, INT64_MAX, &number))
            return false;
        if (options->given[numbers[i].option])
            json_object_set_new(body, numbers[i].member, json_integer(number));
    }
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        set_list(body, options, lists[i].option, lists[i].member);
    if (options->given[OPTION_METRIC])
        json_object_set_new(body, "metric", json_string(options->values[OPTION_METRIC]));
    if (options->given[OPTION_DISJOINT])
        json_object_set_new(body, "disjoint", json_string(options->values[OPTION_DISJOINT]));
    return true;
}

enum outcome paths_run(struct context *context)
{
    json_t *body =
        json_pack("{s:s, s:s}", "source_kma_id", context->words[0], "destination_kma_id", context->words[1]);
    enum outcome outcome = OUTCOME_USAGE;
    if (set_conditions(body, context->options))
        outcome = send_post(context, "/paths", body, tell_answer);
    json_decref(body);
    return outcome;
}
