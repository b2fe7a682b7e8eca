/* SPDX-License-Identifier: Apache-2.0 */
#include "http/page.h"

#include <string.h>

#include "base/limits.h"
#include "ck/json_writer.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void page_put_cursor(struct bytes_writer *writer, struct text key)
{
    uint32_t bits = 0;
    unsigned have = 0;
    for (size_t i = 0; i < key.length; i++) {
        bits = bits << 8 | (unsigned char)key.bytes[i];
        for (have += 8; have >= 6; have -= 6)
            bytes_put_byte(writer, alphabet[bits >> (have - 6) & 63]);
    }
    if (have > 0)
        bytes_put_byte(writer, alphabet[bits << (6 - have) & 63]);
}

struct text page_cursor_key(struct arena *arena, struct text cursor)
{
    char *key = arena_allocate(arena, cursor.length + 1);
    size_t length = 0;
    uint32_t bits = 0;
    unsigned have = 0;
    if (key == NULL || cursor.length == 0 || cursor.length % 4 == 1)
        return TEXT_ABSENT;
    for (size_t i = 0; i < cursor.length; i++) {
        const char *at = cursor.bytes[i] != '\0' ? strchr(alphabet, cursor.bytes[i]) : NULL;
        if (at == NULL)
            return TEXT_ABSENT;
        bits = bits << 6 | (uint32_t)(at - alphabet);
        have += 6;
        if (have >= 8) {
            have -= 8;
            key[length++] = (char)(bits >> have & 255);
        }
    }
    if ((bits & ((1u << have) - 1)) != 0) /* one key has one cursor */
        return TEXT_ABSENT;
    return (struct text){ key, length };
}

static bool read_limit(struct request *request, size_t *out_limit)
{
    struct text value = request_parameter(request, "limit");
    uint64_t limit = PAGE_ITEMS_DEFAULT;
    if (text_is_present(value) && (!text_to_u64(value, PAGE_ITEMS_MAX, &limit) || limit == 0)) {
        request_refuse(request, PROBLEM_BAD_PARAMETER, "limit",
                       "limit is a number from 1 to %d, not \"%.*s\"", PAGE_ITEMS_MAX, TEXT_ARGUMENTS(value));
        return false;
    }
    *out_limit = (size_t)limit;
    return true;
}

static bool refuse_cursor(struct request *request)
{
    request_refuse(request, PROBLEM_BAD_CURSOR, "cursor",
                   "cursor is the next_cursor of an earlier page, unchanged; leave it out to begin anew");
    return false;
}

bool page_read(struct request *request, struct page *out_page)
{
    struct text cursor = request_parameter(request, "cursor");
    out_page->after = TEXT_ABSENT;
    if (!read_limit(request, &out_page->limit))
        return false;
    if (!text_is_present(cursor))
        return true;
    out_page->after = page_cursor_key(&request->arena, cursor);
    return text_is_identifier(out_page->after) || refuse_cursor(request);
}

bool page_read_number(struct request *request, struct page *out_page, uint64_t *out_after)
{
    *out_after = 0;
    if (!page_read(request, out_page))
        return false;
    if (!text_is_present(out_page->after))
        return true;
    return (text_to_u64(out_page->after, UINT64_MAX, out_after) && *out_after > 0) || refuse_cursor(request);
}

void page_open(struct render *render)
{
    render_text(render, TEXT("{\"items\":["));
}

static void put_end(struct bytes_writer *writer, const void *value)
{
    struct text last_key = *(const struct text *)value;
    bytes_put_c(writer, "],\"next_cursor\":");
    if (!text_is_present(last_key)) {
        bytes_put_c(writer, "null}");
        return;
    }
    bytes_put_byte(writer, '"');
    page_put_cursor(writer, last_key);
    bytes_put_c(writer, "\"}");
}

void page_close(struct render *render, struct text last_key)
{
    render_value(render, put_end, &last_key);
}

void page_close_number(struct render *render, uint64_t last_key)
{
    char digits[24];
    struct bytes_writer writer = bytes_writer(digits, sizeof digits);
    bytes_put_u64(&writer, last_key);
    page_close(render, last_key != 0 ? bytes_written(&writer) : TEXT_ABSENT);
}

static const void *item_at(const struct listing *listing, size_t index)
{
    return (const char *)listing->items + index * listing->item_bytes;
}

size_t page_first_after(const struct listing *listing, struct text after)
{
    size_t low = 0, high = text_is_present(after) ? listing->count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (text_compare(listing->key(item_at(listing, middle)), after) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

enum handled page_answer_listing(struct request *request, const struct listing *listing)
{
    struct page page;
    struct render render;
    size_t written = 0;
    struct text last_key = TEXT_ABSENT;
    bool more = false;
    if (!page_read(request, &page))
        return HANDLED_ANSWERED;
    render_init(&render);
    page_open(&render);
    for (size_t i = page_first_after(listing, page.after); i < listing->count && !more; i++) {
        const void *item = item_at(listing, i);
        if (listing->belongs != NULL && !listing->belongs(request, item))
            continue;
        more = written == page.limit || render.writer.length >= PAGE_BYTES_MAX;
        if (more)
            break;
        render_value(&render, listing->render, item);
        last_key = listing->key(item);
        written++;
    }
    page_close(&render, more ? last_key : TEXT_ABSENT);
    return request_answer_render(request, 200, &render);
}
