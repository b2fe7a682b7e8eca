/* SPDX-License-Identifier: Apache-2.0 */
/* A table for people: columns as wide as their content, narrowed to the terminal. */
#ifndef CKCTL_TABLE_H
#define CKCTL_TABLE_H

#include "ckctl/buffer.h"
#include "ckctl/terminal.h"

enum { TABLE_COLUMNS_MAX = 12, TABLE_COLUMN_MIN = 8 };

struct table_cell {
    char *words; /* escaped */
    size_t width;
    enum style style;
};

struct table {
    size_t column_count;
    const char *headings[TABLE_COLUMNS_MAX]; /* all NULL: no heading line */
    bool right[TABLE_COLUMNS_MAX];           /* numbers stand right */
    bool whole[TABLE_COLUMNS_MAX];           /* never cut */
    struct table_cell *cells;                /* row by row */
    size_t cell_count, cell_capacity;
};

void table_init(struct table *table, size_t column_count);
void table_fini(struct table *table);
/* The next cell of the row, the first of the next row after a full one; the text is escaped here. */
void table_add(struct table *table, enum style style, const char *bytes, size_t length);
void table_add_c(struct table *table, enum style style, const char *string);
void table_print(const struct table *table, const struct terminal *terminal, struct buffer *out);

#endif
