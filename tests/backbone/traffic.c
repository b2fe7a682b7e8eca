/* SPDX-License-Identifier: Apache-2.0 */
#include "backbone/traffic.h"

#include <assert.h>

enum {
    HOUR_MS = 3600000,
    HOURS = 24,
    PERCENT = 100,
    HOT_PERCENT = 40,
    METRO_PERCENT = 30, /* the rest: anybody of anybody */
    DOOM_HOPS = 16,
};

/* Of the busiest hour's, in percent. */
static const uint8_t load_of_hour[HOURS] = { 20, 15, 12, 10,  10,  12, 20, 35, 60, 85, 100, 100,
                                             90, 85, 95, 100, 100, 90, 75, 60, 50, 45, 35,  25 };

static uint32_t any_user(struct traffic *traffic)
{
    return traffic->backbone->users[seeded_below(&traffic->seeded, traffic->backbone->user_count)];
}

static void any_pair(struct traffic *traffic, uint32_t *out_source, uint32_t *out_destination)
{
    *out_source = any_user(traffic);
    do
        *out_destination = any_user(traffic);
    while (*out_destination == *out_source);
}

static void metro_pair(struct traffic *traffic, uint32_t *out_source, uint32_t *out_destination)
{
    const struct backbone *backbone = traffic->backbone;
    const size_t metro = seeded_below(&traffic->seeded, backbone->metro_count);
    const uint32_t count = backbone->metro_nodes[metro];
    const uint32_t from = (uint32_t)seeded_below(&traffic->seeded, count);
    const uint32_t step = 1 + (uint32_t)seeded_below(&traffic->seeded, count - 1);
    *out_source = backbone->metro_first[metro] + from;
    *out_destination = backbone->metro_first[metro] + (from + step) % count;
}

/* The first pair is twice as hot as the second, three times as hot as the third ... */
static void hot_pair(struct traffic *traffic, uint32_t *out_source, uint32_t *out_destination)
{
    enum { WEIGHT = 1000 };
    uint64_t sum = 0;
    for (size_t i = 0; i < TRAFFIC_HOT_PAIRS; i++)
        sum += WEIGHT / (i + 1);
    uint64_t drawn = seeded_below(&traffic->seeded, sum);
    size_t pair = 0;
    while (drawn >= WEIGHT / (pair + 1)) {
        drawn -= WEIGHT / (pair + 1);
        pair++;
    }
    *out_source = traffic->hot_pairs[pair][0];
    *out_destination = traffic->hot_pairs[pair][1];
}

void traffic_init(struct traffic *traffic, const struct backbone *backbone, uint64_t seed)
{
    assert(backbone->user_count >= 2 && backbone->metro_count > 0);
    *traffic = (struct traffic){ .backbone = backbone, .seeded = { seed } };
    for (size_t i = 0; i < TRAFFIC_HOT_PAIRS; i++)
        any_pair(traffic, &traffic->hot_pairs[i][0], &traffic->hot_pairs[i][1]);
}

static struct traffic_wish draw_wish(struct traffic *traffic)
{
    struct traffic_wish wish = { .doom_hop = (uint32_t)seeded_below(&traffic->seeded, DOOM_HOPS) };
    wish.doomed = traffic->doom_one_in > 0 && seeded_below(&traffic->seeded, traffic->doom_one_in) == 0;
    const uint64_t kind = seeded_below(&traffic->seeded, PERCENT);
    if (kind < HOT_PERCENT)
        hot_pair(traffic, &wish.source, &wish.destination);
    else if (kind < HOT_PERCENT + METRO_PERCENT)
        metro_pair(traffic, &wish.source, &wish.destination);
    else
        any_pair(traffic, &wish.source, &wish.destination);
    return wish;
}

/* Each of TRAFFIC_PER_TURN may ask, independently: nearly a Poisson process. */
size_t traffic_turn(struct traffic *traffic, uint64_t time_of_day_ms,
                    struct traffic_wish wishes[TRAFFIC_PER_TURN])
{
    const uint64_t chances = (uint64_t)HOUR_MS / TRAFFIC_TURN_MS * TRAFFIC_PER_TURN * PERCENT;
    const uint64_t wanted = traffic->wishes_a_peak_hour * load_of_hour[time_of_day_ms / HOUR_MS % HOURS];
    size_t count = 0;
    assert(wanted <= chances);
    for (size_t i = 0; i < TRAFFIC_PER_TURN; i++) {
        if (seeded_below(&traffic->seeded, chances) < wanted)
            wishes[count++] = draw_wish(traffic);
    }
    return count;
}
