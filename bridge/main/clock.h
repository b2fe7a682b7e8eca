/* SPDX-License-Identifier: Apache-2.0 */
/* The two clocks, in milliseconds. */
#ifndef MAIN_CLOCK_H
#define MAIN_CLOCK_H

#include <stdint.h>

uint64_t clock_monotonic_ms(void);
uint64_t clock_monotonic_us(void);
/* Unix time. */
uint64_t clock_wall_ms(void);

#endif
