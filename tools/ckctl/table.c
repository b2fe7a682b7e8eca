/* SPDX-License-Identifier: Apache-2.0 */
#include "ckctl/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ckctl/display.h"

static const char gap[] = "  ";
static const char ellipsis[] = "\xe2\x80\xa6"; /* one column */

void table_init(struct table *table, size_t column_count)
{
    assert(column_count > 0 && column_count <= TABLE_COLUMNS_MAX);
    *table = (struct table){ .column_count = column_count };
    table->whole[0] = true; /* it is what people copy into the next command */
}

void table_fini(struct table *table)
{
    for (size_t i = 0; i < table->cell_count; i++)
        free(table->cells[i].words);
    free(table->cells);
}

void table_add(struct table *table, enum style style, const char *bytes, size_t length)
{
    if (table->cell_count == table->cell_capacity) {
        table->cell_capacity = table->cell_capacity > 0 ? table->cell_capacity * 2 : 64;
        table->cells = memory_grow(table->cells, table->cell_capacity, sizeof *table->cells);
    }
    struct buffer words = { .bytes = NULL };
    buffer_put(&words, "", 0);
    display_escape(&words, bytes, length);
    table->cells[table->cell_count++] =
        (struct table_cell){ .words = words.bytes, .width = display_width(words.bytes), .style = style };
}

void table_add_c(struct table *table, enum style style, const char *string)
{
    table_add(table, style, string, strlen(string));
}

static void measure(const struct table *table, size_t *widths)
{
    for (size_t i = 0; i < table->column_count; i++)
        widths[i] = table->headings[i] != NULL ? display_width(table->headings[i]) : 0;
    for (size_t i = 0; i < table->cell_count; i++)
        if (table->cells[i].width > widths[i % table->column_count])
            widths[i % table->column_count] = table->cells[i].width;
}

/* Takes from the widest until all fit. The first column stays: it is what people copy into the next command.
 */
static void narrow(const struct table *table, size_t columns, size_t *widths)
{
    size_t total = (table->column_count - 1) * strlen(gap);
    for (size_t i = 0; i < table->column_count; i++)
        total += widths[i];
    for (; total > columns; total--) {
        size_t widest = 0; /* the first is whole */
        for (size_t i = 1; i < table->column_count; i++)
            if (!table->whole[i] && widths[i] > TABLE_COLUMN_MIN &&
                (widest == 0 || widths[i] > widths[widest]))
                widest = i;
        if (widest == 0)
            return;
        widths[widest]--;
    }
}

static void put_blanks(struct buffer *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buffer_put(out, " ", 1);
}

struct place {
    size_t width;
    bool right, last;
};

static void put_cell(struct buffer *out, const struct terminal *terminal, const struct table_cell *cell,
                     struct place place)
{
    bool cut = cell->width > place.width;
    size_t bytes = cut ? display_fit(cell->words, place.width - 1) : strlen(cell->words);
    struct buffer shown = { .bytes = NULL };
    buffer_put(&shown, cell->words, bytes);
    if (cut)
        buffer_put_c(&shown, ellipsis);
    size_t blanks = place.width - display_width(shown.bytes);
    if (place.right)
        put_blanks(out, blanks);
    buffer_put_c(out, terminal_begin(terminal, cell->style));
    buffer_put(out, shown.bytes, shown.length);
    buffer_put_c(out, terminal_end(terminal, cell->style));
    if (!place.right && !place.last)
        put_blanks(out, blanks);
    buffer_put_c(out, place.last ? "\n" : gap);
    buffer_fini(&shown);
}

static void put_headings(const struct table *table, const struct terminal *terminal, const size_t *widths,
                         struct buffer *out)
{
    for (size_t i = 0; i < table->column_count; i++) {
        char heading[64];
        strncpy(heading, table->headings[i], sizeof heading - 1);
        heading[sizeof heading - 1] = '\0';
        struct table_cell cell = { heading, display_width(heading), STYLE_HEADING };
        put_cell(out, terminal, &cell,
                 (struct place){ widths[i], table->right[i], i + 1 == table->column_count });
    }
}

void table_print(const struct table *table, const struct terminal *terminal, struct buffer *out)
{
    size_t widths[TABLE_COLUMNS_MAX];
    assert(table->cell_count % table->column_count == 0);
    measure(table, widths);
    if (terminal->columns > 0)
        narrow(table, terminal->columns, widths);
    if (table->headings[0] != NULL)
        put_headings(table, terminal, widths, out);
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t column = i % table->column_count;
        put_cell(out, terminal, &table->cells[i],
                 (struct place){ widths[column], table->right[column], column + 1 == table->column_count });
    }
}
