/* SPDX-License-Identifier: Apache-2.0 */
/* Regular networks of any size: ring, line and grid. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "cksim/quantity.h"
#include "cksim/scenario_build.h"

static void add_nodes(struct scenario *scenario, struct origin origin, uint32_t count)
{
    for (uint32_t i = 1; i <= count; i++) {
        char name[320];
        snprintf(name, sizeof name, "%.250s%u", scenario->fleet.km_prefix, i);
        struct scenario_km *km = scenario_add_km(scenario, origin, name);
        snprintf(name, sizeof name, "%.250s%u", scenario->fleet.kma_prefix, i);
        km->kma = scenario_keep(scenario, name, strlen(name));
    }
}

/* Nodes count from 1. */
static void connect(struct scenario *scenario, struct origin origin, uint32_t a, uint32_t b)
{
    const char *prefix = scenario->fleet.kma_prefix;
    char name[640];
    /* The prefix makes links of two fleets differ, so that one bridge can serve both. */
    snprintf(name, sizeof name, "%.250s%u--%.250s%u", prefix, a, prefix, b);
    struct scenario_link *link = scenario_add_link(scenario, origin, name);
    snprintf(name, sizeof name, "%.250s%u", prefix, a);
    link->a_name = scenario_keep(scenario, name, strlen(name));
    snprintf(name, sizeof name, "%.250s%u", prefix, b);
    link->b_name = scenario_keep(scenario, name, strlen(name));
}

static void add_line(struct scenario *scenario, struct origin origin, uint32_t count)
{
    add_nodes(scenario, origin, count);
    for (uint32_t i = 1; i < count; i++)
        connect(scenario, origin, i, i + 1);
}

static void add_grid(struct scenario *scenario, struct origin origin, uint32_t width, uint32_t height)
{
    add_nodes(scenario, origin, width * height);
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width; x++) {
            uint32_t node = y * width + x + 1;
            if (x + 1 < width)
                connect(scenario, origin, node, node + 1);
            if (y + 1 < height)
                connect(scenario, origin, node, node + width);
        }
    }
}

static bool read_grid(const char *words, uint64_t *out_width, uint64_t *out_height)
{
    char width[16];
    const char *cross = strchr(words, 'x');
    if (cross == NULL || (size_t)(cross - words) >= sizeof width)
        return false;
    memcpy(width, words, (size_t)(cross - words));
    width[cross - words] = '\0';
    return quantity_count(width, LIMIT_KMS, out_width) && quantity_count(cross + 1, LIMIT_KMS, out_height);
}

bool topology_generate(struct scenario *scenario, const char *topology, struct complaint *complaint)
{
    struct origin origin = { "topology", 0 };
    uint64_t count = 0, height = 1;
    bool ring = strncmp(topology, "ring:", 5) == 0, grid = strncmp(topology, "grid:", 5) == 0;
    bool read = (ring || strncmp(topology, "line:", 5) == 0) ? quantity_count(topology + 5, LIMIT_KMS, &count)
                : grid                                       ? read_grid(topology + 5, &count, &height)
                                                             : false;
    if (!read)
        return scenario_refuse(complaint, origin, "'%s' is none of file, ring:N, line:N, grid:WxH", topology);
    if (count * height < 2 || count * height > LIMIT_KMS)
        return scenario_refuse(complaint, origin, "'%s': from 2 to %d KMs", topology, LIMIT_KMS);
    if (grid)
        add_grid(scenario, origin, (uint32_t)count, (uint32_t)height);
    else
        add_line(scenario, origin, (uint32_t)count);
    if (ring && count > 2)
        connect(scenario, origin, (uint32_t)count, 1);
    return true;
}
