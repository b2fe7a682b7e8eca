/* SPDX-License-Identifier: Apache-2.0 */
/* What this process uses of the machine, asked of the kernel. */
#ifndef SYSTEM_PROCESS_USAGE_H
#define SYSTEM_PROCESS_USAGE_H

#include <stdint.h>

/* What the kernel does not tell is 0. */
struct process_usage {
    uint64_t cpu_us; /* user and system, all threads */
    uint64_t resident_bytes, virtual_bytes;
    uint64_t descriptors, descriptors_max;
};

/* Counts the open descriptors one by one: for whoever asks a few times a minute. */
struct process_usage process_usage(void);

#endif
