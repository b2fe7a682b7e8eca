/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of an explanation that look beyond the relay itself. */
#ifndef CKCTL_EXPLAIN_H
#define CKCTL_EXPLAIN_H

#include "ckctl/command.h"

/* Who was asked and what came of it, as the bridge kept it of a relay or lookup. */
void explain_stored(struct context *context, const json_t *request);

/* The installed routes to the relay's destination, as they are now, and why each is or is not the one. */
enum outcome explain_routes(struct context *context, const json_t *relay);

/* What the bridge would compute now between its ends, and the links that could not serve. */
enum outcome explain_paths(struct context *context, const json_t *relay);

#endif
