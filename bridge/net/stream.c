/* SPDX-License-Identifier: Apache-2.0 */
#include "net/stream.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>

#include "net/socket_bio.h"

void stream_init(struct stream *stream, int fd, SSL *take_ssl)
{
    *stream = (struct stream){ .fd = fd, .ssl = take_ssl, .writable = true };
}

void stream_fini(struct stream *stream)
{
    SSL_free(stream->ssl);
    stream->ssl = NULL;
    if (stream->fd >= 0)
        close(stream->fd);
    stream->fd = -1;
}

uint32_t stream_events(void)
{
    return EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
}

bool stream_note(struct stream *stream, uint32_t events)
{
    const bool was_writable = stream->writable;
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        stream->hung_up = true;
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
        stream->readable = true;
        if (stream->ssl != NULL)
            socket_bio_note_input(SSL_get_rbio(stream->ssl));
    }
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) {
        stream->writable = true;
        if (stream->read_waits_for_write) {
            stream->read_waits_for_write = false;
            stream->readable = true;
        }
    }
    return stream->writable && !was_writable;
}

static enum stream_status read_plain(struct stream *stream, void *buffer, size_t capacity, size_t *out_count)
{
    const ssize_t received = recv(stream->fd, buffer, capacity, 0);
    if (received > 0) {
        /* Fewer than asked for: empty, and an edge will tell of more (epoll(7)); a seen end is read to. */
        stream->readable = (size_t)received == capacity || stream->hung_up;
        *out_count = (size_t)received;
        return STREAM_OK;
    }
    if (received == 0)
        return STREAM_END;
    if (errno == EINTR)
        return STREAM_AGAIN;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        stream->readable = false;
        return STREAM_AGAIN;
    }
    stream->error = errno;
    return STREAM_ERROR;
}

static enum stream_status tls_failure(struct stream *stream, int result)
{
    switch (SSL_get_error(stream->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return STREAM_AGAIN;
    case SSL_ERROR_WANT_WRITE:
        stream->writable = false;
        return STREAM_AGAIN;
    case SSL_ERROR_ZERO_RETURN:
        return STREAM_END;
    default:
        return STREAM_ERROR;
    }
}

static enum stream_status read_tls(struct stream *stream, void *buffer, size_t capacity, size_t *out_count)
{
    ERR_clear_error();
    const int result = SSL_read_ex(stream->ssl, buffer, capacity, out_count);
    if (result > 0) {
        stream->readable = stream->hung_up || SSL_has_pending(stream->ssl) ||
                           !socket_bio_is_drained(SSL_get_rbio(stream->ssl));
        return STREAM_OK;
    }
    const enum stream_status status = tls_failure(stream, result);
    if (status == STREAM_AGAIN) {
        stream->readable = false;
        stream->read_waits_for_write = SSL_want_write(stream->ssl);
    }
    return status;
}

enum stream_status stream_read(struct stream *stream, void *buffer, size_t capacity, size_t *out_count)
{
    return stream->ssl != NULL ? read_tls(stream, buffer, capacity, out_count)
                               : read_plain(stream, buffer, capacity, out_count);
}

static enum stream_status write_some(struct stream *stream, const void *bytes, size_t count,
                                     size_t *out_count)
{
    if (stream->ssl != NULL) {
        ERR_clear_error();
        const int result = SSL_write_ex(stream->ssl, bytes, count, out_count);
        return result > 0 ? STREAM_OK : tls_failure(stream, result);
    }
    const ssize_t written = send(stream->fd, bytes, count, MSG_NOSIGNAL);
    if (written >= 0) {
        *out_count = (size_t)written;
        return STREAM_OK;
    }
    if (errno == EINTR) {
        *out_count = 0;
        return STREAM_OK;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        stream->writable = false;
        return STREAM_AGAIN;
    }
    stream->error = errno;
    return STREAM_ERROR;
}

enum stream_status stream_write(struct stream *stream, struct outbox *outbox, uint64_t *inout_bytes_sent)
{
    size_t count;
    while ((count = outbox_count(outbox)) > 0) {
        size_t written = 0;
        /* The same bytes come again after STREAM_AGAIN, at least as many: what OpenSSL asks of a retry. */
        const enum stream_status status = write_some(
            stream, outbox_bytes(outbox), count < STREAM_WRITE_BYTES ? count : STREAM_WRITE_BYTES, &written);
        if (status != STREAM_OK)
            return status;
        outbox_written(outbox, written);
        *inout_bytes_sent += written;
    }
    return STREAM_OK;
}

void stream_say_goodbye(struct stream *stream)
{
    if (stream->ssl != NULL) {
        ERR_clear_error();
        (void)SSL_shutdown(stream->ssl);
    }
    (void)shutdown(stream->fd, SHUT_WR);
}

enum stream_status stream_discard(struct stream *stream)
{
    enum { DISCARD_READS = 16, DISCARD_BYTES = 1024 * 1024 };
    for (int i = 0; i < DISCARD_READS; i++) {
        /* TCP drops what MSG_TRUNC reads without copying it (tcp(7)). */
        const ssize_t dropped = recv(stream->fd, NULL, DISCARD_BYTES, MSG_TRUNC);
        if (dropped == 0)
            return STREAM_END;
        if (dropped < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return STREAM_AGAIN;
        if (dropped < 0 && errno != EINTR)
            return STREAM_ERROR;
    }
    return STREAM_OK;
}

void stream_openssl_text(int error, const char *otherwise, char *out_text, size_t text_bytes)
{
    const unsigned long code = ERR_peek_error(); /* the oldest is the cause */
    const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;
    if (code != 0 && ERR_SYSTEM_ERROR(code))
        reason = strerror(ERR_GET_REASON(code));
    if (reason == NULL && error != 0)
        reason = strerror(error);
    snprintf(out_text, text_bytes, "%s", reason != NULL ? reason : otherwise);
}

void stream_error_text(const struct stream *stream, char *out_text, size_t text_bytes)
{
    if (stream->ssl == NULL)
        snprintf(out_text, text_bytes, "%s", strerror(stream->error));
    else
        stream_openssl_text(socket_bio_error(SSL_get_rbio(stream->ssl)), "connection lost", out_text,
                            text_bytes);
}
