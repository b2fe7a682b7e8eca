/* SPDX-License-Identifier: Apache-2.0 */
#include "core/webhook.h"

#include <assert.h>
#include <stddef.h>

#include "ck/json_reader.h"
#include "ck/json_writer.h"

enum field_type { FIELD_TEXT, FIELD_TEXTS, FIELD_NUMBER, FIELD_NUMBERS, FIELD_BOOLEAN };

/* One member of a document and where it is in the structure; lists have their count elsewhere. */
struct field {
    const char *name;
    enum field_type type;
    size_t offset, count_offset;
    size_t count_max;
};

#define FIELD(structure, name, type)                                                                         \
    {                                                                                                        \
#name, type, offsetof(struct structure, name), 0, 0                                                  \
    }
#define LIST(structure, name, type, count, maximum)                                                          \
    {                                                                                                        \
#name, type, offsetof(struct structure, name), offsetof(struct structure, count), maximum            \
    }

static const struct field definition_fields[] = {
    FIELD(webhook_definition, url, FIELD_TEXT),
    LIST(webhook_definition, types, FIELD_TEXTS, type_count, LIMIT_WEBHOOK_TYPES),
    LIST(webhook_definition, subjects, FIELD_TEXTS, subject_count, LIMIT_WEBHOOK_SUBJECTS),
    FIELD(webhook_definition, secret, FIELD_TEXT),
    FIELD(webhook_definition, old_secret, FIELD_TEXT),
    FIELD(webhook_definition, old_secret_until_ms, FIELD_NUMBER),
    FIELD(webhook_definition, enabled, FIELD_BOOLEAN),
    FIELD(webhook_definition, timeout_ms, FIELD_NUMBER),
    FIELD(webhook_definition, created_ms, FIELD_NUMBER),
    FIELD(webhook_definition, start_after, FIELD_NUMBER),
    FIELD(webhook_definition, resumed_ms, FIELD_NUMBER),
    { NULL, FIELD_TEXT, 0, 0, 0 },
};

static const struct field progress_fields[] = {
    FIELD(webhook_progress, created_ms, FIELD_NUMBER),
    FIELD(webhook_progress, position, FIELD_NUMBER),
    FIELD(webhook_progress, replay_serial, FIELD_NUMBER),
    FIELD(webhook_progress, letters_done, FIELD_BOOLEAN),
    FIELD(webhook_progress, gone_ms, FIELD_NUMBER),
    FIELD(webhook_progress, resumed_ms, FIELD_NUMBER),
    { NULL, FIELD_TEXT, 0, 0, 0 },
};

static const struct field replay_fields[] = {
    FIELD(webhook_replay, created_ms, FIELD_NUMBER),
    FIELD(webhook_replay, serial, FIELD_NUMBER),
    FIELD(webhook_replay, moves, FIELD_BOOLEAN),
    FIELD(webhook_replay, after, FIELD_NUMBER),
    FIELD(webhook_replay, all_letters, FIELD_BOOLEAN),
    LIST(webhook_replay, letters, FIELD_NUMBERS, letter_count, LIMIT_WEBHOOK_LETTERS),
    { NULL, FIELD_TEXT, 0, 0, 0 },
};

/* ---- writing ---- */

static size_t count_of(const void *structure, const struct field *field)
{
    return *(const size_t *)(const void *)((const char *)structure + field->count_offset);
}

static void write_field(const void *structure, const struct field *field, struct bytes_writer *writer)
{
    const void *at = (const char *)structure + field->offset;
    switch (field->type) {
    case FIELD_TEXT:
        json_text(writer, *(const struct text *)at);
        return;
    case FIELD_NUMBER:
        json_u64(writer, *(const uint64_t *)at);
        return;
    case FIELD_BOOLEAN:
        json_put_boolean(writer, *(const bool *)at);
        return;
    case FIELD_TEXTS:
    case FIELD_NUMBERS:
        break;
    }
    json_open_array(writer);
    for (size_t i = 0; i < count_of(structure, field); i++)
        if (field->type == FIELD_TEXTS)
            json_text(writer, (*(struct text *const *)at)[i]);
        else
            json_u64(writer, (*(uint64_t *const *)at)[i]);
    json_close_array(writer);
}

static void write_fields(const void *structure, const struct field *fields, struct bytes_writer *writer)
{
    json_open_object(writer);
    for (const struct field *field = fields; field->name != NULL; field++) {
        json_name(writer, field->name);
        write_field(structure, field, writer);
    }
    json_close_object(writer);
}

void webhook_definition_write(const struct webhook_definition *definition, struct bytes_writer *writer)
{
    write_fields(definition, definition_fields, writer);
}

void webhook_progress_write(const struct webhook_progress *progress, struct bytes_writer *writer)
{
    write_fields(progress, progress_fields, writer);
}

void webhook_replay_write(const struct webhook_replay *replay, struct bytes_writer *writer)
{
    write_fields(replay, replay_fields, writer);
}

/* ---- reading ---- */

static bool read_number(struct json_reader *reader, uint64_t *out_number)
{
    struct text digits;
    return json_read_number(reader, &digits) == JSON_OK && text_to_u64(digits, UINT64_MAX, out_number);
}

static bool read_list(struct json_reader *reader, struct arena *arena, const struct field *field,
                      void *structure)
{
    const size_t bytes = field->type == FIELD_TEXTS ? sizeof(struct text) : sizeof(uint64_t);
    void *items = arena_allocate(arena, field->count_max * bytes);
    enum json_status status;
    size_t count = 0;
    bool first = true;
    while (items != NULL && (status = json_element(reader, &first)) == JSON_OK) {
        if (count == field->count_max)
            return false;
        if (field->type == FIELD_TEXTS ? json_read_string(reader, (struct text *)items + count) != JSON_OK
                                       : !read_number(reader, (uint64_t *)items + count))
            return false;
        count++;
    }
    if (items == NULL || status != JSON_END)
        return false;
    *(void **)(void *)((char *)structure + field->offset) = items;
    *(size_t *)(void *)((char *)structure + field->count_offset) = count;
    return true;
}

static bool read_field(struct json_reader *reader, struct arena *arena, const struct field *field,
                       void *structure)
{
    void *at = (char *)structure + field->offset;
    enum json_kind kind;
    struct text ignored;
    if (json_peek(reader, &kind) != JSON_OK)
        return false;
    if (kind == JSON_KIND_NULL)
        return json_skip(reader, &ignored) == JSON_OK;
    switch (field->type) {
    case FIELD_TEXT:
        return json_read_string(reader, at) == JSON_OK;
    case FIELD_NUMBER:
        return read_number(reader, at);
    case FIELD_BOOLEAN:
        *(bool *)at = kind == JSON_KIND_TRUE;
        return (kind == JSON_KIND_TRUE || kind == JSON_KIND_FALSE) && json_skip(reader, &ignored) == JSON_OK;
    case FIELD_TEXTS:
    case FIELD_NUMBERS:
        break;
    }
    return read_list(reader, arena, field, structure);
}

/* Members that a later ckbridge wrote are passed over; missing ones stay zero. */
static bool read_fields(struct text json, struct arena *arena, const struct field *fields, void *structure)
{
    const struct text copy = arena_copy(arena, json);
    struct text name, ignored;
    enum json_status status;
    bool first = true;
    if (!text_is_present(copy))
        return false;
    struct json_reader reader = json_reader((unsigned char *)(uintptr_t)copy.bytes, copy.length);
    while ((status = json_member(&reader, &first, &name)) == JSON_OK) {
        const struct field *field = fields;
        while (field->name != NULL && !text_equal_c(name, field->name))
            field++;
        if (field->name == NULL ? json_skip(&reader, &ignored) != JSON_OK
                                : !read_field(&reader, arena, field, structure))
            return false;
    }
    return status == JSON_END && json_finish(&reader) == JSON_OK;
}

bool webhook_definition_read(struct text json, struct arena *arena, struct webhook_definition *out_definition)
{
    struct webhook_definition definition = { .enabled = false };
    if (!read_fields(json, arena, definition_fields, &definition) || !text_is_present(definition.url) ||
        !text_is_present(definition.secret))
        return false;
    *out_definition = definition;
    return true;
}

bool webhook_progress_read(struct text json, struct arena *arena, struct webhook_progress *out_progress)
{
    struct webhook_progress progress = { .position = 0 };
    if (!read_fields(json, arena, progress_fields, &progress))
        return false;
    *out_progress = progress;
    return true;
}

bool webhook_replay_read(struct text json, struct arena *arena, struct webhook_replay *out_replay)
{
    struct webhook_replay replay = { .serial = 0 };
    if (!read_fields(json, arena, replay_fields, &replay))
        return false;
    *out_replay = replay;
    return true;
}

/* ---- names ---- */

struct text webhook_document_id(struct arena *arena, struct text prefix, struct text webhook_id)
{
    char *bytes = arena_allocate(arena, prefix.length + webhook_id.length + 1);
    if (bytes == NULL)
        return TEXT_ABSENT;
    struct bytes_writer writer = bytes_writer(bytes, prefix.length + webhook_id.length);
    bytes_put_text(&writer, prefix);
    bytes_put_text(&writer, webhook_id);
    assert(!writer.overflowed);
    return bytes_written(&writer);
}

const char *webhook_state_name(enum webhook_state state)
{
    static const char *const names[] = {
        [WEBHOOK_IDLE] = "idle", [WEBHOOK_DELIVERING] = "delivering", [WEBHOOK_RETRYING] = "retrying",
        [WEBHOOK_GONE] = "gone", [WEBHOOK_DISABLED] = "disabled",
    };
    _Static_assert(sizeof names / sizeof *names == WEBHOOK_STATES_END, "one name each");
    return names[state];
}
