/* SPDX-License-Identifier: Apache-2.0 */
#include "backbone/day.h"

#include <stdlib.h>

#include "backbone/day_state.h"

_Noreturn void day_fail(const struct day *day, const char *words)
{
    fprintf(stderr, "the day of seed %llu, metric %d, at %llu ms: %s\n",
            (unsigned long long)day->options.seed, (int)day->options.metric, (unsigned long long)day->now_ms,
            words);
    exit(1);
}

static void fill_stocks(struct day *day)
{
    for (size_t i = 0; i < day->backbone.link_count; i++) {
        const uint32_t rate = day->backbone.links[i].relays_an_hour;
        stock_init(&day->links[i].stock, rate, DAY_CAPACITY_HOURS,
                   (uint64_t)rate * DAY_CAPACITY_HOURS * day->options.stocks_percent / 100);
    }
}

struct day *day_new(const struct day_options *options)
{
    struct day *day = calloc(1, sizeof *day);
    if (day == NULL)
        abort();
    day->options = *options;
    day->heap.blocks_limit = SIZE_MAX;
    day->memory = heap_memory(&day->heap);
    heap_init(&day->flight_times, &day->memory);
    heap_init(&day->fault_times, &day->memory);
    backbone_make(&day->backbone, &options->size, options->seed);
    traffic_init(&day->traffic, &day->backbone, options->seed + 1);
    day->traffic.wishes_a_peak_hour = options->wishes_a_peak_hour;
    day->traffic.doom_one_in = options->doom_one_in;
    fill_stocks(day);
    day_flights_init(day);
    day_faults_init(day);
    day_start_core(day);
    day->next_tell_ms = DAY_TELL_MS;
    return day;
}

void day_free(struct day *day)
{
    day_stop_core(day);
    heap_fini(&day->flight_times);
    heap_fini(&day->fault_times);
    if (day->heap.blocks_out != 0)
        day_fail(day, "memory was not released");
    free(day);
}

static uint64_t time_of(const struct heap *heap)
{
    const struct heap_node *first = heap_first(heap);
    return first != NULL ? first->deadline_ms : UINT64_MAX;
}

static void run_turn(struct day *day)
{
    struct traffic_wish wishes[TRAFFIC_PER_TURN];
    const size_t count = traffic_turn(&day->traffic, day->options.starts_ms + day->now_ms, wishes);
    for (size_t i = 0; i < count; i++)
        day_ask(day, &wishes[i]);
    day->next_turn_ms += TRAFFIC_TURN_MS;
}

static void run_tell(struct day *day)
{
    day_tell_all(day);
    day->next_tell_ms += DAY_TELL_MS;
}

static uint64_t earlier(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

/* What comes next until then; of what comes together, relays under way first, for what they used is told. */
static bool run_next(struct day *day, uint64_t end_ms)
{
    const uint64_t flight_ms = time_of(&day->flight_times), fault_ms = time_of(&day->fault_times);
    const uint64_t next_ms =
        earlier(earlier(flight_ms, fault_ms), earlier(day->next_turn_ms, day->next_tell_ms));
    if (next_ms >= end_ms)
        return false;
    day->now_ms = next_ms;
    day_tick_if_due(day);
    if (flight_ms == next_ms)
        day_fly(day);
    else if (fault_ms == next_ms)
        day_fault(day);
    else if (day->next_tell_ms == next_ms)
        run_tell(day);
    else
        run_turn(day);
    return true;
}

void day_run(struct day *day, uint64_t end_ms)
{
    while (run_next(day, end_ms))
        ;
    day->now_ms = end_ms;
    day_tick(day); /* what the core shows is of now */
}

void day_finish(struct day *day)
{
    day->next_turn_ms = day->next_tell_ms = UINT64_MAX;
    while (heap_first(&day->flight_times) != NULL)
        (void)run_next(day, UINT64_MAX);
}
