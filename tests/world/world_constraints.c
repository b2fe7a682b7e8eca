/* SPDX-License-Identifier: Apache-2.0 */
/* What KMs constrain their requests by: drawn at random, and read again from their own words. */
#include <string.h>

#include "base/bytes.h"
#include "world/world.h"

static struct text any_node(struct world *world)
{
    return world->graph.nodes[random_below(&world->random, world->graph.node_count)];
}

static struct text any_link(struct world *world)
{
    return text_from_c(world->graph.edges[random_below(&world->random, world->graph.edge_count)].name);
}

static void put_member(struct bytes_writer *writer, const char *name, bool *first)
{
    bytes_put_c(writer, *first ? "\"" : ",\"");
    bytes_put_c(writer, name);
    bytes_put_c(writer, "\":");
    *first = false;
}

static void put_list(struct world *world, struct bytes_writer *writer, const char *name, bool *first,
                     struct text (*draw)(struct world *))
{
    const size_t count = random_below(&world->random, WORLD_CONSTRAINED_MAX + 1);
    put_member(writer, name, first);
    bytes_put_c(writer, "[");
    for (size_t i = 0; i < count; i++) {
        bytes_put_c(writer, i > 0 ? ",\"" : "\"");
        bytes_put_text(writer, draw(world));
        bytes_put_c(writer, "\"");
    }
    bytes_put_c(writer, "]");
}

static void put_number(struct bytes_writer *writer, const char *name, bool *first, size_t number)
{
    put_member(writer, name, first);
    bytes_put_u64(writer, number);
}

struct text constraints_draw(struct world *world, char buffer[WORLD_EXTENSION_BYTES])
{
    struct bytes_writer writer = bytes_writer(buffer, WORLD_EXTENSION_BYTES);
    bool first = true;
    bytes_put_c(&writer, "[{\"acme_priority\":3},{\"ckbridge_constraints\":{");
    if (random_one_in(&world->random, 3))
        put_list(world, &writer, "avoid_kma_ids", &first, any_node);
    if (random_one_in(&world->random, 3))
        put_list(world, &writer, "avoid_link_ids", &first, any_link);
    if (random_one_in(&world->random, 6))
        put_list(world, &writer, "require_kma_ids", &first, any_node);
    if (random_one_in(&world->random, 4))
        put_number(&writer, "max_hops", &first, 1 + random_below(&world->random, 6));
    else if (random_one_in(&world->random, 20)) /* none at all is no limit */
        put_number(&writer, "max_hops", &first, 0);
    if (random_one_in(&world->random, 6))
        put_number(&writer, "min_key_stock", &first, random_below(&world->random, 5));
    if (random_one_in(&world->random, 40)) /* there is no such constraint */
        put_number(&writer, "max_cost", &first, 3);
    bytes_put_c(&writer, "}}]");
    return bytes_written(&writer);
}

/* Behind `name`; NULL: it is not said. The simulator's words are ASCII, and each is said once. */
static const char *find_member(const char *words, const char *name)
{
    char member[32];
    struct bytes_writer writer = bytes_writer(member, sizeof member - 1);
    bytes_put_c(&writer, "\"");
    bytes_put_c(&writer, name);
    bytes_put_c(&writer, "\":");
    member[writer.length] = '\0';
    const char *found = strstr(words, member);
    return found != NULL ? found + writer.length : NULL;
}

/* The names point into `extension`, of which `words` is a copy. */
static struct name_list said_list(struct text extension, const char *words, const char *name)
{
    struct name_list list = { .count = 0 };
    const char *at = find_member(words, name);
    while (at != NULL && at[0] != ']' && at[1] == '"') {
        const size_t bytes = strcspn(at + 2, "\"");
        list.names[list.count++] = (struct text){ extension.bytes + (at + 2 - words), bytes };
        at += bytes + 3;
    }
    return list;
}

static size_t said_number(const char *words, const char *name, size_t otherwise)
{
    const char *at = find_member(words, name);
    return at != NULL ? (size_t)(at[0] - '0') : otherwise; /* all of them are below 10 */
}

struct asked_constraints constraints_said(struct text extension)
{
    struct asked_constraints said = { .given = false };
    char words[WORLD_EXTENSION_BYTES];
    if (!text_to_c(extension, words, sizeof words) || strstr(words, "ckbridge_constraints") == NULL)
        return said;
    said.avoid_kmas = said_list(extension, words, "avoid_kma_ids");
    said.avoid_links = said_list(extension, words, "avoid_link_ids");
    said.require_kmas = said_list(extension, words, "require_kma_ids");
    said.hops_max = said_number(words, "max_hops", 0);
    said.key_stock_min = (int64_t)said_number(words, "min_key_stock", 0);
    said.given = strstr(words, "\"ckbridge_constraints\":{}") == NULL;
    said.unreadable = strstr(words, "\"max_hops\":0") != NULL || strstr(words, "max_cost") != NULL;
    return said;
}

bool name_is_listed(const struct name_list *list, struct text name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (text_equal(list->names[i], name))
            return true;
    }
    return false;
}
