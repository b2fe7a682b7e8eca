/* SPDX-License-Identifier: Apache-2.0 */
/* Every key of a scenario, with its type, its default and its help: the reader and --help are made from it.
 */
#ifndef CKSIM_SCENARIO_SCHEMA_H
#define CKSIM_SCENARIO_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "cksim/scenario.h"

enum schema_kind {
    SCHEMA_WORDS,
    SCHEMA_DURATION,
    SCHEMA_COUNT,
    SCHEMA_REAL,
    SCHEMA_SHARE,
    SCHEMA_BOOLEAN,
    SCHEMA_CHOICE,
};

struct schema_row {
    const char *section, *key;
    enum schema_kind kind;
    size_t offset;              /* in the section's structure */
    const char *const *choices; /* NULL-ended, in the enumeration's order */
    const char *default_value;  /* NULL: none */
    const char *help;
};
extern const struct schema_row schema_rows[]; /* section NULL at the end */

/* "tls | psk | plain", "duration" ... into the buffer, which is returned. */
const char *schema_values(const struct schema_row *row, char buffer[static 128]);
/* NULL when the section has no such key. */
const struct schema_row *schema_find(const char *section, const char *key);
/* Stores `value` into the section's structure at `object`; words are copied into `arena`. False: not of the
   row's type. */
bool schema_store(const struct schema_row *row, struct arena *arena, void *object, const char *value);
/* Stores every default of the section. */
void schema_defaults(const char *section, struct arena *arena, void *object);

extern const char *const schema_fault_kinds[];

#endif
