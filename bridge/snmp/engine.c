/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/siphash.h"

enum { PATH_BYTES = 4096, LINE_BYTES = 512, INSTANCE_BYTES_MAX = 255, OWNER_BYTES = 288, ID_HEAD_BYTES = 5 };

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

static int digit(char letter)
{
    const char *const digits = "0123456789abcdef";
    const char *found = letter != '\0' ? strchr(digits, letter) : NULL;
    return found != NULL ? (int)(found - digits) : -1;
}

static bool parse_id(const char *words, unsigned char out_id[ENGINE_ID_BYTES])
{
    for (size_t i = 0; i < ENGINE_ID_BYTES; i++) {
        const int high = digit(words[2 * i]);
        const int low = high >= 0 ? digit(words[2 * i + 1]) : -1;
        if (low < 0)
            return false;
        out_id[i] = (unsigned char)(high * 16 + low);
    }
    return words[2 * ENGINE_ID_BYTES] == ' ';
}

/* "ID boots owner"; the owner may lack. */
static bool parse(char *line, struct engine *out_engine, const char **out_owner)
{
    char *end = strchr(line, '\n');
    if (end == NULL || !parse_id(line, out_engine->id))
        return false;
    *end = '\0';
    const char *number = line + 2 * ENGINE_ID_BYTES + 1;
    const unsigned long boots = *number >= '0' && *number <= '9' ? strtoul(number, &end, 10) : 0;
    if (boots == 0 || boots > ENGINE_BOOTS_MAX || (*end != '\0' && *end != ' '))
        return false;
    out_engine->boots = (uint32_t)boots;
    *out_owner = *end == ' ' ? end + 1 : "";
    return true;
}

static bool read_former(const char *path, const char *owner, struct engine *out_engine, char *out_detail,
                        size_t detail_bytes)
{
    char line[LINE_BYTES] = "";
    const char *former = "";
    FILE *file = fopen(path, "re");
    if (file == NULL && errno != ENOENT)
        return fail(out_detail, detail_bytes, "%s: %s", path, strerror(errno));
    if (file != NULL) {
        const bool read = fgets(line, sizeof line, file) != NULL;
        fclose(file);
        if (!read || !parse(line, out_engine, &former))
            return fail(out_detail, detail_bytes,
                        "%s is damaged; remove it: managers will have to discover the engine again", path);
        out_engine->renewed = former[0] != '\0' && strcmp(former, owner) != 0;
        if (!out_engine->renewed)
            return true;
    }
    return make_id(out_engine) || fail(out_detail, detail_bytes, "no random numbers: %s", strerror(errno));
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

static bool keep(const char *folder, const char *path, const struct engine *engine, const char *owner)
{
    char line[LINE_BYTES], words[ENGINE_WORDS_BYTES], fresh[PATH_BYTES + 8];
    engine_words(engine, words);
    snprintf(line, sizeof line, "%s %u %s\n", words + 2, engine->boots, owner);
    snprintf(fresh, sizeof fresh, "%s.new", path);
    const int file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool written = file >= 0 && write_whole(file, line);
    if (file >= 0)
        close(file);
    return written && rename(fresh, path) == 0 && sync_folder(folder);
}

/* Of the machine only a hash: what it is of is not to be told. */
static void describe(const struct engine_owner *owner, char out_words[OWNER_BYTES])
{
    const struct siphash_key key = { 0 };
    char machine[LINE_BYTES] = "";
    FILE *file = fopen(owner->machine_id, "re");
    if (file != NULL && fgets(machine, sizeof machine, file) == NULL)
        machine[0] = '\0';
    if (file != NULL)
        fclose(file);
    machine[strcspn(machine, "\n")] = '\0';
    snprintf(out_words, OWNER_BYTES, "%.*s@%016llx", INSTANCE_BYTES_MAX, owner->instance,
             machine[0] != '\0' ? (unsigned long long)siphash(key, text_from_c(machine)).low : 0ULL);
}

/* -1: *out_detail says why. */
static int lock(const char *folder, char *out_detail, size_t detail_bytes)
{
    char path[PATH_BYTES + 8];
    snprintf(path, sizeof path, "%s/snmp-engine.lock", folder);
    const int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        fail(out_detail, detail_bytes, "%s: %s", path, strerror(errno));
    } else if (flock(file, LOCK_EX | LOCK_NB) != 0) {
        fail(out_detail, detail_bytes, "%s: another bridge is using it; give each a folder of its own",
             folder);
        close(file);
        return -1;
    }
    return file;
}

static bool begin_locked(const struct engine_owner *owner, struct engine *engine, char *out_detail,
                         size_t detail_bytes)
{
    char path[PATH_BYTES], words[OWNER_BYTES];
    snprintf(path, sizeof path, "%s/snmp-engine", owner->folder);
    describe(owner, words);
    if (!read_former(path, words, engine, out_detail, detail_bytes))
        return false;
    if (engine->boots < ENGINE_BOOTS_MAX) /* at the end it stays there (RFC 3414) */
        engine->boots++;
    return keep(owner->folder, path, engine, words) ||
           fail(out_detail, detail_bytes, "%s cannot be written: %s", path, strerror(errno));
}

bool engine_begin(const struct engine_owner *owner, struct engine *out_engine, char *out_detail,
                  size_t detail_bytes)
{
    struct engine engine = { .renewed = false };
    if (strlen(owner->folder) + sizeof "/snmp-engine" > PATH_BYTES)
        return fail(out_detail, detail_bytes, "the name of the folder is too long");
    engine.lock_fd = lock(owner->folder, out_detail, detail_bytes);
    if (engine.lock_fd < 0)
        return false;
    if (!begin_locked(owner, &engine, out_detail, detail_bytes)) {
        close(engine.lock_fd);
        return false;
    }
    *out_engine = engine;
    return true;
}

void engine_end(struct engine *engine)
{
    close(engine->lock_fd);
}

void engine_words(const struct engine *engine, char out_words[ENGINE_WORDS_BYTES])
{
    size_t at = (size_t)snprintf(out_words, ENGINE_WORDS_BYTES, "0x");
    for (size_t i = 0; i < sizeof engine->id; i++)
        at += (size_t)snprintf(out_words + at, ENGINE_WORDS_BYTES - at, "%02x", engine->id[i]);
}
