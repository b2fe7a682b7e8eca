/* SPDX-License-Identifier: Apache-2.0 */
/* What requests are answered from: objects by their numbers, relays whole or as before, and how old both may
 * be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "snmp/mib_table.h"
#include "snmp/view.h"

enum { KMS = 5, PIECE = 700, START_MS = 1000000 };

/* A bridge: one snapshot, and a history of relays from 1 to `newest`, of which every `open_every`th is open.
 */
struct fake {
    struct snapshot snapshot;
    struct km_view kms[KMS];
    struct route_view route;
    struct link_view link;
    struct snmp_backend backend;
    struct view view;
    uint64_t newest, open_every;
    uint64_t fails_below; /* history fails when it would have to give one below */
    unsigned snapshots_taken, queries;
    struct text *path;
    size_t path_length;
};

static struct snapshot *fake_snapshot(void *context)
{
    struct fake *fake = context;
    fake->snapshots_taken++;
    return snapshot_retain(&fake->snapshot);
}

static void fake_facts(void *context, struct snmp_facts *out_facts)
{
    (void)context;
    *out_facts = (struct snmp_facts){ .version = "1", .instance = "test" };
}

static bool is_open(const struct fake *fake, uint64_t relay_id)
{
    return fake->open_every > 0 && relay_id % fake->open_every == 0;
}

static bool show(const struct fake *fake, uint64_t relay_id, relay_visitor visitor, void *visitor_context)
{
    static char km_id[] = "alice";
    const struct relay_record relay = { .relay_id = relay_id,
                                        .state = is_open(fake, relay_id) ? RELAY_INSTRUCTED : RELAY_SUCCEEDED,
                                        .km_id = { km_id, sizeof km_id - 1 },
                                        .path = fake->path,
                                        .path_length = fake->path_length,
                                        .received_ms = relay_id };
    return visitor(visitor_context, &relay);
}

/* In pieces, as the store does. */
static enum history_status fake_relays(void *context, const struct history_filter *filter,
                                       relay_visitor visitor, void *visitor_context, uint64_t *out_before_id)
{
    struct fake *fake = context;
    uint64_t relay_id = filter->before_id != 0 ? filter->before_id - 1 : fake->newest;
    fake->queries++;
    for (size_t i = 0; i < PIECE && relay_id > 0; i++, relay_id--) {
        if (relay_id < fake->fails_below)
            return HISTORY_UNAVAILABLE;
        if (!show(fake, relay_id, visitor, visitor_context))
            return HISTORY_OK;
    }
    *out_before_id = relay_id > 0 ? relay_id + 1 : 0;
    return HISTORY_OK;
}

static enum history_status fake_open_relays(void *context, uint64_t before_id, relay_visitor visitor,
                                            void *visitor_context, uint64_t *out_event_id)
{
    struct fake *fake = context;
    size_t shown = 0;
    fake->queries++;
    *out_event_id = 1;
    for (uint64_t relay_id = before_id - 1; relay_id > 0 && shown < PIECE; relay_id--) {
        if (relay_id < fake->fails_below)
            return HISTORY_UNAVAILABLE;
        if (!is_open(fake, relay_id))
            continue;
        shown++;
        if (!show(fake, relay_id, visitor, visitor_context))
            break;
    }
    return HISTORY_OK;
}

static int setup(void **state)
{
    static struct fake fake;
    static const struct {
        const char *id;
        uint64_t number;
    } kms[KMS] = { { "a", 9 }, { "b", 3 }, { "c", UINT32_MAX }, { "d", UINT64_C(1) << 32 }, { "e", 7 } };
    memset(&fake, 0, sizeof fake);
    for (size_t i = 0; i < KMS; i++)
        fake.kms[i] =
            (struct km_view){ .config.km_id = text_from_c(kms[i].id), .revision.first = kms[i].number };
    fake.route.revision.first = 12;
    fake.link.revision.first = 13;
    fake.snapshot = (struct snapshot){ .references = 1,
                                       .kms = fake.kms,
                                       .km_count = KMS,
                                       .routes = &fake.route,
                                       .route_count = 1,
                                       .links = &fake.link,
                                       .link_count = 1 };
    fake.backend = (struct snmp_backend){
        .context = &fake,
        .snapshot = fake_snapshot,
        .facts = fake_facts,
        .history = { .context = &fake, .relays = fake_relays, .open_relays = fake_open_relays }
    };
    view_init(&fake.view, &fake.backend);
    *state = &fake;
    return 0;
}

/* No reference to a snapshot is lost or kept. */
static int teardown(void **state)
{
    struct fake *fake = *state;
    view_fini(&fake->view);
    assert_int_equal(fake->snapshot.references, 1);
    return 0;
}

static void test_objects_come_by_their_numbers(void **state)
{
    struct fake *fake = *state;
    view_refresh(&fake->view, START_MS);
    assert_int_equal(fake->view.km_count, KMS - 1); /* the number of "d" is none that SNMP has */
    static const char *const ids[] = { "b", "e", "a", "c" };
    for (size_t i = 0; i < fake->view.km_count; i++)
        assert_true(text_equal_c(fake->view.kms[i]->config.km_id, ids[i]));
    assert_int_equal(fake->view.route_count, 1);
    assert_ptr_equal(fake->view.routes[0], &fake->route);
    assert_ptr_equal(fake->view.links[0], &fake->link);
    assert_int_equal(km_table.row_count(&fake->view), KMS - 1);
}

static void test_snapshot_is_taken_anew_after_a_second(void **state)
{
    struct fake *fake = *state;
    view_refresh(&fake->view, START_MS);
    view_refresh(&fake->view, START_MS + VIEW_AGE_MS - 1);
    assert_int_equal(fake->snapshots_taken, 1);
    fake->kms[0].revision.first = 1;
    view_refresh(&fake->view, START_MS + VIEW_AGE_MS);
    assert_int_equal(fake->snapshots_taken, 2);
    assert_int_equal(fake->snapshot.references, 2); /* ours and the view's */
}

static void test_empty_snapshot_has_no_rows(void **state)
{
    struct fake *fake = *state;
    fake->snapshot.km_count = fake->snapshot.route_count = fake->snapshot.link_count = 0;
    view_refresh(&fake->view, START_MS);
    view_refresh_relays(&fake->view, START_MS);
    assert_int_equal(km_table.row_count(&fake->view), 0);
    assert_int_equal(route_table.row_count(&fake->view), 0);
    assert_int_equal(link_table.row_count(&fake->view), 0);
    assert_int_equal(relay_table.row_count(&fake->view), 0);
}

static void assert_relays(const struct fake *fake, size_t count, uint64_t first, uint64_t last)
{
    const struct relay_rows *relays = &fake->view.relays;
    assert_int_equal(relays->count, count);
    for (size_t i = 1; i < count; i++)
        assert_true(relays->rows[i - 1].relay_id < relays->rows[i].relay_id);
    if (count > 0) {
        assert_int_equal(relays->rows[0].relay_id, first);
        assert_int_equal(relays->rows[count - 1].relay_id, last);
    }
}

static void test_few_relays_are_all_there_oldest_first(void **state)
{
    struct fake *fake = *state;
    fake->newest = 2 * PIECE + 1;
    view_refresh_relays(&fake->view, START_MS);
    assert_relays(fake, 2 * PIECE + 1, 1, 2 * PIECE + 1);
}

static void test_newest_relays_and_older_ones_that_are_open(void **state)
{
    struct fake *fake = *state;
    fake->newest = VIEW_RELAYS_MAX + 5000;
    fake->open_every = 2;
    view_refresh_relays(&fake->view, START_MS);
    assert_relays(fake, VIEW_RELAYS_MAX + 2500, 2, fake->newest);
    assert_int_equal(fake->view.relays.rows[2500].relay_id, 5001);
}

static void test_older_open_relays_have_a_limit_too(void **state)
{
    struct fake *fake = *state;
    fake->newest = VIEW_RELAYS_MAX + 3 * VIEW_OPEN_RELAYS_MAX;
    fake->open_every = 1;
    view_refresh_relays(&fake->view, START_MS);
    assert_relays(fake, VIEW_RELAYS_MAX + VIEW_OPEN_RELAYS_MAX,
                  fake->newest - VIEW_RELAYS_MAX - VIEW_OPEN_RELAYS_MAX + 1, fake->newest);
}

static void test_relays_are_read_anew_after_five_seconds(void **state)
{
    struct fake *fake = *state;
    fake->newest = 3;
    view_refresh_relays(&fake->view, START_MS);
    const unsigned queries = fake->queries;
    fake->newest = 4;
    view_refresh_relays(&fake->view, START_MS + VIEW_RELAYS_AGE_MS - 1);
    assert_int_equal(fake->queries, queries);
    assert_relays(fake, 3, 1, 3);
    view_refresh_relays(&fake->view, START_MS + VIEW_RELAYS_AGE_MS);
    assert_relays(fake, 4, 1, 4);
}

/* A table cut off where reading failed would be a hole. */
static void test_relays_that_cannot_be_read_whole_stay_as_they_were(void **state)
{
    struct fake *fake = *state;
    fake->newest = VIEW_RELAYS_MAX + 100;
    fake->open_every = 10;
    view_refresh_relays(&fake->view, START_MS);
    assert_relays(fake, VIEW_RELAYS_MAX + 10, 10, VIEW_RELAYS_MAX + 100);
    fake->newest += 7;
    static const uint64_t places[] = { VIEW_RELAYS_MAX + 200, 5000, 50 };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        fake->fails_below = places[i];
        view_refresh_relays(&fake->view, START_MS + (i + 1) * VIEW_RELAYS_AGE_MS);
        assert_relays(fake, VIEW_RELAYS_MAX + 10, 10, VIEW_RELAYS_MAX + 100);
    }
    fake->fails_below = 0;
    view_refresh_relays(&fake->view, START_MS + 4 * VIEW_RELAYS_AGE_MS);
    assert_relays(fake, VIEW_RELAYS_MAX + 10, 10, VIEW_RELAYS_MAX + 107);
}

static void test_long_path_is_cut(void **state)
{
    struct fake *fake = *state;
    static char name[200];
    struct text path[LIMIT_PATH_KMAS];
    memset(name, 'k', sizeof name);
    for (size_t i = 0; i < LIMIT_PATH_KMAS; i++)
        path[i] = (struct text){ name, sizeof name };
    fake->newest = 1;
    fake->path = path;
    fake->path_length = LIMIT_PATH_KMAS;
    view_refresh_relays(&fake->view, START_MS);
    const struct text shown = fake->view.relays.rows[0].path;
    assert_int_equal(shown.length, 1024);
    assert_memory_equal(shown.bytes + 1021, "...", 3);
    assert_int_equal(shown.bytes[200], ' ');
}

/* As CkbNumber: the number of digits, then the digits; in numerical order. */
static void test_relays_have_their_digits_as_index(void **state)
{
    struct fake *fake = *state;
    fake->newest = 110;
    view_refresh_relays(&fake->view, START_MS);
    arc index[MIB_INDEX_MAX];
    static const arc expected[] = { 3, '1', '0', '7' };
    assert_int_equal(relay_table.index(&fake->view, 106, index), 4);
    assert_memory_equal(index, expected, sizeof expected);
    struct mib_place place;
    static const arc nine[] = { 2, 1, '9' };
    assert_true(mib_table_find_next(&relay_table, &fake->view, nine, 3, &place));
    assert_int_equal(place.row, 9); /* 10 */
}

static void assert_peer(const struct fake *fake, int32_t type, const void *octets, size_t length,
                        uint64_t port)
{
    enum { TYPE = 7, ADDRESS, PORT };
    struct cell cell;
    km_table.cell(&fake->view, 0, TYPE, &cell);
    assert_int_equal(cell.integer, type);
    km_table.cell(&fake->view, 0, ADDRESS, &cell);
    assert_int_equal(cell.length, length);
    if (length > 0)
        assert_memory_equal(cell.octets, octets, length);
    km_table.cell(&fake->view, 0, PORT, &cell);
    assert_int_equal(cell.number, port);
}

static void test_peer_is_an_address_of_either_version(void **state)
{
    struct fake *fake = *state;
    static const unsigned char six[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };
    struct km_view *km = &fake->kms[1]; /* the first in order */
    view_refresh(&fake->view, START_MS);
    km->peer = TEXT("192.0.2.1:50112");
    assert_peer(fake, 0, NULL, 0, 0); /* not connected */
    km->connected = true;
    assert_peer(fake, 1, "\xc0\x00\x02\x01", 4, 50112);
    km->peer = TEXT("[2001:db8::1]:443");
    assert_peer(fake, 2, six, sizeof six, 443);
    km->peer = TEXT("nobody");
    assert_peer(fake, 0, NULL, 0, 0);
}

int main(void)
{
#define TEST_OF(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST_OF(test_objects_come_by_their_numbers),
        TEST_OF(test_snapshot_is_taken_anew_after_a_second),
        TEST_OF(test_empty_snapshot_has_no_rows),
        TEST_OF(test_few_relays_are_all_there_oldest_first),
        TEST_OF(test_newest_relays_and_older_ones_that_are_open),
        TEST_OF(test_older_open_relays_have_a_limit_too),
        TEST_OF(test_relays_are_read_anew_after_five_seconds),
        TEST_OF(test_relays_that_cannot_be_read_whole_stay_as_they_were),
        TEST_OF(test_long_path_is_cut),
        TEST_OF(test_relays_have_their_digits_as_index),
        TEST_OF(test_peer_is_an_address_of_either_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
