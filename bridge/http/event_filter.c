/* SPDX-License-Identifier: Apache-2.0 */
#include "http/stream.h"

#include <string.h>

#include "core/notice_filter.h"
#include "http/uri.h"

static const char *const subject_members[] = { "km_id", "relay_id", "lookup_id", "route_id", "link_id" };
enum { SUBJECT_MEMBERS = sizeof subject_members / sizeof *subject_members };

static bool add_pattern(struct event_filter *filter, struct text pattern)
{
    bool any = false;
    for (size_t i = 0; pattern.length > 0 && i < NOTICES_END; i++)
        if (notice_pattern_matches(pattern, (enum notice_type)i))
            any = filter->types[i] = true;
    return any;
}

static bool read_types(struct request *request, struct event_filter *filter)
{
    struct text rest = request_parameter(request, "type");
    struct text pattern;
    if (!text_is_present(rest)) {
        memset(filter->types, true, sizeof filter->types);
        return true;
    }
    while (uri_next(&rest, ',', &pattern))
        if (!add_pattern(filter, pattern)) {
            request_refuse(request, PROBLEM_BAD_PARAMETER, "type",
                           "\"%.*s\" is no event type: give names such as relay.failed, or relay.* for all "
                           "that begin so, separated by commas",
                           TEXT_ARGUMENTS(pattern));
            return false;
        }
    return true;
}

/* "alice", of any kind, or "km_id:alice". */
static bool read_subject(struct request *request, struct event_filter *filter)
{
    struct text subject = request_parameter(request, "subject");
    filter->subject = filter->subject_member = TEXT_ABSENT;
    if (!text_is_present(subject) || notice_subject_split(subject, &filter->subject_member, &filter->subject))
        return true;
    request_refuse(request, PROBLEM_BAD_PARAMETER, "subject",
                   "subject is an identifier, or one with its kind before it: km_id:alice");
    return false;
}

bool event_filter_read(struct request *request, struct event_filter *out_filter)
{
    *out_filter = (struct event_filter){ .subject = TEXT_ABSENT };
    return read_types(request, out_filter) && read_subject(request, out_filter);
}

static const json_t *subject_of(struct feed_event *event)
{
    if (event->subject == NULL) {
        json_t *json = json_loadb(event->bytes + event->data_at, event->data_length, 0, NULL);
        json_t *subject = json_object_get(json, "subject");
        event->subject = subject != NULL ? json_incref(subject) : json_object();
        json_decref(json);
    }
    return event->subject;
}

bool event_filter_wants(const struct event_filter *filter, struct feed_event *event)
{
    if (!filter->types[event->type])
        return false;
    if (!text_is_present(filter->subject))
        return true;
    const json_t *subject = subject_of(event);
    for (size_t i = 0; i < SUBJECT_MEMBERS; i++) {
        const json_t *value = json_object_get(subject, subject_members[i]);
        if (text_is_present(filter->subject_member) &&
            !text_equal_c(filter->subject_member, subject_members[i]))
            continue;
        if (json_is_string(value) &&
            text_equal((struct text){ json_string_value(value), json_string_length(value) }, filter->subject))
            return true;
    }
    return false;
}
