/* SPDX-License-Identifier: Apache-2.0 */
/* May an installed route be used, and is it the one that is: by the bridge's rules, in words. */
#ifndef CKCTL_ROUTE_JUDGE_H
#define CKCTL_ROUTE_JUDGE_H

#include "ckctl/network.h"

/* Where its relays begin; NULL: anywhere. */
const char *route_source(const json_t *route);
/* The higher priority, then the lesser ID. */
bool route_is_preferred(const json_t *route, const json_t *other);
/* Now, by itself. Of one that is not, `obstacles` (may be NULL) gets why, in sentences without a stop, parted
   by
   "; ". */
bool route_is_usable(const struct network *network, const json_t *route, struct buffer *obstacles);
/* "kma-1 > kma-4 > kma-9", or the candidates of each KMA. */
void route_put_way(struct buffer *words, const json_t *route);

#endif
