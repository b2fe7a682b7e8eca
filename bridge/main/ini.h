/* SPDX-License-Identifier: Apache-2.0 */
/* Reads INI text in systemd's manner into sections and assignments, each with its file and line. */
#ifndef MAIN_INI_H
#define MAIN_INI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"
#include "main/problems.h"

struct ini_assignment {
    struct ini_assignment *next;
    struct text name;
    struct text value; /* trimmed, continuation lines joined by a space; may be empty */
    struct place place;
};

struct ini_section {
    struct ini_section *next;
    struct text title; /* type and name as one: the key by which it is found */
    struct text type;  /* ck */
    struct text name;  /* of [ck "main"]; absent in [http] */
    struct place place;
    const char *newest_file;            /* that opened it: a file opens a section once */
    struct ini_assignment *assignments; /* in the order of their first writing */
    struct ini_assignment **last;
    size_t assignment_count;
};

/* One more is an error. */
enum { LIMIT_ASSIGNMENTS_PER_SECTION = 64, LIMIT_INI_SECTIONS = 262144 };

struct ini {
    struct arena *arena; /* holds the document and the files' text */
    struct table titles;
    struct ini_section *sections;
    struct ini_section **last;
    size_t section_count;
};

void ini_init(struct ini *ini, struct arena *arena);
void ini_fini(struct ini *ini);

/*
 * Adds one file's text. `file` names it in problems; `text` and `file` must live as long as the arena. A
 * later file may open a section again and set anew what an earlier one has set; one file may do so only once.
 * All that is wrong is added to `problems`, and reading goes on behind it.
 */
void ini_read(struct ini *ini, const char *file, struct text text, struct problems *problems);

/* NULL when the section does not set it. */
const struct ini_assignment *ini_find(const struct ini_section *section, const char *name);

#endif
