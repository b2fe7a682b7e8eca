/* SPDX-License-Identifier: Apache-2.0 */
/* The heap as a struct memory, for the HTTP thread's arenas and tables. */
#ifndef HTTP_MEMORY_H
#define HTTP_MEMORY_H

#include "base/memory.h"

extern const struct memory http_memory;

#endif
