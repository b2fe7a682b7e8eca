/* SPDX-License-Identifier: Apache-2.0 */
/* JSON in its one canonical form (RFC 8785), of which hashes are made. */
#ifndef CKCTL_CANONICAL_H
#define CKCTL_CANONICAL_H

#include <jansson.h>
#include <stdbool.h>

#include "ckctl/buffer.h"

/* Appends it. False: it holds a number that is no integer of 53 bits, whose form this does not know. */
bool canonical_put(struct buffer *out, const json_t *value);

#endif
