/* SPDX-License-Identifier: Apache-2.0 */
/* What is alike for every route, before its handler: target, authentication, role, parameters, body's type.
 */
#ifndef HTTP_DISPATCH_H
#define HTTP_DISPATCH_H

#include "http/auth.h"
#include "http/request.h"

/* What is known of the connection. */
struct dispatch_caller {
    const struct auth *auth;
    const struct text *identities; /* what a verified client certificate proves */
    size_t identity_count;
    uint64_t wall_ms;
};

/* Headers are in. True: read the body, then dispatch_handle. False: the answer is made. */
bool dispatch_accept(struct request *request, const struct dispatch_caller *caller);
/* Whether the caller of an accepted request could make it again now. */
bool dispatch_may_still(struct request *request, const struct dispatch_caller *caller);
/* The body is in. */
enum handled dispatch_handle(struct request *request);

#endif
