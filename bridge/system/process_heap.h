/* SPDX-License-Identifier: Apache-2.0 */
/* The process's heap as a `struct memory`, for whoever runs code of the pure floors. */
#ifndef SYSTEM_PROCESS_HEAP_H
#define SYSTEM_PROCESS_HEAP_H

#include "base/memory.h"

extern const struct memory process_heap;

#endif
