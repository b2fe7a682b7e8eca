/* SPDX-License-Identifier: Apache-2.0 */
/* The network that a snapshot shows, built once for all requests that see the same. */
#ifndef HTTP_NETWORK_CACHE_H
#define HTTP_NETWORK_CACHE_H

#include "core/snapshot.h"
#include "topology/network.h"

enum { NETWORK_NO_KM = INT32_MAX };

struct network_cache {
    struct network *network; /* NULL: none yet */
    uint32_t *km_of;         /* by KMA, its KM's position in the snapshot, or NETWORK_NO_KM */
    uint64_t change_number;  /* of the snapshot it was built from */
};

void network_cache_init(struct network_cache *cache);
void network_cache_fini(struct network_cache *cache);
/* Lives until the next call. NULL: out of memory. */
const struct network *network_cache_get(struct network_cache *cache, const struct snapshot *snapshot);

#endif
