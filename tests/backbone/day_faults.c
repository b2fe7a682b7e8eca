/* SPDX-License-Identifier: Apache-2.0 */
/* Links and nodes that fail and recover, each told to the controller a while later. */
#include <assert.h>

#include "backbone/day_state.h"

enum { MINUTE_MS = 60000, SHORTEST_MINUTES = 2, DOUBLINGS = 7 };

static void add_link(struct day_fault *fault, uint32_t link)
{
    assert(fault->link_count < BACKBONE_NODES_MAX);
    fault->links[fault->link_count++] = link;
}

static void choose_links(struct day *day, struct seeded *seeded, bool of_node, struct day_fault *fault)
{
    const struct backbone *backbone = &day->backbone;
    if (!of_node) {
        add_link(fault, (uint32_t)seeded_below(seeded, backbone->link_count));
        return;
    }
    const size_t node = seeded_below(seeded, backbone->node_count);
    for (size_t i = 0; i < backbone->node_count; i++) {
        if (backbone->link_of[node][i] != BACKBONE_NONE)
            add_link(fault, backbone->link_of[node][i]);
    }
}

/* 2 minutes, doubled up to six times, and up to twice as much: 2 minutes to 4 hours. */
static uint64_t draw_length_ms(struct seeded *seeded)
{
    const uint64_t least = (uint64_t)SHORTEST_MINUTES * MINUTE_MS << seeded_below(seeded, DOUBLINGS);
    return least + seeded_below(seeded, least);
}

void day_faults_init(struct day *day)
{
    const struct day_options *options = &day->options;
    struct seeded seeded = { options->seed + 2 };
    const size_t count = options->link_faults + options->node_faults;
    assert(count <= DAY_FAULTS_MAX);
    for (size_t i = 0; i < count; i++) {
        struct day_fault *fault = &day->faults[i];
        choose_links(day, &seeded, i >= options->link_faults, fault);
        fault->lasts_ms = draw_length_ms(&seeded);
        if (!heap_set(&day->fault_times, &fault->next, seeded_below(&seeded, options->lasts_ms)))
            day_fail(day, "out of memory");
    }
}

static void come(struct day *day, const struct day_fault *fault)
{
    for (size_t i = 0; i < fault->link_count; i++) {
        struct stock *stock = &day->links[fault->links[i]].stock;
        stock_advance(stock, day->now_ms);
        stock->faults++;
    }
}

static void go(struct day *day, const struct day_fault *fault)
{
    for (size_t i = 0; i < fault->link_count; i++) {
        struct stock *stock = &day->links[fault->links[i]].stock;
        stock_advance(stock, day->now_ms);
        stock->faults--;
    }
}

static void tell(struct day *day, const struct day_fault *fault, int change)
{
    for (size_t i = 0; i < fault->link_count; i++) {
        struct day_link *link = &day->links[fault->links[i]];
        link->told_faults = (uint32_t)((int)link->told_faults + change);
    }
    day_tell(day, fault->links, fault->link_count);
}

static void wait_on(struct day *day, struct day_fault *fault, uint64_t later_ms)
{
    if (!heap_set(&day->fault_times, &fault->next, day->now_ms + later_ms))
        day_fail(day, "out of memory");
}

void day_fault(struct day *day)
{
    struct heap_node *node = heap_first(&day->fault_times);
    struct day_fault *fault = (struct day_fault *)(void *)((char *)node - offsetof(struct day_fault, next));
    switch (fault->stage) {
    case DAY_FAULT_COMES:
        come(day, fault);
        wait_on(day, fault, DAY_DETECTION_MS);
        break;
    case DAY_FAULT_COME:
        tell(day, fault, 1);
        wait_on(day, fault, fault->lasts_ms - DAY_DETECTION_MS);
        break;
    case DAY_FAULT_TOLD:
        go(day, fault);
        wait_on(day, fault, DAY_DETECTION_MS);
        break;
    case DAY_FAULT_GONE:
        tell(day, fault, -1);
        heap_remove(&day->fault_times, node);
        break;
    }
    fault->stage++;
}
