/* SPDX-License-Identifier: Apache-2.0 */
#include "cksim/system.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void *allocate(void *context, size_t bytes)
{
    (void)context;
    return system_allocate(1, bytes);
}

static void release(void *context, void *block, size_t bytes)
{
    (void)context;
    (void)bytes;
    free(block);
}

const struct memory system_memory = { .allocate = allocate, .release = release };

static _Noreturn void exhausted(void)
{
    fputs("cksim: out of memory\n", stderr);
    exit(EXIT_TROUBLE);
}

void *system_allocate(size_t count, size_t element_bytes)
{
    void *block = calloc(count > 0 ? count : 1, element_bytes);
    if (block == NULL)
        exhausted();
    return block;
}

void *system_grow(void *array, size_t count, size_t *capacity, size_t element_bytes)
{
    if (count < *capacity)
        return array;
    size_t larger = *capacity == 0 ? 16 : *capacity * 2;
    unsigned char *grown = larger > SIZE_MAX / element_bytes ? NULL : realloc(array, larger * element_bytes);
    if (grown == NULL)
        exhausted();
    memset(grown + *capacity * element_bytes, 0, (larger - *capacity) * element_bytes);
    *capacity = larger;
    return grown;
}

uint64_t system_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

void complain(struct complaint *complaint, const char *format, ...)
{
    if (complaint->words[0] != '\0')
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(complaint->words, sizeof complaint->words, format, arguments);
    va_end(arguments);
}
