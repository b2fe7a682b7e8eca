/* SPDX-License-Identifier: Apache-2.0 */
#include "net/handshake.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <openssl/err.h>

#include "net/socket_bio.h"
#include "net/stream.h"
#include "system/clock.h"
#include "system/thread_priority.h"

enum { WORKER_BATCH = 64 };

struct worker {
    struct handshakes *pool;
    pthread_t thread;
    bool is_running;
    int epoll_fd;
    int wake_fd;
    struct list active;   /* the worker's own; earliest deadline first, for all get the same time */
    pthread_mutex_t lock; /* guards what follows */
    struct list inbox;
    bool stop;
};

struct handshakes {
    uint32_t timeout_ms;
    BIO_METHOD *method;
    int done_fd;
    pthread_mutex_t lock; /* guards `done` */
    struct list done;
    uint32_t next_worker; /* the loop's thread's own */
    uint32_t worker_count;
    struct worker workers[];
};

static void signal_descriptor(int fd)
{
    const uint64_t one = 1;
    /* Fails only when the counter is full, and then it is readable already. */
    const ssize_t ignored = write(fd, &one, sizeof(one));
    (void)ignored;
}

static void clear_descriptor(int fd)
{
    uint64_t ignored_value;
    const ssize_t ignored = read(fd, &ignored_value, sizeof(ignored_value));
    (void)ignored;
}

struct handshake *handshake_new(int take_fd, struct tls_context *context, enum security security)
{
    struct handshake *handshake = calloc(1, sizeof(*handshake));
    if (handshake == NULL)
        return NULL;
    handshake->fd = take_fd;
    handshake->context = tls_context_share(context);
    handshake->security = security;
    return handshake;
}

void handshake_free(struct handshake *handshake)
{
    if (handshake == NULL)
        return;
    SSL_free(handshake->ssl);
    if (handshake->fd >= 0)
        close(handshake->fd);
    tls_context_release(handshake->context);
    free(handshake);
}

static void finish(struct worker *worker, struct handshake *handshake)
{
    struct handshakes *pool = worker->pool;
    list_remove(&handshake->node);
    pthread_mutex_lock(&pool->lock);
    const bool was_empty = list_is_empty(&pool->done);
    list_append(&pool->done, &handshake->node);
    pthread_mutex_unlock(&pool->lock);
    if (was_empty)
        signal_descriptor(pool->done_fd);
}

static void fail(struct worker *worker, struct handshake *handshake, const char *problem)
{
    struct stream stream = { .fd = handshake->fd };
    if (handshake->peer.problem[0] == '\0')
        snprintf(handshake->peer.problem, sizeof(handshake->peer.problem), "%s", problem);
    SSL_free(handshake->ssl);
    handshake->ssl = NULL;
    /* Unread bytes would turn the close into a reset, which can overtake OpenSSL's alert. */
    stream_say_goodbye(&stream);
    (void)stream_discard(&stream);
    close(handshake->fd);
    handshake->fd = -1;
    finish(worker, handshake);
}

static void succeed(struct worker *worker, struct handshake *handshake)
{
    if (!tls_context_finish(handshake->ssl, handshake->security, &handshake->peer)) {
        (void)SSL_shutdown(handshake->ssl);
        fail(worker, handshake, "refused");
        return;
    }
    const X509 *certificate = SSL_get0_peer_certificate(handshake->ssl);
    handshake->certificate_expires_ms = certificate != NULL ? tls_certificate_expires_ms(certificate) : 0;
    handshake->resumed = handshake->security == SECURITY_TLS && SSL_session_reused(handshake->ssl) == 1;
    handshake->succeeded = true;
    epoll_ctl(worker->epoll_fd, EPOLL_CTL_DEL, handshake->fd, &(struct epoll_event){ 0 });
    finish(worker, handshake);
}

/* Goes on as far as the socket allows. */
static void advance(struct worker *worker, struct handshake *handshake)
{
    char problem[STREAM_TEXT_BYTES];
    ERR_clear_error();
    const int result = SSL_accept(handshake->ssl);
    if (result == 1) {
        succeed(worker, handshake);
        return;
    }
    const int error = SSL_get_error(handshake->ssl, result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return;
    stream_openssl_text(socket_bio_error(SSL_get_rbio(handshake->ssl)), "closed by peer during the handshake",
                        problem, sizeof(problem));
    fail(worker, handshake, problem);
}

static void begin(struct worker *worker, struct handshake *handshake)
{
    list_append(&worker->active, &handshake->node);
    handshake->deadline_ms = clock_monotonic_ms() + worker->pool->timeout_ms;
    handshake->ssl =
        tls_context_session(handshake->context, worker->pool->method, handshake->fd, &handshake->peer);
    struct epoll_event event = { .events = stream_events(), .data.ptr = handshake };
    if (handshake->ssl == NULL || epoll_ctl(worker->epoll_fd, EPOLL_CTL_ADD, handshake->fd, &event) != 0)
        fail(worker, handshake, "no memory for a handshake");
    /* Else the first edge is the socket's present state, so it needs no attempt here. */
}

/* False: stop. */
static bool take_new(struct worker *worker)
{
    struct list taken;
    list_init(&taken);
    clear_descriptor(worker->wake_fd);
    pthread_mutex_lock(&worker->lock);
    list_splice(&taken, &worker->inbox);
    const bool stop = worker->stop;
    pthread_mutex_unlock(&worker->lock);
    struct list_node *node;
    while ((node = list_take(&taken)) != NULL)
        begin(worker, LIST_MEMBER(node, struct handshake, node));
    return !stop;
}

static int expire(struct worker *worker)
{
    struct list_node *first;
    while ((first = list_first(&worker->active)) != NULL) {
        struct handshake *handshake = LIST_MEMBER(first, struct handshake, node);
        const uint64_t now_ms = clock_monotonic_ms();
        if (handshake->deadline_ms > now_ms)
            return (int)(handshake->deadline_ms - now_ms);
        char problem[64];
        snprintf(problem, sizeof(problem), "handshake not finished within %u ms", worker->pool->timeout_ms);
        fail(worker, handshake, problem);
    }
    return -1;
}

static void *work(void *context)
{
    struct worker *worker = context;
    struct epoll_event batch[WORKER_BATCH];
    bool go_on = true;
    thread_to_background(); /* the sessions that are served go before those that want to be */
    while (go_on) {
        const int timeout_ms = expire(worker);
        const int count = epoll_wait(worker->epoll_fd, batch, WORKER_BATCH, timeout_ms);
        bool is_woken = false;
        for (int i = 0; i < count; i++) {
            if (batch[i].data.ptr == NULL)
                is_woken = true;
            else
                advance(worker, batch[i].data.ptr);
        }
        /* Only after the batch: no event of it can be of a handshake that begins here. */
        if (is_woken)
            go_on = take_new(worker);
    }
    struct list_node *node;
    while ((node = list_first(&worker->active)) != NULL)
        finish(worker, LIST_MEMBER(node, struct handshake, node));
    OPENSSL_thread_stop();
    return NULL;
}

static bool start_worker(struct handshakes *handshakes, struct worker *worker)
{
    worker->pool = handshakes;
    list_init(&worker->active);
    list_init(&worker->inbox);
    pthread_mutex_init(&worker->lock, NULL);
    worker->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    worker->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = { .events = EPOLLIN };
    if (worker->epoll_fd < 0 || worker->wake_fd < 0 ||
        epoll_ctl(worker->epoll_fd, EPOLL_CTL_ADD, worker->wake_fd, &event) != 0)
        return false;
    /* Signals are the main thread's business. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    worker->is_running = pthread_create(&worker->thread, NULL, work, worker) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return worker->is_running;
}

static void stop_worker(struct worker *worker)
{
    if (worker->is_running) {
        pthread_mutex_lock(&worker->lock);
        worker->stop = true;
        pthread_mutex_unlock(&worker->lock);
        signal_descriptor(worker->wake_fd);
        pthread_join(worker->thread, NULL);
        worker->is_running = false;
    }
}

static void free_worker(struct worker *worker)
{
    assert(!worker->is_running && list_is_empty(&worker->inbox));
    if (worker->epoll_fd >= 0)
        close(worker->epoll_fd);
    if (worker->wake_fd >= 0)
        close(worker->wake_fd);
    pthread_mutex_destroy(&worker->lock);
}

struct handshakes *handshakes_new(const struct handshakes_options *options)
{
    assert(options->threads > 0);
    struct handshakes *handshakes =
        calloc(1, sizeof(*handshakes) + options->threads * sizeof(handshakes->workers[0]));
    if (handshakes == NULL)
        return NULL;
    handshakes->timeout_ms = options->timeout_ms;
    handshakes->method = options->method;
    list_init(&handshakes->done);
    pthread_mutex_init(&handshakes->lock, NULL);
    handshakes->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    bool good = handshakes->done_fd >= 0;
    while (good && handshakes->worker_count < options->threads)
        good = start_worker(handshakes, &handshakes->workers[handshakes->worker_count++]);
    if (!good) {
        handshakes_stop(handshakes);
        handshakes_free(handshakes);
        return NULL;
    }
    return handshakes;
}

void handshakes_stop(struct handshakes *handshakes)
{
    for (uint32_t i = 0; i < handshakes->worker_count; i++)
        stop_worker(&handshakes->workers[i]);
}

void handshakes_free(struct handshakes *handshakes)
{
    assert(list_is_empty(&handshakes->done));
    for (uint32_t i = 0; i < handshakes->worker_count; i++)
        free_worker(&handshakes->workers[i]);
    if (handshakes->done_fd >= 0)
        close(handshakes->done_fd);
    pthread_mutex_destroy(&handshakes->lock);
    free(handshakes);
}

int handshakes_descriptor(const struct handshakes *handshakes)
{
    return handshakes->done_fd;
}

void handshakes_acknowledge(struct handshakes *handshakes)
{
    clear_descriptor(handshakes->done_fd);
}

void handshakes_start(struct handshakes *handshakes, struct handshake *handshake)
{
    struct worker *worker = &handshakes->workers[handshakes->next_worker];
    handshakes->next_worker = (handshakes->next_worker + 1) % handshakes->worker_count;
    pthread_mutex_lock(&worker->lock);
    const bool was_empty = list_is_empty(&worker->inbox);
    list_append(&worker->inbox, &handshake->node);
    pthread_mutex_unlock(&worker->lock);
    if (was_empty)
        signal_descriptor(worker->wake_fd);
}

struct handshake *handshakes_take(struct handshakes *handshakes)
{
    pthread_mutex_lock(&handshakes->lock);
    struct list_node *node = list_take(&handshakes->done);
    pthread_mutex_unlock(&handshakes->lock);
    return node != NULL ? LIST_MEMBER(node, struct handshake, node) : NULL;
}
