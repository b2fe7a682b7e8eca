/* SPDX-License-Identifier: Apache-2.0 */
#include "main/configuration_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "main/configuration.h"

/* A NUL-terminated copy of two strings joined; NULL: out of memory. */
static const char *join(struct arena *arena, struct text head, const char *tail)
{
    char *joined = arena_allocate(arena, head.length + strlen(tail) + 1);
    if (joined == NULL)
        return NULL;
    if (head.length > 0)
        memcpy(joined, head.bytes, head.length);
    memcpy(joined + head.length, tail, strlen(tail));
    return joined;
}

/* All bytes up to the end; false with errno. */
static bool read_all(int fd, char *buffer, size_t wanted, size_t *out_length)
{
    size_t length = 0;
    while (length < wanted) {
        ssize_t got = read(fd, buffer + length, wanted - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0)
            break;
        length += (size_t)got;
    }
    *out_length = length;
    return true;
}

static void read_open_file(struct ini *ini, const char *path, int fd, struct problems *problems)
{
    struct place place = { path, 0 };
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        problems_error(problems, place, "not a regular file; name a configuration file");
        return;
    }
    if (status.st_size > LIMIT_CONFIGURATION_BYTES) {
        problems_error(problems, place, "larger than %d bytes; split it or enrol over the API",
                       LIMIT_CONFIGURATION_BYTES);
        return;
    }
    size_t length;
    char *bytes = arena_allocate(ini->arena, (size_t)status.st_size + 1);
    if (bytes == NULL)
        problems_error(problems, place, "out of memory");
    else if (!read_all(fd, bytes, (size_t)status.st_size, &length))
        problems_error(problems, place, "cannot be read: %s", strerror(errno));
    else
        ini_read(ini, path, (struct text){ bytes, length }, problems);
}

static void read_file(struct ini *ini, const char *path, struct problems *problems)
{
    /* Not blocking: a FIFO with that name must not hang a reload. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        problems_error(problems, (struct place){ path, 0 },
                       "cannot be opened: %s; create it, or name another with --config", strerror(errno));
        return;
    }
    read_open_file(ini, path, fd, problems);
    close(fd);
}

static int is_configuration(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && length > 5 && strcmp(entry->d_name + length - 5, ".conf") == 0;
}

/* Bytewise, the same in every locale. */
static int by_name(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*left)->d_name, (*right)->d_name);
}

static void read_folder(struct ini *ini, const char *folder, struct problems *problems)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_configuration, by_name);
    if (count < 0) {
        if (errno != ENOENT)
            problems_error(problems, (struct place){ folder, 0 }, "cannot be read: %s", strerror(errno));
        return;
    }
    for (int i = 0; i < count; i++) {
        const char *path = join(ini->arena, text_from_c(folder), entries[i]->d_name);
        if (path == NULL)
            problems_error(problems, (struct place){ folder, 0 }, "out of memory");
        else
            read_file(ini, path, problems);
        free(entries[i]);
    }
    free(entries);
}

void configuration_files_read(struct ini *ini, const char *path, struct problems *problems)
{
    const char *kept = join(ini->arena, TEXT_ABSENT, path);
    const char *slash = strrchr(path, '/');
    struct text directory = { path, slash != NULL ? (size_t)(slash - path) + 1 : 0 };
    const char *folder = join(ini->arena, directory, "conf.d/");
    if (kept == NULL || folder == NULL) {
        problems_error(problems, (struct place){ path, 0 }, "out of memory");
        return;
    }
    read_file(ini, kept, problems);
    read_folder(ini, folder, problems);
}
