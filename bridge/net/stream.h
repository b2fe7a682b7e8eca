/* SPDX-License-Identifier: Apache-2.0 */
/* A connected non-blocking socket, plain or TLS, that is watched for edges and read and written alike. */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "net/outbox.h"

enum { STREAM_WRITE_BYTES = 16384, STREAM_TEXT_BYTES = 256 };

enum stream_status {
    STREAM_OK,
    STREAM_AGAIN, /* nothing now; an edge will tell */
    STREAM_END,   /* the peer ended it in order */
    STREAM_ERROR, /* see stream_error_text */
};

struct stream {
    int fd;
    SSL *ssl;      /* NULL: plain. Its BIO is a socket_bio. */
    bool readable; /* perhaps; false: surely nothing, neither in the socket nor in OpenSSL */
    bool writable;
    bool hung_up; /* the peer's end was seen: read until it shows */
    bool read_waits_for_write;
    int error; /* errno of a plain socket's failure */
};

/* Takes the descriptor and the SSL, which must have a socket_bio. */
void stream_init(struct stream *stream, int fd, SSL *take_ssl);
/* Frees and closes; says no goodbye. */
void stream_fini(struct stream *stream);
/* The watch's events, edge-triggered: what stream_note must be told. */
uint32_t stream_events(void);
/* True: it was not writable before and is now. */
bool stream_note(struct stream *stream, uint32_t events);
/* At most `capacity` bytes; sets *out_count above 0 when STREAM_OK. */
enum stream_status stream_read(struct stream *stream, void *buffer, size_t capacity, size_t *out_count);
/* Writes what the socket takes: STREAM_OK when the outbox is empty after it. */
enum stream_status stream_write(struct stream *stream, struct outbox *outbox, uint64_t *inout_bytes_sent);
/* TLS close_notify and a FIN behind what was written; reading goes on until the peer does the same. */
void stream_say_goodbye(struct stream *stream);
/* Reads and drops. STREAM_OK: there is more than it cares to read. */
enum stream_status stream_discard(struct stream *stream);
/* What went wrong in the last call that returned STREAM_ERROR. */
void stream_error_text(const struct stream *stream, char *out_text, size_t text_bytes);
/* The words for the oldest OpenSSL error of this thread, or for `error` (an errno), or `otherwise`. */
void stream_openssl_text(int error, const char *otherwise, char *out_text, size_t text_bytes);

#endif
