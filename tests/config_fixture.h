/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the configuration share: a text read by the real parser, taken or refused. */
#ifndef TESTS_CONFIG_FIXTURE_H
#define TESTS_CONFIG_FIXTURE_H

#include "main/configuration.h"

/* NULL: refused. The caller frees it with configuration_free(), and the problems with problems_fini(). */
struct configuration *config_parse(const char *text, struct problems *problems);
/* Fails the test when it is refused. */
struct configuration *config_parse_good(const char *text);
/* The text is refused with exactly one error, at this line, whose words hold these. */
void config_refuse(const char *text, unsigned line, const char *words);

#endif
