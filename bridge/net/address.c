/* SPDX-License-Identifier: Apache-2.0 */
#include "net/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool port_is_valid(const char *port)
{
    const size_t length = strspn(port, "0123456789");
    return length >= 1 && length <= 5 && port[length] == '\0' && strtoul(port, NULL, 10) <= 65535;
}

static bool resolve(const char *host, const char *port, int family, struct address *out_address)
{
    const struct addrinfo hints = { .ai_family = family,
                                    .ai_socktype = SOCK_STREAM,
                                    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
    struct addrinfo *found;
    if (getaddrinfo(host, port, &hints, &found) != 0)
        return false;
    struct address address = { .length = found->ai_addrlen };
    memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    *out_address = address;
    return true;
}

/* getaddrinfo takes "127.1" and "0x7f.1" as well; one address has one spelling here. */
static bool host_is_ipv4(const char *host)
{
    struct in_addr ignored;
    return inet_pton(AF_INET, host, &ignored) == 1;
}

static bool parse_host(const char *host, bool bracketed, const char *port, struct address *out_address)
{
    if (bracketed)
        return strchr(host, ':') != NULL && resolve(host, port, AF_INET6, out_address);
    return host_is_ipv4(host) && resolve(host, port, AF_INET, out_address);
}

bool address_parse(const char *text, struct address *out_address)
{
    char host[ADDRESS_TEXT_BYTES];
    const char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text || !port_is_valid(colon + 1))
        return false;
    const bool bracketed = text[0] == '[' && colon[-1] == ']' && colon - text > 2;
    const char *start = bracketed ? text + 1 : text;
    const size_t length = (size_t)(colon - start) - (bracketed ? 1 : 0);
    if (length >= sizeof(host))
        return false;
    memcpy(host, start, length);
    host[length] = '\0';
    return parse_host(host, bracketed, colon + 1, out_address);
}

bool address_parse_host(const char *text, struct address *out_address)
{
    char host[ADDRESS_TEXT_BYTES];
    const size_t length = strlen(text);
    if (length >= sizeof(host))
        return false;
    const bool bracketed = length > 2 && text[0] == '[' && text[length - 1] == ']';
    memcpy(host, text + (bracketed ? 1 : 0), length + 1 - (bracketed ? 1 : 0));
    if (bracketed)
        host[length - 2] = '\0';
    return parse_host(host, bracketed || strchr(host, ':') != NULL, "0", out_address);
}

struct sockaddr *address_generic(struct address *address)
{
    return (struct sockaddr *)&address->storage;
}

static bool host_text(const struct address *address, char *out_host, size_t host_bytes)
{
    if (address->storage.ss_family != AF_INET && address->storage.ss_family != AF_INET6)
        return false;
    return getnameinfo((const struct sockaddr *)&address->storage, address->length, out_host,
                       (socklen_t)host_bytes, NULL, 0, NI_NUMERICHOST) == 0;
}

void address_format_host(const struct address *address, char *out_text, size_t text_bytes)
{
    static const char mapped[] = "::ffff:";
    char host[ADDRESS_TEXT_BYTES];
    if (!host_text(address, host, sizeof(host)))
        snprintf(host, sizeof(host), "?");
    const bool is_mapped = strncmp(host, mapped, strlen(mapped)) == 0 && strchr(host, '.') != NULL;
    snprintf(out_text, text_bytes, "%s", is_mapped ? host + strlen(mapped) : host);
}

void address_format(const struct address *address, char *out_text, size_t text_bytes)
{
    char host[ADDRESS_TEXT_BYTES];
    if (!host_text(address, host, sizeof(host))) {
        snprintf(out_text, text_bytes, "?");
        return;
    }
    const bool six = address->storage.ss_family == AF_INET6;
    const in_port_t port = six ? ((const struct sockaddr_in6 *)&address->storage)->sin6_port
                               : ((const struct sockaddr_in *)&address->storage)->sin_port;
    snprintf(out_text, text_bytes, six ? "[%s]:%u" : "%s:%u", host, (unsigned)ntohs(port));
}
