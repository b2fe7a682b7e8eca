/* SPDX-License-Identifier: Apache-2.0 */
/* The bearer token: where it is found, and the header that carries it. */
#ifndef CKCTL_CREDENTIALS_H
#define CKCTL_CREDENTIALS_H

#include "ckctl/options.h"

/* "Authorization: Bearer ..." on the heap, to be released with credentials_free(); *out_header is NULL when
   there is no token. False: says why on standard error. */
bool credentials_header(const struct options *options, char **out_header);
void credentials_free(char *header);

#endif
