/* SPDX-License-Identifier: Apache-2.0 */
#include "ckctl/value.h"

#include <string.h>

#include "ckctl/instant.h"

json_t *value_parse(const char *bytes, size_t length)
{
    /* A KM's own JSON may hold integers beyond 64 bits. */
    json_t *value = json_loadb(bytes, length, 0, NULL);
    return value != NULL ? value : json_loadb(bytes, length, JSON_DECODE_INT_AS_REAL, NULL);
}

const json_t *value_at(const json_t *object, const char *path)
{
    char name[64];
    for (const char *dot = ""; dot != NULL && object != NULL; path = dot + 1) {
        dot = strchr(path, '.');
        size_t length = dot != NULL ? (size_t)(dot - path) : strlen(path);
        if (length >= sizeof name)
            return NULL;
        memcpy(name, path, length);
        name[length] = '\0';
        object = json_object_get(object, name);
        if (dot == NULL)
            break;
    }
    return json_is_null(object) ? NULL : object;
}

const char *value_string(const json_t *object, const char *path)
{
    return json_string_value(value_at(object, path));
}

const char *value_words(const json_t *object, const char *path)
{
    const char *words = value_string(object, path);
    return words != NULL ? words : "?";
}

const char *or_empty(const char *words)
{
    return words != NULL ? words : "";
}

long long value_number(const json_t *object, const char *path)
{
    return json_integer_value(value_at(object, path));
}

bool value_is_true(const json_t *object, const char *path)
{
    return json_is_true(value_at(object, path));
}

bool value_time(const json_t *object, const char *path, int64_t *out_ms)
{
    const char *words = value_string(object, path);
    return words != NULL && instant_parse(words, out_ms);
}

static void put_string(struct buffer *out, const json_t *value, const struct terminal *terminal)
{
    int64_t when_ms;
    if (terminal->relative_times && instant_parse(json_string_value(value), &when_ms))
        instant_put_relative(out, when_ms, terminal->now_ms);
    else
        buffer_put(out, json_string_value(value), json_string_length(value));
}

static void put_array(struct buffer *out, const json_t *array, const struct terminal *terminal)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i > 0)
            buffer_put_c(out, ", ");
        value_put(out, json_array_get(array, i), terminal);
    }
}

static void put_object(struct buffer *out, const json_t *object, const struct terminal *terminal)
{
    const char *name, *between = "";
    json_t *value;
    json_object_foreach((json_t *)object, name, value)
    {
        if (json_is_null(value))
            continue;
        buffer_format(out, "%s%s=", between, name);
        value_put(out, value, terminal);
        between = " ";
    }
}

void value_put(struct buffer *out, const json_t *value, const struct terminal *terminal)
{
    if (value == NULL || json_is_null(value) || (json_is_array(value) && json_array_size(value) == 0))
        buffer_put_c(out, "-");
    else if (json_is_string(value))
        put_string(out, value, terminal);
    else if (json_is_array(value))
        put_array(out, value, terminal);
    else if (json_is_object(value))
        put_object(out, value, terminal);
    else if (json_is_integer(value))
        buffer_format(out, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        buffer_format(out, "%.17g", json_real_value(value));
    else
        buffer_put_c(out, json_is_true(value) ? "yes" : "no");
}

void value_put_joined(struct buffer *out, const json_t *array, const char *between)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *element = json_array_get(array, i);
        if (i > 0)
            buffer_put_c(out, between);
        buffer_put(out, json_string_value(element), json_string_length(element));
    }
}
