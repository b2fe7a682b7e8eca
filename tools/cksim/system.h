/* SPDX-License-Identifier: Apache-2.0 */
/* What a command-line program may take for granted: memory that is there or ends it, a clock, and complaints.
 */
#ifndef CKSIM_SYSTEM_H
#define CKSIM_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

/* malloc behind the interface of the lower floors; exhaustion ends the program with EXIT_TROUBLE. */
extern const struct memory system_memory;

/* Makes room for one more element of `element_bytes` in the array at *array; new room is zeroed. */
void *system_grow(void *array, size_t count, size_t *capacity, size_t element_bytes);
/* Zeroed; never NULL. Release with free(). */
void *system_allocate(size_t count, size_t element_bytes);

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t system_now_ns(void);
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)

/* Why something was refused, for people; the first complaint is kept. */
struct complaint {
    char words[1024];
};
void complain(struct complaint *complaint, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* How the program ends; part of its interface, told by --help. */
enum exit_code {
    EXIT_ALL_WELL = 0,
    EXIT_VIOLATIONS = 1, /* the controller broke a rule that cksim checks */
    EXIT_USAGE = 2,      /* command line or scenario is wrong */
    EXIT_TROUBLE = 3,    /* file, network or memory: the run could not be made */
    EXIT_UNSERVED = 4,   /* the run was made, but no KM was ever served */
};

#endif
