/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a configuration: all of it, each with its file and line, and what to change. */
#ifndef MAIN_PROBLEMS_H
#define MAIN_PROBLEMS_H

#include <stdio.h>

#include "base/arena.h"

/* Where something was written. `line` 0: the file as a whole. */
struct place {
    const char *file;
    unsigned line;
};

enum problem_severity { PROBLEM_ERROR, PROBLEM_WARNING };

struct problem {
    struct problem *next;
    struct place place;
    enum problem_severity severity;
    const char *message;
};

/* Those beyond are counted, not kept. */
enum { LIMIT_PROBLEMS_KEPT = 200 };

struct problems {
    struct arena arena;
    struct problem *first;
    struct problem **last;
    size_t kept;
    size_t errors; /* kept or not */
    size_t warnings;
};

void problems_init(struct problems *problems);
void problems_fini(struct problems *problems);
void problems_error(struct problems *problems, struct place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void problems_warning(struct problems *problems, struct place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* One line each, "file:line: what is wrong; what to change", in the order of their finding. */
void problems_print(const struct problems *problems, FILE *stream);

#endif
