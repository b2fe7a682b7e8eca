/* SPDX-License-Identifier: Apache-2.0 */
#include "http/attempts.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "http/secret.h"
#include "system/process_heap.h"

/* A failure costs this much of a source's allowance, which grows by `per_minute` each millisecond. */
enum { FAILURE_COST = 60000 };

struct attempt_record {
    struct attempt_source source;
    uint64_t allowance; /* at changed_ms */
    uint64_t changed_ms;
    struct attempt_record *older, *newer;
};

static struct text source_key(const struct attempt_source *source)
{
    return (struct text){ (const char *)source->bytes, sizeof source->bytes };
}

static struct text key_of(const void *value)
{
    return source_key(&((const struct attempt_record *)value)->source);
}

void attempts_init(struct attempts *attempts)
{
    *attempts = (struct attempts){ .per_minute = ATTEMPTS_PER_MINUTE_DEFAULT };
    table_init(&attempts->sources, &process_heap, secret_table_key(), key_of);
}

static void unlink_record(struct attempts *attempts, struct attempt_record *record)
{
    *(record->older != NULL ? &record->older->newer : &attempts->oldest) = record->newer;
    *(record->newer != NULL ? &record->newer->older : &attempts->newest) = record->older;
}

static void append_record(struct attempts *attempts, struct attempt_record *record)
{
    record->older = attempts->newest;
    record->newer = NULL;
    *(record->older != NULL ? &record->older->newer : &attempts->oldest) = record;
    attempts->newest = record;
}

static void forget_oldest(struct attempts *attempts)
{
    struct attempt_record *record = attempts->oldest;
    unlink_record(attempts, record);
    table_remove(&attempts->sources, key_of(record));
    free(record);
}

void attempts_fini(struct attempts *attempts)
{
    while (attempts->oldest != NULL)
        forget_oldest(attempts);
    table_fini(&attempts->sources);
}

/* ::ffff:192.0.2.1 is the same person as 192.0.2.1. */
struct attempt_source attempt_source_of(const struct sockaddr *address)
{
    struct attempt_source source = { { 0 } };
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;
        source.bytes[0] = 4;
        memcpy(source.bytes + 1, &v4->sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        const struct in6_addr *v6 = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
        source.bytes[0] = IN6_IS_ADDR_V4MAPPED(v6) ? 4 : 6;
        if (source.bytes[0] == 4)
            memcpy(source.bytes + 1, v6->s6_addr + 12, 4);
        else
            memcpy(source.bytes + 1, v6->s6_addr, 8);
    }
    return source;
}

static uint64_t allowance_now(const struct attempts *attempts, const struct attempt_record *record,
                              uint64_t now_ms)
{
    uint64_t full = (uint64_t)attempts->per_minute * ATTEMPTS_MINUTES_SAVED * FAILURE_COST;
    uint64_t passed_ms = now_ms > record->changed_ms ? now_ms - record->changed_ms : 0;
    if (passed_ms >= (uint64_t)ATTEMPTS_MINUTES_SAVED * FAILURE_COST) /* a minute has as many milliseconds */
        return full;
    uint64_t allowance = record->allowance + passed_ms * attempts->per_minute;
    return allowance < full ? allowance : full;
}

unsigned attempts_wait_s(const struct attempts *attempts, const struct attempt_source *source,
                         uint64_t now_ms)
{
    const struct attempt_record *record = table_find(&attempts->sources, source_key(source));
    if (record == NULL)
        return 0;
    uint64_t allowance = allowance_now(attempts, record, now_ms);
    if (allowance >= FAILURE_COST)
        return 0;
    uint64_t wait_ms = (FAILURE_COST - allowance + attempts->per_minute - 1) / attempts->per_minute;
    return (unsigned)((wait_ms + 999) / 1000);
}

static struct attempt_record *record_new(struct attempts *attempts, const struct attempt_source *source,
                                         uint64_t now_ms)
{
    if (attempts->sources.count >= ATTEMPT_SOURCES_MAX)
        forget_oldest(attempts);
    struct attempt_record *record = calloc(1, sizeof *record);
    if (record == NULL)
        return NULL;
    record->source = *source;
    record->allowance = (uint64_t)attempts->per_minute * ATTEMPTS_MINUTES_SAVED * FAILURE_COST;
    record->changed_ms = now_ms;
    if (!table_insert(&attempts->sources, record)) {
        free(record);
        return NULL;
    }
    append_record(attempts, record);
    return record;
}

void attempts_note_failure(struct attempts *attempts, const struct attempt_source *source, uint64_t now_ms)
{
    attempts->failed++;
    struct attempt_record *record = table_find(&attempts->sources, source_key(source));
    if (record == NULL)
        record = record_new(attempts, source, now_ms);
    if (record == NULL)
        return;
    uint64_t allowance = allowance_now(attempts, record, now_ms);
    record->allowance = allowance > FAILURE_COST ? allowance - FAILURE_COST : 0;
    record->changed_ms = now_ms;
    unlink_record(attempts, record);
    append_record(attempts, record);
}
