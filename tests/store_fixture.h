/* SPDX-License-Identifier: Apache-2.0 */
/* What the store's tests share: a folder of their own, turns to commit, and comparison of records. */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/effect.h"
#include "store/store.h"

#include "seeded.h"

extern const struct memory test_memory; /* calloc and free */

struct store_fixture {
    char folder[64];
    char path[96];
    char url[112];
    struct store *store;
};

/* A new folder below the current one, and no store in it yet. */
void fixture_init(struct store_fixture *fixture);
/* Closes what is open and removes the folder. */
void fixture_fini(struct store_fixture *fixture);
void fixture_open(struct store_fixture *fixture);
void fixture_close(struct store_fixture *fixture);

/* From CHECK_SEED or the clock; printed, so that it can be given again. */
struct seeded fixture_seed(void);

/* A turn and the numbers that its effects take. */
struct turn_maker {
    struct high_water next;
    uint64_t turn;
    uint64_t wall_ms;
};
struct turn_maker turn_maker(void);
struct effects *turn_new(struct turn_maker *maker);
void turn_free(struct effects *turn);
struct record *turn_add_record(struct effects *turn, enum record_kind kind);
/* A relay with every common member set, instructed; the maker's next ID. */
struct relay_record *turn_add_relay(struct effects *turn, struct turn_maker *maker);
/* The same relay, now succeeded. */
struct relay_record *turn_add_outcome(struct effects *turn, const struct relay_record *relay,
                                      uint64_t ended_ms);
struct notice *turn_add_notice(struct effects *turn, struct turn_maker *maker, enum notice_type type);
/* Sets the turn's high water: after its last effect. */
void turn_finish(struct effects *turn, const struct turn_maker *maker);
enum store_status commit_turn(struct store *store, struct effects *turn);

/* Fails the test when they differ in any member. */
void assert_same_relay(const struct relay_record *left, const struct relay_record *right);
void assert_same_lookup(const struct lookup_record *left, const struct lookup_record *right);
void assert_same_record(const struct record *left, const struct record *right);
void assert_same_text(struct text left, struct text right);

/* Copies of everything that store_restore shows. */
struct restored {
    struct arena arena;
    struct high_water high_water;
    struct record *records[4096];
    size_t count;
};
void restored_read(struct restored *restored, struct store *store);
void restored_fini(struct restored *restored);
const struct relay_record *restored_relay(const struct restored *restored, uint64_t relay_id);
struct record *record_copy(struct arena *arena, const struct record *record);

#endif
