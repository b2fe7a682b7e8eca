/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that change or compute something, and what is told of their answers. */
#ifndef CKCTL_SEND_H
#define CKCTL_SEND_H

#include "ckctl/command.h"

/* Tells people of an answer; NULL: it had no body. OUTCOME_OK, unless the answer is bad news. */
typedef enum outcome (*tell_function)(struct context *context, long status, const json_t *answer);

/* With --json the answer goes to the output as it is, and `tell` is not called. */
enum outcome send_request(struct context *context, const struct api_request *request, tell_function tell);
/* POST of this body (NULL: none) under --idempotency-key. */
enum outcome send_post(struct context *context, const char *target, const json_t *body, tell_function tell);
/* Says on standard error what is to be given; OUTCOME_USAGE. */
enum outcome send_need(const char *what);
/* What was done but may not be meant, on standard error. */
void send_tell_warnings(const json_t *answer);
/* "a,b\,c" is "a" and "b,c". */
json_t *send_split(const char *words);

#endif
