/* SPDX-License-Identifier: Apache-2.0 */
#include "core/notice_filter.h"

#include <string.h>

#include "ck/json_reader.h"

bool notice_pattern_matches(struct text pattern, enum notice_type type)
{
    const struct text name = text_from_c(notice_type_name(type));
    const char *star = pattern.length > 0 ? memchr(pattern.bytes, '*', pattern.length) : NULL;
    if (star == NULL)
        return text_equal(pattern, name);
    const struct text head = { pattern.bytes, (size_t)(star - pattern.bytes) };
    const struct text tail = { star + 1, pattern.length - head.length - 1 };
    if (name.length < head.length + tail.length || !text_starts_with(name, head))
        return false;
    return tail.length == 0 || memcmp(name.bytes + name.length - tail.length, tail.bytes, tail.length) == 0;
}

bool notice_filter_add(struct notice_filter *filter, struct text pattern)
{
    bool any = false;
    for (int type = 0; type < NOTICES_END; type++)
        if (notice_pattern_matches(pattern, (enum notice_type)type))
            any = filter->types[type] = true;
    return any;
}

bool notice_subject_split(struct text subject, struct text *out_member, struct text *out_value)
{
    static const char *const members[] = { "km_id", "relay_id", "lookup_id", "route_id", "link_id" };
    *out_member = TEXT_ABSENT;
    *out_value = subject;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const struct text name = text_from_c(members[i]);
        if (!text_starts_with(subject, name) || subject.length <= name.length ||
            subject.bytes[name.length] != ':')
            continue;
        *out_member = name;
        *out_value = (struct text){ subject.bytes + name.length + 1, subject.length - name.length - 1 };
    }
    return text_is_identifier(*out_value);
}

static bool is_about(const struct notice_filter *filter, struct text name, struct text given)
{
    for (size_t i = 0; i < filter->subject_count; i++) {
        struct text member, value;
        if (notice_subject_split(filter->subjects[i], &member, &value) && text_equal(value, given) &&
            (!text_is_present(member) || text_equal(member, name)))
            return true;
    }
    return false;
}

/* The reader is before the subject's object. */
static bool any_is_about(const struct notice_filter *filter, struct json_reader *reader)
{
    struct text name, value;
    bool first = true;
    while (json_member(reader, &first, &name) == JSON_OK) {
        if (json_read_string(reader, &value) != JSON_OK)
            return false;
        if (is_about(filter, name, value))
            return true;
    }
    return false;
}

bool notice_filter_wants(const struct notice_filter *filter, enum notice_type type, struct text json,
                         unsigned char *scratch)
{
    struct text name, ignored;
    bool first = true;
    if (!filter->types[type])
        return false;
    if (filter->subject_count == 0)
        return true;
    memcpy(scratch, json.bytes, json.length);
    struct json_reader reader = json_reader(scratch, json.length);
    while (json_member(&reader, &first, &name) == JSON_OK) {
        if (text_equal(name, TEXT("subject")))
            return any_is_about(filter, &reader);
        if (json_skip(&reader, &ignored) != JSON_OK)
            break;
    }
    return false;
}
