/* SPDX-License-Identifier: Apache-2.0 */
#include "http/body_place.h"

#include "ck/json_reader.h"

void body_place_put_name(struct bytes_writer *pointer, struct text name)
{
    struct bytes_writer before = *pointer;
    bytes_put_byte(pointer, '/');
    for (size_t i = 0; i < name.length; i++)
        if (name.bytes[i] == '~')
            bytes_put_c(pointer, "~0");
        else if (name.bytes[i] == '/')
            bytes_put_c(pointer, "~1");
        else
            bytes_put_byte(pointer, name.bytes[i]);
    if (pointer->overflowed)
        *pointer = before;
}

/* Passes the value at hand when it ends before `at`. */
static bool pass_earlier(struct json_reader *reader, size_t at)
{
    struct json_reader beyond = *reader;
    struct text raw;
    if (json_skip(&beyond, &raw) != JSON_OK || beyond.at >= at)
        return false;
    *reader = beyond;
    return true;
}

static bool enter_object(struct json_reader *reader, size_t at, struct bytes_writer *pointer)
{
    bool first = true;
    struct text name;
    while (json_member(reader, &first, &name) == JSON_OK) {
        bool in_name = reader->at >= at;
        if (!in_name && pass_earlier(reader, at))
            continue;
        body_place_put_name(pointer, name);
        return !in_name;
    }
    return false;
}

static bool enter_array(struct json_reader *reader, size_t at, struct bytes_writer *pointer)
{
    bool first = true;
    for (uint64_t index = 0; json_element(reader, &first) == JSON_OK; index++) {
        if (pass_earlier(reader, at))
            continue;
        bytes_put_byte(pointer, '/');
        bytes_put_u64(pointer, index);
        return true;
    }
    return false;
}

void body_place(unsigned char *json, size_t bytes, size_t at, struct bytes_writer *pointer)
{
    struct json_reader reader = json_reader(json, bytes);
    enum json_kind kind;
    bool deeper = true;
    while (deeper && !pointer->overflowed && json_peek(&reader, &kind) == JSON_OK)
        deeper = kind == JSON_KIND_OBJECT  ? enter_object(&reader, at, pointer)
                 : kind == JSON_KIND_ARRAY ? enter_array(&reader, at, pointer)
                                           : false;
}
