/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/server.h"
#include "system/clock.h"
#include "system/process_heap.h"

enum { LISTEN_BACKLOG = 512, LISTEN_BYTES_MAX = 256, STOP_MS = 1000, WEB_DETAIL_BYTES = 512 };

/* A reply on its way from the core's thread; as many as commands were submitted. */
struct letter {
    struct letter *next;
    struct arena arena;
    struct reply reply;
};

struct http {
    pthread_t thread;
    int event_fd, epoll_fd;
    bool secure;
    uint64_t certificate_expires_ms;
    char listen[LISTEN_BYTES_MAX];
    char address[LISTEN_BYTES_MAX];
    char web_problem[WEB_DETAIL_BYTES];

    /* what other threads leave for the HTTP thread */
    pthread_mutex_t lock;
    struct letter *letters, **letters_end;
    uint64_t newest_event_id;
    struct auth *new_auth; /* NULL: no reload */
    struct credentials *new_credentials;
    struct http_metrics_options metrics;
    bool stop;

    struct http_server server; /* the HTTP thread's alone */
};

/* The thread */

static void wake(struct http *http)
{
    uint64_t one = 1;
    ssize_t written = write(http->event_fd, &one, sizeof one);
    (void)written; /* it can only fail when the counter is full, and then it wakes all the same */
}

static void deliver(struct http *http, struct letter *letter)
{
    while (letter != NULL) {
        struct letter *next = letter->next;
        if (!commands_reply(&http->server.commands, &letter->reply))
            idempotency_finish_abandoned(&http->server.idempotency, letter->reply.command_id);
        arena_fini(&letter->arena);
        free(letter);
        letter = next;
    }
}

/* True: to stop. */
static bool read_inbox(struct http *http)
{
    pthread_mutex_lock(&http->lock);
    struct letter *letters = http->letters;
    struct auth *auth = http->new_auth;
    struct credentials *credentials = http->new_credentials;
    uint64_t newest_event_id = http->newest_event_id;
    struct http_metrics_options metrics = http->metrics;
    bool stop = http->stop;
    http->letters = NULL;
    http->letters_end = &http->letters;
    http->new_auth = NULL;
    http->new_credentials = NULL;
    pthread_mutex_unlock(&http->lock);

    http->server.metrics = metrics;
    if (auth != NULL)
        http_server_replace_access(&http->server, auth, credentials);
    if (letters != NULL) /* before anybody hears of it */
        http_server_follow(&http->server);
    deliver(http, letters);
    feed_durable(&http->server.feed, newest_event_id);
    return stop;
}

static void wait(struct http *http, int timeout_ms)
{
    struct epoll_event events[2];
    uint64_t count;
    int ready = epoll_wait(http->epoll_fd, events, 2, timeout_ms);
    for (int i = 0; i < ready; i++)
        if (events[i].data.fd == http->event_fd) {
            ssize_t got = read(http->event_fd, &count, sizeof count);
            (void)got;
        }
}

/* What waits was answered and streams were ended: lets that leave, for a while. */
static void drain(struct http *http)
{
    uint64_t until_ms = clock_monotonic_ms() + STOP_MS;
    http_server_quiesce(&http->server);
    for (;;) {
        http_server_run(&http->server);
        uint64_t now_ms = clock_monotonic_ms();
        if (http->server.requests == 0 || now_ms >= until_ms)
            break;
        int timeout_ms = http_server_timeout_ms(&http->server);
        int left_ms = (int)(until_ms - now_ms);
        wait(http, timeout_ms < 0 || timeout_ms > left_ms ? left_ms : timeout_ms);
    }
}

static void *run(void *context)
{
    struct http *http = context;
    while (!read_inbox(http)) {
        http_server_run(&http->server);
        wait(http, http_server_timeout_ms(&http->server));
    }
    drain(http);
    http_server_stop(&http->server);
    return NULL;
}

static bool start_thread(struct http *http)
{
    sigset_t all, before;
    sigfillset(&all); /* signals are main's; SIGPIPE is nobody's */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&http->thread, NULL, run, http);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error == 0;
}

/* Starting and ending */

/* "127.0.0.1:8480", "[::1]:8480", "localhost:8480" */
static bool split_address(const char *listen_on, char *host, size_t host_bytes, const char **out_port)
{
    const char *colon = strrchr(listen_on, ':');
    if (colon == NULL || colon[1] == '\0')
        return false;
    struct text name = { listen_on, (size_t)(colon - listen_on) };
    if (name.length >= 2 && name.bytes[0] == '[' && name.bytes[name.length - 1] == ']')
        name = (struct text){ name.bytes + 1, name.length - 2 };
    *out_port = colon + 1;
    return name.length > 0 && text_to_c(name, host, host_bytes);
}

static int bind_socket(const struct addrinfo *address)
{
    int yes = 1;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, LISTEN_BACKLOG) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static int open_listener(const char *listen_on, char *out_detail, size_t detail_bytes)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
    struct addrinfo *found;
    char host[LISTEN_BYTES_MAX];
    const char *port;
    if (!split_address(listen_on, host, sizeof host, &port)) {
        snprintf(out_detail, detail_bytes, "%s: give ADDRESS:PORT, or [ADDRESS]:PORT for IPv6", listen_on);
        return -1;
    }
    int status = getaddrinfo(host, port, &hints, &found);
    if (status != 0) {
        snprintf(out_detail, detail_bytes, "%s: %s", listen_on, gai_strerror(status));
        return -1;
    }
    int fd = bind_socket(found);
    if (fd < 0)
        snprintf(out_detail, detail_bytes, "%s: %s", listen_on, strerror(errno));
    freeaddrinfo(found);
    return fd;
}

static void note_address(struct http *http, int listen_socket)
{
    struct sockaddr_storage address;
    socklen_t bytes = sizeof address;
    char host[INET6_ADDRSTRLEN], port[8];
    if (getsockname(listen_socket, (struct sockaddr *)&address, &bytes) != 0 ||
        getnameinfo((struct sockaddr *)&address, bytes, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return;
    snprintf(http->address, sizeof http->address, address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
             port);
}

static bool watch(struct http *http, int fd)
{
    struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };
    return epoll_ctl(http->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* New credentials of the options; false: nothing to free. */
static bool make_access(const struct http_options *options, struct auth **out_auth,
                        struct credentials **out_credentials, char *out_detail, size_t detail_bytes)
{
    struct credentials *credentials = NULL;
    if (options->certificate != NULL) {
        credentials = credentials_new(options, out_detail, detail_bytes);
        if (credentials == NULL)
            return false;
    }
    *out_auth = auth_new(options);
    if (*out_auth == NULL) {
        snprintf(out_detail, detail_bytes, "out of memory");
        credentials_release(credentials);
        return false;
    }
    *out_credentials = credentials;
    return true;
}

static uint64_t expiry_of(const struct credentials *credentials)
{
    return credentials != NULL ? credentials->expires_ms : 0;
}

/* Without its files the API is served all the same. */
static struct web read_web(struct http *http, const struct http_options *options)
{
    struct web web = { .wanted = options->web_folder != NULL };
    if (web.wanted)
        web.files = web_files_new(options->web_folder, http->web_problem, sizeof http->web_problem);
    return web;
}

static bool start(struct http *http, const struct http_options *options, int listen_socket, char *out_detail,
                  size_t detail_bytes)
{
    struct http_server_options server = { .http = options, .listen_socket = listen_socket };
    note_address(http, listen_socket);
    if (!make_access(options, &server.take_auth, &server.take_credentials, out_detail, detail_bytes))
        return false;
    http->certificate_expires_ms = expiry_of(server.take_credentials);
    server.take_web = read_web(http, options);
    if (!http_server_start(&http->server, &server)) {
        snprintf(out_detail, detail_bytes, "libmicrohttpd did not start on %s", options->listen);
        auth_free(server.take_auth);
        credentials_release(server.take_credentials);
        web_files_free(server.take_web.files);
        return false;
    }
    if (watch(http, http->event_fd) && watch(http, http_server_epoll(&http->server)) && start_thread(http))
        return true;
    snprintf(out_detail, detail_bytes, "no thread: %s", strerror(errno));
    http_server_stop(&http->server);
    return false;
}

static struct http *make(const struct http_options *options, const struct http_backend *backend)
{
    struct http *http = calloc(1, sizeof *http);
    if (http == NULL)
        return NULL;
    http->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    http->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    http->letters_end = &http->letters;
    http->secure = options->certificate != NULL;
    http->metrics = options->metrics;
    http->server.backend = *backend;
    text_to_c(text_from_c(options->listen), http->listen, sizeof http->listen);
    pthread_mutex_init(&http->lock, NULL);
    return http;
}

static void unmake(struct http *http)
{
    if (http->event_fd >= 0)
        close(http->event_fd);
    if (http->epoll_fd >= 0)
        close(http->epoll_fd);
    pthread_mutex_destroy(&http->lock);
    free(http);
}

struct http *http_new(const struct http_options *options, const struct http_backend *backend,
                      char *out_detail, size_t detail_bytes)
{
    struct http *http = make(options, backend);
    if (http == NULL) {
        snprintf(out_detail, detail_bytes, "out of memory");
        return NULL;
    }
    int listen_socket = open_listener(options->listen, out_detail, detail_bytes);
    if (listen_socket >= 0 && start(http, options, listen_socket, out_detail, detail_bytes))
        return http;
    if (listen_socket >= 0)
        close(listen_socket);
    unmake(http);
    return NULL;
}

void http_free(struct http *http)
{
    if (http == NULL)
        return;
    pthread_mutex_lock(&http->lock);
    http->stop = true;
    pthread_mutex_unlock(&http->lock);
    wake(http);
    pthread_join(http->thread, NULL);
    while (http->letters != NULL) { /* came after the thread had read its last */
        struct letter *letter = http->letters;
        http->letters = letter->next;
        arena_fini(&letter->arena);
        free(letter);
    }
    auth_free(http->new_auth);
    credentials_release(http->new_credentials);
    unmake(http);
}

bool http_reload(struct http *http, const struct http_options *options, char *out_detail, size_t detail_bytes)
{
    struct auth *auth;
    struct credentials *credentials;
    if (strcmp(options->listen, http->listen) != 0 || (options->certificate != NULL) != http->secure) {
        snprintf(out_detail, detail_bytes,
                 "listen, and whether there is a certificate at all, can only change with a restart");
        return false;
    }
    if (!make_access(options, &auth, &credentials, out_detail, detail_bytes))
        return false;
    http->certificate_expires_ms = expiry_of(credentials); /* read here, where no other thread lets go */
    pthread_mutex_lock(&http->lock);
    struct auth *old_auth = http->new_auth; /* a reload that was not taken up yet */
    struct credentials *old_credentials = http->new_credentials;
    http->new_auth = auth;
    http->new_credentials = credentials;
    http->metrics = options->metrics;
    pthread_mutex_unlock(&http->lock);
    wake(http);
    auth_free(old_auth);
    credentials_release(old_credentials);
    return true;
}

uint64_t http_certificate_expires_ms(const struct http *http)
{
    return http->certificate_expires_ms;
}

const char *http_web_problem(const struct http *http)
{
    return http->web_problem;
}

uint32_t http_sockets_max(uint32_t connections_max)
{
    return crowd_sockets_max(connections_max);
}

bool http_address(const struct http *http, char *out_address, size_t address_bytes)
{
    return http->address[0] != '\0' && text_to_c(text_from_c(http->address), out_address, address_bytes);
}

/* From other threads */

static struct text *copy_warnings(struct arena *arena, const struct reply *reply)
{
    if (reply->warning_count == 0)
        return NULL;
    struct text *warnings = arena_allocate(arena, reply->warning_count * sizeof *warnings);
    for (size_t i = 0; warnings != NULL && i < reply->warning_count; i++)
        warnings[i] = arena_copy(arena, reply->warnings[i]);
    return warnings;
}

/* Without memory the reply is lost, and its client hears after a while that the outcome is unknown. */
void http_reply(struct http *http, const struct reply *reply)
{
    struct letter *letter = calloc(1, sizeof *letter);
    if (letter == NULL)
        return;
    arena_init(&letter->arena, &process_heap);
    letter->reply = *reply;
    letter->reply.detail = arena_copy(&letter->arena, reply->detail);
    letter->reply.warnings = copy_warnings(&letter->arena, reply);
    if (letter->reply.warnings == NULL)
        letter->reply.warning_count = 0;
    if (reply->preview != NULL)
        letter->reply.preview = preview_copy(&letter->arena, reply->preview);
    pthread_mutex_lock(&http->lock);
    *http->letters_end = letter;
    http->letters_end = &letter->next;
    pthread_mutex_unlock(&http->lock);
    wake(http);
}

void http_events_durable(struct http *http, uint64_t newest_event_id)
{
    pthread_mutex_lock(&http->lock);
    if (newest_event_id > http->newest_event_id)
        http->newest_event_id = newest_event_id;
    pthread_mutex_unlock(&http->lock);
    wake(http);
}
