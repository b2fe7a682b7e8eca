/* SPDX-License-Identifier: Apache-2.0 */
#include "net/socket_bio.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

struct socket_bio {
    int fd;
    int error;
    bool drained;
    bool at_end;
};

static bool would_block(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

static int write_socket(BIO *bio, const char *bytes, int count)
{
    struct socket_bio *state = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    const ssize_t written = send(state->fd, bytes, (size_t)count, MSG_NOSIGNAL);
    if (written < 0) {
        if (would_block(errno))
            BIO_set_retry_write(bio);
        else
            state->error = errno;
    }
    return (int)written;
}

static int read_socket(BIO *bio, char *bytes, int count)
{
    struct socket_bio *state = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    const ssize_t received = recv(state->fd, bytes, (size_t)count, 0);
    state->drained = received < count;
    state->at_end = received == 0;
    if (received < 0) {
        if (would_block(errno))
            BIO_set_retry_read(bio);
        else
            state->error = errno;
    }
    return (int)received;
}

static long control(BIO *bio, int command, long number, void *pointer)
{
    const struct socket_bio *state = BIO_get_data(bio);
    (void)number;
    (void)pointer;
    switch (command) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_EOF:
        return state->at_end;
    default:
        return 0;
    }
}

static int destroy(BIO *bio)
{
    free(BIO_get_data(bio));
    BIO_set_data(bio, NULL);
    return 1;
}

BIO_METHOD *socket_bio_method_new(void)
{
    BIO_METHOD *method =
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR, "ckbridge socket");
    if (method == NULL)
        return NULL;
    BIO_meth_set_write(method, write_socket);
    BIO_meth_set_read(method, read_socket);
    BIO_meth_set_ctrl(method, control);
    BIO_meth_set_destroy(method, destroy);
    return method;
}

void socket_bio_method_free(BIO_METHOD *method)
{
    BIO_meth_free(method);
}

BIO *socket_bio_new(BIO_METHOD *method, int fd)
{
    struct socket_bio *state = calloc(1, sizeof(*state));
    BIO *bio = state != NULL ? BIO_new(method) : NULL;
    if (bio == NULL) {
        free(state);
        return NULL;
    }
    state->fd = fd;
    BIO_set_data(bio, state);
    BIO_set_init(bio, 1);
    return bio;
}

bool socket_bio_is_drained(BIO *bio)
{
    const struct socket_bio *state = BIO_get_data(bio);
    return state->drained;
}

void socket_bio_note_input(BIO *bio)
{
    struct socket_bio *state = BIO_get_data(bio);
    state->drained = false;
}

int socket_bio_error(BIO *bio)
{
    const struct socket_bio *state = BIO_get_data(bio);
    return state->error;
}
