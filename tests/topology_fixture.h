/* SPDX-License-Identifier: Apache-2.0 */
/* Networks in a few letters, and their paths as words, for the tests of floor 1. */
#ifndef TESTS_TOPOLOGY_FIXTURE_H
#define TESTS_TOPOLOGY_FIXTURE_H

#include "base/bytes.h"
#include "heap_memory.h"
#include "topology/paths.h"

/* A network on a heap that counts, with an arena for answers. */
struct fixture {
    struct heap_memory heap;
    struct memory memory;
    struct arena arena;
    struct network *network;
    struct paths_answer answer;
    struct paths_fault fault;
};

/*
 * Links as "l1 a b 3 10": ID, ends, cost, key stock ("?": unknown; left out: 100), and "down". They are
 * separated by ";". `kmas` names KMAs of enabled KMs, and after "!" of disabled ones: "a b !c"; NULL: none.
 */
void fixture_init(struct fixture *fixture, const char *links, const char *kmas);
void fixture_fini(struct fixture *fixture);

struct paths_request fixture_request(const char *source, const char *destination, uint32_t k);
enum paths_status fixture_find(struct fixture *fixture, const struct paths_request *request);
/* Finds, and compares the paths with words such as "a-b-c 4 10 l2": KMAs, cost, the bottleneck's stock ("?":
   unknown) and its link; "" for none. */
void fixture_expect(struct fixture *fixture, const struct paths_request *request, const char *const *paths,
                    size_t count);
/* The links of path `index`: "l1 l2". */
const char *fixture_links(struct fixture *fixture, size_t index);

#endif
