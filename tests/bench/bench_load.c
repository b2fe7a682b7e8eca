/* SPDX-License-Identifier: Apache-2.0 */
/* The bench's load: the same Notify key relay request frames against the bridge or the echo server, closed
   loop (a number outstanding per session) or at a fixed rate, every latency kept and sorted for exact
   percentiles. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "ck/message.h"
#include "net/client.h"

enum { SESSIONS_MAX = 16384, SLOTS_MAX = 256 };

struct session {
    struct client *client;
    uint32_t next_message_id;
    uint64_t sent_ns[SLOTS_MAX]; /* by MessageID modulo SLOTS_MAX; 0: not outstanding */
    uint32_t outstanding;
    uint32_t number;
};

static struct load {
    const char *connect, *ca, *certificates, *key, *destination;
    uint32_t sessions, first, at_once, outstanding, seconds, rate;
    bool complete, hold, plain;
} load = {
    .sessions = 64, .first = 1, .at_once = 200, .outstanding = 1, .seconds = 5, .destination = "kma-bench"
};

static struct session sessions[SESSIONS_MAX];
static struct clients *clients;
static uint32_t *samples_us10; /* tenths of a microsecond */
static size_t sample_count, sample_capacity;
static uint32_t connected, closed;
static uint32_t lost[SESSIONS_MAX]; /* sessions to be opened again, in --hold: a KM comes back */
static uint32_t lost_count;
static uint64_t answers, completions;
static bool measuring, draining;
static volatile sig_atomic_t stopping;

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void stop(int signal_number)
{
    (void)signal_number;
    stopping = 1;
}

static void keep_sample(uint64_t elapsed_ns)
{
    if (!measuring)
        return;
    if (sample_count == sample_capacity) {
        sample_capacity = sample_capacity == 0 ? 1 << 20 : sample_capacity * 2;
        samples_us10 = realloc(samples_us10, sample_capacity * sizeof *samples_us10);
        if (samples_us10 == NULL)
            abort();
    }
    samples_us10[sample_count++] = (uint32_t)(elapsed_ns / 100 > UINT32_MAX ? UINT32_MAX : elapsed_ns / 100);
}

/* `intended_ns`: when the request was due, so that a late generator does not hide a slow server. */
static void send_notify(struct session *session, uint64_t intended_ns)
{
    unsigned char frame[512];
    char *payload = (char *)frame + CK_HEADER_BYTES;
    int length = snprintf(payload, sizeof frame - CK_HEADER_BYTES,
                          "{\"source_KMA_ID\":\"kma-%u\",\"destination_KMA_ID\":\"%s\"}", session->number,
                          load.destination);
    uint32_t message_id = session->next_message_id++;
    struct ck_header header = { 1, message_id, CK_NOTIFY_RELAY, (uint16_t)length };
    ck_header_encode(&header, CK_BIG_ENDIAN, frame);
    if (!client_send(session->client, frame, CK_HEADER_BYTES + (size_t)length))
        return;
    session->sent_ns[message_id % SLOTS_MAX] = intended_ns;
    session->outstanding++;
}

static void send_completion(struct session *session, const struct ck_header *request, unsigned char *payload)
{
    static struct ck_message message;
    size_t offset;
    if (ck_message_decode(CK_RELAY_REQUEST, payload, request->payload_bytes, &message, &offset) !=
        CK_WELL_FORMED)
        return;
    unsigned char frame[256];
    int length = snprintf((char *)frame + CK_HEADER_BYTES, sizeof frame - CK_HEADER_BYTES,
                          "{\"response\":\"success\",\"key_relay_request_ID\":\"%llu\"}",
                          (unsigned long long)message.relay_id);
    struct ck_header header = { 1, session->next_message_id++, CK_RELAY_RESPONSE, (uint16_t)length };
    ck_header_encode(&header, CK_BIG_ENDIAN, frame);
    if (client_send(session->client, frame, CK_HEADER_BYTES + (size_t)length))
        completions++;
}

static void on_connected(void *context, struct client *client)
{
    (void)context;
    (void)client;
    connected++;
}

static void on_frame(void *context, struct client *client, const struct ck_header *header,
                     unsigned char *payload)
{
    (void)client;
    struct session *session = context;
    uint64_t *sent_ns = &session->sent_ns[header->message_id % SLOTS_MAX];
    if (*sent_ns == 0)
        return;
    uint64_t now = now_ns();
    keep_sample(now > *sent_ns ? now - *sent_ns : 0);
    *sent_ns = 0;
    session->outstanding--;
    answers += measuring;
    if (load.complete && header->command == CK_RELAY_REQUEST)
        send_completion(session, header, payload);
    if (load.rate == 0 && !draining)
        send_notify(session, now);
}

static void on_closed(void *context, struct client *client, bool was_connected, const char *detail)
{
    (void)client;
    struct session *session = context;
    session->client = NULL;
    connected -= was_connected;
    if (load.hold) {
        lost[lost_count++] = session->number;
        return;
    }
    if (++closed <= 3)
        fprintf(stderr, "session %u closed: %s\n", session->number, detail);
}

static const struct client_callbacks callbacks = { .connected = on_connected,
                                                   .frame = on_frame,
                                                   .closed = on_closed };

static void open_session(uint32_t number)
{
    char detail[256], certificate[512];
    struct session *session = &sessions[number - load.first];
    session->number = number;
    struct client_options options = { .address = load.connect,
                                      .security = load.plain ? SECURITY_PLAIN : SECURITY_TLS,
                                      .byte_order = CK_BIG_ENDIAN,
                                      .outbox_bytes_max = 1 << 20,
                                      .callbacks = &callbacks,
                                      .context = session };
    char source[32];
    if (load.plain) { /* a plain KM is known by its address */
        snprintf(source, sizeof source, "127.1.%u.%u", number / 250, number % 250 + 1);
        options.source = source;
    } else {
        snprintf(certificate, sizeof certificate, "%s%u.pem", load.certificates, number);
        options.credentials = client_credentials_new(certificate, load.key, detail, sizeof detail);
        if (options.credentials == NULL) {
            fprintf(stderr, "bench_load: %s\n", detail);
            exit(1);
        }
    }
    session->client = client_open(clients, &options, detail, sizeof detail);
    if (session->client == NULL) {
        fprintf(stderr, "bench_load: session %u: %s\n", number, detail);
        exit(1);
    }
}

static int compare_samples(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static double percentile_us(double share)
{
    if (sample_count == 0)
        return 0;
    size_t at = (size_t)(share * (double)(sample_count - 1));
    return samples_us10[at] / 10.0;
}

static void report(double seconds)
{
    qsort(samples_us10, sample_count, sizeof *samples_us10, compare_samples);
    printf("{\"sessions\":%u,\"connected\":%u,\"answers\":%llu,\"completions\":%llu,\"seconds\":%.3f,"
           "\"per_second\":%.0f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f}\n",
           load.sessions, connected, (unsigned long long)answers, (unsigned long long)completions, seconds,
           (double)answers / seconds, percentile_us(0.5), percentile_us(0.99), percentile_us(0.999),
           percentile_us(1.0));
}

static uint64_t intended_at(uint64_t start_ns, uint64_t number)
{
    return start_ns + (uint64_t)((double)number / load.rate * 1e9);
}

/* Sends what is due at load.rate, round the sessions. */
static void send_due(uint64_t start_ns, uint64_t *sent)
{
    for (const uint64_t now = now_ns(); intended_at(start_ns, *sent) <= now; ++*sent) {
        struct session *session = &sessions[*sent % load.sessions];
        if (session->client != NULL && session->outstanding < SLOTS_MAX - 1)
            send_notify(session, intended_at(start_ns, *sent));
    }
}

/* ---- the next request's time: waited for, since a generator that spins takes a processor from the bridge
 * ---- */

static struct loop_watch pace;

static void on_due(void *context, uint32_t events)
{
    uint64_t times;
    (void)context;
    (void)events;
    (void)!read(pace.fd, &times, sizeof times);
}

static void start_pacing(struct loop *loop)
{
    pace = (struct loop_watch){ .fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC),
                                .ready = on_due };
    if (pace.fd >= 0 && loop_add(loop, &pace, EPOLLIN))
        return;
    perror("bench_load: timer");
    exit(1);
}

static void wake_at(uint64_t at_ns)
{
    const struct itimerspec at = { .it_value = { .tv_sec = (time_t)(at_ns / 1000000000u),
                                                 .tv_nsec = (long)(at_ns % 1000000000u) } };
    (void)timerfd_settime(pace.fd, TFD_TIMER_ABSTIME, &at, NULL);
}

static void run(struct loop *loop)
{
    enum { WARM_UP_NS = 500000000, WAIT_MS = 10 };
    if (load.rate > 0)
        start_pacing(loop);
    uint64_t start = now_ns(), sent = 0, measured_from = 0;
    for (uint32_t i = 0; load.rate == 0 && i < load.sessions; i++)
        for (uint32_t j = 0; j < load.outstanding; j++)
            send_notify(&sessions[i], start);
    while (!stopping) {
        uint64_t now = now_ns();
        if (!measuring && now - start >= WARM_UP_NS) {
            measuring = true;
            measured_from = now;
        }
        if (measuring && now - measured_from >= load.seconds * 1000000000ull)
            break;
        if (load.rate > 0) {
            send_due(start, &sent);
            wake_at(intended_at(start, sent));
        }
        clients_flush(clients);
        loop_turn(loop, WAIT_MS);
    }
    double seconds = (double)(now_ns() - measured_from) / 1e9;
    measuring = false;
    report(seconds);
}

/* Opens all, and in --hold those again that were turned away. */
static void connect_all(struct loop *loop)
{
    uint32_t opened = 0;
    while (connected < load.sessions && closed == 0 && !stopping) {
        while (opened < load.sessions && opened - lost_count - connected < load.at_once)
            open_session(load.first + opened++);
        for (uint32_t again = lost_count; again > 0; again--)
            open_session(lost[--lost_count]);
        loop_turn(loop, 100);
    }
}

static void check_options(void)
{
    if (load.connect == NULL || load.sessions < 1 || load.sessions > SESSIONS_MAX ||
        load.outstanding >= SLOTS_MAX || (!load.plain && (load.certificates == NULL || load.key == NULL))) {
        fprintf(stderr,
                "usage: bench_load --connect ADDRESS (--plain | --ca FILE --certificates PREFIX --key FILE) "
                "[--sessions N] [--first N] [--at-once N] [--outstanding N | --rate N] [--seconds N] "
                "[--complete] [--hold]\n");
        exit(2);
    }
}

static void parse(int argc, char **argv)
{
    static const struct option options[] = { { "connect", required_argument, 0, 'c' },
                                             { "ca", required_argument, 0, 'a' },
                                             { "certificates", required_argument, 0, 'p' },
                                             { "key", required_argument, 0, 'k' },
                                             { "destination", required_argument, 0, 'd' },
                                             { "sessions", required_argument, 0, 'n' },
                                             { "outstanding", required_argument, 0, 'o' },
                                             { "seconds", required_argument, 0, 's' },
                                             { "rate", required_argument, 0, 'r' },
                                             { "first", required_argument, 0, 'f' },
                                             { "at-once", required_argument, 0, 'A' },
                                             { "complete", no_argument, 0, 'C' },
                                             { "plain", no_argument, 0, 'P' },
                                             { "hold", no_argument, 0, 'H' },
                                             { 0, 0, 0, 0 } };
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;)
        switch (option) {
        case 'c':
            load.connect = optarg;
            break;
        case 'a':
            load.ca = optarg;
            break;
        case 'p':
            load.certificates = optarg;
            break;
        case 'k':
            load.key = optarg;
            break;
        case 'd':
            load.destination = optarg;
            break;
        case 'n':
            load.sessions = (uint32_t)atoi(optarg);
            break;
        case 'o':
            load.outstanding = (uint32_t)atoi(optarg);
            break;
        case 's':
            load.seconds = (uint32_t)atoi(optarg);
            break;
        case 'r':
            load.rate = (uint32_t)atoi(optarg);
            break;
        case 'f':
            load.first = (uint32_t)atoi(optarg);
            break;
        case 'A':
            load.at_once = (uint32_t)atoi(optarg);
            break;
        case 'C':
            load.complete = true;
            break;
        case 'P':
            load.plain = true;
            break;
        case 'H':
            load.hold = true;
            break;
        default:
            exit(2);
        }
    check_options();
}

int main(int argc, char **argv)
{
    parse(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, stop);
    signal(SIGINT, stop);
    struct loop *loop = loop_new();
    struct clients_options options = { .ca = load.ca };
    char detail[256] = "out of memory";
    clients = loop != NULL ? clients_new(loop, &options, detail, sizeof detail) : NULL;
    if (clients == NULL) {
        fprintf(stderr, "bench_load: %s\n", detail);
        return 1;
    }
    connect_all(loop);
    fprintf(stderr, "connected %u\n", connected);
    if (load.hold) {
        while (!stopping)
            loop_turn(loop, 100);
        report(1);
    } else {
        run(loop);
    }
    clients_free(clients);
    loop_free(loop);
    return closed == 0 ? 0 : 1;
}
