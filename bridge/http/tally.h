/* SPDX-License-Identifier: Apache-2.0 */
/* What the HTTP thread counts of its own work: requests by route and outcome, how long they took,
 * connections.
 */
#ifndef HTTP_TALLY_H
#define HTTP_TALLY_H

#include "base/distribution.h"
#include "http/router.h"

enum tally_class { TALLY_2XX, TALLY_3XX, TALLY_4XX, TALLY_5XX, TALLY_CLASSES_END };

enum { TALLY_ROUTES_MAX = 256, TALLY_METHODS = METHOD_OTHER + 1 };

struct tally {
    /* By the route's place in api_routes; behind the last: no route was found, or none was looked for. */
    uint64_t requests[TALLY_ROUTES_MAX + 1][TALLY_CLASSES_END];
    /* Headers read to answer made, by distribution_microseconds; of an event stream until it begins. */
    struct distribution took_us[TALLY_METHODS][TALLY_CLASSES_END];
};

struct tally_request {
    const struct route *route; /* NULL: none */
    enum method method;
    unsigned status;
    uint64_t took_us;
};

void tally_count(struct tally *tally, const struct tally_request *request);
/* "2xx" */
const char *tally_class_name(enum tally_class class);

#endif
