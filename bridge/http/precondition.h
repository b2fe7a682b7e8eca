/* SPDX-License-Identifier: Apache-2.0 */
/* If-Match and If-None-Match (RFC 9110, 13.1): what a request says of the state that it wants to meet. */
#ifndef HTTP_PRECONDITION_H
#define HTTP_PRECONDITION_H

#include "core/command.h"
#include "http/request.h"

/* Of what a request is about, as the snapshot shows it. */
struct validator {
    bool exists;
    struct text tag; /* between the quotes of its ETag */
};

/* One field's value against a validator. */
enum tags_verdict { TAGS_NOT_GIVEN, TAGS_MALFORMED, TAGS_MATCH, TAGS_DIFFER };
enum tags_comparison { TAGS_STRONGLY, TAGS_WEAKLY };
enum tags_verdict tags_compare(struct text field, const struct validator *validator,
                               enum tags_comparison comparison);

/* What of it a write's command must carry, for the core to hold it to at the moment of the change. */
enum requirement {
    REQUIRES_NOTHING,
    REQUIRES_PRESENCE, /* If-Match: * */
    REQUIRES_STATE,    /* that of the validator: what was compared must not have changed meanwhile */
    REQUIRES_ABSENCE,
};
/* 412, 428, or 400 for what is malformed: answered, and false. */
bool precondition_read(struct request *request, const struct validator *validator,
                       enum requirement *out_requirement);

#endif
