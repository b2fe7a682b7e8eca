/* SPDX-License-Identifier: Apache-2.0 */
/* The C library's heap as a struct memory, for the pure floors that main runs. */
#ifndef MAIN_SYSTEM_MEMORY_H
#define MAIN_SYSTEM_MEMORY_H

#include "base/memory.h"

extern const struct memory system_memory;

#endif
