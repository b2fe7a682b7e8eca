/* SPDX-License-Identifier: Apache-2.0 */
/* Explanations in the making: what the deciders of a relay or lookup say of themselves as they are asked. */
#ifndef CORE_EXPLAIN_H
#define CORE_EXPLAIN_H

#include "core/core_state.h"
#include "core/routes.h"

/* Each of these lengthens the request's explanation, for the step at hand in the core's scratch. Out of
   memory it has none, which the step says. */

/* It was refused before anybody was asked. */
void explain_relay_unasked(struct core *core, struct relay *relay);
/* Nobody was asked yet; see explanation_begin(). */
void explain_lookup_begin(struct core *core, struct lookup *lookup, uint64_t ignored);
/* `path`: see explanation_add(). */
void explain_relay(struct core *core, struct relay *relay, const struct explained_step *step,
                   const struct text *path, size_t path_length);
void explain_lookup(struct core *core, struct lookup *lookup, const struct explained_step *step);
/* What came of the orchestrator that was being asked; nothing if none was. */
void explain_relay_settled(struct core *core, struct relay *relay, enum explained outcome);
void explain_lookup_settled(struct core *core, struct lookup *lookup, enum explained outcome);

/* Of the candidates that installed routes have for it, or have not. */
struct candidates;
void explain_lookup_routes(struct core *core, struct lookup *lookup, const struct candidates *candidates);
/* What is said of the installed routes; `route` decided, or NULL. */
struct explained_step explain_routes(const struct routes_passed *passed, const struct route *route);

#endif
