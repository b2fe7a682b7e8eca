/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a configuration file: read or refused, never worse; what is refused says why. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "main/configuration.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct problems problems;
    problems_init(&problems);
    struct configuration *configuration =
        configuration_parse("fuzz.conf", (struct text){ (const char *)data, size }, &problems);
    assert((configuration != NULL) == (problems.errors == 0));
    configuration_free(configuration);
    problems_fini(&problems);
    return 0;
}
