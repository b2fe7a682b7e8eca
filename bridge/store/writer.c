/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "store/writer.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "store/driver.h"
#include "system/clock.h"

enum {
    BACKOFF_FIRST_MS = 10,
    BACKOFF_LAST_MS = 1000,
    MAINTAIN_BUSY_MS = 100,  /* after commits: as soon as it is idle, or twice that long after the last */
    MAINTAIN_IDLE_MS = 1000, /* without commits: for retention by age alone */
};

struct writer {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* something was queued, or the end was asked for */
    struct store *store;
    void (*notify)(void *context);
    void *context;
    /* below: guarded by the mutex */
    struct store_retention retention;
    const struct effects *queue[LIMIT_TURNS_IN_FLIGHT]; /* a ring */
    size_t first;
    size_t count;
    bool stopping;
    uint64_t stop_deadline_ms;
    struct writer_state state;
    struct writer_statistics statistics;
    char error[STORE_DETAIL_BYTES];
    /* below: the journal thread's alone */
    uint64_t maintained_ms; /* when housekeeping last ran */
    bool maintain_more;
    bool committed_since; /* since housekeeping last ran */
};

static void wait_until(struct writer *writer, uint64_t deadline_ms)
{
    struct timespec deadline = {
        .tv_sec = (time_t)(deadline_ms / 1000),
        .tv_nsec = (long)(deadline_ms % 1000) * 1000000,
    };
    pthread_cond_timedwait(&writer->changed, &writer->mutex, &deadline);
}

static uint64_t maintain_due_ms(const struct writer *writer)
{
    if (writer->maintain_more)
        return writer->maintained_ms;
    return writer->maintained_ms + (writer->committed_since ? MAINTAIN_BUSY_MS : MAINTAIN_IDLE_MS);
}

/* With the mutex held; lets go of it meanwhile. */
static void maintain(struct writer *writer)
{
    struct store_retention retention = writer->retention;
    pthread_mutex_unlock(&writer->mutex);
    writer->maintain_more = store_maintain(writer->store, &retention, clock_wall_ms());
    writer->maintained_ms = clock_monotonic_ms();
    writer->committed_since = false;
    pthread_mutex_lock(&writer->mutex);
}

/* With the mutex held; lets go of it meanwhile. Commits all that is queued at this moment: at most
   LIMIT_TURNS_IN_FLIGHT. True: done, or nothing was queued. */
static bool commit(struct writer *writer)
{
    const struct effects *batch[LIMIT_TURNS_IN_FLIGHT];
    size_t count = writer->count;
    for (size_t i = 0; i < count; i++)
        batch[i] = writer->queue[(writer->first + i) % LIMIT_TURNS_IN_FLIGHT];
    pthread_mutex_unlock(&writer->mutex);
    uint64_t begin_us = clock_monotonic_us();
    enum store_status status = store_commit(writer->store, batch, count);
    uint64_t took_us = clock_monotonic_us() - begin_us;
    pthread_mutex_lock(&writer->mutex);
    bool was_available = writer->state.available;
    writer->state.last_status = status;
    writer->state.available = status == STORE_OK;
    if (status == STORE_OK) {
        writer->first = (writer->first + count) % LIMIT_TURNS_IN_FLIGHT;
        writer->count -= count;
        writer->state.durable_turn = batch[count - 1]->turn;
        writer->state.commits++;
        writer->state.commit_us_last = took_us;
        distribution_add(&writer->statistics.commit_us, &distribution_microseconds, took_us);
        writer->committed_since = true;
        writer->error[0] = '\0';
    } else {
        writer->statistics.failures++;
        snprintf(writer->error, sizeof writer->error, "%s", store_error(writer->store));
    }
    if (status == STORE_OK || was_available) {
        pthread_mutex_unlock(&writer->mutex);
        writer->notify(writer->context);
        pthread_mutex_lock(&writer->mutex);
    }
    return status == STORE_OK;
}

/* With the mutex held: waits before the next try, and tidies, which may make room. False: the time that
   writer_stop gave is over. */
static bool back_off(struct writer *writer, uint64_t *delay_ms)
{
    maintain(writer);
    uint64_t until_ms = clock_monotonic_ms() + *delay_ms;
    *delay_ms = *delay_ms * 2 < BACKOFF_LAST_MS ? *delay_ms * 2 : BACKOFF_LAST_MS;
    uint64_t now_ms = 0;
    while ((now_ms = clock_monotonic_ms()) < until_ms) {
        if (writer->stopping && now_ms >= writer->stop_deadline_ms)
            return false;
        bool stop_first = writer->stopping && writer->stop_deadline_ms < until_ms;
        wait_until(writer, stop_first ? writer->stop_deadline_ms : until_ms);
    }
    return !writer->stopping || now_ms < writer->stop_deadline_ms;
}

static void *run(void *argument)
{
    struct writer *writer = argument;
    uint64_t delay_ms = BACKOFF_FIRST_MS;
    pthread_mutex_lock(&writer->mutex);
    while (!writer->stopping || writer->count > 0) {
        uint64_t due_ms = maintain_due_ms(writer);
        uint64_t now_ms = clock_monotonic_ms();
        if (!writer->stopping && now_ms >= due_ms + (writer->count > 0 ? MAINTAIN_BUSY_MS : 0)) {
            maintain(writer);
        } else if (writer->count == 0) {
            wait_until(writer, due_ms);
        } else if (commit(writer)) {
            delay_ms = BACKOFF_FIRST_MS;
        } else if (!back_off(writer, &delay_ms)) {
            break;
        }
    }
    pthread_mutex_unlock(&writer->mutex);
    return NULL;
}

/* Signals are for the thread that asked for them. */
static bool start_thread(struct writer *writer)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(&writer->thread, NULL, run, writer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failure == 0;
}

static bool init_condition(struct writer *writer)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) != 0)
        return false;
    bool done = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
                pthread_cond_init(&writer->changed, &attributes) == 0;
    pthread_condattr_destroy(&attributes);
    return done;
}

struct writer *writer_new(const struct writer_options *options)
{
    struct writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL)
        return NULL;
    writer->store = options->store;
    writer->retention = options->retention;
    writer->notify = options->notify;
    writer->context = options->context;
    writer->state.available = true;
    writer->maintained_ms = clock_monotonic_ms();
    if (pthread_mutex_init(&writer->mutex, NULL) != 0)
        goto free_writer;
    if (!init_condition(writer))
        goto destroy_mutex;
    if (!start_thread(writer))
        goto destroy_condition;
    return writer;

destroy_condition:
    pthread_cond_destroy(&writer->changed);
destroy_mutex:
    pthread_mutex_destroy(&writer->mutex);
free_writer:
    free(writer);
    return NULL;
}

bool writer_submit(struct writer *writer, const struct effects *turn)
{
    pthread_mutex_lock(&writer->mutex);
    bool fits = writer->count < LIMIT_TURNS_IN_FLIGHT;
    if (fits) {
        writer->queue[(writer->first + writer->count) % LIMIT_TURNS_IN_FLIGHT] = turn;
        writer->count++;
        pthread_cond_signal(&writer->changed);
    }
    pthread_mutex_unlock(&writer->mutex);
    return fits;
}

struct writer_state writer_state(struct writer *writer)
{
    pthread_mutex_lock(&writer->mutex);
    struct writer_state state = writer->state;
    pthread_mutex_unlock(&writer->mutex);
    return state;
}

struct writer_statistics writer_statistics(struct writer *writer)
{
    pthread_mutex_lock(&writer->mutex);
    struct writer_statistics statistics = writer->statistics;
    pthread_mutex_unlock(&writer->mutex);
    return statistics;
}

void writer_error(struct writer *writer, char *out_detail, size_t detail_bytes)
{
    pthread_mutex_lock(&writer->mutex);
    snprintf(out_detail, detail_bytes, "%s", writer->error);
    pthread_mutex_unlock(&writer->mutex);
}

void writer_set_retention(struct writer *writer, const struct store_retention *retention)
{
    pthread_mutex_lock(&writer->mutex);
    writer->retention = *retention;
    pthread_mutex_unlock(&writer->mutex);
}

bool writer_stop(struct writer *writer, uint32_t timeout_ms)
{
    pthread_mutex_lock(&writer->mutex);
    writer->stopping = true;
    writer->stop_deadline_ms = clock_monotonic_ms() + timeout_ms;
    pthread_cond_signal(&writer->changed);
    pthread_mutex_unlock(&writer->mutex);
    pthread_join(writer->thread, NULL);
    bool all = writer->count == 0;
    pthread_cond_destroy(&writer->changed);
    pthread_mutex_destroy(&writer->mutex);
    free(writer);
    return all;
}
