/* SPDX-License-Identifier: Apache-2.0 */
#include "net/listener.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "net/socket.h"

enum { LISTEN_BACKLOG = 16384 }; /* the kernel lowers it to net.core.somaxconn */

bool listener_prepare(const struct listener_options *options, struct listener_preparation *out_preparation,
                      char *out_detail, size_t detail_bytes)
{
    struct listener_preparation preparation = { 0 };
    if (options->listen == NULL || !address_parse(options->listen, &preparation.address)) {
        snprintf(out_detail, detail_bytes,
                 "listen %s: expected an address and a port, 0.0.0.0:7164 or [::]:7164",
                 options->listen != NULL ? options->listen : "(nothing)");
        return false;
    }
    if (options->security != SECURITY_PLAIN) {
        preparation.context = tls_context_new(options, out_detail, detail_bytes);
        if (preparation.context == NULL)
            return false;
    }
    *out_preparation = preparation;
    if (detail_bytes > 0)
        out_detail[0] = '\0';
    return true;
}

void listener_preparation_fini(struct listener_preparation *preparation)
{
    tls_context_release(preparation->context);
    preparation->context = NULL;
}

static bool start_listening(int fd, struct address *address, uint32_t user_timeout_ms)
{
    const int on = 1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    /* [::] means IPv6 alone, so that it and 0.0.0.0 can be listened on side by side. */
    if (address->storage.ss_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    socket_tune(fd, user_timeout_ms);
    return bind(fd, address_generic(address), address->length) == 0 && listen(fd, LISTEN_BACKLOG) == 0;
}

int listener_open_socket(const struct listener_options *options, struct address *address,
                         uint32_t user_timeout_ms, char *out_detail, size_t detail_bytes)
{
    const int fd = socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && start_listening(fd, address, user_timeout_ms))
        return fd;
    snprintf(out_detail, detail_bytes, "listen %s: %s", options->listen, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

struct listener *listener_new(const struct listener_options *options)
{
    struct listener *listener = calloc(1, sizeof(*listener));
    if (listener == NULL)
        return NULL;
    listener->name = strdup(options->name);
    listener->watch.fd = -1;
    listener->references = 1;
    if (listener->name == NULL) {
        free(listener);
        return NULL;
    }
    return listener;
}

bool listener_apply(struct listener *listener, const struct listener_options *options,
                    struct listener_preparation *preparation)
{
    char *listen_text = strdup(options->listen);
    if (listen_text == NULL)
        return false;
    free(listener->listen);
    listener->listen = listen_text;
    listener->security = options->security;
    listener->bad_frames_per_minute = options->bad_frames_per_minute;
    listener->hold_off_ms = options->hold_off_ms;
    listener->replacements_per_minute = options->replacements_per_minute;
    listener->frames_per_second = options->frames_per_second;
    tls_context_release(listener->context);
    listener->context = preparation->context;
    preparation->context = NULL;
    return true;
}

struct listener *listener_find(const struct list *listeners, const char *name)
{
    for (struct list_node *node = listeners->ends.next; node != &listeners->ends; node = node->next) {
        struct listener *listener = LIST_MEMBER(node, struct listener, node);
        if (strcmp(listener->name, name) == 0)
            return listener;
    }
    return NULL;
}

uint64_t listener_expires_ms(const struct listener *listener)
{
    return listener != NULL && listener->context != NULL ? tls_context_expires_ms(listener->context) : 0;
}

void listener_set_armed(struct listener *listener, struct loop *loop, bool is_armed)
{
    if (listener->watch.fd < 0 || listener->is_armed == is_armed)
        return;
    if (loop_modify(loop, &listener->watch, is_armed ? EPOLLIN : 0))
        listener->is_armed = is_armed;
}

void listener_share(struct listener *listener)
{
    listener->references++;
}

void listener_release(struct listener *listener)
{
    assert(listener->references > 0);
    if (--listener->references > 0)
        return;
    assert(listener->watch.fd < 0);
    tls_context_release(listener->context);
    free(listener->name);
    free(listener->listen);
    free(listener);
}
