/* SPDX-License-Identifier: Apache-2.0 */
#include "core/webhook_url.h"

#include <string.h>

#include "core/webhook.h"

/* scheme://[userinfo@]host[:port][rest] */
struct parts {
    struct text scheme, userinfo, host, port, rest; /* userinfo and port may be absent */
};

static struct text until(struct text text, size_t length)
{
    return (struct text){ text.bytes, length };
}

static struct text from(struct text text, size_t at)
{
    return (struct text){ text.bytes + at, text.length - at };
}

/* The position of the first of `set`, or the length. */
static size_t find(struct text text, const char *set)
{
    size_t at = 0;
    while (at < text.length && (text.bytes[at] == '\0' || strchr(set, text.bytes[at]) == NULL))
        at++;
    return at;
}

static struct parts split(struct text url)
{
    struct parts parts = { .userinfo = TEXT_ABSENT, .port = TEXT_ABSENT };
    const size_t colon = find(url, ":");
    parts.scheme = until(url, colon);
    parts.host = parts.rest = from(url, url.length);
    if (!text_starts_with(from(url, colon), TEXT("://")))
        return parts;
    const struct text after = from(url, colon + 3);
    const size_t end = find(after, "/?#");
    struct text authority = until(after, end);
    parts.rest = from(after, end);
    const size_t at = find(authority, "@");
    if (at < authority.length) {
        parts.userinfo = until(authority, at);
        authority = from(authority, at + 1);
    }
    const size_t bracket = find(authority, "]");
    const size_t host_end = bracket < authority.length ? bracket + 1 : find(authority, ":");
    parts.host = until(authority, host_end);
    if (host_end < authority.length)
        parts.port = from(authority, host_end + 1);
    return parts;
}

static bool consists_of(struct text text, const char *set)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.bytes[i] == '\0' || strchr(set, text.bytes[i]) == NULL)
            return false;
    return text.length > 0;
}

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool is_host(struct text host)
{
    if (host.length > 2 && host.bytes[0] == '[')
        return host.bytes[host.length - 1] == ']' &&
               consists_of((struct text){ host.bytes + 1, host.length - 2 }, DIGITS "abcdefABCDEF:.");
    return consists_of(host, DIGITS LETTERS "-._");
}

/* 127.0.0.0/8, ::1 and localhost, in their usual spelling alone. */
static bool is_loopback(struct text host)
{
    unsigned dots = 0;
    if (text_equal_ignoring_case(host, TEXT("localhost")) || text_equal(host, TEXT("[::1]")))
        return true;
    if (!text_starts_with(host, TEXT("127.")) || !consists_of(host, DIGITS "."))
        return false;
    for (size_t i = 0; i < host.length; i++)
        dots += host.bytes[i] == '.';
    return dots == 3 && host.bytes[host.length - 1] != '.';
}

bool webhook_url_is_plain(struct text url)
{
    return text_equal_ignoring_case(split(url).scheme, TEXT("http"));
}

const char *webhook_url_problem(struct text url, bool insecure)
{
    uint64_t port = 1;
    for (size_t i = 0; i < url.length; i++)
        if (url.bytes[i] <= ' ' || url.bytes[i] >= 0x7f || url.bytes[i] == '\\')
            return "a URL is printable ASCII: percent-encode everything else, and write a name's ASCII form";
    if (url.length > LIMIT_WEBHOOK_URL_BYTES)
        return "a URL has at most 2048 bytes";
    const struct parts parts = split(url);
    if (!text_equal_ignoring_case(parts.scheme, TEXT("https")) &&
        !text_equal_ignoring_case(parts.scheme, TEXT("http")))
        return "the URL must begin with https://";
    if (!is_host(parts.host))
        return "the URL needs a host: https://HOST/PATH";
    if (text_is_present(parts.port) && (!text_to_u64(parts.port, 65535, &port) || parts.port.bytes[0] == '0'))
        return "the URL's port is a number from 1 to 65535";
    if (find(parts.rest, "#") < parts.rest.length)
        return "a fragment (#...) is never sent: leave it out";
    if (webhook_url_is_plain(url) && !insecure && !is_loopback(parts.host))
        return "http:// may only go to this machine's loopback address: use https://, or set insecure = yes "
               "in the bridge's [webhook] section";
    return NULL;
}

void webhook_url_write_redacted(struct text url, struct bytes_writer *writer)
{
    const struct parts parts = split(url);
    if (!text_is_present(parts.userinfo)) {
        bytes_put_text(writer, url);
        return;
    }
    bytes_put_text(writer, parts.scheme);
    bytes_put_c(writer, "://***@");
    bytes_put_text(writer,
                   (struct text){ parts.host.bytes, url.length - (size_t)(parts.host.bytes - url.bytes) });
}
