/* SPDX-License-Identifier: Apache-2.0 */
/* Explanations in one line of words, to compare them by. */
#ifndef TESTS_EXPLAINED_WORDS_H
#define TESTS_EXPLAINED_WORDS_H

#include <stddef.h>

#include "base/text.h"

/* "routes no_match, computed decided at 2 over l1 (not a x c at 7: narrower l2)" */
void explained_expect(struct text explanation, const struct text *path, size_t path_length,
                      const char *expected);

#endif
