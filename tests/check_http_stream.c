/* SPDX-License-Identifier: Apache-2.0 */
/* The event stream over loopback: live, resumed, cut, filtered, slow, and at the bridge's end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/feed.h"
#include "http_fake.h"

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

static struct http_stream *open_as(struct fake *fake, enum http_role role, const char *query,
                                   const char *headers)
{
    char request[1024];
    struct http_stream *stream = malloc(sizeof *stream);
    assert_non_null(stream);
    snprintf(request, sizeof request,
             "GET /api/v1/events%s HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n"
             "Authorization: Bearer %s\r\n%s\r\n",
             query, fake_tokens[role], headers);
    client_stream_open(stream, fake->address, request);
    client_stream_await(stream, ": ckbridge\n\n");
    return stream;
}

static struct http_stream *open_stream(struct fake *fake, const char *query, const char *headers)
{
    return open_as(fake, HTTP_ROLE_VIEWER, query, headers);
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

static void test_stream_begins_with_the_next_event(void **state)
{
    struct fake *fake = *state;
    fake_add_events(fake, 5);
    struct http_stream *stream = open_stream(fake, "", "");
    assert_true(has(stream, "HTTP/1.1 200"));
    assert_true(has(stream, "Content-Type: text/event-stream"));
    assert_true(has(stream, "retry: "));
    fake_add_events(fake, 6);
    client_stream_await(stream, "id: 6\nevent: km.connected\ndata: {\"event_id\":\"6\"");
    fake_add_events(fake, 8);
    client_stream_await(stream, "\"event_id\":\"8\"");
    assert_true(has(stream, "id: 7\nevent: relay.awaiting_decision\n"));
    assert_false(has(stream, "\nid: 5\n"));
    assert_false(has(stream, "event: gap"));
    close_stream(stream);
}

static void test_stream_resumes_from_history(void **state)
{
    struct fake *fake = *state;
    fake_add_events(fake, 100);
    struct http_stream *stream = open_stream(fake, "?after=1", "Last-Event-ID: 97\r\n");
    client_stream_await(stream, "\nid: 100\n");
    assert_true(has(stream, "\nid: 98\n"));
    assert_true(has(stream, "\nid: 99\n"));
    assert_false(has(stream, "\nid: 97\n"));
    fake_add_events(fake, 101);
    client_stream_await(stream, "\nid: 101\n");
    assert_false(has(stream, "event: gap"));
    close_stream(stream);
    stream = open_stream(fake, "?after=100", "");
    client_stream_await(stream, "\nid: 101\n");
    close_stream(stream);
}

static void test_stream_says_what_was_cut(void **state)
{
    struct fake *fake = *state;
    fake_add_events(fake, 50);
    fake_cut_events(fake, 40);
    struct http_stream *stream = open_stream(fake, "?after=10", "");
    client_stream_await(stream, "\nid: 50\n");
    assert_true(has(stream, "id: 39\nevent: gap\ndata: {\"type\":\"gap\",\"data\":{\"after_event_id\":\"10\","
                            "\"next_event_id\":\"40\"}}\n\nid: 40\n"));
    close_stream(stream);
    stream = open_stream(fake, "?after=39", "");
    client_stream_await(stream, "\nid: 50\n");
    assert_false(has(stream, "event: gap"));
    close_stream(stream);
    stream = open_stream(fake, "", "Last-Event-ID: 900\r\n"); /* of another history */
    client_stream_await(stream, "event: gap\n");
    fake_add_events(fake, 51);
    client_stream_await(stream, "\nid: 51\n");
    close_stream(stream);
}

static void test_stream_filters_by_type_and_subject(void **state)
{
    struct fake *fake = *state;
    struct http_stream *types = open_stream(fake, "?type=relay.*,ck.protocol_error", "");
    struct http_stream *suffix = open_stream(fake, "?type=*.connected", "");
    struct http_stream *subject = open_stream(fake, "?subject=km-2", "");
    struct http_stream *member = open_stream(fake, "?subject=relay_id:km-2&type=*", "");
    fake_add_events(fake, 12);
    client_stream_await(types, "\nid: 11\n");
    client_stream_await(suffix, "\nid: 12\n");
    client_stream_await(subject, "\nid: 11\n");
    assert_false(has(types, "km.connected"));
    assert_false(has(suffix, "relay.awaiting_decision"));
    assert_true(has(subject, "\nid: 8\n"));
    assert_false(has(subject, "km-1"));
    assert_false(has(member, "event: "));
    close_stream(types);
    close_stream(suffix);
    close_stream(subject);
    close_stream(member);
}

static void test_stream_beats_when_nothing_happens(void **state)
{
    struct http_options options = { .heartbeat_ms = 20 };
    struct fake *fake = fake_start(&options);
    (void)state;
    struct http_stream *stream = open_stream(fake, "?type=relay.*", "");
    client_stream_await(stream, ": heartbeat\n\n");
    fake_add_events(fake, 2); /* 1 is wanted, 2 is not: the next beat carries its ID */
    client_stream_await(stream, "id: 2\n: heartbeat\n\n");
    assert_true(has(stream, "\nid: 1\nevent: relay.awaiting_decision\n"));
    close_stream(stream);
    fake_stop(fake);
}

/* Reads the event and forgets what was before it, so that any number fit. */
static void await_event(struct http_stream *stream, uint64_t event_id)
{
    char wanted[32];
    snprintf(wanted, sizeof wanted, "id: %llu\nevent: ", (unsigned long long)event_id);
    client_stream_await(stream, wanted);
    const char *found = strstr(stream->text, wanted);
    if (found - stream->text > (ptrdiff_t)sizeof stream->text / 2)
        client_stream_forget(stream, found);
}

/* Far more than the ring, the sockets and one stream's backlog hold: only the one that does not read waits.
 */
static void test_stream_that_is_not_read_stops_nobody(void **state)
{
    enum { EVENTS = 4 * FEED_EVENTS_MAX };
    struct fake *fake = *state;
    struct http_stream *stalled = open_stream(fake, "", "");
    struct http_stream *live = open_stream(fake, "?type=km.connected&subject=km-0", "");
    for (uint64_t id = 512; id <= EVENTS; id += 512) {
        fake_add_events(fake, id);
        await_event(live, id - id % 6);
    }
    fake_expect(fake, HTTP_ROLE_VIEWER, "GET /api/v1/status", NULL, 200, "\"event_streams\":{\"used\":2");
    for (uint64_t id = 1; id <= EVENTS; id++) /* it has lost nothing when it reads at last */
        await_event(stalled, id);
    assert_false(has(stalled, "event: gap"));
    close_stream(stalled);
    close_stream(live);
}

static void test_stream_of_an_orchestrator_is_its_presence(void **state)
{
    struct fake *fake = *state;
    struct http_stream *viewer = open_as(fake, HTTP_ROLE_VIEWER, "", "");
    struct http_stream *admin = open_as(fake, HTTP_ROLE_ADMIN, "", "");
    struct http_stream *orchestrator = open_as(fake, HTTP_ROLE_ORCHESTRATOR, "", "");
    fake_await_sign(fake, ORCHESTRATOR_STREAM_OPENED, 1);
    close_stream(orchestrator);
    fake_add_events(fake, 4); /* a write that fails is how the bridge learns of it */
    client_stream_await(admin, "\nid: 4\n");
    fake_add_events(fake, 5);
    fake_await_sign(fake, ORCHESTRATOR_STREAM_CLOSED, 1);
    close_stream(viewer);
    close_stream(admin);
    pthread_mutex_lock(&fake->lock);
    assert_int_equal(fake->signs[ORCHESTRATOR_STREAM_OPENED], 1);
    pthread_mutex_unlock(&fake->lock);
}

static void test_stream_ends_with_the_right_to_read(void **state)
{
    struct fake *fake = *state;
    char detail[256];
    size_t count;
    const struct http_token *tokens = fake_token_list(&count);
    struct http_options options = { .listen = "127.0.0.1:0", .tokens = tokens, .token_count = 1 };
    struct http_stream *viewer = open_as(fake, HTTP_ROLE_VIEWER, "", "");
    struct http_stream *admin = open_as(fake, HTTP_ROLE_ADMIN, "", "");
    assert_true(http_reload(fake->http, &options, detail, sizeof detail));
    client_stream_await(admin, ": the stream ends\n\n");
    fake_add_events(fake, 1);
    client_stream_await(viewer, "\nid: 1\n");
    close_stream(viewer);
    close_stream(admin);
}

static void test_stream_ends_when_the_bridge_stops(void **state)
{
    struct fake *fake = fake_start(NULL);
    (void)state;
    struct http_stream *stream = open_stream(fake, "", "");
    fake_stop(fake);
    client_stream_await_end(stream);
    assert_true(has(stream, ": the stream ends\n\n"));
    close_stream(stream);
}

static void test_streams_leave_room_for_requests(void **state)
{
    struct http_options options = { .connections_max = 4 };
    struct fake *fake = fake_start(&options);
    (void)state;
    struct http_stream *streams[3];
    for (int i = 0; i < 3; i++)
        streams[i] = open_stream(fake, "", "");
    struct http_answer answer = fake_ask_with(fake, HTTP_ROLE_VIEWER, "GET /api/v1/events",
                                              "Accept: application/json, text/event-stream;q=1\r\n", NULL);
    assert_int_equal(answer.status, 503);
    assert_non_null(strstr(answer.body, "too_many_streams"));
    client_answer_free(&answer);
    for (int i = 0; i < 3; i++)
        close_stream(streams[i]);
    fake_stop(fake);
}

static void test_stream_survives_a_history_that_fails_for_a_while(void **state)
{
    struct http_options options = { .heartbeat_ms = 20 };
    struct fake *fake = fake_start(&options);
    (void)state;
    struct http_stream *stream = open_stream(fake, "", "");
    pthread_mutex_lock(&fake->lock);
    fake->history_unavailable = true;
    pthread_mutex_unlock(&fake->lock);
    fake_add_events(fake, 3);
    client_stream_await(stream, ": heartbeat\n\n");
    pthread_mutex_lock(&fake->lock);
    fake->history_unavailable = false;
    pthread_mutex_unlock(&fake->lock);
    client_stream_await(stream, "\nid: 3\n");
    assert_true(has(stream, "\nid: 1\n"));
    close_stream(stream);
    fake_stop(fake);
}

static void test_events_come_as_pages_too(void **state)
{
    struct fake *fake = *state;
    fake_add_events(fake, 30);
    fake_expect(fake, HTTP_ROLE_VIEWER, "GET /api/v1/events?after=28", NULL, 200,
                "{\"items\":[{\"event_id\":\"29\"");
    fake_expect(fake, HTTP_ROLE_VIEWER, "GET /api/v1/events?after=28", NULL, 200, "\"next_cursor\":null");
    fake_expect(fake, HTTP_ROLE_VIEWER, "GET /api/v1/events?limit=2&type=km.connected", NULL, 200,
                "{\"items\":[{\"event_id\":\"2\"");
    struct http_answer answer =
        fake_ask(fake, HTTP_ROLE_VIEWER, "GET /api/v1/events?limit=2&subject=km-0", NULL);
    char target[256];
    const char *next = strstr(answer.body, "\"next_cursor\":\"");
    assert_non_null(next);
    next += strlen("\"next_cursor\":\"");
    snprintf(target, sizeof target, "GET /api/v1/events?limit=2&subject=km-0&cursor=%.*s",
             (int)strcspn(next, "\""), next);
    client_answer_free(&answer);
    fake_expect(fake, HTTP_ROLE_VIEWER, target, NULL, 200, "{\"items\":[{\"event_id\":\"9\"");
}

static void test_page_ends_before_an_event(void **state)
{
    struct fake *fake = *state;
    fake_add_events(fake, 30);
    struct http_answer answer =
        fake_ask(fake, HTTP_ROLE_VIEWER, "GET /api/v1/events?after=27&before=29", NULL);
    assert_non_null(strstr(answer.body, "{\"items\":[{\"event_id\":\"28\""));
    assert_null(strstr(answer.body, "\"event_id\":\"29\""));
    assert_non_null(strstr(answer.body, "\"next_cursor\":null"));
    client_answer_free(&answer);
    answer = fake_ask(fake, HTTP_ROLE_VIEWER, "GET /api/v1/events?limit=1&after=27&before=29", NULL);
    assert_non_null(
        strstr(answer.body, "\"next_cursor\":null")); /* what is behind the window is not more of it */
    client_answer_free(&answer);
    fake_expect(fake, HTTP_ROLE_VIEWER, "GET /api/v1/events?limit=1&after=26&before=29", NULL, 200,
                "\"next_cursor\":\"");
    fake_expect(fake, HTTP_ROLE_VIEWER, "GET /api/v1/events?before=1", NULL, 200, "{\"items\":[],");
    answer = fake_ask_with(fake, HTTP_ROLE_VIEWER, "GET /api/v1/events?before=5",
                           "Accept: text/event-stream\r\n", NULL);
    assert_int_equal(answer.status, 400);
    assert_non_null(strstr(answer.body, "\"parameter\":\"before\""));
    client_answer_free(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_stream_begins_with_the_next_event, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stream_resumes_from_history, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stream_says_what_was_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stream_filters_by_type_and_subject, setup, teardown),
        cmocka_unit_test(test_stream_beats_when_nothing_happens),
        cmocka_unit_test_setup_teardown(test_stream_that_is_not_read_stops_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stream_of_an_orchestrator_is_its_presence, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stream_ends_with_the_right_to_read, setup, teardown),
        cmocka_unit_test(test_stream_ends_when_the_bridge_stops),
        cmocka_unit_test(test_streams_leave_room_for_requests),
        cmocka_unit_test(test_stream_survives_a_history_that_fails_for_a_while),
        cmocka_unit_test_setup_teardown(test_events_come_as_pages_too, setup, teardown),
        cmocka_unit_test_setup_teardown(test_page_ends_before_an_event, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
