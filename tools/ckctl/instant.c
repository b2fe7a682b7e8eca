/* SPDX-License-Identifier: Apache-2.0 */
#include "ckctl/instant.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

bool instant_parse(const char *words, int64_t *out_ms)
{
    struct tm when = { .tm_isdst = 0 };
    int ms = 0, end = 0;
    if (sscanf(words, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ%n", &when.tm_year, &when.tm_mon, &when.tm_mday,
               &when.tm_hour, &when.tm_min, &when.tm_sec, &ms, &end) != 7 ||
        end == 0 || words[end] != '\0')
        return false;
    when.tm_year -= 1900;
    when.tm_mon -= 1;
    *out_ms = (int64_t)timegm(&when) * 1000 + ms;
    return true;
}

void instant_put(struct buffer *out, int64_t when_ms)
{
    time_t seconds = (time_t)(when_ms / SECOND);
    struct tm when;
    char words[32];
    gmtime_r(&seconds, &when);
    strftime(words, sizeof words, "%Y-%m-%dT%H:%M:%S", &when);
    buffer_format(out, "%s.%03dZ", words, (int)(when_ms % SECOND));
}

void instant_put_span(struct buffer *out, int64_t span_ms)
{
    if (span_ms < SECOND)
        buffer_format(out, "%lld ms", (long long)span_ms);
    else if (span_ms < 2 * MINUTE)
        buffer_format(out, "%lld s", (long long)(span_ms / SECOND));
    else if (span_ms < 2 * HOUR)
        buffer_format(out, "%lld min", (long long)(span_ms / MINUTE));
    else if (span_ms < 2 * (int64_t)DAY)
        buffer_format(out, "%lld h", (long long)(span_ms / HOUR));
    else
        buffer_format(out, "%lld days", (long long)(span_ms / DAY));
}

void instant_put_relative(struct buffer *out, int64_t when_ms, int64_t now_ms)
{
    int64_t ago_ms = now_ms - when_ms;
    if (ago_ms > -SECOND && ago_ms < SECOND) {
        buffer_put_c(out, "just now");
        return;
    }
    if (ago_ms < 0)
        buffer_put_c(out, "in ");
    instant_put_span(out, ago_ms < 0 ? -ago_ms : ago_ms);
    if (ago_ms > 0)
        buffer_put_c(out, " ago");
}
