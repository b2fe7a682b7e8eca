/* SPDX-License-Identifier: Apache-2.0 */
#include "config_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct configuration *config_parse(const char *text, struct problems *problems)
{
    problems_init(problems);
    return configuration_parse("/etc/x/test.conf", text_from_c(text), problems);
}

struct configuration *config_parse_good(const char *text)
{
    struct problems problems;
    struct configuration *configuration = config_parse(text, &problems);
    if (configuration == NULL)
        problems_print(&problems, stderr);
    assert_non_null(configuration);
    problems_fini(&problems);
    return configuration;
}

void config_refuse(const char *text, unsigned line, const char *words)
{
    struct problems problems;
    struct configuration *configuration = config_parse(text, &problems);
    assert_null(configuration);
    size_t found = 0;
    for (const struct problem *at = problems.first; at != NULL; at = at->next) {
        if (at->severity != PROBLEM_ERROR)
            continue;
        found++;
        if (at->place.line != line || strstr(at->message, words) == NULL)
            fail_msg("line %u, \"%s\" instead of line %u, \"%s\"", at->place.line, at->message, line, words);
    }
    assert_int_equal(found, 1);
    problems_fini(&problems);
}
