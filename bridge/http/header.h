/* SPDX-License-Identifier: Apache-2.0 */
/* A request's header fields: single ones, and lists, which may come in several lines (RFC 9110, 5.3). */
#ifndef HTTP_HEADER_H
#define HTTP_HEADER_H

#include <microhttpd.h>

#include "base/arena.h"
#include "base/text.h"
#include "http/request.h"

/* The first line's value, which libmicrohttpd keeps; absent: there is none. */
struct text header_value(struct MHD_Connection *connection, const char *name);
/* All lines' values, joined with commas; absent: there is none. For want of memory a lone quote, which is
   malformed wherever there are lists: no condition is lost unseen. */
struct text header_list(struct MHD_Connection *connection, const char *name, struct arena *arena);
/* All that are of use; `cookie_name` is that of the session's cookie. Views, as above. */
void header_read_all(struct MHD_Connection *connection, const char *cookie_name, struct arena *arena,
                     struct request_headers *out_headers);

#endif
