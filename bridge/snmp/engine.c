/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, LINE_BYTES = 128, ID_HEAD_BYTES = 5 };

__attribute__((format(printf, 3, 4))) static bool fail(char *out_detail, size_t detail_bytes,
                                                       const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out_detail, detail_bytes, format, arguments);
    va_end(arguments);
    return false;
}

/* RFC 3411, SnmpEngineID: the first bit set, net-snmp's number, then format 128 and 12 octets of our own. */
static bool make_id(struct engine *engine)
{
    static const unsigned char head[ID_HEAD_BYTES] = { 0x80, 0x00, 0x1f, 0x88, 0x80 };
    memcpy(engine->id, head, sizeof head);
    engine->boots = 0;
    return getrandom(engine->id + sizeof head, sizeof engine->id - sizeof head, 0) ==
           (ssize_t)(sizeof engine->id - sizeof head);
}

static bool parse(const char *line, struct engine *out_engine)
{
    for (size_t i = 0; i < ENGINE_ID_BYTES; i++) {
        unsigned byte;
        if (sscanf(line + 2 * i, "%2x", &byte) != 1)
            return false;
        out_engine->id[i] = (unsigned char)byte;
    }
    char *end;
    const char *number = line + 2 * ENGINE_ID_BYTES;
    if (*number != ' ')
        return false;
    const unsigned long boots = strtoul(number + 1, &end, 10);
    out_engine->boots = (uint32_t)boots;
    return end != number + 1 && *end == '\n' && boots > 0 && boots <= ENGINE_BOOTS_MAX;
}

static bool read_former(const char *path, struct engine *out_engine, char *out_detail, size_t detail_bytes)
{
    char line[LINE_BYTES] = "";
    FILE *file = fopen(path, "re");
    if (file == NULL && errno == ENOENT)
        return make_id(out_engine) ||
               fail(out_detail, detail_bytes, "no random numbers: %s", strerror(errno));
    if (file == NULL)
        return fail(out_detail, detail_bytes, "%s: %s", path, strerror(errno));
    const bool read = fgets(line, sizeof line, file) != NULL;
    fclose(file);
    if (read && strlen(line) > 2 * ENGINE_ID_BYTES && parse(line, out_engine))
        return true;
    return fail(out_detail, detail_bytes,
                "%s is damaged; remove it: managers will have to discover the engine again", path);
}

static bool write_whole(int file, const char *line)
{
    const size_t length = strlen(line);
    return write(file, line, length) == (ssize_t)length && fsync(file) == 0;
}

static bool sync_folder(const char *folder)
{
    const int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = directory >= 0 && fsync(directory) == 0;
    if (directory >= 0)
        close(directory);
    return synced;
}

static bool keep(const char *folder, const char *path, const struct engine *engine)
{
    char line[LINE_BYTES], fresh[PATH_BYTES + 8];
    size_t at = 0;
    for (size_t i = 0; i < ENGINE_ID_BYTES; i++)
        at += (size_t)snprintf(line + at, sizeof line - at, "%02x", engine->id[i]);
    snprintf(line + at, sizeof line - at, " %u\n", engine->boots);
    snprintf(fresh, sizeof fresh, "%s.new", path);
    const int file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool written = file >= 0 && write_whole(file, line);
    if (file >= 0)
        close(file);
    return written && rename(fresh, path) == 0 && sync_folder(folder);
}

bool engine_begin(const char *folder, struct engine *out_engine, char *out_detail, size_t detail_bytes)
{
    char path[PATH_BYTES];
    struct engine engine;
    if (snprintf(path, sizeof path, "%s/snmp-engine", folder) >= (int)sizeof path)
        return fail(out_detail, detail_bytes, "the name of the state folder is too long");
    if (!read_former(path, &engine, out_detail, detail_bytes))
        return false;
    if (engine.boots < ENGINE_BOOTS_MAX) /* at the end it stays there (RFC 3414) */
        engine.boots++;
    if (!keep(folder, path, &engine))
        return fail(out_detail, detail_bytes, "%s cannot be written: %s", path, strerror(errno));
    *out_engine = engine;
    return true;
}
