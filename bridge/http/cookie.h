/* SPDX-License-Identifier: Apache-2.0 */
/* The session's cookie: found in what a browser sends, and set or taken back (RFC 6265). */
#ifndef HTTP_COOKIE_H
#define HTTP_COOKIE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"

/* The value of the first cookie of that name in a Cookie header; absent: there is none, or it is empty. */
struct text cookie_find(struct text header, const char *name);

struct cookie {
    const char *name;
    const char *value; /* "": the browser is to forget it */
    uint64_t max_age_s;
    bool secure;
};
/* Set-Cookie's value, in the arena: for this host alone, never shown to scripts nor sent for another site.
   NULL: out of memory. */
char *cookie_write(struct arena *arena, const struct cookie *cookie);

#endif
