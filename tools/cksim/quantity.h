/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers with units as people write them: "500 ms", "2 min", "10 %", "unlimited". */
#ifndef CKSIM_QUANTITY_H
#define CKSIM_QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

/* "250 us", "5 ms", "1.5 s", "2 min", "1 h"; a bare number is seconds. At most a year. */
bool quantity_duration(const char *words, uint64_t *out_ns);
/* "10 %", "10%" or "0.1": 0 to 1. */
bool quantity_share(const char *words, double *out_share);
/* A number of 0 or more, decimals allowed; "unlimited" is -1. */
bool quantity_real(const char *words, double *out_value);
/* A whole number, at most `maximum`. */
bool quantity_count(const char *words, uint64_t maximum, uint64_t *out_value);
bool quantity_boolean(const char *words, bool *out_value);
/* For people: "1.23 ms". Returns the buffer. */
const char *quantity_print_duration(uint64_t ns, char buffer[static 32]);

#endif
