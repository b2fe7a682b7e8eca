/* SPDX-License-Identifier: Apache-2.0 */
#include "ckctl/pages.h"

#include <stdio.h>
#include <string.h>

enum { PAGE_ITEMS = 1000 }; /* as many as the API gives at once */

static const char *skip(const char *at, const char *bytes)
{
    return at + strspn(at, bytes);
}

/* Behind the value at `at`, which is well-formed as far as its brackets and strings go. */
static const char *value_end(const char *at)
{
    size_t depth = 0;
    bool in_string = false;
    for (; *at != '\0'; at++) {
        if (in_string) {
            if (*at == '\\' && at[1] != '\0')
                at++;
            else if (*at == '"')
                in_string = false;
        } else if (*at == '"') {
            in_string = true;
        } else if (*at == '{' || *at == '[') {
            depth++;
        } else if (*at == '}' || *at == ']') {
            if (depth == 0)
                return at;
            depth--;
        } else if (*at == ',' && depth == 0) {
            return at;
        }
    }
    return at;
}

/* The value of this member, which no string within the values before it can be mistaken for: quotes are
   escaped there. */
static const char *find_member(const char *at, const char *quoted_name)
{
    at = strstr(at, quoted_name);
    return at != NULL ? skip(at + strlen(quoted_name), " \t\r\n:") : NULL;
}

bool pages_next_item(const char *page, const char **at, const char **out_item, size_t *out_length)
{
    if (*at == NULL) {
        const char *array = find_member(page, "\"items\"");
        if (array == NULL || *array != '[')
            return false;
        *at = array + 1;
    }
    *at = skip(*at, " \t\r\n,");
    if (**at == ']' || **at == '\0')
        return false;
    *out_item = *at;
    *at = value_end(*at);
    const char *end = *at;
    while (strchr(" \t\r\n", end[-1]) != NULL)
        end--;
    *out_length = (size_t)(end - *out_item);
    return true;
}

/* False: this was the last page. */
static bool read_cursor(const char *page, const char *items_end, struct buffer *cursor)
{
    const char *value = find_member(items_end != NULL ? items_end : page, "\"next_cursor\"");
    buffer_clear(cursor);
    if (value == NULL || *value != '"')
        return false;
    buffer_put(cursor, value + 1, strcspn(value + 1, "\""));
    return cursor->length > 0;
}

static void make_target(struct buffer *target, const struct pages *pages, long long wanted,
                        const char *cursor)
{
    buffer_clear(target);
    buffer_format(target, "%s%climit=%lld", pages->target, strchr(pages->target, '?') != NULL ? '&' : '?',
                  wanted);
    if (*cursor == '\0')
        return;
    buffer_put_c(target, "&cursor=");
    api_put_encoded(target, cursor);
}

static enum outcome visit_all(const struct pages *pages, const char *page, long long *count,
                              struct buffer *cursor, bool *out_more)
{
    const char *at = NULL, *item;
    size_t length;
    while (pages_next_item(page, &at, &item, &length)) {
        pages->visit(pages->context, item, length);
        ++*count;
    }
    if (at == NULL) {
        fputs("ckctl: the answer is no page of a list\n", stderr);
        return OUTCOME_REFUSED;
    }
    *out_more = read_cursor(page, at, cursor) && (pages->limit == 0 || *count < pages->limit);
    if (pages->page_end != NULL)
        pages->page_end(pages->context);
    return OUTCOME_OK;
}

enum outcome pages_read(struct context *context, const struct pages *pages)
{
    struct buffer target = { .bytes = NULL }, cursor = { .bytes = NULL };
    enum outcome outcome = OUTCOME_OK;
    long long count = 0;
    for (bool more = true; more && outcome == OUTCOME_OK;) {
        struct api_answer answer;
        long long left = pages->limit - count;
        make_target(&target, pages, pages->limit > 0 && left < PAGE_ITEMS ? left : PAGE_ITEMS,
                    buffer_c(&cursor));
        const struct api_request request = { .method = "GET",
                                             .target = target.bytes,
                                             .may_be_refused = pages->may_be_refused };
        outcome = api_call(context->api, &request, &answer);
        more = false;
        if (outcome == OUTCOME_OK && answer.status != 0)
            outcome = visit_all(pages, buffer_c(&answer.body), &count, &cursor, &more);
        api_answer_fini(&answer);
    }
    buffer_fini(&target);
    buffer_fini(&cursor);
    return outcome;
}
