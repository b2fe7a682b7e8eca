/* SPDX-License-Identifier: Apache-2.0 */
/* The bench's subscribers: many event streams in one process, and a writer that makes events at a rate; for
   each event and each stream the time from the write's first byte to the event's last, every one kept. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { STREAMS_MAX = 4096, EVENTS_MAX = 100000, BUFFER_BYTES = 65536, REQUEST_BYTES = 1024 };

struct stream {
    int socket;
    size_t held;   /* bytes of an event that is not whole */
    uint64_t next; /* the number of the event that comes next */
    char buffer[BUFFER_BYTES];
};

static struct stream *streams;
static uint64_t sent_ns[EVENTS_MAX];
static uint32_t *samples_us;
static size_t sample_count;
static uint64_t gaps;

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void fail(const char *what)
{
    fprintf(stderr, "bench_streams: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int dial(uint16_t port)
{
    const struct sockaddr_in address = { .sin_family = AF_INET,
                                         .sin_port = htons(port),
                                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const int one = 1;
    const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made < 0 || connect(made, (const struct sockaddr *)&address, sizeof address) != 0)
        fail("connect");
    setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return made;
}

static void write_all(int socket, const char *bytes, size_t length)
{
    while (length > 0) {
        const ssize_t written = write(socket, bytes, length);
        if (written <= 0)
            fail("write");
        bytes += written;
        length -= (size_t)written;
    }
}

static void subscribe(struct stream *stream, uint16_t port, const char *token)
{
    char request[REQUEST_BYTES];
    const int length =
        snprintf(request, sizeof request,
                 "GET /api/v1/events?type=link.* HTTP/1.0\r\nHost: b\r\nAccept: text/event-stream\r\n"
                 "Authorization: Bearer %s\r\n\r\n",
                 token);
    stream->socket = dial(port);
    write_all(stream->socket, request, (size_t)length);
    const ssize_t got =
        read(stream->socket, stream->buffer, BUFFER_BYTES - 1); /* it is subscribed before it comes */
    if (got < 12 || strstr(stream->buffer, " 200 ") == NULL)    /* of 1.0, so without chunks */
        fail("the stream's answer");
    fcntl(stream->socket, F_SETFL, O_NONBLOCK);
}

/* Each of our events has its number in its link's ID: "n-17". */
static void take_event(struct stream *stream, const char *event, uint64_t time_ns)
{
    const char *link = strstr(event, "\"link_id\":\"n-");
    if (link == NULL)
        return; /* a comment */
    const uint64_t number = strtoull(link + 13, NULL, 10);
    if (number >= EVENTS_MAX || sent_ns[number] == 0)
        return;
    gaps += number != stream->next;
    stream->next = number + 1;
    samples_us[sample_count++] = (uint32_t)((time_ns - sent_ns[number]) / 1000);
}

static void take_bytes(struct stream *stream)
{
    for (;;) {
        const ssize_t got =
            read(stream->socket, stream->buffer + stream->held, BUFFER_BYTES - 1 - stream->held);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got <= 0)
            fail("a stream ended");
        const uint64_t time_ns = now_ns();
        stream->held += (size_t)got;
        stream->buffer[stream->held] = '\0';
        char *at = stream->buffer, *end;
        while ((end = strstr(at, "\n\n")) != NULL) {
            *end = '\0';
            take_event(stream, at, time_ns);
            at = end + 2;
        }
        stream->held -= (size_t)(at - stream->buffer);
        memmove(stream->buffer, at, stream->held);
    }
}

static void put_link(int socket, const char *token, uint64_t number)
{
    char request[REQUEST_BYTES], body[128];
    const int body_bytes = snprintf(body, sizeof body, "{\"a\":\"kma-1\",\"b\":\"kma-2\",\"cost\":%llu}",
                                    (unsigned long long)(number % 1000 + 1));
    const int length = snprintf(request, sizeof request,
                                "PUT /api/v1/links/n-%llu HTTP/1.1\r\nHost: b\r\nAuthorization: Bearer %s\r\n"
                                "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
                                (unsigned long long)number, token, body_bytes, body);
    sent_ns[number] = now_ns();
    write_all(socket, request, (size_t)length);
}

static int compare(const void *left, const void *right)
{
    const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

static uint32_t percentile(double share)
{
    return samples_us[(size_t)((double)(sample_count - 1) * share)];
}

static void discard(int socket)
{
    char answer[BUFFER_BYTES];
    while (recv(socket, answer, sizeof answer, MSG_DONTWAIT) > 0)
        continue;
}

int main(int count, char **values)
{
    if (count != 6) {
        fprintf(stderr, "usage: bench_streams PORT TOKEN STREAMS RATE SECONDS\n");
        return 2;
    }
    const uint16_t port = (uint16_t)atoi(values[1]);
    const size_t stream_count = strtoul(values[3], NULL, 10);
    const uint64_t rate = strtoull(values[4], NULL, 10), event_count = rate * strtoull(values[5], NULL, 10);
    if (stream_count > STREAMS_MAX || event_count >= EVENTS_MAX || rate == 0)
        return 2;
    streams = calloc(stream_count, sizeof *streams);
    samples_us = calloc(stream_count * event_count + 1, sizeof *samples_us);
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (streams == NULL || samples_us == NULL || epoll < 0)
        fail("set-up");
    for (size_t i = 0; i < stream_count; i++) {
        struct epoll_event wanted = { .events = EPOLLIN, .data.ptr = &streams[i] };
        subscribe(&streams[i], port, values[2]);
        epoll_ctl(epoll, EPOLL_CTL_ADD, streams[i].socket, &wanted);
    }
    const int writer = dial(port);
    const uint64_t began_ns = now_ns(), interval_ns = 1000000000u / rate;
    const uint64_t limit_ns = began_ns + (event_count * interval_ns) + 10 * UINT64_C(1000000000);
    uint64_t next = 0;
    while (sample_count < stream_count * event_count && now_ns() < limit_ns) {
        struct epoll_event events[256];
        const uint64_t due_ns = began_ns + next * interval_ns, time_ns = now_ns();
        if (next < event_count && time_ns >= due_ns) {
            discard(writer);
            put_link(writer, values[2], next++);
            continue;
        }
        const int wait_ms = next < event_count ? (int)((due_ns - time_ns) / 1000000) : 100;
        const int ready = epoll_wait(epoll, events, 256, wait_ms);
        for (int i = 0; i < ready; i++)
            take_bytes(events[i].data.ptr);
    }
    const size_t expected = stream_count * event_count;
    qsort(samples_us, sample_count, sizeof *samples_us, compare);
    if (sample_count == 0)
        fail("no event came");
    printf("{\"events\":%llu,\"deliveries\":%zu,\"missing\":%zu,\"gaps\":%llu,\"p50_us\":%u,\"p99_us\":%u,"
           "\"max_us\":%u}\n",
           (unsigned long long)event_count, sample_count, expected - sample_count, (unsigned long long)gaps,
           percentile(0.5), percentile(0.99), samples_us[sample_count - 1]);
    return 0;
}
