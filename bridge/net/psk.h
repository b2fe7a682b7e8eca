/* SPDX-License-Identifier: Apache-2.0 */
/* External pre-shared keys (RFC 8446, 4.2.11): read from a file, found by identity, cleansed when freed. */
#ifndef NET_PSK_H
#define NET_PSK_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>

#include "base/text.h"

enum {
    PSK_KEY_BYTES_MIN = 16,
    PSK_KEY_BYTES_MAX = 64,
    PSK_FILE_BYTES_MAX = 8 * 1024 * 1024, /* a greater file is refused */
};

/* There is no way to print one. */
struct psk_key {
    unsigned char bytes[PSK_KEY_BYTES_MAX];
    size_t count;
};
void psk_key_fini(struct psk_key *key);
/* A TLS 1.3 session to offer or to accept with this key; NULL: out of memory. Keys of 48 bytes and more are
   used with SHA-384, others with SHA-256, the default of RFC 8446 for a key of which nothing else is said. */
SSL_SESSION *psk_key_session(const struct psk_key *key, SSL *ssl);
/* The TLS 1.3 ciphers of that hash, as OpenSSL lists them. */
const char *psk_key_ciphers(const struct psk_key *key);

struct psk_table;
/* Lines "identity:hex key"; blank lines and those that begin with # are skipped. The identity may contain
   colons: the last one separates. On failure NULL, and file, line and reason in out_detail, never the key. */
struct psk_table *psk_table_load(const char *file, char *out_detail, size_t detail_bytes);
void psk_table_free(struct psk_table *table);
size_t psk_table_count(const struct psk_table *table);
/* NULL when there is none. Safe from several threads. */
const struct psk_key *psk_table_find(const struct psk_table *table, struct text identity);

#endif
