/* SPDX-License-Identifier: Apache-2.0 */
/* The public cases of JSON parsing in tests/vectors/json_conformance.json: a Ck payload's reader and an HTTP
 * body's judge each as the file says, and it gives a reason wherever that is not what the suite wants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "ck/json_reader.h"
#include "ck/message.h"
#include "http/body.h"

struct document {
    const char *name;
    bool ck, http; /* accepted? */
    const char *why;
    unsigned char *bytes;
    size_t length;
};

static int base64_value(char digit)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = digit != '\0' ? strchr(digits, digit) : NULL;
    assert_non_null(found);
    return (int)(found - digits);
}

/* Appends what the text stands for; `at` has room. */
static size_t put_base64(unsigned char *at, const char *text)
{
    unsigned bits = 0, gathered = 0;
    size_t count = 0;
    assert_non_null(text);
    for (; *text != '\0' && *text != '='; text++) {
        gathered = gathered << 6 | (unsigned)base64_value(*text);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            at[count++] = (unsigned char)(gathered >> bits);
        }
    }
    return count;
}

static const char *member(const json_t *row, const char *name)
{
    return json_string_value(json_object_get(row, name));
}

static void load_bytes(const json_t *row, struct document *document)
{
    const json_t *repeat = json_object_get(row, "repeat");
    if (repeat == NULL) {
        const char *text = member(row, "base64");
        assert_non_null(text);
        document->bytes = malloc(strlen(text) + 1);
        assert_non_null(document->bytes);
        document->length = put_base64(document->bytes, text);
        return;
    }
    const char *text = member(repeat, "base64"), *end = member(repeat, "end_base64");
    size_t times = (size_t)json_integer_value(json_object_get(repeat, "times"));
    assert_true(times > 0 && text != NULL && end != NULL);
    document->bytes = malloc(times * strlen(text) + strlen(end) + 1);
    assert_non_null(document->bytes);
    for (size_t i = 0; i < times; i++)
        document->length += put_base64(document->bytes + document->length, text);
    document->length += put_base64(document->bytes + document->length, end);
}

static bool is_accept(const json_t *row, const char *parser)
{
    const char *verdict = member(row, parser);
    assert_non_null(verdict);
    assert_true(strcmp(verdict, "accept") == 0 || strcmp(verdict, "reject") == 0);
    return strcmp(verdict, "accept") == 0;
}

static struct document load_document(const json_t *row)
{
    struct document document = { .name = member(row, "name"),
                                 .ck = is_accept(row, "ck"),
                                 .http = is_accept(row, "http"),
                                 .why = member(row, "why") };
    assert_non_null(document.name);
    load_bytes(row, &document);
    return document;
}

static void with_each_document(void (*check)(const struct document *document))
{
    char path[4096];
    const char *srcdir = getenv("srcdir");
    json_error_t error;
    snprintf(path, sizeof path, "%s/tests/vectors/json_conformance.json", srcdir != NULL ? srcdir : ".");
    json_t *file = json_load_file(path, 0, &error);
    if (file == NULL)
        fail_msg("%s:%d: %s", path, error.line, error.text);
    const json_t *rows = json_object_get(file, "cases");
    assert_int_equal(json_array_size(rows), 318); /* the whole suite */
    for (size_t i = 0; i < json_array_size(rows); i++) {
        struct document document = load_document(json_array_get(rows, i));
        check(&document);
        free(document.bytes);
    }
    json_decref(file);
}

static void expect(const struct document *document, const char *parser, bool expected, bool accepted)
{
    if (accepted != expected)
        fail_msg("%s: %s %s it", document->name, parser, accepted ? "accepts" : "refuses");
}

/* The suite's own word: y_ is to be accepted, n_ refused, i_ is free. A reason stands beside what differs
   from it and beside what is free; and nowhere else, so that none outlives its deviation. */
static void check_reason(const struct document *document)
{
    char kind = document->name[0];
    bool as_suite = kind == 'y'   ? document->ck && document->http
                    : kind == 'n' ? !document->ck && !document->http
                                  : false;
    assert_true(kind == 'y' || kind == 'n' || kind == 'i');
    if (as_suite != (document->why == NULL))
        fail_msg("%s: a reason is %s", document->name, as_suite ? "given without need" : "missing");
    if (kind == 'n' && !as_suite)
        fail_msg("%s: what is no JSON is never accepted", document->name);
}

static void test_reasons_stand_beside_deviations_alone(void **state)
{
    (void)state;
    with_each_document(check_reason);
}

static void check_reader(const struct document *document)
{
    struct json_reader reader = json_reader(document->bytes, document->length);
    struct text raw;
    bool accepted = json_skip(&reader, &raw) == JSON_OK && json_finish(&reader) == JSON_OK;
    expect(document, "json_reader", document->ck, accepted);
}

static void test_reader_judges_as_the_file_says(void **state)
{
    (void)state;
    with_each_document(check_reader);
}

/* The document as the value of a member that nobody knows: so that those that are no object are tried too. */
static unsigned char *embed(const struct document *document, const char *before, size_t *out_length)
{
    size_t length = strlen(before);
    unsigned char *bytes = malloc(length + document->length + 1);
    assert_non_null(bytes);
    memcpy(bytes, before, length);
    memcpy(bytes + length, document->bytes, document->length);
    bytes[length + document->length] = '}';
    *out_length = length + document->length + 1;
    return bytes;
}

static void check_payload(const struct document *document)
{
    size_t length, offset;
    unsigned char *bytes = embed(document, "{\"destination_KMA_ID\":\"kma-9\",\"vendor\":", &length);
    struct ck_message message;
    enum ck_malformed malformed = ck_message_decode(CK_NEXT_HOP_REQUEST, bytes, length, &message, &offset);
    expect(document, "ck_message_decode", document->ck, malformed == CK_WELL_FORMED);
    if (malformed == CK_WELL_FORMED)
        assert_int_equal(message.unknown_members, 1);
    free(bytes);
}

static void test_payloads_are_judged_as_the_file_says(void **state)
{
    (void)state;
    with_each_document(check_payload);
}

static bool body_accepts(unsigned char *take_bytes, size_t length)
{
    struct request request;
    struct body body;
    request_init(&request);
    request.body = take_bytes;
    request.body_bytes = length;
    bool accepted = body_parse(&request, &request.arena, &body);
    assert_int_equal(request.answered, !accepted);
    if (!accepted) {
        char *answer = strndup(request.answer.body, request.answer.body_bytes);
        assert_non_null(answer);
        accepted = strstr(answer, "problem:not_json\"") == NULL; /* else: JSON, but no object */
        if (accepted)
            assert_non_null(strstr(answer, "must be a JSON object"));
        free(answer);
    }
    request_fini(&request);
    return accepted;
}

static void check_body(const struct document *document)
{
    size_t length;
    unsigned char *bytes = embed(document, "{\"vendor\":", &length);
    expect(document, "body_parse, of it as a member,", document->http, body_accepts(bytes, length));
    bytes = malloc(document->length + 1);
    assert_non_null(bytes);
    memcpy(bytes, document->bytes, document->length);
    expect(document, "body_parse", document->http, body_accepts(bytes, document->length));
}

static void test_bodies_are_judged_as_the_file_says(void **state)
{
    (void)state;
    with_each_document(check_body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reasons_stand_beside_deviations_alone),
        cmocka_unit_test(test_reader_judges_as_the_file_says),
        cmocka_unit_test(test_payloads_are_judged_as_the_file_says),
        cmocka_unit_test(test_bodies_are_judged_as_the_file_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
