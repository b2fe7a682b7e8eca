/* SPDX-License-Identifier: Apache-2.0 */
/* An array of pointers kept in order: found by bisection, walked in an order that no address decides. */
#ifndef CORE_SORTED_H
#define CORE_SORTED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

/* <0, 0, >0; never 0 for two different values of one array. */
typedef int (*sorted_compare)(const void *left, const void *right);

struct sorted {
    struct memory memory;
    sorted_compare compare;
    void **values;
    size_t count;
    size_t capacity;
};

void sorted_init(struct sorted *sorted, const struct memory *memory, sorted_compare compare);
void sorted_fini(struct sorted *sorted);
/* False: out of memory, nothing changed. */
bool sorted_insert(struct sorted *sorted, void *value);
/* No effect when it is not in. */
void sorted_remove(struct sorted *sorted, const void *value);

#endif
