/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/master_transport.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "snmp/net_snmp.h"
#include "system/clock.h"

enum { ERROR_BYTES = 128, HOST_BYTES = 256 };

/* The library hands its transports no context: hence of the process. */
static struct {
    pthread_mutex_t mutex;
    int fd;                     /* guarded; -1: none */
    bool allowed, cut_for_good; /* guarded */
    char error[ERROR_BYTES];
    uint64_t messages;
    bool is_local, last_was_unread;
} master = { .mutex = PTHREAD_MUTEX_INITIALIZER, .fd = -1 };

static void note(const char *words)
{
    snprintf(master.error, sizeof master.error, "%s", words);
}

/* ---- the one descriptor ---- */

/* False: the agent ends, or has not begun. */
static bool adopt(int fd)
{
    pthread_mutex_lock(&master.mutex);
    const bool open = master.allowed && !master.cut_for_good;
    if (open)
        master.fd = fd;
    pthread_mutex_unlock(&master.mutex);
    return open;
}

static void abandon(int fd)
{
    pthread_mutex_lock(&master.mutex);
    if (master.fd == fd)
        master.fd = -1;
    pthread_mutex_unlock(&master.mutex);
    close(fd);
}

void master_transport_cut(void)
{
    pthread_mutex_lock(&master.mutex);
    if (master.fd >= 0)
        (void)shutdown(master.fd, SHUT_RDWR);
    pthread_mutex_unlock(&master.mutex);
}

void master_transport_cut_for_good(void)
{
    pthread_mutex_lock(&master.mutex);
    master.cut_for_good = true;
    if (master.fd >= 0)
        (void)shutdown(master.fd, SHUT_RDWR);
    pthread_mutex_unlock(&master.mutex);
}

/* False with errno: it does not take more within the time. */
static bool wait_writable(int fd, uint64_t deadline_ms)
{
    struct pollfd entry = { .fd = fd, .events = POLLOUT };
    const uint64_t now_ms = clock_monotonic_ms();
    const int ready = poll(&entry, 1, now_ms < deadline_ms ? (int)(deadline_ms - now_ms) : 0);
    if (ready == 0)
        errno = ETIMEDOUT;
    return ready > 0 || (ready < 0 && errno == EINTR);
}

/* ---- what the library calls ---- */

static int send_whole(netsnmp_transport *transport, const void *data, int size, void **opaque,
                      int *opaque_length)
{
    const char *at = data;
    const uint64_t deadline_ms = clock_monotonic_ms() + MASTER_SEND_MS;
    (void)opaque;
    (void)opaque_length;
    master.messages++;
    for (int left = size; left > 0;) {
        const ssize_t sent = send(transport->sock, at, (size_t)left, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            at += sent;
            left -= (int)sent;
        } else if (errno != EINTR && (errno != EAGAIN || !wait_writable(transport->sock, deadline_ms))) {
            /* What follows half a message is noise. */
            note(strerror(errno));
            master.last_was_unread = true;
            master_transport_cut();
            return -1;
        }
    }
    return size;
}

/* 0 is the end of the connection, unless the flag says otherwise. */
static int receive(netsnmp_transport *transport, void *buffer, int size, void **opaque, int *opaque_length)
{
    const ssize_t received = recv(transport->sock, buffer, (size_t)size, MSG_DONTWAIT);
    *opaque = NULL;
    *opaque_length = 0;
    if (received >= 0)
        return (int)received;
    if (errno == EAGAIN || errno == EINTR) {
        transport->flags |= NETSNMP_TRANSPORT_FLAG_EMPTY_PKT;
        return 0;
    }
    master.last_was_unread = master.last_was_unread || (master.is_local && errno == ECONNRESET);
    note(strerror(errno));
    return 0;
}

static int close_it(netsnmp_transport *transport)
{
    if (transport->sock < 0)
        return -1;
    abandon(transport->sock);
    transport->sock = -1;
    return 0;
}

static char *format_address(netsnmp_transport *transport, const void *data, int length)
{
    (void)transport;
    (void)data;
    (void)length;
    return strdup("the master agent");
}

/* ---- opening ---- */

struct target {
    struct sockaddr_storage address;
    socklen_t length;
};

static bool find_unix(const char *path, struct target *out_target)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof address.sun_path) {
        note("the path is too long for a socket");
        return false;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    memcpy(&out_target->address, &address, sizeof address);
    out_target->length = sizeof address;
    return true;
}

static bool find_host(const char *words, int family, struct target *out_target)
{
    char host[HOST_BYTES];
    const struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    const char *colon = strrchr(words, ':');
    snprintf(host, sizeof host, "%.*s", colon != NULL ? (int)(colon - words) : 0, words);
    const size_t length = strlen(host);
    const bool bracketed = length >= 2 && host[0] == '[' && host[length - 1] == ']';
    if (bracketed)
        host[length - 1] = '\0';
    const int code =
        colon == NULL ? EAI_NONAME : getaddrinfo(host + (bracketed ? 1 : 0), colon + 1, &hints, &found);
    if (code != 0) {
        note(gai_strerror(code));
        return false;
    }
    memcpy(&out_target->address, found->ai_addr, found->ai_addrlen);
    out_target->length = found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

static bool find(const char *words, struct target *out_target)
{
    if (strncmp(words, "unix:", 5) == 0)
        return find_unix(words + 5, out_target);
    if (strncmp(words, "tcp:", 4) == 0)
        return find_host(words + 4, AF_INET, out_target);
    if (strncmp(words, "tcp6:", 5) == 0)
        return find_host(words + 5, AF_INET6, out_target);
    note("neither unix:, tcp: nor tcp6:");
    return false;
}

static bool await_connection(int fd)
{
    int error = 0;
    socklen_t length = sizeof error;
    const uint64_t deadline_ms = clock_monotonic_ms() + MASTER_CONNECT_MS;
    if (!wait_writable(fd, deadline_ms))
        return false;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error != 0)
        errno = error;
    return error == 0;
}

/* A full queue of a local socket says EAGAIN at once. */
static bool join(int fd, const struct target *target)
{
    const int code = connect(fd, (const struct sockaddr *)&target->address, target->length);
    if (code == 0 || (errno == EINPROGRESS && await_connection(fd)))
        return true;
    note(errno == EAGAIN ? "it takes no more connections: it hangs" : strerror(errno));
    return false;
}

static int open_socket(const char *words)
{
    struct target target;
    if (!find(words, &target))
        return -1;
    master.is_local = target.address.ss_family == AF_UNIX;
    const int fd = socket(target.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        note(strerror(errno));
        return -1;
    }
    if (adopt(fd) && join(fd, &target))
        return fd;
    abandon(fd);
    return -1;
}

static const oid domain_name[] = { 0, 0 }; /* a transport of no registered domain */

static netsnmp_transport *create(const char *words, int local, const char *default_target)
{
    (void)default_target;
    note("");
    master.last_was_unread = false;
    const int fd = local ? -1 : open_socket(words);
    if (fd < 0)
        return NULL;
    netsnmp_transport *transport = calloc(1, sizeof *transport);
    if (transport == NULL) {
        abandon(fd);
        return NULL;
    }
    transport->domain = domain_name;
    transport->domain_length = sizeof domain_name / sizeof *domain_name;
    transport->sock = fd;
    transport->flags = NETSNMP_TRANSPORT_FLAG_STREAM;
    transport->msgMaxSize = SNMP_MAX_PACKET_LEN;
    transport->f_recv = receive;
    transport->f_send = send_whole;
    transport->f_close = close_it;
    transport->f_fmtaddr = format_address;
    return transport;
}

/* The library frees the prefixes at its shutdown. */
bool master_transport_register(void)
{
    static netsnmp_tdomain domain = { .name = domain_name,
                                      .name_length = sizeof domain_name / sizeof *domain_name,
                                      .f_create_from_tstring_new = create };
    domain.prefix = calloc(2, sizeof *domain.prefix);
    if (domain.prefix == NULL)
        return false;
    domain.prefix[0] = MASTER_TRANSPORT_PREFIX;
    netsnmp_tdomain_register(&domain);
    return true;
}

void master_transport_allow(void)
{
    pthread_mutex_lock(&master.mutex);
    master.allowed = true;
    pthread_mutex_unlock(&master.mutex);
}

const char *master_transport_error(void)
{
    return master.error;
}

uint64_t master_transport_messages(void)
{
    return master.messages;
}

bool master_transport_last_was_unread(void)
{
    return master.last_was_unread;
}
