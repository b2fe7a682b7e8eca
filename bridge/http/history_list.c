/* SPDX-License-Identifier: Apache-2.0 */
#include "http/history_list.h"

#include "http/instant.h"

bool history_list_identifier(struct request *request, const char *name, struct text *out_identifier)
{
    *out_identifier = request_parameter(request, name);
    if (!text_is_present(*out_identifier) || text_is_identifier(*out_identifier))
        return true;
    request_refuse(request, PROBLEM_BAD_PARAMETER, name,
                   "%s is 1 to 255 bytes of UTF-8 without control characters", name);
    return false;
}

bool history_list_time(struct request *request, const char *name, uint64_t *out_ms)
{
    struct text value = request_parameter(request, name);
    if (!text_is_present(value) || instant_from_text(value, out_ms))
        return true;
    request_refuse(request, PROBLEM_BAD_PARAMETER, name,
                   "%s is a time as in RFC 3339 (2026-11-24T18:00:00Z), not \"%.*s\"", name,
                   TEXT_ARGUMENTS(value));
    return false;
}

static bool read_words(struct request *request, struct history_filter *filter)
{
    struct text decider = request_parameter(request, "decided_by");
    struct text reason = request_parameter(request, "reason");
    if (text_is_present(decider) && !decider_from_name(decider, &filter->decided_by)) {
        request_refuse(request, PROBLEM_BAD_PARAMETER, "decided_by",
                       "decided_by is one of orchestrator, route, computed, not \"%.*s\"",
                       TEXT_ARGUMENTS(decider));
        return false;
    }
    if (text_is_present(reason) && !reason_from_name(reason, &filter->reason)) {
        request_refuse(request, PROBLEM_BAD_PARAMETER, "reason", "\"%.*s\" is no reason code",
                       TEXT_ARGUMENTS(reason));
        return false;
    }
    return true;
}

bool history_list_read(struct request *request, struct history_filter *out_filter,
                       struct history_page *out_page)
{
    *out_filter = (struct history_filter){ .has_state = false };
    *out_page = (struct history_page){ .written = 0 };
    return page_read_number(request, &out_page->page, &out_filter->before_id) &&
           history_list_identifier(request, "km_id", &out_filter->km_id) &&
           history_list_identifier(request, "source_kma_id", &out_filter->source_kma_id) &&
           history_list_identifier(request, "destination_kma_id", &out_filter->destination_kma_id) &&
           history_list_identifier(request, "application_destination_id",
                                   &out_filter->application_destination_id) &&
           history_list_time(request, "received_after", &out_filter->received_after_ms) &&
           history_list_time(request, "received_before", &out_filter->received_before_ms) &&
           read_words(request, out_filter);
}

bool history_list_refuse_state(struct request *request, const char *values)
{
    const struct text state = request_parameter(request, "state");
    request_refuse(request, PROBLEM_BAD_PARAMETER, "state", "state is one of %s, not \"%.*s\"", values,
                   TEXT_ARGUMENTS(state));
    return false;
}

bool history_list_add(struct history_page *page, uint64_t id, render_function render, const void *item)
{
    if (page->written == page->page.limit || page->render.writer.length >= PAGE_BYTES_MAX) {
        page->more = true;
        return false;
    }
    if (page->written == 0)
        page_open(&page->render);
    render_value(&page->render, render, item);
    page->written++;
    page->last_id = id;
    return true;
}

enum handled history_list_refuse(struct request *request, enum history_status status)
{
    switch (status) {
    case HISTORY_NOT_FOUND:
        return request_refuse(request, PROBLEM_NOT_FOUND, NULL, "there is no \"%.*s\" here, or not any more",
                              TEXT_ARGUMENTS(request->id));
    case HISTORY_UNAVAILABLE:
        return request_refuse(request, PROBLEM_STORE_UNAVAILABLE, NULL,
                              "history can't be read now; try again later");
    case HISTORY_OK:
        break;
    }
    return request_refuse(request, PROBLEM_INTERNAL, NULL, "history gave no answer");
}

enum handled history_list_answer(struct request *request, struct history_page *page,
                                 enum history_status status, uint64_t before_id)
{
    if (status != HISTORY_OK && status != HISTORY_NOT_FOUND) {
        render_fini(&page->render);
        return history_list_refuse(request, status);
    }
    if (page->written == 0)
        page_open(&page->render);
    page_close_number(&page->render, page->more ? page->last_id : before_id);
    return request_answer_render(request, 200, &page->render);
}

uint64_t history_list_id(struct request *request)
{
    uint64_t id = 0;
    if (!text_to_u64(request->id, INT64_MAX, &id) || id == 0) {
        history_list_refuse(request, HISTORY_NOT_FOUND);
        return 0;
    }
    return id;
}

bool history_list_read_decision(struct request *request, struct command_request *command, const char *list,
                                size_t count_max)
{
    const char *const members[] = { list, "reject", "destination_kma_id", "learn", NULL };
    struct command *decision = &command->command;
    struct body body;
    if (!body_parse(request, &command->arena, &body) || !body_has_only(&body, members))
        return false;
    if (!body_identifier(&body, "destination_kma_id", OPTIONAL, &decision->kma_id) ||
        !body_boolean(&body, "learn", &decision->learn))
        return false;
    bool rejects = body_has(&body, "reject");
    if (rejects == body_has(&body, list))
        return body_refuse(&body, rejects ? PROBLEM_BAD_MEMBER : PROBLEM_MISSING_MEMBER, list,
                           "give either \"%s\" or \"reject\"", list);
    if (rejects)
        return body_words(&body, "reject", MANDATORY, &decision->reject);
    return body_identifiers(&body, list, MANDATORY, count_max, &decision->path, &decision->path_length);
}
