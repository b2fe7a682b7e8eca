/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of relays and lookups: the filters that both have, read from the query. */
#ifndef HTTP_HISTORY_LIST_H
#define HTTP_HISTORY_LIST_H

#include "core/history.h"
#include "http/body.h"
#include "http/commands.h"
#include "http/page.h"

/* A page in the making, for visitors. */
struct history_page {
    struct render render;
    struct page page;
    size_t written;
    uint64_t last_id;
    bool more;
};

/* A parameter's identifier, or RFC 3339 time; one that was not given leaves the time as it is. False:
   answered with a problem. */
bool history_list_identifier(struct request *request, const char *name, struct text *out_identifier);
bool history_list_time(struct request *request, const char *name, uint64_t *out_ms);
/* All filters but `state`; false: answered with a problem. */
bool history_list_read(struct request *request, struct history_filter *out_filter,
                       struct history_page *out_page);
bool history_list_refuse_state(struct request *request, const char *values);
/* False: the page is full and there is more. */
bool history_list_add(struct history_page *page, uint64_t id, render_function render, const void *item);
/* `before_id`: where to go on when the page is not full; 0: it is the last. */
enum handled history_list_answer(struct request *request, struct history_page *page,
                                 enum history_status status, uint64_t before_id);
/* The path's number, or 0: answered with 404, for such an object cannot exist. */
uint64_t history_list_id(struct request *request);
/* The answer to a reader that could not find or read one object. */
enum handled history_list_refuse(struct request *request, enum history_status status);

/* A decision's body: {"<list>": [...]} or {"reject": "..."}, and for an unknown application where it is,
   and whether to learn it. */
bool history_list_read_decision(struct request *request, struct command_request *command, const char *list,
                                size_t count_max);

#endif
