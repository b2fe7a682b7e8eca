/* SPDX-License-Identifier: Apache-2.0 */
#include "main/command_ring.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/limits.h"

struct command_ring {
    pthread_mutex_t mutex;
    int fd;
    bool open;
    size_t first, count;
    struct orchestrator_signs signs;
    atomic_bool arrived; /* among the signs is one that an orchestrator is there: read without the mutex */
    struct command_request *requests[LIMIT_COMMANDS_QUEUED];
};

struct command_ring *command_ring_new(void)
{
    struct command_ring *ring = calloc(1, sizeof *ring);
    if (ring == NULL)
        return NULL;
    ring->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (ring->fd < 0 || pthread_mutex_init(&ring->mutex, NULL) != 0) {
        if (ring->fd >= 0)
            close(ring->fd);
        free(ring);
        return NULL;
    }
    return ring;
}

void command_ring_free(struct command_ring *ring)
{
    if (ring == NULL)
        return;
    for (size_t i = 0; i < ring->count; i++)
        command_request_free(ring->requests[(ring->first + i) % LIMIT_COMMANDS_QUEUED]);
    close(ring->fd);
    pthread_mutex_destroy(&ring->mutex);
    free(ring);
}

int command_ring_descriptor(const struct command_ring *ring)
{
    return ring->fd;
}

static void wake(struct command_ring *ring)
{
    /* It can only fail when the counter is full, and then it is readable anyway. */
    ssize_t written = write(ring->fd, &(uint64_t){ 1 }, sizeof(uint64_t));
    (void)written;
}

bool command_ring_put(struct command_ring *ring, struct command_request *take_request)
{
    pthread_mutex_lock(&ring->mutex);
    bool fits = ring->open && ring->count < LIMIT_COMMANDS_QUEUED;
    if (fits) {
        ring->requests[(ring->first + ring->count) % LIMIT_COMMANDS_QUEUED] = take_request;
        ring->count++;
        wake(ring);
    }
    pthread_mutex_unlock(&ring->mutex);
    return fits;
}

void command_ring_sign(struct command_ring *ring, enum orchestrator_sign sign)
{
    pthread_mutex_lock(&ring->mutex);
    switch (sign) {
    case ORCHESTRATOR_REQUEST:
        ring->signs.request = true;
        atomic_store(&ring->arrived, true);
        break;
    case ORCHESTRATOR_STREAM_OPENED:
        ring->signs.streams_opened++;
        atomic_store(&ring->arrived, true);
        break;
    case ORCHESTRATOR_STREAM_CLOSED:
        ring->signs.streams_closed++;
        break;
    }
    wake(ring);
    pthread_mutex_unlock(&ring->mutex);
}

void command_ring_open(struct command_ring *ring, bool open)
{
    pthread_mutex_lock(&ring->mutex);
    ring->open = open;
    pthread_mutex_unlock(&ring->mutex);
}

size_t command_ring_count(struct command_ring *ring)
{
    pthread_mutex_lock(&ring->mutex);
    size_t count = ring->count;
    pthread_mutex_unlock(&ring->mutex);
    return count;
}

bool command_ring_take_arrivals(struct command_ring *ring, struct orchestrator_signs *out_signs)
{
    if (!atomic_load(&ring->arrived))
        return false;
    pthread_mutex_lock(&ring->mutex);
    *out_signs = ring->signs;
    out_signs->streams_closed = 0;
    ring->signs = (struct orchestrator_signs){ .streams_closed = ring->signs.streams_closed };
    atomic_store(&ring->arrived, false);
    pthread_mutex_unlock(&ring->mutex);
    return true;
}

size_t command_ring_take(struct command_ring *ring, struct command_request **out_requests, size_t capacity,
                         struct orchestrator_signs *out_signs)
{
    size_t taken = 0;
    pthread_mutex_lock(&ring->mutex);
    *out_signs = ring->signs;
    ring->signs = (struct orchestrator_signs){ 0 };
    atomic_store(&ring->arrived, false);
    while (taken < capacity && ring->count > 0) {
        out_requests[taken++] = ring->requests[ring->first];
        ring->first = (ring->first + 1) % LIMIT_COMMANDS_QUEUED;
        ring->count--;
    }
    if (ring->count == 0) {
        uint64_t ignored;
        ssize_t got = read(ring->fd, &ignored, sizeof ignored);
        (void)got; /* nothing there is as good */
    }
    pthread_mutex_unlock(&ring->mutex);
    return taken;
}
