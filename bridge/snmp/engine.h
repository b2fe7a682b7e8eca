/* SPDX-License-Identifier: Apache-2.0 */
/* The SNMPv3 engine's identity over restarts (RFC 3414, 2.2): its ID, and how often it has booted. */
#ifndef SNMP_ENGINE_H
#define SNMP_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ENGINE_ID_BYTES = 17, ENGINE_BOOTS_MAX = 2147483647 };

struct engine {
    unsigned char id[ENGINE_ID_BYTES];
    uint32_t boots; /* of this start, from 1 */
};

/*
 * Reads `folder`/snmp-engine, or makes a new identity when there is none, and keeps it with one boot more
 * before it returns: so a boot is never used twice, whatever becomes of the process. False: *out_detail says
 * why.
 */
bool engine_begin(const char *folder, struct engine *out_engine, char *out_detail, size_t detail_bytes);

#endif
