/* SPDX-License-Identifier: Apache-2.0 */
#include "http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_MS = 20000 }; /* after it a condition counts as never coming */

int client_connect(const char *address)
{
    struct sockaddr_in to = { .sin_family = AF_INET };
    char host[64];
    const char *colon = strrchr(address, ':');
    assert_non_null(colon);
    snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
    assert_int_equal(inet_pton(AF_INET, host, &to.sin_addr), 1);
    to.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

void client_send(int fd, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t sent = send(fd, bytes, count, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* the server may close early: its answer tells */
        bytes += sent;
        count -= (size_t)sent;
    }
}

/* 0: the end. */
static size_t read_some(int fd, char *buffer, size_t capacity)
{
    struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
    if (poll(&poll_fd, 1, PATIENCE_MS) != 1)
        fail_msg("the server sends nothing");
    ssize_t got = read(fd, buffer, capacity);
    return got > 0 ? (size_t)got : 0;
}

/* Joins chunks in place. */
static size_t join_chunks(char *body, size_t length)
{
    size_t from = 0, to = 0;
    while (from < length) {
        char *end;
        size_t count = strtoul(body + from, &end, 16);
        from = (size_t)(end - body) + 2;
        if (count == 0 || from + count > length)
            break;
        memmove(body + to, body + from, count);
        to += count;
        from += count + 2;
    }
    body[to] = '\0';
    return to;
}

struct http_answer client_read_answer(int fd)
{
    struct http_answer answer = { 0 };
    char value[64];
    size_t capacity = 4096, length = 0, got;
    char *text = malloc(capacity + 1);
    assert_non_null(text);
    while ((got = read_some(fd, text + length, capacity - length)) > 0) {
        length += got;
        if (length == capacity)
            text = realloc(text, (capacity *= 2) + 1);
        assert_non_null(text);
    }
    text[length] = '\0';
    char *end = strstr(text, "\r\n\r\n");
    if (end == NULL)
        fail_msg("no whole answer: \"%s\"", text);
    *end = '\0';
    answer.head = text;
    answer.body = end + 4;
    answer.body_bytes = length - (size_t)(end + 4 - text);
    answer.status = atoi(text + strlen("HTTP/1.1 "));
    if (client_header(&answer, "Transfer-Encoding", value, sizeof value) != NULL)
        answer.body_bytes = join_chunks(answer.body, answer.body_bytes);
    return answer;
}

void client_await_close(int fd)
{
    char byte;
    assert_int_equal(read_some(fd, &byte, 1), 0);
}

struct http_answer client_ask_raw(const char *address, const char *bytes, size_t count)
{
    int fd = client_connect(address);
    client_send(fd, bytes, count);
    struct http_answer answer = client_read_answer(fd);
    close(fd);
    return answer;
}

void client_answer_free(struct http_answer *answer)
{
    free(answer->head);
    answer->head = NULL;
}

const char *client_header(const struct http_answer *answer, const char *name, char *out_value,
                          size_t capacity)
{
    for (const char *line = strstr(answer->head, "\r\n"); line != NULL; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, strlen(name)) != 0 || line[strlen(name)] != ':')
            continue;
        const char *value = line + strlen(name) + 1;
        value += strspn(value, " ");
        snprintf(out_value, capacity, "%.*s", (int)strcspn(value, "\r"), value);
        return out_value;
    }
    return NULL;
}

void client_stream_open(struct http_stream *stream, const char *address, const char *request)
{
    memset(stream, 0, sizeof *stream);
    stream->fd = client_connect(address);
    client_send(stream->fd, request, strlen(request));
}

static void take_frame_byte(struct http_stream *stream, char byte)
{
    assert_true(stream->frame_length < sizeof stream->frame - 1);
    stream->frame[stream->frame_length++] = byte;
    stream->frame[stream->frame_length] = '\0';
    if (byte != '\n' || stream->frame_length == 2) /* the end of the chunk before is an empty line */
        return;
    stream->chunk_left = strtoul(stream->frame, NULL, 16);
    stream->frame_length = 0;
}

static void take_byte(struct http_stream *stream, char byte)
{
    if (stream->in_body && stream->chunk_left == 0) {
        take_frame_byte(stream, byte);
        return;
    }
    stream->chunk_left -= stream->in_body;
    stream->text[stream->length++] = byte;
    stream->text[stream->length] = '\0';
    if (!stream->in_body && stream->length >= 4 &&
        memcmp(stream->text + stream->length - 4, "\r\n\r\n", 4) == 0)
        stream->in_body = true;
}

static void read_on(struct http_stream *stream)
{
    char bytes[16384];
    assert_true(stream->length + sizeof bytes < sizeof stream->text);
    size_t got = read_some(stream->fd, bytes, sizeof bytes);
    for (size_t i = 0; i < got; i++)
        take_byte(stream, bytes[i]);
    stream->ended = got == 0;
}

void client_stream_await(struct http_stream *stream, const char *wanted)
{
    while (strstr(stream->text, wanted) == NULL) {
        if (stream->ended)
            fail_msg("the stream ended without \"%s\": %s", wanted, stream->text);
        read_on(stream);
    }
}

void client_stream_forget(struct http_stream *stream, const char *from)
{
    stream->length -= (size_t)(from - stream->text);
    memmove(stream->text, from, stream->length + 1);
}

void client_stream_await_end(struct http_stream *stream)
{
    while (!stream->ended)
        read_on(stream);
}

void client_stream_close(struct http_stream *stream)
{
    close(stream->fd);
}
