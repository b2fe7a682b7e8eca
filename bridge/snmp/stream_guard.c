/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/stream_guard.h"

#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "snmp/listeners.h"
#include "system/clock.h"

/* The library hands its transports no context, and has one agent a process: hence of the process. It copies a
   listening transport for each connection, functions and all. */
static struct {
    struct listening {
        int fd;
        int (*accept)(netsnmp_transport *);
    } listening[LISTENERS_MAX];
    size_t listening_count;
    struct connection {
        int fd;
        bool cut;
        uint64_t heard_ms;
    } connections[STREAM_CONNECTIONS_MAX + LISTENERS_MAX]; /* those cut off end at the library's next turn */
    size_t connection_count;
    int (*receive)(netsnmp_transport *, void *, int, void **, int *);
    int (*close)(netsnmp_transport *);
} guard;

enum { CONNECTIONS_TRACKED = sizeof guard.connections / sizeof *guard.connections };

static struct connection *find(int fd)
{
    for (size_t i = 0; i < guard.connection_count; i++)
        if (guard.connections[i].fd == fd)
            return &guard.connections[i];
    return NULL;
}

/* The library finds its end and closes it. */
static void cut(struct connection *connection)
{
    (void)shutdown(connection->fd, SHUT_RDWR);
    connection->cut = true;
}

static void cut_longest_silent(void)
{
    struct connection *silent = NULL;
    size_t whole = 0;
    for (size_t i = 0; i < guard.connection_count; i++) {
        struct connection *one = &guard.connections[i];
        if (one->cut)
            continue;
        whole++;
        if (silent == NULL || one->heard_ms < silent->heard_ms)
            silent = one;
    }
    if (whole > STREAM_CONNECTIONS_MAX)
        cut(silent);
}

static bool track(int fd)
{
    const int buffer_bytes = STREAM_SEND_BUFFER_BYTES;
    if (guard.connection_count == CONNECTIONS_TRACKED)
        return false;
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
    guard.connections[guard.connection_count++] =
        (struct connection){ .fd = fd, .heard_ms = clock_monotonic_ms() };
    cut_longest_silent();
    return true;
}

/* ---- what the library calls ---- */

static int accept_one(netsnmp_transport *transport)
{
    int fd = -1;
    for (size_t i = 0; i < guard.listening_count; i++)
        if (guard.listening[i].fd == transport->sock)
            fd = guard.listening[i].accept(transport);
    if (fd < 0 || track(fd))
        return fd;
    close(fd);
    return -1;
}

static int receive(netsnmp_transport *transport, void *buffer, int size, void **opaque, int *opaque_length)
{
    struct connection *connection = find(transport->sock);
    if (connection != NULL)
        connection->heard_ms = clock_monotonic_ms();
    return guard.receive(transport, buffer, size, opaque, opaque_length);
}

/* Part of an answer is noise to who gets it: who does not read is cut off. */
static int send_whole(netsnmp_transport *transport, const void *data, int size, void **opaque,
                      int *opaque_length)
{
    struct connection *connection = find(transport->sock);
    (void)opaque;
    (void)opaque_length;
    if (connection == NULL || connection->cut)
        return -1;
    if (send(transport->sock, data, (size_t)size, MSG_NOSIGNAL | MSG_DONTWAIT) == size)
        return size;
    cut(connection);
    return -1;
}

static int close_it(netsnmp_transport *transport)
{
    struct connection *connection = find(transport->sock);
    if (connection != NULL)
        *connection = guard.connections[--guard.connection_count];
    for (size_t i = 0; i < guard.listening_count; i++)
        if (guard.listening[i].fd == transport->sock)
            guard.listening[i] = guard.listening[--guard.listening_count];
    return guard.close(transport);
}

bool stream_guard(netsnmp_transport *listening)
{
    if (!(listening->flags & NETSNMP_TRANSPORT_FLAG_STREAM))
        return true;
    if (guard.listening_count == LISTENERS_MAX)
        return false;
    guard.listening[guard.listening_count++] =
        (struct listening){ .fd = listening->sock, .accept = listening->f_accept };
    guard.receive = listening->f_recv;
    guard.close = listening->f_close;
    listening->f_accept = accept_one;
    listening->f_recv = receive;
    listening->f_send = send_whole;
    listening->f_close = close_it;
    return true;
}
