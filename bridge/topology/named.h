/* SPDX-License-Identifier: Apache-2.0 */
/* Sorts numbered names; the pure floors have no qsort. */
#ifndef TOPOLOGY_NAMED_H
#define TOPOLOGY_NAMED_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct named {
    struct text name;
    uint32_t number; /* the caller's */
};

/* Bytewise by name; equal names keep their order. `scratch` has room for `count` too. */
void named_sort(struct named *items, struct named *scratch, size_t count);

#endif
