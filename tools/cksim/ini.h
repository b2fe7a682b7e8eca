/* SPDX-License-Identifier: Apache-2.0 */
/* Reads INI text in systemd's manner, line by line, and says file and line of what it cannot take. */
#ifndef CKSIM_INI_H
#define CKSIM_INI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cksim/system.h"

/* Where something was written: a file's line, or a command-line option (line 0). */
struct origin {
    const char *file;
    uint32_t line;
};
/* "file:12" or "--kms" into the buffer, which is returned. */
const char *origin_print(struct origin origin, char buffer[static 320]);

enum { INI_LINE_BYTES_MAX = 4096, INI_FILE_BYTES_MAX = 16 * 1024 * 1024 };

/* A section's header has key NULL; its name ([km "alice"]) is "" where there is none. All die with the call.
 */
struct ini_line {
    struct origin origin;
    const char *section, *name, *key, *value;
};
/* False stops reading; it has complained. */
typedef bool (*ini_function)(void *context, const struct ini_line *line, struct complaint *complaint);

bool ini_parse(const char *file, const char *content, size_t content_bytes, ini_function function,
               void *context, struct complaint *complaint);
bool ini_parse_file(const char *file, ini_function function, void *context, struct complaint *complaint);

#endif
