/* SPDX-License-Identifier: Apache-2.0 */
#include "main/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/clock.h"

struct name_rate {
    const char *event;
    uint64_t second;
    uint32_t lines;
    uint64_t suppressed;
};

static struct {
    pthread_mutex_t mutex;
    enum log_level level;
    int fd;
    bool socket;      /* written with MSG_DONTWAIT */
    bool journald;    /* wants severities, has times of its own */
    uint64_t dropped; /* the reader was too slow */
    struct name_rate names[LIMIT_LOG_NAMES];
} log_state = { .mutex = PTHREAD_MUTEX_INITIALIZER, .level = LOG_LEVEL_INFO, .fd = STDERR_FILENO };

void log_start(void)
{
    struct stat status;
    log_state.journald = getenv("JOURNAL_STREAM") != NULL;
    if (fstat(STDERR_FILENO, &status) != 0)
        return;
    log_state.socket = S_ISSOCK(status.st_mode);
    if (!S_ISFIFO(status.st_mode))
        return;
    /* A description of our own, so that not blocking is not forced upon whoever shares standard error. */
    int fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0)
        log_state.fd = fd;
}

void log_set_level(enum log_level level)
{
    pthread_mutex_lock(&log_state.mutex);
    log_state.level = level;
    pthread_mutex_unlock(&log_state.mutex);
}

static struct name_rate *find_rate(const char *event)
{
    size_t i = 0;
    while (i < LIMIT_LOG_NAMES - 1 && log_state.names[i].event != NULL && log_state.names[i].event != event)
        i++;
    log_state.names[i].event = event; /* names beyond the table share its last row */
    return &log_state.names[i];
}

/* With the mutex held. True: one more line of this name may go; then *out_suppressed did not. */
static bool pass_rate(const char *event, uint64_t *out_suppressed)
{
    struct name_rate *rate = find_rate(event);
    uint64_t second = clock_monotonic_ms() / 1000;
    if (rate->second != second) {
        rate->second = second;
        rate->lines = 0;
    }
    if (rate->lines >= LIMIT_LOG_LINES_PER_SECOND) {
        rate->suppressed++;
        return false;
    }
    rate->lines++;
    *out_suppressed = rate->suppressed;
    rate->suppressed = 0;
    return true;
}

static const char *level_name(enum log_level level)
{
    switch (level) {
    case LOG_LEVEL_ERROR:
        return "error";
    case LOG_LEVEL_WARNING:
        return "warning";
    case LOG_LEVEL_NOTICE:
        return "notice";
    case LOG_LEVEL_INFO:
        return "info";
    case LOG_LEVEL_DEBUG:
        return "debug";
    }
    return "info";
}

void log_begin(struct log_line *line, enum log_level level, const char *event)
{
    uint64_t suppressed = 0;
    pthread_mutex_lock(&log_state.mutex);
    line->wanted = level <= log_state.level && pass_rate(event, &suppressed);
    pthread_mutex_unlock(&log_state.mutex);
    if (!line->wanted)
        return;
    line->writer = bytes_writer(line->buffer, sizeof line->buffer - 2); /* for the ends */
    if (log_state.journald) {
        char severity[] = { '<', (char)('3' + level), '>', '\0' };
        bytes_put_c(&line->writer, severity);
    } else {
        bytes_put_c(&line->writer, "time=");
        bytes_put_time(&line->writer, clock_wall_ms());
        bytes_put_c(&line->writer, " ");
    }
    log_c(line, "level", level_name(level));
    log_c(line, "event", event);
    if (suppressed > 0)
        log_u64(line, "suppressed", suppressed);
}

/* Plain values stay as they are; others are quoted, and what could end or forge a line is escaped. */
static bool is_plain(struct text value)
{
    for (size_t i = 0; i < value.length; i++) {
        unsigned char byte = (unsigned char)value.bytes[i];
        if (byte <= ' ' || byte == '"' || byte == '=' || byte == '\\' || byte >= 0x7f)
            return false;
    }
    return value.length > 0;
}

static void put_escaped(struct bytes_writer *writer, struct text value)
{
    static const char digits[] = "0123456789abcdef";
    bool utf8 = text_is_utf8(value);
    bytes_put_byte(writer, '"');
    for (size_t i = 0; i < value.length; i++) {
        unsigned char byte = (unsigned char)value.bytes[i];
        if (byte == '"' || byte == '\\')
            bytes_put_byte(writer, '\\');
        if (byte < ' ' || byte == 0x7f || (byte > 0x7f && !utf8)) {
            char hex[] = { '\\', 'x', digits[byte >> 4], digits[byte & 15] };
            bytes_put(writer, hex, sizeof hex);
        } else {
            bytes_put_byte(writer, (char)byte);
        }
    }
    bytes_put_byte(writer, '"');
}

static void put_key(struct log_line *line, const char *key)
{
    size_t length = line->writer.length;
    if (length > 0 && line->buffer[length - 1] != ' ' && line->buffer[length - 1] != '>')
        bytes_put_byte(&line->writer, ' ');
    bytes_put_c(&line->writer, key);
    bytes_put_byte(&line->writer, '=');
}

void log_text(struct log_line *line, const char *key, struct text value)
{
    if (!line->wanted || !text_is_present(value))
        return;
    put_key(line, key);
    if (is_plain(value))
        bytes_put_text(&line->writer, value);
    else
        put_escaped(&line->writer, value);
}

void log_c(struct log_line *line, const char *key, const char *value)
{
    log_text(line, key, text_from_c(value));
}

void log_u64(struct log_line *line, const char *key, uint64_t value)
{
    if (!line->wanted)
        return;
    put_key(line, key);
    bytes_put_u64(&line->writer, value);
}

static void write_out(const char *bytes, size_t length)
{
    ssize_t written;
    do {
        written = log_state.socket ? send(log_state.fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL)
                                   : write(log_state.fd, bytes, length);
    } while (written < 0 && errno == EINTR);
    if (written < 0)
        log_state.dropped++;
}

static void report_dropped(void)
{
    char text[80];
    int length = snprintf(text, sizeof text, "level=warning event=log_dropped lines=%llu\n",
                          (unsigned long long)log_state.dropped);
    uint64_t dropped = log_state.dropped;
    write_out(text, (size_t)length);
    if (log_state.dropped == dropped)
        log_state.dropped = 0;
}

void log_end(struct log_line *line)
{
    if (!line->wanted)
        return;
    size_t length = line->writer.length;
    if (line->writer.overflowed)
        line->buffer[length++] = '+'; /* cut: something did not fit */
    line->buffer[length++] = '\n';
    pthread_mutex_lock(&log_state.mutex);
    if (log_state.dropped > 0)
        report_dropped();
    write_out(line->buffer, length);
    pthread_mutex_unlock(&log_state.mutex);
}

void log_event(enum log_level level, const char *event, const char *key, const char *value)
{
    struct log_line line;
    log_begin(&line, level, event);
    log_c(&line, key, value);
    log_end(&line);
}
