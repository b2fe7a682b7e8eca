/* SPDX-License-Identifier: Apache-2.0 */
#include "cksim/network.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { NS_PER_KM = 5000 }; /* light in fibre */

void key_stock_init(struct key_stock *stock, double capacity, double rate, uint64_t now_ns)
{
    *stock = (struct key_stock){
        .available = capacity, .capacity = capacity, .rate = rate, .refilled_ns = now_ns
    };
}

double key_stock_available(struct key_stock *stock, uint64_t now_ns)
{
    if (now_ns > stock->refilled_ns) {
        double grown = stock->available + stock->rate * (double)(now_ns - stock->refilled_ns) / 1e9;
        stock->available = grown < stock->capacity && stock->rate >= 0 ? grown : stock->capacity;
        stock->refilled_ns = now_ns;
    }
    return stock->available;
}

bool key_stock_take(struct key_stock *stock, uint64_t now_ns)
{
    if (stock->capacity < 0)
        return true;
    if (key_stock_available(stock, now_ns) < 1)
        return false;
    stock->available -= 1;
    return true;
}

const char *hop_status_name(enum hop_status status)
{
    static const char *const names[] = { "ok",      "no_link",   "link_down", "insufficient_keys",
                                         "km_away", "hop_limit", "loop" };
    return names[status];
}

static uint64_t pair_of(uint32_t a, uint32_t b)
{
    return a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
}

static struct text link_key(const void *value)
{
    return table_integer_key(&((const struct network_link *)value)->pair);
}

static struct network_link *find_link(const struct network *network, uint32_t a, uint32_t b)
{
    uint64_t pair = pair_of(a, b);
    return table_find(&network->pairs, table_integer_key(&pair));
}

static void add_link(struct network *network, uint32_t index, uint64_t now_ns)
{
    const struct scenario_link *described = &network->scenario->links[index];
    struct network_link *link = &network->links[index];
    link->pair = pair_of(described->a, described->b);
    link->delay_ns = network->scenario->fleet.hop_latency + (uint64_t)(described->distance * NS_PER_KM);
    link->next = NOBODY;
    key_stock_init(&link->stock, described->key_stock, described->key_rate, now_ns);
    struct network_link *first = find_link(network, described->a, described->b);
    if (first == NULL) {
        table_insert(&network->pairs, link);
        network->first_neighbour[described->a + 1]++;
        network->first_neighbour[described->b + 1]++;
    } else {
        link->next = first->next;
        first->next = index;
    }
}

static void list_neighbours(struct network *network)
{
    uint32_t kmas = network->scenario->kma_count;
    for (uint32_t i = 0; i < kmas; i++)
        network->first_neighbour[i + 1] += network->first_neighbour[i];
    network->neighbours = system_allocate(network->first_neighbour[kmas], sizeof *network->neighbours);
    uint32_t *filled = system_allocate(kmas, sizeof *filled);
    for (uint32_t i = 0; i < network->scenario->link_count; i++) {
        const struct scenario_link *link = &network->scenario->links[i];
        if (find_link(network, link->a, link->b) != &network->links[i])
            continue;
        network->neighbours[network->first_neighbour[link->a] + filled[link->a]++] = link->b;
        network->neighbours[network->first_neighbour[link->b] + filled[link->b]++] = link->a;
    }
    free(filled);
}

void network_init(struct network *network, const struct scenario *scenario, uint64_t now_ns)
{
    static const struct siphash_key key = { 3, 4 };
    *network = (struct network){ .scenario = scenario };
    network->links = system_allocate(scenario->link_count, sizeof *network->links);
    network->first_neighbour = system_allocate(scenario->kma_count + 1, sizeof *network->first_neighbour);
    network->km_present = system_allocate(scenario->km_count, sizeof *network->km_present);
    table_init(&network->pairs, &system_memory, key, link_key);
    for (uint32_t i = 0; i < scenario->link_count; i++)
        add_link(network, i, now_ns);
    list_neighbours(network);
}

void network_fini(struct network *network)
{
    table_fini(&network->pairs);
    free(network->links);
    free(network->neighbours);
    free(network->first_neighbour);
    free(network->km_present);
}

bool network_has_link(const struct network *network, uint32_t a, uint32_t b)
{
    return find_link(network, a, b) != NULL;
}

/* The best any of the parallel links can do; *out_link is the one to take the key from. */
static enum hop_status choose_link(struct network *network, uint32_t from, uint32_t to, uint64_t now_ns,
                                   struct network_link **out_link)
{
    struct network_link *link = find_link(network, from, to);
    if (link == NULL)
        return HOP_NO_LINK;
    if (!network->km_present[network->scenario->kmas[to].km])
        return HOP_KM_AWAY;
    enum hop_status status = HOP_LINK_DOWN;
    for (;;) {
        if (link->cuts == 0) {
            *out_link = link;
            if (link->stock.capacity < 0 || key_stock_available(&link->stock, now_ns) >= 1)
                return HOP_OK;
            status = HOP_NO_KEYS;
        }
        if (link->next == NOBODY)
            return status;
        link = &network->links[link->next];
    }
}

enum hop_status network_probe(struct network *network, uint32_t from, uint32_t to, uint64_t now_ns)
{
    struct network_link *link;
    return choose_link(network, from, to, now_ns, &link);
}

enum hop_status network_hop(struct network *network, uint32_t from, uint32_t to, uint64_t now_ns,
                            uint64_t *out_delay_ns)
{
    struct network_link *link = NULL;
    enum hop_status status = choose_link(network, from, to, now_ns, &link);
    if (status == HOP_NO_KEYS)
        link->keys_lacked++;
    if (status != HOP_OK)
        return status;
    bool taken = key_stock_take(&link->stock, now_ns);
    assert(taken);
    link->keys_taken++;
    *out_delay_ns = link->delay_ns;
    return HOP_OK;
}

void network_describe(const struct network *network, enum hop_status status, uint32_t from, uint32_t to,
                      char *out_words, size_t words_bytes)
{
    const char *a = network->scenario->kmas[from].name, *b = network->scenario->kmas[to].name;
    switch (status) {
    case HOP_OK:
    case HOP_STATUS_END:
        snprintf(out_words, words_bytes, "success");
        return;
    case HOP_NO_LINK:
        snprintf(out_words, words_bytes, "no link between %s and %s", a, b);
        return;
    case HOP_LINK_DOWN:
        snprintf(out_words, words_bytes, "link between %s and %s is down", a, b);
        return;
    case HOP_NO_KEYS:
        snprintf(out_words, words_bytes, "insufficient keys on %s/%s", a, b);
        return;
    case HOP_KM_AWAY:
        snprintf(out_words, words_bytes, "KM of %s does not answer %s", b, a);
        return;
    case HOP_LIMIT:
        snprintf(out_words, words_bytes, "hop limit reached at %s", a);
        return;
    case HOP_LOOP:
        snprintf(out_words, words_bytes, "loop: %s sends back to %s", a, b);
        return;
    }
}
