/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which links lie together on a ring: the blocks (biconnected components) of the network. Whatever loop-free
 * way is taken between two KMAs, it leads through the same blocks; so where one way is known, all others are
 * in the blocks of its links, and what hangs beside them need not be looked at.
 */
#ifndef TOPOLOGY_BLOCKS_H
#define TOPOLOGY_BLOCKS_H

#include "topology/network.h"

/* Fills *out_blocks, one for each link: the number of its block, from 1 to the number of KMAs; 0: it is not
   used. `rejections` as of distances_find(). Parallel links are in one block. False: out of memory. */
bool blocks_find(const struct network *network, const uint8_t *rejections, const struct memory *memory,
                 uint32_t *out_blocks);

#endif
