/* SPDX-License-Identifier: Apache-2.0 */
/* The structured log: one line an event, `event=name key=value ...`, to standard error, rate-limited by name.
 */
#ifndef MAIN_LOG_H
#define MAIN_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/text.h"
#include "main/configuration.h"

/* Lines of one event name in a second; those beyond are counted, and the count is in the next line. */
enum { LIMIT_LOG_LINES_PER_SECOND = 100, LIMIT_LOG_NAMES = 64, LIMIT_LOG_LINE_BYTES = 2048 };

/* Looks at what standard error is: journald gets severities, a pipe is never waited for. Threads may log. */
void log_start(void);
void log_set_level(enum log_level level);

struct log_line {
    bool wanted; /* false: below the level or above the rate; everything else does nothing */
    struct bytes_writer writer;
    char buffer[LIMIT_LOG_LINE_BYTES];
};

/* `event` is a literal: its address tells the names apart. */
void log_begin(struct log_line *line, enum log_level level, const char *event);
/* Absent texts are left out. Values are quoted and escaped where they would break the line's form. */
void log_text(struct log_line *line, const char *key, struct text value);
void log_c(struct log_line *line, const char *key, const char *value);
void log_u64(struct log_line *line, const char *key, uint64_t value);
void log_end(struct log_line *line);

/* A whole line with one value: the common case. */
void log_event(enum log_level level, const char *event, const char *key, const char *value);

#endif
