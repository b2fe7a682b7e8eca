/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key budget of links: what is left of a link's stock. One key of every link on its path is reserved as a
 * relay is instructed (0x04), used up when it succeeds, and free again when it fails, expires or is lost. A
 * stock that is told (a link's key_stock, by configuration or API, also when it tells the same again) is what
 * there is from then on; it grows by the link's key_rate, to its key_capacity, but not while the link is told
 * down. Links whose stock nobody told are not limited.
 *
 * What was used is journalled with the relay that used it; what is reserved follows from the open relays. So
 * a restart forgets neither.
 */
#ifndef CORE_BUDGET_H
#define CORE_BUDGET_H

#include "core/core_state.h"
#include "core/key_stock.h"

/* The link came into force with this revision of its stock, or with the former one. */
void budget_bind(struct core *core, struct link *link);
/* The API told the same stock again: it counts from now. */
void budget_told_again(struct core *core, struct link *link);
/*
 * What a dry run tries, on links that are in force; budget_try_end() takes it all back. Each of these, false:
 * out of memory.
 */
struct tried_budget {
    struct link *link;
    struct budget before;
    struct tried_budget *former;
};
struct budget_trial {
    struct tried_budget *last; /* of each link one; all zero: nothing was tried */
};
/* As if its stock were told now. */
bool budget_try_told(struct core *core, struct budget_trial *trial, struct link *link);
/* As if the API told the same stock again. */
bool budget_try_told_again(struct core *core, struct budget_trial *trial, struct link *link);
/* As if a relay were sent along the path. */
bool budget_try_path(struct core *core, struct budget_trial *trial, const struct text *path, size_t length);
void budget_try_end(struct budget_trial *trial);
/* The link goes for good: whoever holds a key of it holds none any more. */
void budget_forget_link(struct core *core, struct link *link);
/* A row of the journal; of another revision than the link's it is out of date. */
void budget_restore(struct core *core, const struct budget_record *record);

/* What a reader of it can follow by itself. */
struct key_stock budget_stock(const struct link *link);
/* Keys that may be reserved now, never below 0; -1: not limited. */
int64_t budget_available(const struct core *core, const struct link *link);
/* May a key be relayed from the one to the other? True also when no link is known to join them. */
bool budget_allows(const struct core *core, const struct kma *from, const struct kma *to);
/* May it all the way? NULL: yes; else the KMA before the first link that has no key. */
const struct text *budget_allows_path(const struct core *core, const struct text *path, size_t length);

/* A key of each adjacency of its path: of parallel links that are up, the one with most. False: out of
 * memory. */
bool budget_reserve(struct core *core, struct relay *relay);
/* Its relay succeeded: the keys are used up, also when they had been given back. */
void budget_use(struct core *core, struct relay *relay);
/* It did not: they are free. */
void budget_release(struct core *core, struct relay *relay);
/* At the end of a step: rows of what was used. Short of memory: a later step does. */
void budget_flush(struct core *core);
/* The relay goes. */
void budget_forget_relay(struct core *core, struct relay *relay);

#endif
