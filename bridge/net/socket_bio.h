/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL's way to a socket, with two differences from its own: a write to a dead peer raises no SIGPIPE, and
   it remembers whether the socket was read empty, which saves the system call that would only say so. */
#ifndef NET_SOCKET_BIO_H
#define NET_SOCKET_BIO_H

#include <stdbool.h>

#include <openssl/bio.h>

/* The method must outlive every BIO made of it. NULL: out of memory. */
BIO_METHOD *socket_bio_method_new(void);
void socket_bio_method_free(BIO_METHOD *method);

/* Borrows the non-blocking descriptor. NULL: out of memory. */
BIO *socket_bio_new(BIO_METHOD *method, int fd);
/* The last read took all that there was. */
bool socket_bio_is_drained(BIO *bio);
/* An edge told of input since: it is not drained, whatever the last read said. OpenSSL may serve a read from
   what it holds, without asking the socket, and the edge does not come twice. */
void socket_bio_note_input(BIO *bio);
/* errno of the last read or write that failed; 0: none did. */
int socket_bio_error(BIO *bio);

#endif
