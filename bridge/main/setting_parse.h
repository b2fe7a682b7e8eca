/* SPDX-License-Identifier: Apache-2.0 */
/* Turns one setting's text into the value its type asks for. */
#ifndef MAIN_SETTING_PARSE_H
#define MAIN_SETTING_PARSE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"
#include "main/schema.h"

struct setting_input {
    struct text value;
    const char *file;    /* that says it: relative paths start at its directory */
    struct arena *arena; /* for what the value points at */
};

/* Writes the value of the setting's type to `out_value`. False: it is not one; nothing is written, and
   `out_wanted` says what would be, to be read after "must be". */
bool setting_parse(const struct setting *setting, const struct setting_input *input, void *out_value,
                   char *out_wanted, size_t wanted_bytes);

/* A numeric address and port, as of "127.0.0.1:8480" or "[::1]:8480". */
bool listen_address_parse(struct text value, bool *out_loopback);

#endif
