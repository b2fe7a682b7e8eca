/* SPDX-License-Identifier: Apache-2.0 */
/* A request's answer as libmicrohttpd sends it: its body and its headers. */
#ifndef HTTP_RESPONSE_H
#define HTTP_RESPONSE_H

#include <microhttpd.h>

#include "http/request.h"

/* Adds it unless the value is NULL or "". */
void response_header(struct MHD_Response *response, const char *name, const char *value);
/* Takes the answer's body, which its request then has no more. NULL: out of memory. */
struct MHD_Response *response_of_answer(struct answer *answer);
/* Of an event stream, before its first byte. */
void response_stream_headers(struct MHD_Response *response);

#endif
