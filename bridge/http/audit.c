/* SPDX-License-Identifier: Apache-2.0 */
#include "http/resources.h"

#include "ck/json_writer.h"
#include "http/history_list.h"

/* The canonical form that was hashed, and the hash as its last member. */
static void put_entry(struct bytes_writer *writer, const void *value)
{
    const struct stored_audit *entry = value;
    json_raw(writer, (struct text){ entry->json.bytes, entry->json.length - 1 });
    render_name_and_text(writer, "hash", entry->hash);
    json_close_object(writer);
}

struct audit_page {
    struct render render;
    struct page page;
    size_t written;
    uint64_t last_id;
    bool more;
};

static bool visit(void *context, const struct stored_audit *entry)
{
    struct audit_page *page = context;
    page->more = page->written == page->page.limit;
    if (page->more)
        return false;
    render_value(&page->render, put_entry, entry);
    page->written++;
    page->last_id = entry->audit_id;
    return true;
}

/* NULL: nothing was recorded yet. */
static void put_head(struct bytes_writer *writer, const void *value)
{
    const struct stored_audit *entry = value;
    json_open_object(writer);
    json_name(writer, "head");
    if (entry == NULL) {
        json_put_null(writer);
    } else {
        json_open_object(writer);
        render_name_and_id(writer, "audit_id", entry->audit_id);
        render_name_and_text(writer, "hash", entry->hash);
        json_close_object(writer);
    }
    json_name(writer, "items");
    json_open_array(writer);
}

static bool visit_head(void *context, const struct stored_audit *entry)
{
    struct audit_page *page = context;
    render_value(&page->render, put_head, entry);
    return false;
}

/* The head is read first: all of the chain up to it is there to be read then. */
static enum history_status read_page(const struct history *history, const struct audit_filter *filter,
                                     struct audit_page *page)
{
    const struct audit_filter newest = { .oldest_first = false };
    enum history_status status = history->audit(history->context, &newest, visit_head, page);
    if (status != HISTORY_OK)
        return status;
    if (page->render.writer.length == 0)
        render_value(&page->render, put_head, NULL);
    return history->audit(history->context, filter, visit, page);
}

static bool read_order(struct request *request, struct audit_filter *filter, uint64_t cursor)
{
    struct text order = request_parameter(request, "order");
    filter->oldest_first = text_equal(order, TEXT("asc"));
    *(filter->oldest_first ? &filter->after_id : &filter->before_id) = cursor;
    if (filter->oldest_first || !text_is_present(order) || text_equal(order, TEXT("desc")))
        return true;
    request_refuse(request, PROBLEM_BAD_PARAMETER, "order", "order is asc or desc, not \"%.*s\"",
                   TEXT_ARGUMENTS(order));
    return false;
}

static bool read_filter(struct request *request, struct audit_filter *out_filter, struct page *out_page)
{
    uint64_t cursor;
    *out_filter = (struct audit_filter){ .oldest_first = false };
    return page_read_number(request, out_page, &cursor) &&
           history_list_identifier(request, "actor", &out_filter->actor) &&
           history_list_time(request, "after", &out_filter->after_ms) &&
           history_list_time(request, "before", &out_filter->before_ms) &&
           read_order(request, out_filter, cursor);
}

enum handled handle_audit(struct request *request)
{
    struct audit_filter filter;
    struct audit_page page = { .written = 0 };
    if (!read_filter(request, &filter, &page.page))
        return HANDLED_ANSWERED;
    render_init(&page.render);
    enum history_status status = read_page(&request->backend->history, &filter, &page);
    if (status != HISTORY_OK) {
        render_fini(&page.render);
        return history_list_refuse(request, status);
    }
    page_close_number(&page.render, page.more ? page.last_id : 0);
    return request_answer_render(request, 200, &page.render);
}
