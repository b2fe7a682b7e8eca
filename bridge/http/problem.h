/* SPDX-License-Identifier: Apache-2.0 */
/* Errors as RFC 9457 problem details: one table of kinds, each with a stable type. */
#ifndef HTTP_PROBLEM_H
#define HTTP_PROBLEM_H

#include "base/bytes.h"
#include "core/vocabulary.h"

enum problem_kind {
    PROBLEM_BAD_TARGET,
    PROBLEM_UNKNOWN_PARAMETER,
    PROBLEM_BAD_PARAMETER,
    PROBLEM_BAD_CURSOR,
    PROBLEM_BAD_HEADER,
    PROBLEM_NOT_JSON,
    PROBLEM_UNKNOWN_MEMBER,
    PROBLEM_MISSING_MEMBER,
    PROBLEM_BAD_MEMBER,
    PROBLEM_UNAUTHENTICATED,
    PROBLEM_FORBIDDEN,
    PROBLEM_CROSS_SITE,
    PROBLEM_NOT_FOUND,
    PROBLEM_METHOD_NOT_ALLOWED,
    PROBLEM_CONFLICT,
    PROBLEM_STALE,
    PROBLEM_PRECONDITION_REQUIRED,
    PROBLEM_TOO_LARGE,
    PROBLEM_TOO_MANY_OWN_STREAMS,
    PROBLEM_TOO_MANY_CONNECTIONS,
    PROBLEM_HEADERS_TOO_LARGE,
    PROBLEM_UNSUPPORTED_MEDIA_TYPE,
    PROBLEM_REFUSED,
    PROBLEM_TOO_MANY_ATTEMPTS,
    PROBLEM_INTERNAL,
    PROBLEM_BUSY,
    PROBLEM_TOO_MANY_STREAMS,
    PROBLEM_STORE_UNAVAILABLE,
    PROBLEM_NOT_READY,
    PROBLEM_STOPPING,
    PROBLEM_OUTCOME_UNKNOWN,
    PROBLEM_KINDS_END,
};

struct problem {
    enum problem_kind kind;
    struct text detail;    /* what to change; any bytes: ill-formed UTF-8 is replaced */
    struct text pointer;   /* RFC 6901, the member at fault; absent: none */
    struct text parameter; /* the query parameter, path parameter or header at fault; absent: none */
    enum reason reason;    /* the core's; REASON_NONE: none */
};

unsigned problem_status(enum problem_kind kind);
/* "urn:ckbridge:problem:<code>" */
const char *problem_type(enum problem_kind kind);
/* The code alone. */
const char *problem_name(enum problem_kind kind);
void problem_write_json(struct bytes_writer *writer, const struct problem *problem);

#endif
