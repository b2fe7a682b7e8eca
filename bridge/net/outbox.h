/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that wait to be written: one growing block, given back when it is empty. */
#ifndef NET_OUTBOX_H
#define NET_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed: empty. */
struct outbox {
    unsigned char *bytes;
    size_t start; /* what is before it was written */
    size_t end;
    size_t capacity;
};

enum outbox_status { OUTBOX_OK, OUTBOX_FULL, OUTBOX_NO_MEMORY };

void outbox_fini(struct outbox *outbox);
size_t outbox_count(const struct outbox *outbox);
const unsigned char *outbox_bytes(const struct outbox *outbox);
/* All or nothing; OUTBOX_FULL when it would hold more than `bytes_max`. The block stays below four times
 * that. */
enum outbox_status outbox_put(struct outbox *outbox, const void *bytes, size_t count, size_t bytes_max);
/* Drops the first `count` that were written. */
void outbox_written(struct outbox *outbox, size_t count);

#endif
