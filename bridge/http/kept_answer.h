/* SPDX-License-Identifier: Apache-2.0 */
/* An answer as the store keeps it, in HTTP's own form, for repeats of its request:
 * "HTTP/1.1 201\r\nContent-Type: ...\r\nLocation: ...\r\nETag: ...\r\n\r\n", and the body. */
#ifndef HTTP_KEPT_ANSWER_H
#define HTTP_KEPT_ANSWER_H

#include "http/request.h"

/* Absent: out of memory, or longer than LIMIT_ANSWER_BYTES. */
struct text kept_answer_write(struct arena *arena, const struct answer *answer);
/* Answers the request with it. False, and the request is as it was: absent, out of memory, or damaged. */
bool kept_answer_read(struct text kept, struct request *request);

#endif
