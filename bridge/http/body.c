/* SPDX-License-Identifier: Apache-2.0 */
#include "http/body.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "http/body_place.h"
#include "http/instant.h"

/* Too long a pointer ends early: it only helps people. */
static void append_pointer(char *pointer, size_t capacity, const char *name)
{
    size_t length = strlen(pointer);
    struct bytes_writer writer = bytes_writer(pointer + length, capacity - length - 1);
    body_place_put_name(&writer, text_from_c(name));
    pointer[length + writer.length] = '\0';
}

bool body_refuse(const struct body *body, enum problem_kind kind, const char *name, const char *format, ...)
{
    char detail[512];
    char pointer[BODY_POINTER_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    memcpy(pointer, body->pointer, sizeof pointer);
    if (name != NULL)
        append_pointer(pointer, sizeof pointer, name);
    request_refuse(body->request, kind, pointer, "%s", detail);
    return false;
}

/* jansson itself would go down 2048 levels; brackets within strings do not count. */
static bool is_too_deep(const unsigned char *bytes, size_t length)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < length; i++) {
        if (in_string) {
            if (bytes[i] == '\\')
                i++;
            else if (bytes[i] == '"')
                in_string = false;
        } else if (bytes[i] == '"') {
            in_string = true;
        } else if (bytes[i] == '{' || bytes[i] == '[') {
            if (++depth > BODY_DEPTH_MAX)
                return true;
        } else if ((bytes[i] == '}' || bytes[i] == ']') && depth > 0) {
            depth--;
        }
    }
    return false;
}

/* What is JSON, and yet not taken; NULL: it is no JSON. */
static const char *why_not_acceptable(const json_error_t *error)
{
    switch (json_error_code(error)) {
    case json_error_duplicate_key:
        return "this member is given twice; give it once";
    case json_error_numeric_overflow:
        return "this number is too large to be read";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "this text has a NUL (\\u0000); leave it out";
    default:
        return NULL;
    }
}

/* Says where parsing ended, by pointer when the text up to there tells of which element it was. */
static bool refuse_text(struct body *body, const json_error_t *error)
{
    static const unsigned char byte_order_mark[] = { 0xEF, 0xBB, 0xBF };
    const struct request *request = body->request;
    const char *why = why_not_acceptable(error);
    if (request->body_bytes >= sizeof byte_order_mark &&
        memcmp(request->body, byte_order_mark, sizeof byte_order_mark) == 0)
        return body_refuse(body, PROBLEM_NOT_JSON, NULL,
                           "the body begins with a byte order mark; leave it out");
    if (why == NULL)
        return body_refuse(body, PROBLEM_NOT_JSON, NULL, "line %d, column %d: %s", error->line, error->column,
                           error->text);
    struct text copy =
        arena_copy(body->arena, (struct text){ (const char *)request->body, request->body_bytes });
    struct bytes_writer pointer = bytes_writer(body->pointer, sizeof body->pointer - 1);
    if (text_is_present(copy))
        body_place((unsigned char *)copy.bytes, copy.length, (size_t)error->position, &pointer);
    body->pointer[pointer.length] = '\0';
    return body_refuse(body, PROBLEM_NOT_JSON, NULL, "line %d, column %d: %s", error->line, error->column,
                       why);
}

bool body_parse(struct request *request, struct arena *arena, struct body *out_body)
{
    json_error_t error;
    out_body->request = request;
    out_body->arena = arena;
    out_body->pointer[0] = '\0';
    if (request->body_bytes == 0)
        return body_refuse(out_body, PROBLEM_NOT_JSON, NULL, "the body is empty; send a JSON object");
    if (memchr(request->body, '\0', request->body_bytes) !=
        NULL) /* jansson passes over one behind a number */
        return body_refuse(out_body, PROBLEM_NOT_JSON, NULL, "the body has a NUL byte; send JSON in UTF-8");
    if (is_too_deep(request->body, request->body_bytes))
        return body_refuse(out_body, PROBLEM_NOT_JSON, NULL, "the body is nested more than %d levels deep",
                           BODY_DEPTH_MAX);
    json_decref(request->json);
    request->json = json_loadb((const char *)request->body, request->body_bytes,
                               JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (request->json == NULL)
        return refuse_text(out_body, &error);
    if (!json_is_object(request->json))
        return body_refuse(out_body, PROBLEM_BAD_MEMBER, NULL, "the body must be a JSON object");
    out_body->json = request->json;
    return true;
}

bool body_has_only(const struct body *body, const char *const *names)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)body->json, key, value)
    {
        size_t i = 0;
        while (names[i] != NULL && strcmp(names[i], key) != 0)
            i++;
        if (names[i] == NULL)
            return body_refuse(body, PROBLEM_UNKNOWN_MEMBER, key, "there is no member \"%s\" here; remove it",
                               key);
    }
    return true;
}

/* The member, or NULL when it is absent or null. */
static const json_t *member(const struct body *body, const char *name)
{
    const json_t *value = json_object_get(body->json, name);
    return json_is_null(value) ? NULL : value;
}

bool body_has(const struct body *body, const char *name)
{
    return member(body, name) != NULL;
}

/* True with *out_value NULL: absent, and that is fine. */
static bool find(const struct body *body, const char *name, enum presence presence, const json_t **out_value)
{
    *out_value = member(body, name);
    if (*out_value == NULL && presence == MANDATORY)
        return body_refuse(body, PROBLEM_MISSING_MEMBER, name, "\"%s\" is mandatory; add it", name);
    return true;
}

static struct text view(const json_t *string)
{
    return (struct text){ json_string_value(string), json_string_length(string) };
}

struct text body_copy(const struct body *body, const json_t *string)
{
    return arena_copy(body->arena, view(string));
}

static bool out_of_memory(const struct body *body)
{
    return body_refuse(body, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
}

static bool copy_out(const struct body *body, const json_t *string, struct text *out_text)
{
    struct text copy = body_copy(body, string);
    if (!text_is_present(copy))
        return out_of_memory(body);
    *out_text = copy;
    return true;
}

static bool is_identifier(const json_t *value)
{
    return json_is_string(value) && text_is_identifier(view(value));
}

#define IDENTIFIER_RULE "a string of 1 to 255 bytes of UTF-8 without control characters"

bool body_identifier(const struct body *body, const char *name, enum presence presence,
                     struct text *out_identifier)
{
    const json_t *value;
    if (!find(body, name, presence, &value))
        return false;
    if (value == NULL)
        return true;
    if (!is_identifier(value))
        return body_refuse(body, PROBLEM_BAD_MEMBER, name, "\"%s\" is an identifier: " IDENTIFIER_RULE, name);
    return copy_out(body, value, out_identifier);
}

bool body_words(const struct body *body, const char *name, enum presence presence, struct text *out_words)
{
    const json_t *value;
    if (!find(body, name, presence, &value))
        return false;
    if (value == NULL)
        return true;
    if (!json_is_string(value) || json_string_length(value) == 0 ||
        json_string_length(value) > LIMIT_STRING_BYTES)
        return body_refuse(body, PROBLEM_BAD_MEMBER, name, "\"%s\" is a string of 1 to %d bytes", name,
                           LIMIT_STRING_BYTES);
    return copy_out(body, value, out_words);
}

bool body_array(const struct body *body, const char *name, size_t count_max, const json_t **out_array)
{
    const json_t *value;
    if (!find(body, name, MANDATORY, &value))
        return false;
    if (!json_is_array(value))
        return body_refuse(body, PROBLEM_BAD_MEMBER, name, "\"%s\" is an array", name);
    if (json_array_size(value) > count_max)
        return body_refuse(body, PROBLEM_BAD_MEMBER, name, "\"%s\" has at most %zu elements", name,
                           count_max);
    *out_array = value;
    return true;
}

bool body_identifiers(const struct body *body, const char *name, enum presence presence, size_t count_max,
                      struct text **out_identifiers, size_t *out_count)
{
    const json_t *array;
    if (presence == OPTIONAL && !body_has(body, name))
        return true;
    if (!body_array(body, name, count_max, &array))
        return false;
    size_t count = json_array_size(array);
    if (count == 0)
        return body_refuse(body, PROBLEM_BAD_MEMBER, name, "\"%s\" has at least one element", name);
    struct text *identifiers = arena_allocate(body->arena, count * sizeof *identifiers);
    if (identifiers == NULL)
        return out_of_memory(body);
    for (size_t i = 0; i < count; i++) {
        const json_t *element = json_array_get(array, i);
        if (!is_identifier(element))
            return body_refuse(body, PROBLEM_BAD_MEMBER, name,
                               "element %zu of \"%s\" is not " IDENTIFIER_RULE, i, name);
        if (!copy_out(body, element, &identifiers[i]))
            return false;
    }
    *out_identifiers = identifiers;
    *out_count = count;
    return true;
}

bool body_integer(const struct body *body, const char *name, enum presence presence, int64_t minimum,
                  int64_t maximum, int64_t *out_integer)
{
    const json_t *value;
    if (!find(body, name, presence, &value))
        return false;
    if (value == NULL)
        return true;
    if (!json_is_integer(value) || json_integer_value(value) < minimum || json_integer_value(value) > maximum)
        return body_refuse(body, PROBLEM_BAD_MEMBER, name, "\"%s\" is an integer from %lld to %lld", name,
                           (long long)minimum, (long long)maximum);
    *out_integer = json_integer_value(value);
    return true;
}

bool body_boolean(const struct body *body, const char *name, bool *out_boolean)
{
    const json_t *value = member(body, name);
    if (value == NULL)
        return true;
    if (!json_is_boolean(value))
        return body_refuse(body, PROBLEM_BAD_MEMBER, name, "\"%s\" is true or false", name);
    *out_boolean = json_is_true(value);
    return true;
}

bool body_time(const struct body *body, const char *name, uint64_t *out_unix_ms)
{
    const json_t *value = member(body, name);
    if (value == NULL)
        return true;
    if (!json_is_string(value) || !instant_from_text(view(value), out_unix_ms))
        return body_refuse(body, PROBLEM_BAD_MEMBER, name,
                           "\"%s\" is a time as in RFC 3339: 2026-11-24T18:00:00Z", name);
    return true;
}

static int index_of(const json_t *value, const char *const *choices)
{
    for (int i = 0; json_is_string(value) && choices[i] != NULL; i++)
        if (text_equal_c(view(value), choices[i]))
            return i;
    return -1;
}

bool body_choice(const struct body *body, const char *name, const char *const *choices, const char *values,
                 int *out_index)
{
    const json_t *value = member(body, name);
    if (value == NULL)
        return true;
    const int index = index_of(value, choices);
    if (index < 0)
        return body_refuse(body, PROBLEM_BAD_MEMBER, name, "\"%s\" is one of %s", name, values);
    *out_index = index;
    return true;
}

static void descend(const struct body *body, const char *name, const json_t *json, struct body *out_object)
{
    *out_object = *body;
    out_object->json = json;
    append_pointer(out_object->pointer, sizeof out_object->pointer, name);
}

/* The element at `at`, one of the choices that is not among those before it. */
static bool take_choice(const struct body *body, const char *name, const json_t *array, size_t at,
                        const char *const *choices, const char *values, int *indexes)
{
    char number[24];
    struct body within;
    descend(body, name, array, &within);
    snprintf(number, sizeof number, "%zu", at);
    const int index = index_of(json_array_get(array, at), choices);
    if (index < 0)
        return body_refuse(&within, PROBLEM_BAD_MEMBER, number, "\"%s\" names some of %s", name, values);
    for (size_t i = 0; i < at; i++)
        if (indexes[i] == index)
            return body_refuse(&within, PROBLEM_BAD_MEMBER, number, "\"%s\" names \"%s\" twice; name it once",
                               name, choices[index]);
    indexes[at] = index;
    return true;
}

bool body_choices(const struct body *body, const char *name, const char *const *choices, const char *values,
                  int *out_indexes, size_t *out_count)
{
    const json_t *array = member(body, name);
    if (array == NULL)
        return true;
    if (!json_is_array(array) || json_array_size(array) == 0)
        return body_refuse(body, PROBLEM_BAD_MEMBER, name,
                           "\"%s\" is an array of at least one of %s; or leave it out", name, values);
    for (size_t i = 0; i < json_array_size(array); i++)
        if (!take_choice(body, name, array, i, choices, values, out_indexes))
            return false;
    *out_count = json_array_size(array);
    return true;
}

bool body_object(const struct body *body, const char *name, struct body *out_object)
{
    const json_t *value = member(body, name);
    if (!json_is_object(value))
        return body_refuse(body, PROBLEM_BAD_MEMBER, name, "\"%s\" is an object", name);
    descend(body, name, value, out_object);
    return true;
}

bool body_element(const struct body *body, const char *name, const json_t *array, size_t index,
                  struct body *out_element)
{
    char number[24];
    struct body within;
    const json_t *element = json_array_get(array, index);
    snprintf(number, sizeof number, "%zu", index);
    descend(body, name, array, &within);
    if (!json_is_object(element))
        return body_refuse(&within, PROBLEM_BAD_MEMBER, number, "each element of \"%s\" is an object", name);
    descend(&within, number, element, out_element);
    return true;
}

bool body_agrees(const struct body *body, const char *name, struct text value)
{
    const json_t *given = member(body, name);
    if (given == NULL || (json_is_string(given) && text_equal(view(given), value)))
        return true;
    return body_refuse(body, PROBLEM_BAD_MEMBER, name,
                       "\"%s\" is \"%.*s\" by the path or the query; leave it out or make it the same", name,
                       TEXT_ARGUMENTS(value));
}
