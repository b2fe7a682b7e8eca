/* SPDX-License-Identifier: Apache-2.0 */
/* A stream that begins with the live state: what is in it, where it stands, and what a slow reader costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "http_fake.h"

enum { MANY_KMS = 1000 };

static int setup(void **state)
{
    *state = fake_start(NULL);
    return 0;
}

static int teardown(void **state)
{
    fake_stop(*state);
    return 0;
}

static struct http_stream *open_stream(struct fake *fake, const char *query, const char *headers)
{
    char request[1024];
    struct http_stream *stream = malloc(sizeof *stream);
    assert_non_null(stream);
    snprintf(request, sizeof request,
             "GET /api/v1/events?snapshot=true%s HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n"
             "Authorization: Bearer viewer-token\r\n%s\r\n",
             query, headers);
    client_stream_open(stream, fake->address, request);
    client_stream_await(stream, ": ckbridge\n\n");
    return stream;
}

static void close_stream(struct http_stream *stream)
{
    client_stream_close(stream);
    free(stream);
}

static bool has(const struct http_stream *stream, const char *text)
{
    return strstr(stream->text, text) != NULL;
}

static size_t count(const struct http_stream *stream, const char *text)
{
    size_t found = 0;
    for (const char *at = stream->text; (at = strstr(at, text)) != NULL; at += strlen(text))
        found++;
    return found;
}

/* Where in the stream; the test fails when it is not there. */
static size_t place(const struct http_stream *stream, const char *text)
{
    const char *at = strstr(stream->text, text);
    if (at == NULL)
        fail_msg("no \"%s\"", text);
    return (size_t)(at - stream->text);
}

/* The item's JSON is the body of the resource's own GET, but for the line ends. */
static void assert_item_as_got(struct fake *fake, const struct http_stream *stream, const char *resource,
                               const char *path)
{
    char target[128], begin[64];
    snprintf(target, sizeof target, "GET /api/v1/%s", path);
    snprintf(begin, sizeof begin, "data: {\"resource\":\"%s\",\"item\":", resource);
    struct http_answer answer = fake_ask(fake, HTTP_ROLE_VIEWER, target, NULL);
    assert_int_equal(answer.status, 200);
    for (size_t i = 0; i < answer.body_bytes; i++)
        if (answer.body[i] == '\n')
            answer.body[i] = ' ';
    const char *item = stream->text + place(stream, begin) + strlen(begin);
    if (strncmp(item, answer.body, answer.body_bytes) != 0 || item[answer.body_bytes] != '}')
        fail_msg("%s is %s, in the snapshot %.400s", path, answer.body, item);
    client_answer_free(&answer);
}

static void write_objects(struct fake *fake)
{
    fake_expect(fake, HTTP_ROLE_ADMIN, "PUT /api/v1/applications/app-1", "{\"kma_id\":\"kma-1\"}", 200, NULL);
    fake_expect(fake, HTTP_ROLE_ADMIN, "PUT /api/v1/links/l1", "{\"a\":\"kma-1\",\"b\":\"kma-2\"}", 200,
                NULL);
    fake_expect(fake, HTTP_ROLE_ADMIN, "PUT /api/v1/routes/r1",
                "{\"destination_kma_id\":\"kma-9\",\"path\":[\"kma-1\",\"kma-9\"]}", 200, NULL);
}

static void test_snapshot_has_every_resource_as_it_is_got(void **state)
{
    struct fake *fake = *state;
    write_objects(fake);
    fake_add_events(fake, 7);
    fake_publish(fake, 7, 0);
    struct http_stream *stream = open_stream(fake, "", "");
    client_stream_await(stream, "id: 7\nevent: snapshot_end\ndata: {\"event_id\":\"7\"}\n\n");
    assert_item_as_got(fake, stream, "kms", "kms/alice");
    assert_item_as_got(fake, stream, "applications", "applications/app-1");
    assert_item_as_got(fake, stream, "links", "links/l1");
    assert_item_as_got(fake, stream, "routes", "routes/r1");
    assert_item_as_got(fake, stream, "relays", "relays/4");
    assert_item_as_got(fake, stream, "lookups", "lookups/5");
    assert_int_equal(count(stream, "{\"resource\":\"status\",\"item\":{\"version\":"), 1);
    assert_int_equal(count(stream, "{\"resource\":\"relays\""), 2); /* the open ones */
    assert_int_equal(count(stream, "{\"resource\":\"lookups\""), FAKE_RELAYS);
    assert_int_equal(count(stream, "event: snapshot\n"), 1 + 4 + 2 + FAKE_RELAYS);
    assert_int_equal(count(stream, "\nid: "), 1);
    fake_add_events(fake, 8);
    client_stream_await(stream, "\nid: 8\nevent: km.connected\n");
    assert_int_equal(count(stream, "\"event_id\":\"7\""), 1);
    close_stream(stream);
}

/* The store is ahead of the core's view: what it has begins behind the events between, and they are told
 * once. */
static void test_snapshot_and_events_make_one_state(void **state)
{
    struct fake *fake = *state;
    fake_add_events(fake, 9);
    fake_publish(fake, 6, 0);
    struct http_stream *stream = open_stream(fake, "", "");
    client_stream_await(stream, "id: 9\nevent: snapshot_end\n");
    for (int id = 7; id <= 9; id++) {
        char data[32];
        snprintf(data, sizeof data, "data: {\"event_id\":\"%d\"", id);
        assert_int_equal(count(stream, data), id == 9 ? 2 : 1); /* the end names the ninth too */
        assert_true(place(stream, "{\"resource\":\"kms\"") < place(stream, data));
        assert_true(place(stream, data) < place(stream, "{\"resource\":\"relays\""));
    }
    assert_int_equal(count(stream, "\nid: "), 1); /* nothing to resume from before the end */
    assert_false(has(stream, "\"event_id\":\"6\""));
    close_stream(stream);
}

static void test_snapshot_is_left_out_when_the_client_resumes(void **state)
{
    struct fake *fake = *state;
    fake_add_events(fake, 20);
    fake_publish(fake, 20, 0);
    struct http_stream *stream = open_stream(fake, "", "Last-Event-ID: 18\r\n");
    client_stream_await(stream, "\nid: 20\n");
    assert_true(has(stream, "\nid: 19\n"));
    assert_false(has(stream, "event: snapshot"));
    close_stream(stream);
}

/* Amid the state after a gap a client must begin again: no ID before the end. */
static void test_snapshot_follows_a_gap(void **state)
{
    struct fake *fake = *state;
    fake_add_events(fake, 50);
    fake_cut_events(fake, 40);
    fake_publish(fake, 50, 0);
    struct http_stream *stream = open_stream(fake, "", "Last-Event-ID: 10\r\n");
    client_stream_await(stream, "id: 50\nevent: snapshot_end\n");
    assert_true(has(stream, "\n\nevent: gap\ndata: {\"type\":\"gap\",\"data\":{\"after_event_id\":\"10\","
                            "\"next_event_id\":\"40\"}}\n\nevent: snapshot\n"));
    assert_int_equal(count(stream, "\nid: "), 1);
    assert_false(has(stream, "relay.awaiting_decision"));
    close_stream(stream);
    stream = open_stream(fake, "", "Last-Event-ID: 900\r\n"); /* of another history */
    client_stream_await(stream, "id: 50\nevent: snapshot_end\n");
    close_stream(stream);
}

static void test_snapshot_has_what_the_wanted_events_speak_of(void **state)
{
    struct fake *fake = *state;
    write_objects(fake);
    struct http_stream *relays = open_stream(fake, "&type=relay.*", "");
    struct http_stream *routes = open_stream(fake, "&type=route.changed,km.refused", "");
    client_stream_await(relays, "event: snapshot_end\n");
    client_stream_await(routes, "event: snapshot_end\n");
    assert_int_equal(count(relays, "event: snapshot\n"), 1 + 2);
    assert_int_equal(count(relays, "{\"resource\":\"relays\""), 2);
    assert_int_equal(count(routes, "event: snapshot\n"), 1 + 2);
    assert_int_equal(count(routes, "{\"resource\":\"routes\""), 1);
    assert_int_equal(count(routes, "{\"resource\":\"kms\""), 1);
    close_stream(relays);
    close_stream(routes);
}

static void test_snapshot_is_refused_where_it_makes_no_sense(void **state)
{
    struct fake *fake = *state;
    static const char *const accept = "Accept: text/event-stream\r\n";
    static const struct {
        const char *query, *headers, *parameter;
    } cases[] = {
        { "snapshot=true", "", "\"parameter\":\"snapshot\"" },
        { "snapshot=maybe", "", "\"parameter\":\"snapshot\"" },
        { "snapshot=maybe", accept, "\"parameter\":\"snapshot\"" },
        { "snapshot=true&subject=alice", accept, "\"parameter\":\"subject\"" },
        { "snapshot=true&limit=5", accept, "\"parameter\":\"limit\"" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char target[128];
        snprintf(target, sizeof target, "GET /api/v1/events?%s", cases[i].query);
        struct http_answer answer = fake_ask_with(fake, HTTP_ROLE_VIEWER, target, cases[i].headers, NULL);
        assert_int_equal(answer.status, 400);
        if (strstr(answer.body, cases[i].parameter) == NULL)
            fail_msg("%s: %s", cases[i].query, answer.body);
        client_answer_free(&answer);
    }
    fake_expect(fake, HTTP_ROLE_VIEWER, "GET /api/v1/events?snapshot=false", NULL, 200, "\"items\":[");
}

static const char *await_km(struct http_stream *stream, size_t km)
{
    char wanted[48];
    snprintf(wanted, sizeof wanted, "\"km_id\":\"km-%05zu\"", km);
    client_stream_await(stream, wanted);
    return strstr(stream->text, wanted);
}

/* Reads on to this KM and forgets what was before. */
static void read_to_km(struct http_stream *stream, size_t km)
{
    client_stream_forget(stream, await_km(stream, km));
}

static bool holds_a_view(struct fake *fake)
{
    bool holds = false;
    pthread_mutex_lock(&fake->lock);
    for (size_t i = 0; i < fake->snapshot_count; i++)
        holds = holds || atomic_load(&fake->snapshots[i]->references) != 1;
    pthread_mutex_unlock(&fake->lock);
    return holds;
}

/* A request gives its view back a moment after its answer has left. */
static void await_no_view(struct fake *fake)
{
    const struct timespec moment = { .tv_nsec = 1000000 };
    for (int moments = 0; holds_a_view(fake); moments++) {
        if (moments == 10000)
            fail_msg("a view is held");
        nanosleep(&moment, NULL);
    }
}

/* The sockets are full long before the KMs end: meanwhile others are served, no view is held, and what
   happens is told, once, between the pieces. */
static void test_snapshot_that_is_not_read_holds_nothing(void **state)
{
    struct fake *fake = *state;
    fake_add_events(fake, 10);
    fake_publish(fake, 10, MANY_KMS);
    struct http_stream *stalled = open_stream(fake, "", "");
    struct http_stream *other = open_stream(fake, "&type=relay.*", "");
    client_stream_await(other, "id: 10\nevent: snapshot_end\n");
    fake_expect(fake, HTTP_ROLE_VIEWER, "GET /api/v1/kms/km-00999", NULL, 200, NULL);
    await_no_view(fake);
    fake_publish(fake, 13, MANY_KMS + 1);
    fake_add_events(fake, 13);
    client_stream_await(other, "\nid: 13\n");
    for (size_t km = 0; km <= MANY_KMS - 50; km += 50)
        read_to_km(stalled, km);
    client_stream_await(stalled, "id: 13\nevent: snapshot_end\n");
    assert_true(has(stalled, "km-01000")); /* in the newer view alone */
    assert_int_equal(count(stalled, "\nid: "), 1);
    fake_add_events(fake, 14);
    client_stream_await(stalled, "\nid: 14\n");
    close_stream(stalled);
    close_stream(other);
}

/* History was cut while the client slept: the gap, and the state from the start. */
static void test_snapshot_that_loses_its_place_begins_again(void **state)
{
    struct fake *fake = *state;
    fake_add_events(fake, 10);
    fake_publish(fake, 10, MANY_KMS);
    struct http_stream *stream = open_stream(fake, "", "");
    read_to_km(stream, 0);
    fake_cut_events(fake, 5000);
    fake_add_events(fake, 5001);
    fake_publish(fake, 5001, MANY_KMS);
    for (size_t km = 1; !has(stream, "event: gap\n"); km++) {
        const char *at = await_km(stream, km);
        if (!has(stream, "event: gap\n"))
            client_stream_forget(stream, at);
    }
    client_stream_forget(stream, strstr(stream->text, "event: gap\n"));
    client_stream_await(stream,
                        "\"next_event_id\":\"5000\"}}\n\nevent: snapshot\ndata: {\"resource\":\"status\"");
    for (size_t km = 0; km <= MANY_KMS - 50; km += 50)
        read_to_km(stream, km);
    client_stream_await(stream, "id: 5001\nevent: snapshot_end\n");
    close_stream(stream);
}

static void test_snapshot_waits_for_a_history_that_fails(void **state)
{
    struct http_options options = { .heartbeat_ms = 20 };
    struct fake *fake = fake_start(&options);
    (void)state;
    fake_add_events(fake, 3);
    fake_publish(fake, 3, MANY_KMS);
    struct http_stream *stream = open_stream(fake, "", "");
    read_to_km(stream, 0);
    pthread_mutex_lock(&fake->lock);
    fake->history_unavailable = true;
    pthread_mutex_unlock(&fake->lock);
    for (size_t km = 50; km <= MANY_KMS - 50; km += 50)
        read_to_km(stream, km);
    client_stream_await(stream, ": heartbeat\n\n");
    assert_false(has(stream, "snapshot_end"));
    assert_false(has(stream, "\nid: "));
    pthread_mutex_lock(&fake->lock);
    fake->history_unavailable = false;
    pthread_mutex_unlock(&fake->lock);
    client_stream_await(stream, "id: 3\nevent: snapshot_end\n");
    assert_int_equal(count(stream, "{\"resource\":\"relays\""), 2);
    close_stream(stream);
    fake_stop(fake);
}

/* A list that looked at as much as it may says where to go on, though its page is short. */
static void test_short_page_has_a_cursor(void **state)
{
    struct fake *fake = *state;
    pthread_mutex_lock(&fake->lock);
    fake->scan_end = 4;
    pthread_mutex_unlock(&fake->lock);
    fake_expect(fake, HTTP_ROLE_VIEWER, "GET /api/v1/relays?limit=1000", NULL, 200, "\"next_cursor\":\"NA\"");
    fake_expect(fake, HTTP_ROLE_VIEWER, "GET /api/v1/relays?cursor=NA", NULL, 200,
                "{\"items\":[],\"next_cursor\":\"NA\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_snapshot_has_every_resource_as_it_is_got, setup, teardown),
        cmocka_unit_test_setup_teardown(test_snapshot_and_events_make_one_state, setup, teardown),
        cmocka_unit_test_setup_teardown(test_snapshot_is_left_out_when_the_client_resumes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_snapshot_follows_a_gap, setup, teardown),
        cmocka_unit_test_setup_teardown(test_snapshot_has_what_the_wanted_events_speak_of, setup, teardown),
        cmocka_unit_test_setup_teardown(test_snapshot_is_refused_where_it_makes_no_sense, setup, teardown),
        cmocka_unit_test_setup_teardown(test_snapshot_that_is_not_read_holds_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_snapshot_that_loses_its_place_begins_again, setup, teardown),
        cmocka_unit_test(test_snapshot_waits_for_a_history_that_fails),
        cmocka_unit_test_setup_teardown(test_short_page_has_a_cursor, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
