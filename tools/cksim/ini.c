/* SPDX-License-Identifier: Apache-2.0 */
#include "cksim/ini.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *origin_print(struct origin origin, char buffer[static 320])
{
    if (origin.line == 0)
        snprintf(buffer, 320, "%.300s", origin.file);
    else
        snprintf(buffer, 320, "%.300s:%u", origin.file, origin.line);
    return buffer;
}

struct ini_reader {
    struct origin origin;
    ini_function function;
    void *context;
    struct complaint *complaint;
    char section[64];
    char name[256];
};

static bool refuse(struct ini_reader *reader, const char *words)
{
    char at[320];
    complain(reader->complaint, "%s: %s", origin_print(reader->origin, at), words);
    return false;
}

static char *trim(char *words)
{
    words += strspn(words, " \t");
    size_t length = strlen(words);
    while (length > 0 && strchr(" \t", words[length - 1]) != NULL)
        words[--length] = '\0';
    return words;
}

static bool emit(struct ini_reader *reader, const char *key, const char *value)
{
    struct ini_line line = { reader->origin, reader->section, reader->name, key, value };
    return reader->function(reader->context, &line, reader->complaint);
}

/* [fleet] or [km "name"] */
static bool read_header(struct ini_reader *reader, char *words)
{
    size_t length = strlen(words);
    if (words[length - 1] != ']')
        return refuse(reader, "a section ends in ']'");
    words[length - 1] = '\0';
    char *section = trim(words + 1);
    char *quote = strchr(section, '"');
    char *name = "";
    if (quote != NULL) {
        char *end = strrchr(quote + 1, '"');
        if (end == NULL || end[1] != '\0' || end == quote + 1)
            return refuse(reader, "a section's name stands in double quotes: [km \"alice\"]");
        *end = '\0';
        name = quote + 1;
        *quote = '\0';
        section = trim(section);
    }
    if (*section == '\0' || strpbrk(section, " \t") != NULL)
        return refuse(reader, "a section is one word, then perhaps a name in double quotes");
    if (strlen(section) >= sizeof reader->section || strlen(name) >= sizeof reader->name)
        return refuse(reader, "the section's name is too long");
    strcpy(reader->section, section);
    strcpy(reader->name, name);
    return emit(reader, NULL, NULL);
}

static bool read_line(struct ini_reader *reader, char *words)
{
    words = trim(words);
    if (*words == '\0' || *words == '#' || *words == ';')
        return true;
    if (*words == '[')
        return read_header(reader, words);
    char *equals = strchr(words, '=');
    if (equals == NULL || equals == words)
        return refuse(reader, "expected 'key = value', a [section] or a # comment");
    if (reader->section[0] == '\0')
        return refuse(reader, "a key stands below a [section]");
    *equals = '\0';
    return emit(reader, trim(words), trim(equals + 1));
}

bool ini_parse(const char *file, const char *content, size_t content_bytes, ini_function function,
               void *context, struct complaint *complaint)
{
    struct ini_reader reader = { { file, 0 }, function, context, complaint, "", "" };
    char words[INI_LINE_BYTES_MAX];
    size_t at = 0;
    while (at < content_bytes) {
        const char *end = memchr(content + at, '\n', content_bytes - at);
        size_t length = end != NULL ? (size_t)(end - content) - at : content_bytes - at;
        reader.origin.line++;
        if (length >= sizeof words)
            return refuse(&reader, "the line is too long");
        memcpy(words, content + at, length);
        words[length] = '\0';
        if (strlen(words) != length)
            return refuse(&reader, "the line holds a NUL byte");
        if (length > 0 && words[length - 1] == '\r')
            words[length - 1] = '\0';
        if (!read_line(&reader, words))
            return false;
        at += length + 1;
    }
    return true;
}

bool ini_parse_file(const char *file, ini_function function, void *context, struct complaint *complaint)
{
    FILE *stream = fopen(file, "re");
    if (stream == NULL) {
        complain(complaint, "%s: %s", file, strerror(errno));
        return false;
    }
    char *content = NULL;
    size_t length = 0, capacity = 0;
    do {
        if (length == capacity) {
            capacity = capacity == 0 ? 65536 : capacity * 2;
            char *grown = capacity > INI_FILE_BYTES_MAX ? NULL : realloc(content, capacity);
            if (grown == NULL) {
                complain(complaint, "%s: the file is too large", file);
                free(content);
                fclose(stream);
                return false;
            }
            content = grown;
        }
        length += fread(content + length, 1, capacity - length, stream);
    } while (!feof(stream) && !ferror(stream));
    bool read = !ferror(stream);
    fclose(stream);
    if (!read)
        complain(complaint, "%s: cannot be read", file);
    else
        read = ini_parse(file, content, length, function, context, complaint);
    free(content);
    return read;
}
