/* SPDX-License-Identifier: Apache-2.0 */
/* What is alike for every route, before its handler: target, authentication, role, parameters, body's type.
 */
#ifndef HTTP_DISPATCH_H
#define HTTP_DISPATCH_H

#include "http/request.h"

/* Headers are in. True: read the body, then dispatch_handle. False: the answer is made. */
bool dispatch_accept(struct request *request, uint64_t wall_ms);
/* Answers 401, and counts what is a failed guess; false. */
bool dispatch_refuse_credential(struct request *request, enum auth_status status);
/* Whether the caller of an accepted request could make it again now. */
bool dispatch_may_still(struct request *request, uint64_t wall_ms);
/* The body is in. */
enum handled dispatch_handle(struct request *request, uint64_t wall_ms);

#endif
