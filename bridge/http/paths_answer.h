/* SPDX-License-Identifier: Apache-2.0 */
/* Computed paths as JSON: each with its bottleneck and why it is not the best; and why links were rejected.
 */
#ifndef HTTP_PATHS_ANSWER_H
#define HTTP_PATHS_ANSWER_H

#include "http/network_cache.h"
#include "http/request.h"
#include "topology/pair.h"
#include "topology/paths.h"

struct paths_told {
    const struct snapshot *snapshot;
    const struct network *network;
    const uint32_t *km_of;
    const struct paths_request *asked;
    const struct paths_answer *found;
    const struct pair_answer *pair; /* NULL: no pair was asked for; otherwise `found` is its paths */
    enum disjointness disjointness; /* of a pair */
    struct text installed_route_id; /* absent: none */
};

/* By enum paths_metric, NULL at the end. */
extern const char *const paths_metric_names[];
/* By enum disjointness, likewise. */
extern const char *const paths_disjointness_names[];

/* A render_function; `value` is a struct paths_told. */
void paths_answer_put(struct bytes_writer *writer, const void *value);

#endif
