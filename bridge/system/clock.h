/* SPDX-License-Identifier: Apache-2.0 */
/* The two clocks. */
#ifndef SYSTEM_CLOCK_H
#define SYSTEM_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC. */
uint64_t clock_monotonic_ms(void);
uint64_t clock_monotonic_us(void);
/* Unix time. */
uint64_t clock_wall_ms(void);

#endif
