/* SPDX-License-Identifier: Apache-2.0 */
/* The network that a snapshot shows, as the core plans over it at this moment: built once for all requests
 * that see the same objects. */
#ifndef HTTP_NETWORK_CACHE_H
#define HTTP_NETWORK_CACHE_H

#include "core/snapshot.h"
#include "topology/network.h"

enum { NETWORK_NO_KM = INT32_MAX };

struct network_cache {
    struct network *network; /* NULL: none yet */
    uint32_t *km_of;         /* by KMA, its KM's position in the snapshot, or NETWORK_NO_KM */
    uint64_t change_number;  /* of the snapshot it was built from */
    uint64_t taken_ms;       /* of the snapshot its keys are of, */
    uint64_t keys_ms;        /* and the moment: a second, by which stocks grow */
};

void network_cache_init(struct network_cache *cache);
void network_cache_fini(struct network_cache *cache);
/* The links' stock is what is left of it at `wall_ms`. Lives until the next call. NULL: out of memory. */
const struct network *network_cache_get(struct network_cache *cache, const struct snapshot *snapshot,
                                        uint64_t wall_ms);

#endif
