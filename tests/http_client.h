/* SPDX-License-Identifier: Apache-2.0 */
/* A tiny HTTP client over a raw socket, for tests that must send what no library would. */
#ifndef TESTS_HTTP_CLIENT_H
#define TESTS_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

struct http_answer {
    int status;
    char *head; /* as it came */
    char *body; /* chunks joined */
    size_t body_bytes;
};

/* A connected socket to "127.0.0.1:PORT"; fails the test when there is none. */
int client_connect(const char *address);
void client_send(int fd, const char *bytes, size_t count);
/* Reads until the server closes: the request must say "Connection: close". */
struct http_answer client_read_answer(int fd);
/* Waits until the server closes without a word; fails the test when it doesn't for some seconds. */
void client_await_close(int fd);
/* Sends and reads on a connection of its own. */
struct http_answer client_ask_raw(const char *address, const char *bytes, size_t count);
void client_answer_free(struct http_answer *answer);
/* The header's value or NULL, into a buffer. */
const char *client_header(const struct http_answer *answer, const char *name, char *out_value,
                          size_t capacity);

/* A stream being read. */
struct http_stream {
    int fd;
    char text[262144]; /* the head, then the body without its chunks' frames */
    size_t length;
    bool in_body;
    size_t chunk_left; /* bytes of the chunk at hand still to come */
    char frame[32];    /* the chunk's size line, as far as it has come */
    size_t frame_length;
    bool ended;
};
void client_stream_open(struct http_stream *stream, const char *address, const char *request);
/* Reads until `wanted` has come; fails the test after some seconds without it. */
void client_stream_await(struct http_stream *stream, const char *wanted);
/* Drops what was read before `from`, a place in its text. */
void client_stream_forget(struct http_stream *stream, const char *from);
/* Reads until the server ends the stream. */
void client_stream_await_end(struct http_stream *stream);
void client_stream_close(struct http_stream *stream);

#endif
