/* SPDX-License-Identifier: Apache-2.0 */
/* A collection, page after page; each item as the bridge wrote it. */
#ifndef CKCTL_PAGES_H
#define CKCTL_PAGES_H

#include "ckctl/command.h"

struct pages {
    const char *target; /* with its query, if any */
    long long limit;    /* items at most; 0: all */
    void (*visit)(void *context, const char *item, size_t length);
    void *context;
    void (*page_end)(void *context); /* NULL: nobody wants to know */
    bool may_be_refused;             /* says nothing when the role does not allow it */
};

enum outcome pages_read(struct context *context, const struct pages *pages);

/* The next element of the "items" of a page: *at begins NULL. False: there is no more, or it is no page. */
bool pages_next_item(const char *page, const char **at, const char **out_item, size_t *out_length);

#endif
