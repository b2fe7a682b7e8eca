/* SPDX-License-Identifier: Apache-2.0 */
/* What a standalone agent says of itself to every management station, beside what the library counts. */
#ifndef SNMP_IDENTITY_H
#define SNMP_IDENTITY_H

#include <stdbool.h>

#include "snmp/engine.h"
#include "snmp/listeners.h"

struct identity {
    const char *name, *contact, *location; /* borrowed; of 255 bytes at most */
    bool authentication_traps;
    const struct engine *engine;
    const struct listeners *listeners;
};

#endif
