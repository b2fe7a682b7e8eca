/* SPDX-License-Identifier: Apache-2.0 */
/* A chain of audit entries, oldest first: is each what its hash says, and does each follow the one before? */
#ifndef CKCTL_CHAIN_H
#define CKCTL_CHAIN_H

#include <jansson.h>
#include <stdbool.h>

enum { CHAIN_HASH_BYTES = 65, CHAIN_TROUBLE_BYTES = 256, CHAIN_ID_BYTES = 32 };

struct chain {
    const char *anchor;       /* a hash that must be in it; NULL: none is asked for */
    bool anchored;            /* it was met */
    unsigned long long count; /* of entries that are good */
    char first_id[CHAIN_ID_BYTES], last_id[CHAIN_ID_BYTES];
    char last_hash[CHAIN_HASH_BYTES];
    char trouble[CHAIN_TROUBLE_BYTES]; /* "" while all is good; then nothing more is taken */
};

/* The next entry. False: the chain is broken here or before, and `trouble` says where. */
bool chain_take(struct chain *chain, const json_t *entry);

#endif
