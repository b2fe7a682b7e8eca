/* SPDX-License-Identifier: Apache-2.0 */
/* Socket addresses as text: "192.0.2.1:7164", "[2001:db8::1]:7164", numbers only. */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { ADDRESS_TEXT_BYTES = 80 }; /* an IPv6 address with scope, brackets, port and terminator */

struct address {
    struct sockaddr_storage storage;
    socklen_t length;
};

/* "host:port"; false leaves *out_address untouched. No name is ever resolved: that could block. */
bool address_parse(const char *text, struct address *out_address);
/* The host alone, with or without brackets; the port is 0. */
bool address_parse_host(const char *text, struct address *out_address);
/* Both write "?" when it is neither IPv4 nor IPv6. */
void address_format(const struct address *address, char *out_text, size_t text_bytes);
/* The host without port or brackets; an IPv4 address mapped into IPv6 as IPv4. */
void address_format_host(const struct address *address, char *out_text, size_t text_bytes);
struct sockaddr *address_generic(struct address *address);

#endif
