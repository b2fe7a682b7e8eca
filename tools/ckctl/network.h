/* SPDX-License-Identifier: Apache-2.0 */
/* What the bridge knows of KMs, links and routes, read once and indexed for judging routes. */
#ifndef CKCTL_NETWORK_H
#define CKCTL_NETWORK_H

#include "ckctl/command.h"

struct network {
    json_t *status, *kms, *links, *routes;
    json_t *tokens;      /* empty when the role does not allow to look at them */
    json_t *km_of_kma;   /* KMA -> its KM */
    json_t *linked;      /* KMAs that a link names */
    json_t *adjacencies; /* two KMAs in order -> the state of the best of their links */
    json_t *winners;     /* source and destination -> the route with a path that relays between them take */
    int64_t now_ms;
};

enum adjacency { ADJACENCY_WITHOUT_LINK, ADJACENCY_UP, ADJACENCY_DOWN };

/* Reads all of it. To be released with network_fini(), whatever the outcome. */
enum outcome network_read(struct context *context, struct network *network);
/* Tokens too, which only an admin may see. */
enum outcome network_read_tokens(struct context *context, struct network *network);
/* Indexes what was read; network_read() has done so. */
void network_index(struct network *network);
void network_fini(struct network *network);

/* NULL: none has it. */
const json_t *network_km_of(const struct network *network, const char *kma_id);
/* A KM or a link names it. */
bool network_knows(const struct network *network, const char *kma_id);
enum adjacency network_adjacency(const struct network *network, const char *a, const char *b);
/* The usable route with a path that relays from here to there take; NULL: there is none. */
const json_t *network_winner(const struct network *network, const char *source, const char *destination);

/* All items of a list. *out_items is to be released with json_decref(), whatever the outcome. */
enum outcome network_read_items(struct context *context, const char *target, json_t **out_items);

#endif
