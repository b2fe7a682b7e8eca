/* SPDX-License-Identifier: Apache-2.0 */
/* Relays on their way: each hop uses up a key of its link, until one can't. */
#include "backbone/day_state.h"

void day_flights_init(struct day *day)
{
    for (size_t i = DAY_FLIGHTS_MAX; i-- > 0;) {
        day->flights[i].next_free = day->free_flights;
        day->free_flights = &day->flights[i];
    }
}

static void wait_for_hop(struct day *day, struct day_flight *flight)
{
    if (!heap_set(&day->flight_times, &flight->hop, day->now_ms + DAY_HOP_MS))
        day_fail(day, "out of memory");
}

void day_take_off(struct day *day, const struct relay_record *relay, const struct traffic_wish *wish)
{
    struct day_flight *flight = day->free_flights;
    if (flight == NULL)
        day_fail(day, "too many relays are under way");
    day->free_flights = flight->next_free;
    *flight = (struct day_flight){ .relay_id = relay->relay_id, .source = wish->source, .wish = *wish };
    if (relay->path_length < 2 || backbone_node_of(relay->path[0]) != wish->source ||
        backbone_node_of(relay->path[relay->path_length - 1]) != wish->destination)
        day_fail(day, "a path leads from elsewhere, or elsewhere");
    flight->length = relay->path_length - 1;
    for (size_t i = 0; i < flight->length; i++) {
        const uint32_t a = backbone_node_of(relay->path[i]), b = backbone_node_of(relay->path[i + 1]);
        if (a == BACKBONE_NONE || b == BACKBONE_NONE || day->backbone.link_of[a][b] == BACKBONE_NONE)
            day_fail(day, "a path leads where no link is");
        flight->links[i] = day->backbone.link_of[a][b];
    }
    wait_for_hop(day, flight);
}

static void land(struct day *day, struct day_flight *flight, enum day_end end)
{
    const bool succeeded = end == DAY_SUCCEEDED;
    heap_remove(&day->flight_times, &flight->hop);
    day->figures.ended[end]++;
    *(succeeded ? &day->figures.keys_used : &day->figures.keys_wasted) += flight->at;
    day_report(day, flight, succeeded);
    for (size_t i = 0; i < flight->at; i++) {
        struct day_link *link = &day->links[flight->links[i]];
        link->keys_under_way--;
        if (!succeeded)
            continue;
        link->used++;
        stock_advance(&link->reckoned, day->now_ms);
        (void)stock_use(&link->reckoned); /* none: it was told to have less than had been promised */
    }
    flight->next_free = day->free_flights;
    day->free_flights = flight;
}

static struct day_flight *flight_of(struct heap_node *node)
{
    return (struct day_flight *)(void *)((char *)node - offsetof(struct day_flight, hop));
}

void day_fly(struct day *day)
{
    struct day_flight *flight = flight_of(heap_first(&day->flight_times));
    struct day_link *link = &day->links[flight->links[flight->at]];
    const bool last = flight->at + 1 == flight->length;
    stock_advance(&link->stock, day->now_ms);
    if (link->stock.faults > 0) {
        land(day, flight, DAY_LINK_DOWN);
    } else if (flight->wish.doomed && (flight->at == flight->wish.doom_hop || last)) {
        land(day, flight, DAY_KM_FAILED);
    } else if (!stock_use(&link->stock)) {
        land(day, flight, DAY_LACKED_KEYS);
    } else {
        link->keys_under_way++;
        flight->at++;
        if (last)
            land(day, flight, DAY_SUCCEEDED);
        else
            wait_for_hop(day, flight);
    }
}
