/* SPDX-License-Identifier: Apache-2.0 */
#include "http/exposition.h"

#include <assert.h>
#include <string.h>

static const char *const type_names[] = { "counter", "gauge", "histogram" };

struct exposition exposition_begin(struct bytes_writer *writer, enum exposition_type type, const char *name,
                                   const char *help)
{
    assert(strpbrk(help, "\\\n") == NULL);
    bytes_put_c(writer, "# HELP ");
    bytes_put_c(writer, name);
    bytes_put_byte(writer, ' ');
    bytes_put_c(writer, help);
    bytes_put_c(writer, "\n# TYPE ");
    bytes_put_c(writer, name);
    bytes_put_byte(writer, ' ');
    bytes_put_c(writer, type_names[type]);
    bytes_put_byte(writer, '\n');
    return (struct exposition){ writer, name };
}

static void put_escaped(struct bytes_writer *writer, struct text value)
{
    for (size_t i = 0; i < value.length; i++) {
        char byte = value.bytes[i];
        if (byte == '\\' || byte == '"')
            bytes_put_byte(writer, '\\');
        if (byte == '\n')
            bytes_put_c(writer, "\\n");
        else
            bytes_put_byte(writer, byte);
    }
}

static void put_label(struct bytes_writer *writer, char before, const char *name, struct text value)
{
    bytes_put_byte(writer, before);
    bytes_put_c(writer, name);
    bytes_put_c(writer, "=\"");
    put_escaped(writer, value);
    bytes_put_byte(writer, '"');
}

/* name{a="b",le="0.1"} and the blank before the value; an absent `le` is left out. */
static void put_series(const struct exposition *family, const char *suffix,
                       const struct exposition_labels *labels, struct text le)
{
    struct bytes_writer *writer = family->writer;
    char before = '{';
    bytes_put_c(writer, family->name);
    bytes_put_c(writer, suffix);
    for (size_t i = 0; labels != NULL && i < EXPOSITION_LABELS_MAX && labels->items[i].name != NULL; i++) {
        put_label(writer, before, labels->items[i].name, labels->items[i].value);
        before = ',';
    }
    if (text_is_present(le)) {
        put_label(writer, before, "le", le);
        before = ',';
    }
    bytes_put_c(writer, before == '{' ? " " : "} ");
}

static void put_fraction(struct bytes_writer *writer, uint64_t value, uint64_t per_unit)
{
    uint64_t rest = value % per_unit;
    bytes_put_u64(writer, value / per_unit);
    if (rest > 0)
        bytes_put_byte(writer, '.');
    while (rest > 0) {
        per_unit /= 10;
        bytes_put_byte(writer, (char)('0' + rest / per_unit));
        rest %= per_unit;
    }
}

static void put_count(const struct exposition *family, const char *suffix,
                      const struct exposition_labels *labels, struct text le, uint64_t count)
{
    put_series(family, suffix, labels, le);
    bytes_put_u64(family->writer, count);
    bytes_put_byte(family->writer, '\n');
}

void exposition_sample(const struct exposition *family, const struct exposition_labels *labels,
                       uint64_t value)
{
    put_count(family, "", labels, TEXT_ABSENT, value);
}

void exposition_fraction(const struct exposition *family, const struct exposition_labels *labels,
                         uint64_t value, uint64_t per_unit)
{
    put_series(family, "", labels, TEXT_ABSENT);
    put_fraction(family->writer, value, per_unit);
    bytes_put_byte(family->writer, '\n');
}

void exposition_never(const struct exposition *family, const struct exposition_labels *labels)
{
    put_series(family, "", labels, TEXT_ABSENT);
    bytes_put_c(family->writer, "+Inf\n");
}

void exposition_distribution(const struct exposition *family, const struct exposition_labels *labels,
                             const struct distribution *distribution, const struct distribution_scale *scale,
                             uint64_t per_unit)
{
    char buffer[32];
    uint64_t count = 0;
    for (size_t i = 0; i < scale->count; i++) {
        struct bytes_writer le = bytes_writer(buffer, sizeof buffer);
        put_fraction(&le, scale->bounds[i], per_unit);
        count += distribution->buckets[i];
        put_count(family, "_bucket", labels, bytes_written(&le), count);
    }
    count += distribution->buckets[scale->count];
    put_count(family, "_bucket", labels, TEXT("+Inf"), count);
    put_series(family, "_sum", labels, TEXT_ABSENT);
    put_fraction(family->writer, distribution->sum, per_unit);
    bytes_put_byte(family->writer, '\n');
    put_count(family, "_count", labels, TEXT_ABSENT, count);
}
