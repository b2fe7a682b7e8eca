/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/credential_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>

void trouble_say(struct trouble *trouble, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(trouble->words, sizeof trouble->words, format, arguments);
    va_end(arguments);
}

bool credential_directory_make(const char *directory, struct trouble *out_trouble)
{
    if (mkdir(directory, 0700) == 0 || errno == EEXIST)
        return true;
    trouble_say(out_trouble, "%s: %s", directory, strerror(errno));
    return false;
}

bool credential_name_is_good(const char *name)
{
    return *name != '\0' && *name != '.' && strchr(name, '/') == NULL;
}

struct path {
    char words[CREDENTIAL_PATH_BYTES];
};

static bool path_make(struct path *path, const char *directory, const char *name, const char *ending)
{
    int length = snprintf(path->words, sizeof path->words, "%s/%s%s", directory, name, ending);
    return length > 0 && (size_t)length < sizeof path->words;
}

bool credential_exists(const char *directory, const char *file_name)
{
    struct path path;
    return path_make(&path, directory, file_name, "") && access(path.words, F_OK) == 0;
}

/* Gives the file its name. */
static bool name_file(const char *unnamed, const char *path, bool replace)
{
    if (replace)
        return rename(unnamed, path) == 0;
    return link(unnamed, path) == 0 && unlink(unnamed) == 0;
}

static bool fill(int fd, mode_t mode, bool (*put)(void *content, FILE *file), void *content)
{
    FILE *file = fdopen(fd, "w");
    if (file == NULL) {
        close(fd);
        return false;
    }
    bool written = fchmod(fd, mode) == 0 && put(content, file) && ferror(file) == 0;
    return fclose(file) == 0 && written;
}

bool credential_write(const struct credential_place *place, const char *file_name, mode_t mode,
                      bool (*put)(void *content, FILE *file), void *content, struct trouble *out_trouble)
{
    struct path path, unnamed;
    if (!path_make(&path, place->directory, file_name, "") ||
        !path_make(&unnamed, place->directory, "", ".new-XXXXXX")) {
        trouble_say(out_trouble, "%s/%s: the name is too long", place->directory, file_name);
        return false;
    }
    errno = 0;
    int fd = mkstemp(unnamed.words);
    if (fd >= 0 && fill(fd, mode, put, content) && name_file(unnamed.words, path.words, place->replace))
        return true;
    int code = errno;
    if (fd >= 0)
        unlink(unnamed.words);
    trouble_say(out_trouble, "%s: %s", path.words, code != 0 ? strerror(code) : "OpenSSL could not write it");
    return false;
}

static bool put_key(void *content, FILE *file)
{
    return PEM_write_PrivateKey(file, content, NULL, NULL, 0, NULL, NULL) == 1;
}

static bool put_certificate(void *content, FILE *file)
{
    return PEM_write_X509(file, content) == 1;
}

static bool put_revocations(void *content, FILE *file)
{
    return PEM_write_X509_CRL(file, content) == 1;
}

/* "name.pem" */
static bool write_named(const struct credential_place *place, const char *name, const char *ending,
                        bool (*put)(void *content, FILE *file), void *content, struct trouble *out_trouble)
{
    struct path file_name;
    if (snprintf(file_name.words, sizeof file_name.words, "%s%s", name, ending) >=
        (int)sizeof file_name.words) {
        trouble_say(out_trouble, "%s: the name is too long", place->directory);
        return false;
    }
    mode_t mode = put == put_key ? 0600 : 0644;
    return credential_write(place, file_name.words, mode, put, content, out_trouble);
}

bool credential_write_key(const struct credential_place *place, const char *name, EVP_PKEY *key,
                          struct trouble *out_trouble)
{
    return write_named(place, name, ".key", put_key, key, out_trouble);
}

bool credential_write_certificate(const struct credential_place *place, const char *name, X509 *certificate,
                                  struct trouble *out_trouble)
{
    return write_named(place, name, ".pem", put_certificate, certificate, out_trouble);
}

bool credential_write_revocations(const struct credential_place *place, const char *name, X509_CRL *list,
                                  struct trouble *out_trouble)
{
    return write_named(place, name, ".pem", put_revocations, list, out_trouble);
}

/* What `get` makes of the file; NULL after trouble. */
static void *read_named(const char *directory, const char *name, const char *ending, void *(*get)(FILE *file),
                        struct trouble *out_trouble)
{
    struct path path;
    if (!path_make(&path, directory, name, ending)) {
        trouble_say(out_trouble, "%s: the name is too long", directory);
        return NULL;
    }
    FILE *file = fopen(path.words, "re");
    if (file == NULL) {
        trouble_say(out_trouble, "%s: %s", path.words, strerror(errno));
        return NULL;
    }
    void *content = get(file);
    fclose(file);
    ERR_clear_error();
    if (content == NULL)
        trouble_say(out_trouble, "%s: it does not hold what it should, in PEM", path.words);
    return content;
}

static void *get_certificate(FILE *file)
{
    return PEM_read_X509(file, NULL, NULL, NULL);
}

/* A key that is encrypted is none here: nobody is asked for words. */
static int no_password(char *words, int size, int is_written, void *context)
{
    (void)words, (void)size, (void)is_written, (void)context;
    return -1;
}

static void *get_key(FILE *file)
{
    return PEM_read_PrivateKey(file, NULL, no_password, NULL);
}

static void *get_revocations(FILE *file)
{
    return PEM_read_X509_CRL(file, NULL, NULL, NULL);
}

X509 *credential_read_certificate(const char *directory, const char *name, struct trouble *out_trouble)
{
    return read_named(directory, name, ".pem", get_certificate, out_trouble);
}

EVP_PKEY *credential_read_key(const char *directory, const char *name, struct trouble *out_trouble)
{
    return read_named(directory, name, ".key", get_key, out_trouble);
}

X509_CRL *credential_read_revocations(const char *directory, const char *name, struct trouble *out_trouble)
{
    return read_named(directory, name, ".pem", get_revocations, out_trouble);
}
