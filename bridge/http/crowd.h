/* SPDX-License-Identifier: Apache-2.0 */
/* How many connections there are, in all and from one address, which of them are too many, and what those
 * hear. */
#ifndef HTTP_CROWD_H
#define HTTP_CROWD_H

#include <stdint.h>

#include "base/table.h"
#include "http/request.h"

enum {
    CROWD_HOST_BYTES = 64,
    CROWD_REFUSED_SHARE = 8, /* connections above the maximum, to hear so: an eighth of it and eight */
    CROWD_HEADERS_MAX = 100, /* header fields of one request; more: 431 */
    CROWD_REFUSED_MS = 5000, /* for the request of one that is too many to arrive */
};

/* The connections of one address. */
struct crowd_host {
    char host[CROWD_HOST_BYTES];
    uint32_t connections;
};

struct crowd {
    struct table hosts;
    uint32_t connections;
    uint32_t connections_max, per_host_max;
    uint32_t sockets_max; /* libmicrohttpd's limit */
};

/* Maxima of 0 stand for the defaults: `per_host_max` then is all but an eighth, so that one address leaves
   some to others. */
void crowd_init(struct crowd *crowd, struct siphash_key key, uint32_t connections_max, uint32_t per_host_max);
void crowd_fini(struct crowd *crowd);

enum crowd_verdict {
    CROWD_WELCOME,
    CROWD_FULL,         /* one more than there may be at all */
    CROWD_FULL_OF_HOST, /* one more than this address may have */
};
/* One more connection, which leaves with crowd_leave whatever the verdict. *out_host lives until then; NULL:
   out of memory, it is counted without its address. */
enum crowd_verdict crowd_enter(struct crowd *crowd, const char *host, struct crowd_host **out_host);
void crowd_leave(struct crowd *crowd, struct crowd_host *host);
/* False: the request is answered, and its connection is to end with that. */
bool crowd_admit(const struct crowd *crowd, enum crowd_verdict verdict, int headers, struct request *request);
/* The sockets that so many connections take, with those that only hear that they are too many. */
uint32_t crowd_sockets_max(uint32_t connections_max);
/* The connections of the address that has most. */
uint32_t crowd_most_of_a_host(const struct crowd *crowd);

#endif
