/* SPDX-License-Identifier: Apache-2.0 */
#include "ckctl/canonical.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Every number up to here is a double exactly (RFC 8785 appendix B). */
#define INTEGER_MAX INT64_C(9007199254740991)

static void put_string(struct buffer *out, const char *bytes, size_t length)
{
    static const char short_forms[] = "\b\t\n\f\r\"\\", letters[] = "btnfr\"\\";
    buffer_put_c(out, "\"");
    for (size_t i = 0; i < length; i++) {
        const char *found = bytes[i] != '\0' ? strchr(short_forms, bytes[i]) : NULL;
        if (found != NULL)
            buffer_format(out, "\\%c", letters[found - short_forms]);
        else if ((unsigned char)bytes[i] < 0x20)
            buffer_format(out, "\\u%04x", (unsigned)(unsigned char)bytes[i]);
        else
            buffer_put(out, &bytes[i], 1);
    }
    buffer_put_c(out, "\"");
}

/* The next code point of well-formed UTF-8. */
static unsigned take_point(const char **at)
{
    unsigned char first = (unsigned char)*(*at)++;
    int more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    unsigned point = more == 0 ? first : first & (0x3fu >> more);
    while (more-- > 0)
        point = point << 6 | ((unsigned char)*(*at)++ & 0x3f);
    return point;
}

/* By UTF-16 code units (RFC 8785 3.2.3): beyond the first plane they are surrogates, which sort below U+E000.
 */
static unsigned rank_of(unsigned point)
{
    return point >= 0x10000 ? 0xd800 + (point - 0x10000) / 0x400 : point;
}

static int compare_names(const void *left, const void *right)
{
    const char *a = *(const char *const *)left, *b = *(const char *const *)right;
    while (*a != '\0' && *b != '\0') {
        unsigned one = take_point(&a), other = take_point(&b);
        if (rank_of(one) != rank_of(other))
            return rank_of(one) < rank_of(other) ? -1 : 1;
        if (one != other)
            return one < other ? -1 : 1; /* of one high surrogate the low one decides */
    }
    return (*a != '\0') - (*b != '\0');
}

static bool put_object(struct buffer *out, const json_t *object)
{
    size_t count = json_object_size(object), at = 0;
    const char **names = memory_new(count, sizeof *names);
    const char *name;
    json_t *value;
    bool whole = true;
    json_object_foreach((json_t *)object, name, value) names[at++] = name;
    qsort(names, count, sizeof *names, compare_names);
    buffer_put_c(out, "{");
    for (size_t i = 0; i < count && whole; i++) {
        buffer_put_c(out, i > 0 ? "," : "");
        put_string(out, names[i], strlen(names[i]));
        buffer_put_c(out, ":");
        whole = canonical_put(out, json_object_get(object, names[i]));
    }
    buffer_put_c(out, "}");
    free(names);
    return whole;
}

static bool put_array(struct buffer *out, const json_t *array)
{
    bool whole = true;
    buffer_put_c(out, "[");
    for (size_t i = 0; i < json_array_size(array) && whole; i++) {
        buffer_put_c(out, i > 0 ? "," : "");
        whole = canonical_put(out, json_array_get(array, i));
    }
    buffer_put_c(out, "]");
    return whole;
}

static bool put_integer(struct buffer *out, json_int_t number)
{
    if (number > INTEGER_MAX || number < -INTEGER_MAX)
        return false;
    buffer_format(out, "%lld", (long long)number);
    return true;
}

bool canonical_put(struct buffer *out, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return put_object(out, value);
    case JSON_ARRAY:
        return put_array(out, value);
    case JSON_STRING:
        put_string(out, json_string_value(value), json_string_length(value));
        return true;
    case JSON_INTEGER:
        return put_integer(out, json_integer_value(value));
    case JSON_REAL:
        return false;
    case JSON_TRUE:
        buffer_put_c(out, "true");
        return true;
    case JSON_FALSE:
        buffer_put_c(out, "false");
        return true;
    case JSON_NULL:
        buffer_put_c(out, "null");
        return true;
    }
    return false;
}
