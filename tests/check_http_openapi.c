/* SPDX-License-Identifier: Apache-2.0 */
/* openapi.json beside the program's own tables: routes, roles, parameters, problems, vocabulary; both ways.
 */
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "core/vocabulary.h"
#include "http/api.h"
#include "http/auth.h"
#include "http/problem.h"
#include "http/render.h"

static const char *const methods[] = { "get", "put", "post", "delete" };

static json_t *document;

static int load(void **state)
{
    char path[4096];
    json_error_t error;
    const char *srcdir = getenv("srcdir");
    (void)state;
    snprintf(path, sizeof path, "%s/bridge/http/openapi.json", srcdir != NULL ? srcdir : ".");
    document = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (document == NULL)
        fprintf(stderr, "%s:%d: %s\n", path, error.line, error.text);
    return document != NULL ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    json_decref(document);
    return 0;
}

static const json_t *at(const char *first, const char *second, const char *third)
{
    const json_t *json = json_object_get(document, first);
    json = second != NULL ? json_object_get(json, second) : json;
    return third != NULL ? json_object_get(json, third) : json;
}

/* What "#/components/parameters/Limit" stands for; anything else is what it is. */
static const json_t *resolve(const json_t *json)
{
    static const char prefix[] = "#/components/parameters/";
    const char *reference = json_string_value(json_object_get(json, "$ref"));
    if (reference == NULL)
        return json;
    assert_memory_equal(reference, prefix, sizeof prefix - 1);
    return at("components", "parameters", reference + sizeof prefix - 1);
}

static const json_t *operation_of(const struct route *route)
{
    return json_object_get(json_object_get(at("paths", NULL, NULL), route->path), methods[route->method]);
}

static void test_document_has_every_route(void **state)
{
    size_t count;
    const struct route *routes = api_routes(&count);
    (void)state;
    for (size_t i = 0; i < count; i++)
        if (operation_of(&routes[i]) == NULL)
            fail_msg("%s %s is served but not documented", methods[routes[i].method], routes[i].path);
}

static bool is_served(const char *path, const char *method)
{
    size_t count;
    const struct route *routes = api_routes(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(routes[i].path, path) == 0 && strcmp(methods[routes[i].method], method) == 0)
            return true;
    return false;
}

static void test_document_has_nothing_else(void **state)
{
    const char *path, *method;
    json_t *item, *operation;
    (void)state;
    json_object_foreach((json_t *)at("paths", NULL, NULL), path, item)
        json_object_foreach(item, method, operation) if (!is_served(path, method))
            fail_msg("%s %s is documented but not served", method, path);
}

static void test_roles_agree(void **state)
{
    size_t count;
    const struct route *routes = api_routes(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        const json_t *role = json_object_get(operation_of(&routes[i]), "x-required-role");
        if (routes[i].role == HTTP_ROLE_NONE)
            assert_true(json_is_null(role));
        else
            assert_string_equal(json_string_value(role), auth_role_name(routes[i].role));
    }
}

static bool declares(const struct route *route, const char *name)
{
    for (size_t i = 0; route->parameters != NULL && route->parameters[i] != NULL; i++)
        if (strcmp(route->parameters[i], name) == 0)
            return true;
    return false;
}

static size_t declared_count(const struct route *route)
{
    size_t count = 0;
    while (route->parameters != NULL && route->parameters[count] != NULL)
        count++;
    return count;
}

static void check_parameters(const struct route *route)
{
    const json_t *parameters = json_object_get(operation_of(route), "parameters");
    size_t in_query = 0, in_path = 0, index;
    json_t *parameter;
    json_array_foreach((json_t *)parameters, index, parameter)
    {
        const json_t *resolved = resolve(parameter);
        const char *name = json_string_value(json_object_get(resolved, "name"));
        const char *where = json_string_value(json_object_get(resolved, "in"));
        char braced[64];
        assert_non_null(name);
        assert_non_null(where);
        snprintf(braced, sizeof braced, "{%s}", name);
        if (strcmp(where, "query") == 0 && !declares(route, name))
            fail_msg("%s: the parameter %s is documented but not known", route->path, name);
        if (strcmp(where, "path") == 0 && strstr(route->path, braced) == NULL)
            fail_msg("%s: the path has no %s", route->path, name);
        in_query += strcmp(where, "query") == 0;
        in_path += strcmp(where, "path") == 0;
    }
    if (in_query != declared_count(route) || in_path != (strchr(route->path, '{') != NULL))
        fail_msg("%s %s: a parameter is missing or twice in the document", methods[route->method],
                 route->path);
}

static void test_parameters_agree(void **state)
{
    size_t count;
    const struct route *routes = api_routes(&count);
    (void)state;
    for (size_t i = 0; i < count; i++)
        check_parameters(&routes[i]);
}

static void check_problem(enum problem_kind kind)
{
    char buffer[1024];
    struct bytes_writer writer = bytes_writer(buffer, sizeof buffer);
    struct problem problem = { .kind = kind };
    problem_write_json(&writer, &problem);
    json_t *written = json_loadb(buffer, writer.length, 0, NULL);
    const json_t *documented = at("x-problem-types", problem_type(kind), NULL);
    if (documented == NULL)
        fail_msg("%s is not documented", problem_type(kind));
    assert_true(json_equal(json_object_get(written, "title"), json_object_get(documented, "title")));
    assert_true(json_equal(json_object_get(written, "status"), json_object_get(documented, "status")));
    json_decref(written);
}

static void test_problems_agree(void **state)
{
    (void)state;
    for (int kind = 0; kind < PROBLEM_KINDS_END; kind++)
        check_problem((enum problem_kind)kind);
    assert_int_equal(json_object_size(at("x-problem-types", NULL, NULL)), PROBLEM_KINDS_END);
}

/* The words of one schema are these, and no others. */
static void check_words(const char *schema, const char *const *words, size_t count)
{
    const json_t *documented = json_object_get(at("components", "schemas", schema), "enum");
    size_t known = 0, index;
    json_t *word;
    for (size_t i = 0; i < count; i++) {
        size_t found = 0;
        if (words[i] == NULL)
            continue;
        known++;
        json_array_foreach((json_t *)documented, index, word) found +=
            strcmp(json_string_value(word), words[i]) == 0;
        if (found != 1)
            fail_msg("%s: %s is there %zu times", schema, words[i], found);
    }
    assert_int_equal(json_array_size(documented), known);
}

static void test_vocabulary_agrees(void **state)
{
    const char *words[128];
    static_assert(REASONS_END <= 128 && NOTICES_END <= 128, "they fit");
    (void)state;
    for (int i = 0; i < REASONS_END; i++)
        words[i] = reason_name((enum reason)i);
    check_words("Reason", words, REASONS_END);
    for (int i = 0; i < RELAY_STATES_END; i++)
        words[i] = relay_state_name((enum relay_state)i);
    check_words("RelayState", words, RELAY_STATES_END);
    for (int i = 0; i < LOOKUP_STATES_END; i++)
        words[i] = lookup_state_name((enum lookup_state)i);
    check_words("LookupState", words, LOOKUP_STATES_END);
    for (int i = 0; i < DECIDERS_END; i++)
        words[i] = decider_name((enum decider)i);
    check_words("Decider", words, DECIDERS_END);
    for (int i = 0; i < NOTICES_END; i++)
        words[i] = notice_type_name((enum notice_type)i);
    check_words("EventType", words, NOTICES_END);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_document_has_every_route),
        cmocka_unit_test(test_document_has_nothing_else),
        cmocka_unit_test(test_roles_agree),
        cmocka_unit_test(test_parameters_agree),
        cmocka_unit_test(test_problems_agree),
        cmocka_unit_test(test_vocabulary_agrees),
    };
    static_assert(sizeof methods / sizeof *methods == (size_t)METHOD_OTHER,
                  "every method has its name in OpenAPI");
    return cmocka_run_group_tests(tests, load, unload);
}
