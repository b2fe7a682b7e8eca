/* SPDX-License-Identifier: Apache-2.0 */
#include "net/psk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "base/limits.h"
#include "base/table.h"
#include "system/process_heap.h"

enum { SHA384_KEY_BYTES = 48 };

struct entry {
    struct psk_key key;
    size_t identity_bytes;
    char identity[LIMIT_IDENTIFIER_BYTES];
};

struct psk_table {
    struct table by_identity;
};

void psk_key_fini(struct psk_key *key)
{
    OPENSSL_cleanse(key, sizeof(*key));
}

SSL_SESSION *psk_key_session(const struct psk_key *key, SSL *ssl)
{
    static const unsigned char sha256[] = { 0x13, 0x01 }, sha384[] = { 0x13, 0x02 };
    const SSL_CIPHER *cipher = SSL_CIPHER_find(ssl, key->count >= SHA384_KEY_BYTES ? sha384 : sha256);
    SSL_SESSION *session = SSL_SESSION_new();
    if (session == NULL || cipher == NULL ||
        SSL_SESSION_set1_master_key(session, key->bytes, key->count) != 1 ||
        SSL_SESSION_set_cipher(session, cipher) != 1 ||
        SSL_SESSION_set_protocol_version(session, TLS1_3_VERSION) != 1) {
        SSL_SESSION_free(session);
        return NULL;
    }
    return session;
}

const char *psk_key_ciphers(const struct psk_key *key)
{
    return key->count >= SHA384_KEY_BYTES ? "TLS_AES_256_GCM_SHA384"
                                          : "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256";
}

static struct text entry_identity(const void *value)
{
    const struct entry *entry = value;
    return (struct text){ entry->identity, entry->identity_bytes };
}

static void free_entry(struct entry *entry)
{
    psk_key_fini(&entry->key);
    free(entry);
}

void psk_table_free(struct psk_table *table)
{
    if (table == NULL)
        return;
    size_t position = 0;
    struct entry *entry;
    while ((entry = table_next(&table->by_identity, &position)) != NULL)
        free_entry(entry);
    table_fini(&table->by_identity);
    free(table);
}

size_t psk_table_count(const struct psk_table *table)
{
    return table->by_identity.count;
}

const struct psk_key *psk_table_find(const struct psk_table *table, struct text identity)
{
    const struct entry *entry = table_find(&table->by_identity, identity);
    return entry != NULL ? &entry->key : NULL;
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

/* NULL, or what is wrong with the key. */
static const char *parse_key(struct text hex, struct psk_key *out_key)
{
    if (hex.length % 2 != 0 || hex.length < 2 * PSK_KEY_BYTES_MIN || hex.length > 2 * PSK_KEY_BYTES_MAX)
        return "the key must be 32 to 128 hexadecimal digits (16 to 64 bytes)";
    for (size_t i = 0; i < hex.length / 2; i++) {
        const int high = hex_value(hex.bytes[2 * i]), low = hex_value(hex.bytes[2 * i + 1]);
        if (high < 0 || low < 0)
            return "the key must consist of hexadecimal digits";
        out_key->bytes[i] = (unsigned char)(high << 4 | low);
    }
    out_key->count = hex.length / 2;
    return NULL;
}

static struct text trimmed(struct text line)
{
    while (line.length > 0 && strchr(" \t\r", line.bytes[line.length - 1]) != NULL)
        line.length--;
    while (line.length > 0 && (line.bytes[0] == ' ' || line.bytes[0] == '\t')) {
        line.bytes++;
        line.length--;
    }
    return line;
}

/* NULL, or what is wrong with the line. */
static const char *parse_entry(struct text line, struct entry *out_entry)
{
    size_t colon = line.length;
    while (colon > 0 && line.bytes[colon - 1] != ':')
        colon--;
    if (colon == 0)
        return "expected identity:hexkey";
    const struct text identity = { line.bytes, colon - 1 };
    if (!text_is_identifier(identity) || identity.length > LIMIT_IDENTIFIER_BYTES - strlen("psk:"))
        return "the identity must be 1 to 251 bytes of UTF-8 without control characters";
    memcpy(out_entry->identity, identity.bytes, identity.length);
    out_entry->identity_bytes = identity.length;
    return parse_key((struct text){ line.bytes + colon, line.length - colon }, &out_entry->key);
}

static const char *add_line(struct psk_table *table, struct text line)
{
    struct entry *entry = calloc(1, sizeof(*entry));
    if (entry == NULL)
        return "out of memory";
    const char *problem = parse_entry(line, entry);
    if (problem == NULL && table_find(&table->by_identity, entry_identity(entry)) != NULL)
        problem = "this identity is in the file already";
    if (problem == NULL && !table_insert(&table->by_identity, entry))
        problem = "out of memory";
    if (problem != NULL)
        free_entry(entry);
    return problem;
}

static bool parse_file(struct psk_table *table, struct text content, const char *file, char *out_detail,
                       size_t detail_bytes)
{
    unsigned number = 0;
    while (content.length > 0) {
        const char *newline = memchr(content.bytes, '\n', content.length);
        const size_t length = newline != NULL ? (size_t)(newline - content.bytes) : content.length;
        const struct text line = trimmed((struct text){ content.bytes, length });
        const size_t consumed = newline != NULL ? length + 1 : length;
        content.bytes += consumed;
        content.length -= consumed;
        number++;
        if (line.length == 0 || line.bytes[0] == '#')
            continue;
        const char *problem = add_line(table, line);
        if (problem != NULL) {
            snprintf(out_detail, detail_bytes, "%s:%u: %s", file, number, problem);
            return false;
        }
    }
    return true;
}

/* The whole file in a block of *out_bytes, or NULL with errno. */
static char *read_file(const char *file, size_t *out_bytes)
{
    struct stat status;
    char *content = NULL;
    size_t filled = 0;
    const int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    if (fstat(fd, &status) == 0) {
        if (!S_ISREG(status.st_mode) || status.st_size > PSK_FILE_BYTES_MAX)
            errno = S_ISREG(status.st_mode) ? EFBIG : EINVAL;
        else
            content = malloc((size_t)status.st_size + 1);
    }
    while (content != NULL && filled < (size_t)status.st_size) {
        const ssize_t count = read(fd, content + filled, (size_t)status.st_size - filled);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            break;
        filled += (size_t)count;
    }
    const int error = errno;
    close(fd);
    errno = error;
    *out_bytes = filled;
    return content;
}

struct psk_table *psk_table_load(const char *file, char *out_detail, size_t detail_bytes)
{
    size_t bytes = 0;
    char *content = read_file(file, &bytes);
    if (content == NULL) {
        snprintf(out_detail, detail_bytes, "psk_file %s: %s", file, strerror(errno));
        return NULL;
    }
    struct siphash_key seed = { 0 };
    struct psk_table *table = calloc(1, sizeof(*table));
    bool loaded = false;
    if (table == NULL || RAND_bytes((unsigned char *)&seed, sizeof(seed)) != 1) {
        snprintf(out_detail, detail_bytes, "psk_file %s: out of memory", file);
    } else {
        const struct memory memory = process_heap;
        table_init(&table->by_identity, &memory, seed, entry_identity);
        loaded = parse_file(table, (struct text){ content, bytes }, file, out_detail, detail_bytes);
        if (loaded && table->by_identity.count == 0) {
            snprintf(out_detail, detail_bytes, "psk_file %s: no key in it; add lines identity:hexkey", file);
            loaded = false;
        }
    }
    OPENSSL_cleanse(content, bytes);
    free(content);
    if (loaded)
        return table;
    if (table != NULL && table->by_identity.key_of != NULL)
        psk_table_free(table);
    else
        free(table);
    return NULL;
}
