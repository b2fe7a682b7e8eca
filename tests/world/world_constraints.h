/* SPDX-License-Identifier: Apache-2.0 */
/* What a KM constrains its request by, as the simulator says it. */
#ifndef WORLD_WORLD_CONSTRAINTS_H
#define WORLD_WORLD_CONSTRAINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "world/world_limits.h"

struct world;

enum { WORLD_CONSTRAINED_MAX = 2 };
struct name_list {
    struct text names[WORLD_CONSTRAINED_MAX];
    size_t count;
};
struct asked_constraints {
    bool given, unreadable;
    struct name_list avoid_kmas, avoid_links, require_kmas;
    size_t hops_max;       /* 0: any */
    int64_t key_stock_min; /* 0: any */
};

struct text constraints_draw(struct world *world, char buffer[WORLD_EXTENSION_BYTES]);
struct asked_constraints constraints_said(struct text extension);
bool name_is_listed(const struct name_list *list, struct text name);

#endif
