/* SPDX-License-Identifier: Apache-2.0 */
#include "http/preview_render.h"

#include "ck/json_reader.h"
#include "ck/json_writer.h"

static const render_function renderers[OBJECT_KINDS_END] = {
    [OBJECT_KM] = km_put_config,
    [OBJECT_APPLICATION] = application_put_config,
    [OBJECT_DESTINATION] = destination_put_config,
    [OBJECT_LINK] = link_put_config,
    [OBJECT_ROUTE] = route_put_config,
};

/* ---- which members differ ---- */

/* A JSON object that stands in the writer's buffer; absent: null. */
static struct text put_config(struct bytes_writer *writer, const char *name, render_function render,
                              const void *config)
{
    json_name(writer, name);
    if (config == NULL || render == NULL) {
        json_put_null(writer);
        return TEXT_ABSENT;
    }
    size_t start = writer->length;
    json_open_object(writer);
    render(writer, config);
    json_close_object(writer);
    return writer->overflowed ? TEXT_ABSENT
                              : (struct text){ (const char *)writer->buffer + start, writer->length - start };
}

/* Our own names have no escapes: reading them changes no byte. */
static bool next_member(struct json_reader *reader, bool *first, struct text *out_name,
                        struct text *out_value)
{
    return json_member(reader, first, out_name) == JSON_OK && json_skip(reader, out_value) == JSON_OK;
}

static struct json_reader reader_of(struct text object)
{
    return json_reader((unsigned char *)object.bytes, object.length);
}

static struct text value_of(struct text object, struct text wanted)
{
    struct json_reader reader = reader_of(object);
    struct text name, value;
    bool first = true;
    while (next_member(&reader, &first, &name, &value)) {
        if (text_equal(name, wanted))
            return value;
    }
    return TEXT_ABSENT;
}

/* Those of `object` that `other` has not, or, when `also_differing`, has otherwise. */
static void put_names(struct bytes_writer *writer, struct text object, struct text other, bool also_differing)
{
    struct json_reader reader = reader_of(object);
    struct text name, value;
    bool first = true;
    while (next_member(&reader, &first, &name, &value)) {
        struct text there = value_of(other, name);
        if (!text_is_present(there) || (also_differing && !text_equal(there, value)))
            json_text(writer, name);
    }
}

static void put_changed_members(struct bytes_writer *writer, struct text before, struct text after)
{
    json_name(writer, "members");
    json_open_array(writer);
    if (text_is_present(before) && text_is_present(after)) {
        put_names(writer, after, before, true);
        put_names(writer, before, after, false);
    }
    json_close_array(writer);
}

/* ---- the lists ---- */

static const char *effect_name(enum preview_effect effect)
{
    switch (effect) {
    case PREVIEW_CREATED:
        return "created";
    case PREVIEW_UPDATED:
        return "updated";
    case PREVIEW_DELETED:
        return "deleted";
    }
    return NULL;
}

static const char *touch_name(enum touch touch)
{
    switch (touch) {
    case TOUCH_NONE:
        break;
    case TOUCH_DECIDED:
        return "decided";
    case TOUCH_IN_FLIGHT:
        return "unchanged_in_flight";
    case TOUCH_ORPHANED:
        return "orphaned";
    case TOUCH_UNANSWERED:
        return "session_lost";
    }
    return NULL;
}

static void put_change(struct bytes_writer *writer, const struct preview_change *change,
                       render_function render)
{
    json_open_object(writer);
    render_name_and_text(writer, "id", change->id);
    render_name_and_c(writer, "change", effect_name(change->effect));
    struct text before = put_config(writer, "before", render, change->before);
    struct text after = put_config(writer, "after", render, change->after);
    put_changed_members(writer, before, after);
    json_close_object(writer);
}

struct touched_names {
    const char *list, *id, *total;
};

static void put_touched(struct bytes_writer *writer, const struct preview_list *list,
                        const struct touched_names *names)
{
    json_name(writer, names->list);
    json_open_array(writer);
    for (size_t i = 0; i < list->count; i++) {
        json_open_object(writer);
        render_name_and_id(writer, names->id, list->items[i].request_id);
        render_name_and_c(writer, "effect", touch_name(list->items[i].touch));
        json_close_object(writer);
    }
    json_close_array(writer);
    render_name_and_u64(writer, names->total, list->total);
}

void preview_put_members(struct bytes_writer *writer, const struct preview *preview)
{
    static const struct preview nothing = { .changes_cut = true, .not_all_looked_at = true };
    static const struct touched_names relays = { "relays", "relay_id", "relays_total" };
    static const struct touched_names lookups = { "lookups", "lookup_id", "lookups_total" };
    if (preview == NULL)
        preview = &nothing;
    json_name(writer, "changes");
    json_open_array(writer);
    for (size_t i = 0; i < preview->change_count; i++)
        put_change(writer, &preview->changes[i], renderers[preview->kind]);
    json_close_array(writer);
    render_name_and_boolean(writer, "changes_cut", preview->changes_cut);
    json_name(writer, "touched");
    json_open_object(writer);
    put_touched(writer, &preview->relays, &relays);
    put_touched(writer, &preview->lookups, &lookups);
    render_name_and_boolean(writer, "cut",
                            preview->relays.total > preview->relays.count ||
                                preview->lookups.total > preview->lookups.count);
    render_name_and_boolean(writer, "all_looked_at", !preview->not_all_looked_at);
    json_close_object(writer);
}
