/* SPDX-License-Identifier: Apache-2.0 */
#include "cksim/flow.h"

#include <stdlib.h>
#include <string.h>

#include "cksim/scenario.h"
#include "cksim/simulation.h"
#include "cksim/system.h"

enum { FLOWS_PER_CHUNK = 256 };

static struct text exchange_key(const void *value)
{
    return table_integer_key(&((const struct flow *)value)->exchange);
}

static struct text relay_key(const void *value)
{
    return table_integer_key(&((const struct flow *)value)->relay_id);
}

void flows_init(struct flows *flows)
{
    static const struct siphash_key key = { 5, 6 };
    memset(flows, 0, sizeof *flows);
    table_init(&flows->by_exchange, &system_memory, key, exchange_key);
    table_init(&flows->by_relay, &system_memory, key, relay_key);
}

void flows_fini(struct flows *flows)
{
    for (size_t i = 0; i < flows->chunk_count; i++) {
        for (size_t j = 0; j < FLOWS_PER_CHUNK; j++)
            free(flows->chunks[i][j].path);
        free(flows->chunks[i]);
    }
    free(flows->chunks);
    table_fini(&flows->by_exchange);
    table_fini(&flows->by_relay);
}

static void add_chunk(struct flows *flows)
{
    struct flow *chunk = system_allocate(FLOWS_PER_CHUNK, sizeof *chunk);
    flows->chunks =
        system_grow(flows->chunks, flows->chunk_count, &flows->chunk_capacity, sizeof *flows->chunks);
    flows->chunks[flows->chunk_count++] = chunk;
    for (size_t i = 0; i < FLOWS_PER_CHUNK; i++) {
        chunk[i].next = flows->free;
        flows->free = &chunk[i];
    }
}

static void fire(void *context, uint64_t now_ns)
{
    simulation_flow_due(context, now_ns);
}

struct flow *flow_new(struct simulation *simulation, enum flow_kind kind)
{
    struct flows *flows = &simulation->flows;
    if (flows->free == NULL)
        add_chunk(flows);
    struct flow *flow = flows->free;
    flows->free = flow->next;
    *flow = (struct flow){
        .timer = { .fire = fire, .context = flow },
        .simulation = simulation,
        .kind = kind,
        .application = NOBODY,
        .waits_at = NOBODY,
        .path = flow->path,
        .path_capacity = flow->path_capacity,
    };
    return flow;
}

static void unlist(struct flow *flow)
{
    if (flow->waits_at == NOBODY)
        return;
    if (flow->previous != NULL)
        flow->previous->next = flow->next;
    else
        flow->simulation->members[flow->waits_at].waiting = flow->next;
    if (flow->next != NULL)
        flow->next->previous = flow->previous;
    flow->previous = flow->next = NULL;
    flow->waits_at = NOBODY;
}

void flow_wait_at(struct flow *flow, uint32_t km)
{
    unlist(flow);
    struct flow **list = &flow->simulation->members[km].waiting;
    flow->previous = NULL;
    flow->next = *list;
    if (*list != NULL)
        (*list)->previous = flow;
    *list = flow;
    flow->waits_at = km;
}

void flow_free(struct flow *flow)
{
    struct flows *flows = &flow->simulation->flows;
    timers_cancel(&flow->simulation->timers, &flow->timer);
    flow_clear_exchange(flow);
    unlist(flow);
    flow_set_relay_id(flow, 0);
    flow->next = flows->free;
    flows->free = flow;
}

void flow_append(struct flow *flow, uint32_t kma)
{
    size_t capacity = flow->path_capacity;
    flow->path = system_grow(flow->path, flow->path_count, &capacity, sizeof *flow->path);
    flow->path_capacity = (uint32_t)capacity;
    flow->path[flow->path_count++] = kma;
}

static uint64_t exchange_of(uint32_t asker, uint32_t message_id)
{
    return (uint64_t)(asker + 1) << 32 | message_id;
}

void flow_set_exchange(struct flow *flow, uint32_t asker, uint32_t message_id)
{
    flow_clear_exchange(flow);
    flow->asker = asker;
    flow->exchange = exchange_of(asker, message_id);
    table_insert(&flow->simulation->flows.by_exchange, flow);
    flow_wait_at(flow, asker);
}

void flow_clear_exchange(struct flow *flow)
{
    if (flow->exchange == 0)
        return;
    table_remove(&flow->simulation->flows.by_exchange, table_integer_key(&flow->exchange));
    unlist(flow);
    flow->exchange = 0;
}

struct flow *flow_by_exchange(struct flows *flows, uint32_t asker, uint32_t message_id)
{
    uint64_t exchange = exchange_of(asker, message_id);
    return table_find(&flows->by_exchange, table_integer_key(&exchange));
}

void flow_set_relay_id(struct flow *flow, uint64_t relay_id)
{
    struct table *table = &flow->simulation->flows.by_relay;
    if (flow->relay_id != 0)
        table_remove(table, table_integer_key(&flow->relay_id));
    flow->relay_id = relay_id;
    if (relay_id != 0)
        table_insert(table, flow);
}

struct flow *flow_by_relay_id(struct flows *flows, uint64_t relay_id)
{
    return table_find(&flows->by_relay, table_integer_key(&relay_id));
}
