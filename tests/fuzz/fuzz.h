/* SPDX-License-Identifier: Apache-2.0 */
/* What every fuzz target gives, and what its drivers (libFuzzer's or standalone.c) take. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Makes this target's input from a frame of the wire vectors. Returns its bytes, 0 when there is no use for
 * it. */
size_t fuzz_seed_from_frame(const uint8_t *frame, size_t frame_bytes, uint8_t *out_input, size_t capacity);

/* A broken promise ends the process, which is what fuzzers look for. */
#define FUZZ_REQUIRE(condition)                                                                              \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                          \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

#endif
