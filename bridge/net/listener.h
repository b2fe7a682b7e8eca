/* SPDX-License-Identifier: Apache-2.0 */
/* One listening socket with its settings and TLS context, both of which a reload may replace. */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/address.h"
#include "net/list.h"
#include "net/loop.h"
#include "net/server.h"
#include "net/tls_context.h"

struct listener {
    struct list_node node;
    char *name;
    char *listen;
    enum security security;
    uint32_t bad_frames_per_minute, hold_off_ms, replacements_per_minute, frames_per_second;
    struct tls_context *context; /* NULL: plain */
    struct loop_watch watch;     /* fd -1: closed, kept for its sessions' sake */
    bool is_armed;               /* epoll reports its connections */
    void *server;
    uint32_t references; /* the server's, and one of each session and handshake */
};

/* What options need beyond the socket; replaces a listener's own by listener_apply. */
struct listener_preparation {
    struct address address;
    struct tls_context *context;
};
bool listener_prepare(const struct listener_options *options, struct listener_preparation *out_preparation,
                      char *out_detail, size_t detail_bytes);
void listener_preparation_fini(struct listener_preparation *preparation);

/* A bound, listening, non-blocking socket, or -1 and why. */
int listener_open_socket(const struct listener_options *options, struct address *address,
                         uint32_t user_timeout_ms, char *out_detail, size_t detail_bytes);
/* No socket yet; one reference. NULL: out of memory. */
struct listener *listener_new(const struct listener_options *options);
/* Takes the preparation's context. False: out of memory, nothing changed. */
bool listener_apply(struct listener *listener, const struct listener_options *options,
                    struct listener_preparation *preparation);
/* NULL: none of that name. */
struct listener *listener_find(const struct list *listeners, const char *name);
/* Unix time at which its certificate expires; 0: it has none, or the listener is NULL. */
uint64_t listener_expires_ms(const struct listener *listener);
/* Whether epoll reports its connections. */
void listener_set_armed(struct listener *listener, struct loop *loop, bool is_armed);
void listener_share(struct listener *listener);
void listener_release(struct listener *listener);

#endif
