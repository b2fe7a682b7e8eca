/* SPDX-License-Identifier: Apache-2.0 */
#include "http/cookie.h"

#include <stdio.h>
#include <string.h>

#include "http/uri.h"

enum { COOKIE_BYTES_MAX = 256 };

struct text cookie_find(struct text header, const char *name)
{
    const size_t length = strlen(name);
    struct text pair;
    while (uri_next(&header, ';', &pair)) {
        while (pair.length > 0 && pair.bytes[0] == ' ')
            pair = (struct text){ pair.bytes + 1, pair.length - 1 };
        if (pair.length > length + 1 && memcmp(pair.bytes, name, length) == 0 && pair.bytes[length] == '=')
            return (struct text){ pair.bytes + length + 1, pair.length - length - 1 };
    }
    return TEXT_ABSENT;
}

char *cookie_write(struct arena *arena, const struct cookie *cookie)
{
    char *header = arena_allocate(arena, COOKIE_BYTES_MAX);
    if (header != NULL)
        snprintf(header, COOKIE_BYTES_MAX, "%s=%s; Path=/; Max-Age=%llu; HttpOnly; SameSite=Strict%s",
                 cookie->name, cookie->value, (unsigned long long)cookie->max_age_s,
                 cookie->secure ? "; Secure" : "");
    return header;
}
