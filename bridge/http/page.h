/* SPDX-License-Identifier: Apache-2.0 */
/* Lists, a page at a time: limit, opaque cursor, items and next_cursor. */
#ifndef HTTP_PAGE_H
#define HTTP_PAGE_H

#include "http/request.h"

enum {
    PAGE_ITEMS_DEFAULT = 100,
    PAGE_ITEMS_MAX = 1000,
    PAGE_BYTES_MAX = 1024 * 1024, /* a page that is as long takes no further item */
};

struct page {
    size_t limit;
    struct text after; /* the last key of the page before; absent: from the start */
};

/* base64url without padding; the arena's text is absent when it is not that, or memory is exhausted. */
void page_put_cursor(struct bytes_writer *writer, struct text key);
struct text page_cursor_key(struct arena *arena, struct text cursor);

/* Reads `limit` and `cursor`; false: answered with a problem. */
bool page_read(struct request *request, struct page *out_page);
/* Likewise, of a list whose keys are numbers; 0: from the start. */
bool page_read_number(struct request *request, struct page *out_page, uint64_t *out_after);

/* {"items":[ ... then items through render_value ... ],"next_cursor":...}; absent key: the end. */
void page_open(struct render *render);
void page_close(struct render *render, struct text last_key);
void page_close_number(struct render *render, uint64_t last_key); /* 0: the end */

/* A sorted array of the snapshot. */
struct listing {
    const void *items;
    size_t count;
    size_t item_bytes;
    struct text (*key)(const void *item);
    render_function render;
    /* NULL: all belong to it. */
    bool (*belongs)(const struct request *request, const void *item);
};
/* The place of the first item whose key is above `after`; absent: of the first. */
size_t page_first_after(const struct listing *listing, struct text after);
enum handled page_answer_listing(struct request *request, const struct listing *listing);

#endif
