/* SPDX-License-Identifier: Apache-2.0 */
/* A core with memory of its own, events made from literals, and what came of the last of them. */
#ifndef TESTS_CORE_FIXTURE_H
#define TESTS_CORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/core.h"
#include "heap_memory.h"

enum { FIXTURE_COMMAND_ID = 77 };

struct fixture {
    struct heap_memory heap;
    struct memory memory;
    struct core *core;
    struct effects effects; /* of the last step */
    struct core_settings settings;
    uint64_t now_ms;
    uint64_t wall_ms;
    enum core_status status; /* of the last step */
    uint16_t version;        /* of frames sent; 1 at first */
    enum ck_byte_order byte_order;
    uint32_t generations[16];
    uint64_t last_event_id; /* of all notices so far: they have no holes */
    size_t steps_short_of_memory;
    struct ck_dialect dialect; /* of KMs put from now on */
    bool disabled;             /* likewise */
    struct policy policy;      /* likewise */
    bool links_are_down;       /* told links put from now on */
};

/* KMs alice (kma-1), bob (kma-4), carol (kma-9) are put; nobody is connected, no orchestrator is there. */
struct fixture *fixture_new(void);
struct fixture *fixture_new_keyed(struct siphash_key key);
/* Also checks that everything was released. */
void fixture_free(struct fixture *fixture);
int fixture_setup(void **state);
int fixture_teardown(void **state);

void fixture_step(struct fixture *fixture, struct event *event);
void fixture_tick(struct fixture *fixture, uint64_t later_ms);
/* `kmas` and `identities` separated by spaces. */
void fixture_put_km(struct fixture *fixture, const char *km_id, const char *kmas, const char *identities);
void fixture_delete(struct fixture *fixture, enum command_kind kind, const char *id);
void fixture_put_application(struct fixture *fixture, const char *id, const char *kma_id);
/* An order is of letters: r, o, c; "": inherited, as is 0. */
struct policy fixture_policy(const char *order, uint32_t orchestrator_ms, uint32_t completion_ms);
void fixture_put_destination(struct fixture *fixture, const char *kma_id, struct policy policy);
/* The settings' policy from now on. */
void fixture_set_policy(struct fixture *fixture, struct policy policy);
/* The path separated by spaces; priority 100. */
void fixture_put_route(struct fixture *fixture, const char *id, const char *path);
void fixture_put_link(struct fixture *fixture, const char *id, const char *a, const char *b,
                      enum link_state state);
/* One that is up, unless links_are_down, and accepted. */
struct fixture_link {
    const char *id, *a, *b;
    uint32_t cost;
    int64_t key_stock, key_rate; /* -1: nobody tells */
    int64_t key_capacity;        /* 0: no limit */
};
void fixture_put_told_link(struct fixture *fixture, const struct fixture_link *link);
/* "kma-1:kma-4,kma-5 kma-4:kma-9"; `source` may be NULL. */
void fixture_put_hops(struct fixture *fixture, const char *id, const char *source, const char *destination,
                      const char *hops, int32_t priority);
void fixture_run(struct fixture *fixture, const struct command *command);
void fixture_orchestrator(struct fixture *fixture, enum orchestrator_sign sign);
void fixture_decide(struct fixture *fixture, enum command_kind kind, uint64_t id, const char *path);
void fixture_reject(struct fixture *fixture, enum command_kind kind, uint64_t id, const char *words);

/* Each opens a new generation of the session at this index. */
void fixture_open(struct fixture *fixture, uint32_t index, const char *identities);
void fixture_close(struct fixture *fixture, uint32_t index, enum reason reason);
void fixture_message(struct fixture *fixture, uint32_t index, uint16_t command, uint32_t message_id,
                     const char *payload);
/* The Response to key relay request of a relay by its ID; it changes the relay. */
void fixture_complete(struct fixture *fixture, uint32_t index, uint64_t relay_id, const char *word);

/* What the last step had: the first, or NULL. */
const struct notice *fixture_notice(const struct fixture *fixture, enum notice_type type);
const struct reply *fixture_reply(const struct fixture *fixture);
const struct effect *fixture_effect(const struct fixture *fixture, enum effect_kind kind);
const struct record *fixture_record(const struct fixture *fixture, enum record_kind kind);
size_t fixture_count(const struct fixture *fixture, enum effect_kind kind);
size_t fixture_notices(const struct fixture *fixture, enum notice_type type);
/* The payload of the only frame sent, as text; its header too. Fails when there is not exactly one. */
const char *fixture_sent(const struct fixture *fixture, struct ck_header *out_header);

void assert_text(struct text actual, const char *expected);

#endif
