/* SPDX-License-Identifier: Apache-2.0 */
/* The graph of next hops toward one destination, and the memory of answers given (reading 5). */
#ifndef CORE_HOP_GRAPH_H
#define CORE_HOP_GRAPH_H

#include "core/core_state.h"

void graph_init(struct core *core);
void graph_fini(struct core *core);
/* Begins an empty graph toward `destination`; the one before is forgotten. */
void graph_begin(struct core *core);
/* Edges within one site, and out of the destination's site, carry no key and are left out.
   False: out of memory. */
bool graph_add(struct core *core, const struct kma *destination, struct kma *from, struct kma *to);
/* What a route offers for its destination, usable now or not. */
bool graph_add_config(struct core *core, const struct route_config *config);
bool graph_add_routes(struct core *core, const struct kma *destination);
bool graph_add_remembered(struct core *core, const struct kma *destination);
/* NULL when there is no cycle; else a site on one, whose `parent` leads around it. */
const struct site *graph_cycle(struct core *core);
bool graph_reaches(struct core *core, struct kma *from, struct kma *to);
struct site *site_of(struct kma *kma);

/* Remembers that `from` was told `to` for `destination` now. False: out of memory; then it must not be told.
 */
bool graph_remember(struct core *core, struct kma *destination, struct kma *from, struct kma *to);
/* Forgets what is older than the memory of answers. */
void graph_forget_old(struct core *core);
void graph_forget_all(struct core *core);
/* Every answer remembered counts as given now; at the end of restore. */
void graph_refresh_all(struct core *core);

/*
 * Whether candidates toward `destination` must be judged one by one now. False: the installed routes are
 * known to be free of cycles and nothing else was answered lately, so that all of them may be given.
 */
bool graph_needs_judging(struct core *core, struct kma *destination);
/* Something was answered that the installed routes don't offer. */
void graph_note_foreign(struct core *core, struct kma *destination);

#endif
