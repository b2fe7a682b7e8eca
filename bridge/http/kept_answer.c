/* SPDX-License-Identifier: Apache-2.0 */
#include "http/kept_answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

#define STATUS_LINE "HTTP/1.1 "

static void put_header(struct bytes_writer *writer, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    bytes_put_c(writer, name);
    bytes_put_c(writer, ": ");
    bytes_put_c(writer, value);
    bytes_put_c(writer, "\r\n");
}

struct text kept_answer_write(struct arena *arena, const struct answer *answer)
{
    static const size_t fixed_bytes = 256; /* all but location and body */
    const size_t capacity =
        fixed_bytes + (answer->location != NULL ? strlen(answer->location) : 0) + answer->body_bytes;
    if (capacity > LIMIT_ANSWER_BYTES)
        return TEXT_ABSENT;
    unsigned char *buffer = arena_allocate(arena, capacity);
    if (buffer == NULL)
        return TEXT_ABSENT;
    struct bytes_writer writer = bytes_writer(buffer, capacity);
    bytes_put_c(&writer, STATUS_LINE);
    bytes_put_u64(&writer, answer->status);
    bytes_put_c(&writer, "\r\n");
    put_header(&writer, "Content-Type", answer->body != NULL ? answer->content_type : NULL);
    put_header(&writer, "Location", answer->location);
    put_header(&writer, "ETag", answer->etag);
    bytes_put_c(&writer, "\r\n");
    if (answer->body != NULL)
        bytes_put(&writer, answer->body, answer->body_bytes);
    return writer.overflowed ? TEXT_ABSENT : bytes_written(&writer);
}

/* Up to the next line's end, which is skipped. */
static bool next_line(struct text *rest, struct text *out_line)
{
    const char *end = rest->length > 0 ? memchr(rest->bytes, '\r', rest->length) : NULL;
    if (end == NULL || (size_t)(end - rest->bytes) + 1 >= rest->length || end[1] != '\n')
        return false;
    *out_line = (struct text){ rest->bytes, (size_t)(end - rest->bytes) };
    *rest = (struct text){ end + 2, rest->length - out_line->length - 2 };
    return true;
}

static struct text after(struct text line, struct text prefix)
{
    return (struct text){ line.bytes + prefix.length, line.length - prefix.length };
}

static char *terminated(struct arena *arena, struct text text)
{
    char *copy = arena_allocate(arena, text.length + 1);
    return copy != NULL && text_to_c(text, copy, text.length + 1) ? copy : NULL;
}

static bool read_header(struct text line, struct arena *arena, struct answer *answer)
{
    static const struct text type = { "Content-Type: ", 14 }, location = { "Location: ", 10 },
                             etag = { "ETag: ", 6 };
    if (text_starts_with(line, type))
        return (answer->content_type = terminated(arena, after(line, type))) != NULL;
    if (text_starts_with(line, location))
        return (answer->location = terminated(arena, after(line, location))) != NULL;
    return text_starts_with(line, etag) && text_to_c(after(line, etag), answer->etag, sizeof answer->etag);
}

static bool read_head(struct text *rest, struct arena *arena, struct answer *answer)
{
    static const struct text first = { STATUS_LINE, sizeof STATUS_LINE - 1 };
    struct text line;
    uint64_t status = 0;
    if (!next_line(rest, &line) || !text_starts_with(line, first) ||
        !text_to_u64(after(line, first), 299, &status) || status < 200)
        return false;
    answer->status = (unsigned)status;
    while (next_line(rest, &line)) {
        if (line.length == 0)
            return true;
        if (!read_header(line, arena, answer))
            return false;
    }
    return false;
}

bool kept_answer_read(struct text kept, struct request *request)
{
    struct answer answer = { .replayed = true };
    if (!read_head(&kept, &request->arena, &answer))
        return false;
    if (answer.content_type != NULL) {
        answer.body = malloc(kept.length + 1);
        if (answer.body == NULL)
            return false;
        memcpy(answer.body, kept.bytes, kept.length);
        answer.body_bytes = kept.length;
    }
    request->answer = answer;
    request->answered = true;
    return true;
}
