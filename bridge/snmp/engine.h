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
    bool renewed;   /* what the folder had was another bridge's: see below */
    int lock_fd;
};

/* Whose the identity is. */
struct engine_owner {
    const char *folder;   /* private, writable */
    const char *instance; /* of [bridge]; an identifier */
    const char
        *machine_id; /* a file that tells one machine from another; one that cannot be read tells nothing */
};

/*
 * Reads the folder's snmp-engine, or makes a new identity when there is none, and keeps it with one boot more
 * before it returns: so a boot is never used twice, whatever becomes of the process. Two engines with one ID
 * would take each other's messages for replays. Hence the folder is locked for as long as the engine lives,
 * and an identity that was kept by a bridge of another name or on another machine (a copy) is not used: a new
 * one is made. False: *out_detail says why.
 */
bool engine_begin(const struct engine_owner *owner, struct engine *out_engine, char *out_detail,
                  size_t detail_bytes);
/* Only after engine_begin. */
void engine_end(struct engine *engine);
/* "0x..." as management stations write it. */
enum { ENGINE_WORDS_BYTES = 2 + 2 * ENGINE_ID_BYTES + 1 };
void engine_words(const struct engine *engine, char out_words[ENGINE_WORDS_BYTES]);

#endif
