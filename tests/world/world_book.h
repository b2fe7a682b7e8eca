/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of every link and KMA at a moment, kept from the rows alone. */
#ifndef WORLD_WORLD_BOOK_H
#define WORLD_WORLD_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/record.h"
#include "world/world_limits.h"

struct world;
struct step;
struct object_row;
struct request_row;

/* What the rows say of a link. */
struct link_book {
    const struct object_row *rows[ORIGIN_API + 1]; /* NULL: never written */
    const struct object_row *budget;
    bool was_in_force;
    uint64_t known_from_ms; /* monotonic: from then on the planner knows it */
    uint64_t reserved;
    uint64_t recovered_step;
    /* The newest step that changed its keys or its penalty, so that what a decision of that step has seen is
       not known; but for the relay that alone did so (0: several, or no relay). */
    uint64_t muddled_step, muddled_by;
};

struct book {
    struct link_book links[WORLD_EDGES_MAX];
    bool places_known;
    size_t owner[WORLD_NODES_MAX]; /* the KM that names the KMA, as enrolled now; WORLD_KMS_MAX: none */
    bool disabled[WORLD_NODES_MAX];
};

size_t book_edge(const struct world *world, struct text link_id); /* edge_count: none */
/* NULL: it is not in force. */
const struct link_config *book_link(const struct world *world, size_t edge);
int64_t book_keys(const struct world *world, size_t edge, uint64_t wall_ms); /* not reserved; -1: unknown */
bool book_is_penalised(const struct world *world, size_t edge);
/* What a decision of this step, of this relay (0: of none), has seen of it is what the book says now. */
bool book_is_sure(const struct world *world, size_t edge, uint64_t relay_id);
size_t book_owner(struct world *world, size_t node);
bool book_is_disabled(struct world *world, size_t node);
void book_before_effects(struct world *world, const struct step *step);
void book_note_record(struct world *world, const struct record *record); /* its row was replaced */
void book_note_relay(struct world *world, struct request_row *row, const struct relay_record *old,
                     const struct relay_record *new);
void book_restart(struct world *world);
void book_restored(struct world *world, const struct relay_record *relay);

#endif
