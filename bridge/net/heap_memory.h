/* SPDX-License-Identifier: Apache-2.0 */
/* The process's heap as a `struct memory`, for the tables and heaps of floor 0. */
#ifndef NET_HEAP_MEMORY_H
#define NET_HEAP_MEMORY_H

#include "base/memory.h"

struct memory heap_memory(void);

#endif
