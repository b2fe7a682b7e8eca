/* SPDX-License-Identifier: Apache-2.0 */
/* How much of every bounded resource is in use: one list, for /status and /metrics alike. */
#ifndef HTTP_USAGE_H
#define HTTP_USAGE_H

#include "http/items.h"

enum { USAGES_MAX = 32 };

struct usage {
    const char *name; /* of a JSON member, and of a label */
    uint64_t used, maximum;
};

/* Returns how many there are, always the same ones. */
size_t usage_list(const struct status_view *view, struct usage out_usages[USAGES_MAX]);

#endif
