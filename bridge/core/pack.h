/* SPDX-License-Identifier: Apache-2.0 */
/* Deep copies of records and configuration into one block: measured first, then copied. */
#ifndef CORE_PACK_H
#define CORE_PACK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/memory.h"
#include "core/record.h"

struct pack {
    unsigned char *block; /* NULL: only measure */
    size_t used_bytes;
};

/* Rewrites every text and array of the value to its copy; while measuring, leaves the value alone. */
typedef void (*pack_function)(struct pack *pack, void *value);

void pack_relay(struct pack *pack, void *relay_record);
void pack_lookup(struct pack *pack, void *lookup_record);
void pack_km(struct pack *pack, void *km_config);
void pack_application(struct pack *pack, void *application_config);
void pack_destination(struct pack *pack, void *destination_config);
void pack_route(struct pack *pack, void *route_config);
void pack_link(struct pack *pack, void *link_config);
void pack_budget(struct pack *pack, void *budget_record);
void pack_document(struct pack *pack, void *document_config);
void pack_audit(struct pack *pack, void *audit_record);
void pack_idempotency(struct pack *pack, void *idempotency_record);
void pack_dead_letter(struct pack *pack, void *dead_letter);
void pack_text_value(struct pack *pack, void *text);

/* A block that belongs to whoever holds this. */
struct owned {
    void *block;
    size_t bytes;
};

/* False: out of memory, nothing changed. The old block of *owned is released after the copy was made. */
bool pack_into_memory(const struct memory *memory, pack_function function, void *value, struct owned *owned);
bool pack_into_arena(struct arena *arena, pack_function function, void *value);
void owned_release(const struct memory *memory, struct owned *owned);

#endif
