/* SPDX-License-Identifier: Apache-2.0 */
/* Prometheus' text exposition format 0.0.4: families with help and type, samples with labels, histograms. */
#ifndef HTTP_EXPOSITION_H
#define HTTP_EXPOSITION_H

#include "base/bytes.h"
#include "base/distribution.h"

#define EXPOSITION_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum exposition_type { EXPOSITION_COUNTER, EXPOSITION_GAUGE, EXPOSITION_HISTOGRAM };

/* A family that is being written; all its samples follow its beginning. */
struct exposition {
    struct bytes_writer *writer;
    const char *name;
};

/* `help` has neither backslash nor line break. */
struct exposition exposition_begin(struct bytes_writer *writer, enum exposition_type type, const char *name,
                                   const char *help);

enum { EXPOSITION_LABELS_MAX = 4 };

/* The end is a NULL name. Values are any bytes: they are escaped here. */
struct exposition_labels {
    struct exposition_label {
        const char *name;
        struct text value;
    } items[EXPOSITION_LABELS_MAX];
};

void exposition_sample(const struct exposition *family, const struct exposition_labels *labels,
                       uint64_t value);
/* value / per_unit, exactly; per_unit is a power of ten. */
void exposition_fraction(const struct exposition *family, const struct exposition_labels *labels,
                         uint64_t value, uint64_t per_unit);
/* +Inf: that time never comes. */
void exposition_never(const struct exposition *family, const struct exposition_labels *labels);
/* Of a HISTOGRAM: its buckets, sum and count. Bounds and sum are divided by per_unit. */
void exposition_distribution(const struct exposition *family, const struct exposition_labels *labels,
                             const struct distribution *distribution, const struct distribution_scale *scale,
                             uint64_t per_unit);

#endif
