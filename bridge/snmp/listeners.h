/* SPDX-License-Identifier: Apache-2.0 */
/* Where a standalone agent answers: each address is opened, and tried again until it can be. */
#ifndef SNMP_LISTENERS_H
#define SNMP_LISTENERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LISTENERS_MAX = 16, LISTENERS_PAUSE_MS = 2000, LISTENERS_DETAIL_BYTES = 160 };

/* On the library's own thread. */
struct listeners {
    struct listener {
        char *address; /* "udp:127.0.0.1:1161" */
        bool open;
    } all[LISTENERS_MAX];
    size_t count;
    size_t open_count;
    size_t message_bytes_max; /* of the transport that takes least, among those that were opened */
    uint64_t due_ms;
    char detail[LISTENERS_DETAIL_BYTES]; /* which is not open, and why; "" when all are */
};

/* `addresses`: separated by commas. False: out of memory, or more than LISTENERS_MAX. */
bool listeners_init(struct listeners *listeners, const char *addresses);
void listeners_fini(struct listeners *listeners);
/* Opens what is not open, when it is time. True: `detail` or `open_count` has changed. */
bool listeners_turn(struct listeners *listeners, uint64_t monotonic_ms);

#endif
