/* SPDX-License-Identifier: Apache-2.0 */
#include "http/web_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "http/secret.h"
#include "system/process_heap.h"

struct web_files {
    struct arena arena; /* holds every path and every byte */
    size_t count;
    struct web_file files[WEB_FILES_MAX]; /* by path */
};

/* One folder at hand, within the whole walk. */
struct walk {
    struct web_files *files;
    char *detail;
    size_t detail_bytes;
    char path[WEB_PATH_BYTES_MAX]; /* below the dashboard's folder; "" or "/views" */
    int folders_deep;
};

static const struct {
    const char *ending, *content_type;
} types[] = {
    { ".html", "text/html; charset=utf-8" },
    { ".js", "text/javascript; charset=utf-8" },
    { ".css", "text/css; charset=utf-8" },
    { ".svg", "image/svg+xml" },
    { ".png", "image/png" },
    { ".ico", "image/x-icon" },
    { ".woff2", "font/woff2" },
    { ".webmanifest", "application/manifest+json" },
};

static const char *type_of(const char *name)
{
    const size_t length = strlen(name);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const size_t ending = strlen(types[i].ending);
        if (length > ending && strcmp(name + length - ending, types[i].ending) == 0)
            return types[i].content_type;
    }
    return NULL;
}

static bool is_plain_name(const char *name)
{
    return name[0] != '.' && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-.")] == '\0';
}

__attribute__((format(printf, 2, 3))) static bool refuse(struct walk *walk, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(walk->detail, walk->detail_bytes, format, arguments);
    va_end(arguments);
    return false;
}

static bool read_all(int fd, char *bytes, size_t count)
{
    for (size_t done = 0; done < count;) {
        ssize_t got = read(fd, bytes + done, count - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            errno = got == 0 ? EIO : errno; /* it became shorter */
            return false;
        }
        done += (size_t)got;
    }
    return true;
}

static bool mark(struct web_file *file)
{
    struct secret_digest digest;
    char hex[SECRET_HEX_BYTES];
    if (gnutls_hash_fast(GNUTLS_DIG_SHA256, file->bytes, file->length, digest.bytes) != 0)
        return false;
    secret_digest_write(&digest, hex);
    memcpy(file->etag, hex, WEB_ETAG_BYTES - 1);
    file->etag[WEB_ETAG_BYTES - 1] = '\0';
    return true;
}

static bool take_file(struct walk *walk, int fd, const char *path, size_t length)
{
    struct web_files *files = walk->files;
    if (files->count == WEB_FILES_MAX)
        return refuse(walk, "more than %d files", WEB_FILES_MAX);
    if (length > WEB_FILE_BYTES_MAX)
        return refuse(walk, "%s has more than %d bytes", path, WEB_FILE_BYTES_MAX);
    struct web_file *file = &files->files[files->count];
    char *bytes = arena_allocate(&files->arena, length + 1);
    char *name = arena_allocate(&files->arena, strlen(path) + 1);
    if (bytes == NULL || name == NULL)
        return refuse(walk, "out of memory");
    if (!read_all(fd, bytes, length))
        return refuse(walk, "%s: %s", path, strerror(errno));
    memcpy(name, path, strlen(path) + 1);
    *file = (struct web_file){ name, type_of(name), bytes, length, "" };
    if (!mark(file))
        return refuse(walk, "%s: no SHA-256", path);
    files->count++;
    return true;
}

static bool take_folder(struct walk *walk, int fd);

static bool take_entry(struct walk *walk, int folder, const char *name)
{
    struct walk below = *walk;
    struct stat about;
    int written = snprintf(below.path, sizeof below.path, "%s/%s", walk->path, name);
    if (written < 0 || (size_t)written >= sizeof below.path)
        return refuse(walk, "%s/%s is too long a path", walk->path, name);
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &about) != 0) {
        refuse(walk, "%s: %s", below.path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    if (S_ISDIR(about.st_mode)) {
        below.folders_deep++;
        return take_folder(&below, fd); /* which closes it */
    }
    bool good =
        !S_ISREG(about.st_mode) || type_of(name) == NULL ||
        (about.st_size <= WEB_FILE_BYTES_MAX ? take_file(walk, fd, below.path, (size_t)about.st_size)
                                             : take_file(walk, fd, below.path, WEB_FILE_BYTES_MAX + 1));
    close(fd);
    return good;
}

static bool take_folder(struct walk *walk, int fd)
{
    if (walk->folders_deep > WEB_FOLDERS_DEEP_MAX) {
        close(fd);
        return refuse(walk, "%s: folders within folders, more than %d deep", walk->path,
                      WEB_FOLDERS_DEEP_MAX);
    }
    DIR *folder = fdopendir(fd);
    if (folder == NULL) {
        close(fd);
        return refuse(walk, "%s: %s", walk->path, strerror(errno));
    }
    bool good = true;
    for (struct dirent *entry; good && (entry = readdir(folder)) != NULL;)
        if (is_plain_name(entry->d_name))
            good = take_entry(walk, dirfd(folder), entry->d_name);
    closedir(folder);
    return good;
}

static int compare(const void *left, const void *right)
{
    return strcmp(((const struct web_file *)left)->path, ((const struct web_file *)right)->path);
}

static bool take_all(struct walk *walk, const char *folder)
{
    int fd = open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (fd < 0)
        return refuse(walk, "%s", strerror(errno));
    if (!take_folder(walk, fd))
        return false;
    qsort(walk->files->files, walk->files->count, sizeof *walk->files->files, compare);
    return web_files_find(walk->files, TEXT("/index.html")) != NULL || refuse(walk, "it has no index.html");
}

struct web_files *web_files_new(const char *folder, char *out_detail, size_t detail_bytes)
{
    struct web_files *files = calloc(1, sizeof *files);
    struct walk walk = { .files = files, .detail = out_detail, .detail_bytes = detail_bytes };
    if (files == NULL) {
        refuse(&walk, "out of memory");
        return NULL;
    }
    arena_init(&files->arena, &process_heap);
    if (take_all(&walk, folder))
        return files;
    web_files_free(files);
    return NULL;
}

void web_files_free(struct web_files *files)
{
    if (files == NULL)
        return;
    arena_fini(&files->arena);
    free(files);
}

const struct web_file *web_files_find(const struct web_files *files, struct text path)
{
    size_t low = 0, high = files != NULL ? files->count : 0;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = text_compare(path, text_from_c(files->files[middle].path));
        if (order == 0)
            return &files->files[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
