/* SPDX-License-Identifier: Apache-2.0 */
/* CPU time of the calling thread, in nanoseconds: other users of the machine do not count. */
#ifndef TESTS_BENCH_CPU_TIME_H
#define TESTS_BENCH_CPU_TIME_H

#include <stdint.h>
#include <time.h>

static inline uint64_t cpu_time_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static inline double cpu_time_ms(void)
{
    return (double)cpu_time_ns() / 1e6;
}

#endif
