/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of the core's records that outlive them: made without core/pack.h, whose mistakes they have to show.
 */
#ifndef TESTS_RECORD_COPY_H
#define TESTS_RECORD_COPY_H

#include "base/arena.h"
#include "core/record.h"

/* Makes all that the record points at the arena's own. False: of a kind that is never restored; nothing is
 * done. */
bool record_copy_texts(struct arena *arena, struct record *record);

#endif
