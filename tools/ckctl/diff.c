/* SPDX-License-Identifier: Apache-2.0 */
#include "ckctl/diff.h"

#include <string.h>

#include "ckctl/display.h"
#include "ckctl/value.h"

/* "+ r1: ...", in the sign's colour. */
static void say(struct context *context, enum style style, const char *sign, const struct buffer *words)
{
    struct buffer *out = &context->out;
    buffer_format(out, "%s%s ", terminal_begin(&context->terminal, style), sign);
    display_escape(out, buffer_c(words), words->length);
    buffer_format(out, "%s\n", terminal_end(&context->terminal, style));
}

static void put_member_value(struct buffer *words, const struct context *context, const char *name,
                             const json_t *value)
{
    struct terminal absolute = context->terminal;
    absolute.relative_times = false; /* what is compared is told exactly */
    if (strcmp(name, "path") == 0 && json_array_size(value) > 0)
        value_put_joined(words, value, " > ");
    else
        value_put(words, value, &absolute);
}

/* Made or removed: all that it is, but for its ID, which stands in front. */
static void say_whole(struct context *context, enum style style, const char *sign, const char *id,
                      const json_t *object)
{
    struct buffer words = { .bytes = NULL };
    const char *name, *between = "  ";
    json_t *value;
    buffer_put_c(&words, id);
    json_object_foreach((json_t *)object, name, value)
    {
        if (json_is_null(value) || (json_is_string(value) && strcmp(json_string_value(value), id) == 0))
            continue;
        buffer_format(&words, "%s%s: ", between, name);
        put_member_value(&words, context, name, value);
        between = ", ";
    }
    say(context, style, sign, &words);
    buffer_fini(&words);
}

static void say_member(struct context *context, enum style style, const char *sign, const char *name,
                       const json_t *value)
{
    struct buffer words = { .bytes = NULL };
    buffer_format(&words, "    %s: ", name);
    put_member_value(&words, context, name, value);
    say(context, style, sign, &words);
    buffer_fini(&words);
}

static void say_update(struct context *context, const json_t *change)
{
    const json_t *members = value_at(change, "members");
    struct buffer words = { .bytes = NULL };
    buffer_put_c(&words, or_empty(value_string(change, "id")));
    if (json_array_size(members) == 0)
        buffer_put_c(&words, "  the same, but defined elsewhere");
    say(context, STYLE_WAITING, "~", &words);
    buffer_fini(&words);
    for (size_t i = 0; i < json_array_size(members); i++) {
        const char *name = or_empty(json_string_value(json_array_get(members, i)));
        say_member(context, STYLE_BAD, "-", name, json_object_get(value_at(change, "before"), name));
        say_member(context, STYLE_GOOD, "+", name, json_object_get(value_at(change, "after"), name));
    }
}

static void say_change(struct context *context, const json_t *change)
{
    const char *kind = or_empty(value_string(change, "change")), *id = or_empty(value_string(change, "id"));
    if (strcmp(kind, "created") == 0)
        say_whole(context, STYLE_GOOD, "+", id, value_at(change, "after"));
    else if (strcmp(kind, "deleted") == 0)
        say_whole(context, STYLE_BAD, "-", id, value_at(change, "before"));
    else
        say_update(context, change);
}

static const char *effect_in_words(const char *effect)
{
    static const struct {
        const char *effect, *words;
    } known[] = {
        { "decided", "it is held, and the routes would decide it at once" },
        { "unchanged_in_flight",
          "it is under way along what would change, and goes on as it was instructed" },
        { "orphaned", "it would end: its KM would be gone or disabled" },
        { "session_lost", "it would be answered to nobody: its KM would be gone or disabled" },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].effect, effect) == 0)
            return known[i].words;
    return effect;
}

static void say_touched(struct context *context, const json_t *touched, const char *list, const char *kind)
{
    const json_t *items = value_at(touched, list);
    struct buffer name = { .bytes = NULL };
    buffer_format(&name, "%s_id", kind);
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        context_say(context, "! %s %s: %s.", kind, or_empty(value_string(item, name.bytes)),
                    effect_in_words(or_empty(value_string(item, "effect"))));
    }
    buffer_clear(&name);
    buffer_format(&name, "%s_total", list);
    long long more = value_number(touched, name.bytes) - (long long)json_array_size(items);
    if (more > 0)
        context_say(context, "! and %lld more %s.", more, list);
    buffer_fini(&name);
}

void diff_tell(struct context *context, const json_t *answer)
{
    const json_t *changes = value_at(answer, "changes"), *touched = value_at(answer, "touched");
    for (size_t i = 0; i < json_array_size(changes); i++)
        say_change(context, json_array_get(changes, i));
    if (value_is_true(answer, "changes_cut"))
        context_say(context, "... and more, which the bridge does not list.");
    say_touched(context, touched, "relays", "relay");
    say_touched(context, touched, "lookups", "lookup");
    if (json_is_false(value_at(touched, "all_looked_at")))
        context_say(context, "Not all open requests were looked at: there are too many.");
}
