/* SPDX-License-Identifier: Apache-2.0 */
#include "http/paths_answer.h"

#include <inttypes.h>
#include <stdio.h>

#include "ck/json_writer.h"

enum { DETAIL_BYTES = 640 };

const char *const paths_metric_names[] = { [PATHS_WIDEST_SHORTEST] = "widest_shortest",
                                           [PATHS_SHORTEST] = "shortest",
                                           [PATHS_WIDEST] = "widest",
                                           NULL };
const char *const paths_disjointness_names[] = { [DISJOINT_LINKS] = "links", [DISJOINT_KMAS] = "kmas", NULL };

static void put_known(struct bytes_writer *writer, const char *name, int64_t value)
{
    if (value >= 0)
        render_name_and_u64(writer, name, (uint64_t)value);
    else
        render_name_and_c(writer, name, NULL);
}

static void put_bottleneck(struct bytes_writer *writer, const struct network_link *link)
{
    json_name(writer, "bottleneck");
    json_open_object(writer);
    render_name_and_text(writer, "link_id", link->link_id);
    put_known(writer, "key_stock", link->key_stock);
    put_known(writer, "key_rate", link->key_rate);
    json_close_object(writer);
}

static void put_links(struct bytes_writer *writer, const struct paths_told *told, const struct path *path)
{
    json_name(writer, "link_ids");
    json_open_array(writer);
    for (size_t i = 0; i + 1 < path->length; i++)
        json_text(writer, network_link(told->network, path->links[i]).link_id);
    json_close_array(writer);
}

static bool is_connected(const struct paths_told *told, uint32_t kma)
{
    uint32_t km = told->km_of[kma];
    return km != NETWORK_NO_KM && told->snapshot->kms[km].connected;
}

static void put_disconnected(struct bytes_writer *writer, const struct paths_told *told,
                             const struct path *path)
{
    json_name(writer, "disconnected_kma_ids");
    json_open_array(writer);
    for (size_t i = 0; i < path->length; i++) {
        if (!is_connected(told, path->kmas[i]))
            json_text(writer, path->kma_ids[i]);
    }
    json_close_array(writer);
}

/* ---- why it is not the best ---- */

enum behind { BEHIND_COST, BEHIND_KEY_STOCK, BEHIND_HOPS, BEHIND_KMA_IDS, BEHIND_LINK_IDS };

static void put_behind(struct bytes_writer *writer, enum behind by, const uint64_t *amount,
                       const char *detail)
{
    static const char *const names[] = { [BEHIND_COST] = "cost",
                                         [BEHIND_KEY_STOCK] = "key_stock",
                                         [BEHIND_HOPS] = "hops",
                                         [BEHIND_KMA_IDS] = "kma_ids",
                                         [BEHIND_LINK_IDS] = "link_ids" };
    json_open_object(writer);
    render_name_and_c(writer, "by", names[by]);
    json_name(writer, "amount");
    if (amount != NULL)
        json_u64(writer, *amount);
    else
        json_put_null(writer);
    render_name_and_c(writer, "detail", detail);
    json_close_object(writer);
}

static void put_behind_cost(struct bytes_writer *writer, uint64_t more)
{
    char detail[DETAIL_BYTES];
    snprintf(detail, sizeof detail, "the cost is higher by %" PRIu64, more);
    put_behind(writer, BEHIND_COST, &more, detail);
}

static void put_behind_stock(struct bytes_writer *writer, const struct network_link *best,
                             const struct network_link *other)
{
    char detail[DETAIL_BYTES];
    if (best->key_stock < 0 || other->key_stock < 0) {
        put_behind(writer, BEHIND_KEY_STOCK, NULL,
                   other->key_stock < 0 ? "the bottleneck's key stock is not known"
                                        : "the bottleneck has no keys; the best path's stock is not known");
        return;
    }
    uint64_t less = (uint64_t)(best->key_stock - other->key_stock);
    snprintf(detail, sizeof detail, "the bottleneck's key stock is lower by %" PRIu64, less);
    put_behind(writer, BEHIND_KEY_STOCK, &less, detail);
}

/* Of a pair the two may pass the same KMAs, over parallel links. */
static void put_behind_names(struct bytes_writer *writer, const struct path *best, const struct path *path)
{
    for (size_t i = 0; i < path->length; i++) {
        if (best->kmas[i] != path->kmas[i]) {
            put_behind(writer, BEHIND_KMA_IDS, NULL, "equal in all; its KMA IDs come later in order");
            return;
        }
    }
    put_behind(writer, BEHIND_LINK_IDS, NULL, "equal in all, over other links between the same KMAs");
}

/* The first criterion of the metric that tells them apart. */
static void put_difference(struct bytes_writer *writer, const struct paths_told *told,
                           const struct path *best, const struct path *path)
{
    struct network_link best_link = network_link(told->network, best->bottleneck);
    struct network_link link = network_link(told->network, path->bottleneck);
    bool by_cost = path->cost != best->cost;
    bool by_stock = link.key_stock != best_link.key_stock && told->asked->metric != PATHS_SHORTEST;
    bool stock_first = told->asked->metric == PATHS_WIDEST;
    char detail[DETAIL_BYTES];
    if (by_stock && (stock_first || !by_cost)) {
        put_behind_stock(writer, &best_link, &link);
    } else if (by_cost) {
        put_behind_cost(writer, path->cost - best->cost);
    } else if (path->length != best->length) {
        uint64_t more = path->length - best->length;
        snprintf(detail, sizeof detail, "it has %" PRIu64 " hop%s more", more, more == 1 ? "" : "s");
        put_behind(writer, BEHIND_HOPS, &more, detail);
    } else {
        put_behind_names(writer, best, path);
    }
}

static void put_path(struct bytes_writer *writer, const struct paths_told *told, size_t index)
{
    const struct path *path = &told->found->paths[index];
    struct network_link bottleneck = network_link(told->network, path->bottleneck);
    json_open_object(writer);
    render_name_and_texts(writer, "path", path->kma_ids, path->length);
    put_links(writer, told, path);
    render_name_and_u64(writer, "cost", path->cost);
    render_name_and_u64(writer, "hops", path->length - 1);
    put_bottleneck(writer, &bottleneck);
    put_disconnected(writer, told, path);
    json_name(writer, "behind_best");
    if (index == 0)
        json_put_null(writer);
    else
        put_difference(writer, told, &told->found->paths[0], path);
    json_close_object(writer);
}

/* ---- why not ---- */

static struct text disabled_end(const struct paths_told *told, const struct network_link *link)
{
    uint32_t kma;
    bool known = network_find_kma(told->network, link->kma_a, &kma);
    return known && network_kma_is_enabled(told->network, kma) ? link->kma_b : link->kma_a;
}

static struct text avoided_end(const struct paths_told *told, const struct network_link *link)
{
    for (size_t i = 0; i < told->asked->avoid_kma_id_count; i++) {
        if (text_equal(told->asked->avoid_kma_ids[i], link->kma_a))
            return link->kma_a;
    }
    return link->kma_b;
}

static void say_why(const struct paths_told *told, const struct network_link *link, enum rejection rejection,
                    char *detail, size_t bytes)
{
    struct text end = TEXT_ABSENT;
    switch (rejection) {
    case REJECTION_LINK_DOWN:
        snprintf(detail, bytes, "its state is down");
        break;
    case REJECTION_KMA_DISABLED:
        end = disabled_end(told, link);
        snprintf(detail, bytes, "the KM of %.*s is disabled", TEXT_ARGUMENTS(end));
        break;
    case REJECTION_LINK_AVOIDED:
        snprintf(detail, bytes, "avoid_link_ids names it");
        break;
    case REJECTION_KMA_AVOIDED:
        end = avoided_end(told, link);
        snprintf(detail, bytes, "avoid_kma_ids names %.*s", TEXT_ARGUMENTS(end));
        break;
    case REJECTION_INSUFFICIENT_KEYS:
        if (told->asked->unknown_stock_does)
            snprintf(detail, bytes, "no key of it is left");
        else
            snprintf(detail, bytes, "it has %" PRId64 " keys; min_key_stock is %" PRId64, link->key_stock,
                     told->asked->key_stock_min);
        break;
    case REJECTION_KEYS_UNKNOWN:
        snprintf(detail, bytes, "nobody told its key stock; min_key_stock is %" PRId64,
                 told->asked->key_stock_min);
        break;
    case REJECTION_LINK_SPARED:
        snprintf(detail, bytes, "it is penalised for failed relays, and there is a path without it");
        break;
    case REJECTION_NONE:
    case REJECTIONS_END:
        detail[0] = '\0';
        break;
    }
}

static void put_rejected(struct bytes_writer *writer, const struct paths_told *told,
                         const struct rejected_link *rejected)
{
    char detail[DETAIL_BYTES];
    struct network_link link = network_link(told->network, rejected->link);
    say_why(told, &link, rejected->rejection, detail, sizeof detail);
    json_open_object(writer);
    render_name_and_text(writer, "link_id", link.link_id);
    render_name_and_text(writer, "a", link.kma_a);
    render_name_and_text(writer, "b", link.kma_b);
    render_name_and_c(writer, "reason", rejection_name(rejected->rejection));
    render_name_and_c(writer, "detail", detail);
    json_close_object(writer);
}

static void put_none(struct bytes_writer *writer, const struct paths_told *told)
{
    static const struct {
        const char *reason, *detail;
    } words[] = {
        [PATHS_NONE_KMA_DISABLED] = { "kma_disabled", "the KM of an end is disabled: " },
        [PATHS_NONE_NOT_CONNECTED] = { "not_connected",
                                       "no links lead from source to destination, whatever their state" },
        [PATHS_NONE_LINKS] = { "links_rejected",
                               "links lead there, but every way needs one that is rejected" },
        [PATHS_NONE_HOPS] = { "max_hops", "every way has more hops than max_hops allows" },
        [PATHS_NONE_REQUIRED] = { "require_kma_ids",
                                  "no loop-free way within the other constraints passes all required KMAs" },
        [PATHS_NONE_WORK] = { "work_limit",
                              "the limit of work was reached before a path was found; constrain less" },
    };
    char detail[DETAIL_BYTES];
    enum paths_none none = told->found->none;
    json_name(writer, "no_path");
    if (none == PATHS_NONE_NOT) {
        json_put_null(writer);
        return;
    }
    snprintf(detail, sizeof detail, "%s%.*s", words[none].detail, TEXT_ARGUMENTS(told->found->kma_id));
    json_open_object(writer);
    render_name_and_c(writer, "reason", words[none].reason);
    render_name_and_c(writer, "detail", detail);
    json_close_object(writer);
}

/* ---- why there is no second ---- */

static void put_shared(struct bytes_writer *writer, const struct paths_told *told)
{
    const struct pair_answer *pair = told->pair;
    json_name(writer, "link_ids");
    json_open_array(writer);
    for (size_t i = 0; i < pair->shared_link_count; i++)
        json_text(writer, network_link(told->network, pair->shared_links[i]).link_id);
    json_close_array(writer);
    json_name(writer, "kma_ids");
    json_open_array(writer);
    for (size_t i = 0; i < pair->shared_kma_count; i++)
        json_text(writer, network_kma_id(told->network, pair->shared_kmas[i]));
    json_close_array(writer);
}

static void say_lack(const struct paths_told *told, char *detail, size_t bytes)
{
    const struct pair_answer *pair = told->pair;
    const char *more = (pair->lack == PAIR_SHARES_KMAS ? pair->shared_kma_count : pair->shared_link_count) > 1
                           ? " and others"
                           : "";
    switch (pair->lack) {
    case PAIR_SHARES_LINKS:
        snprintf(detail, bytes, "every path uses the link %.*s%s",
                 TEXT_ARGUMENTS(network_link(told->network, pair->shared_links[0]).link_id), more);
        break;
    case PAIR_SHARES_KMAS:
        snprintf(detail, bytes, "every path passes the KMA %.*s%s",
                 TEXT_ARGUMENTS(network_kma_id(told->network, pair->shared_kmas[0])), more);
        break;
    case PAIR_IS_ADJACENT:
        snprintf(detail, bytes,
                 "there is no way but the direct one, and KMs can't tell parallel links apart");
        break;
    case PAIR_LACKS_HOPS:
        snprintf(detail, bytes, "of every pair a path has more hops than max_hops allows");
        break;
    case PAIR_LACKS_WORK:
        snprintf(detail, bytes,
                 "of the pairs tried a path has more hops than max_hops allows; there may be others");
        break;
    case PAIR_LACKS_NONE:
    case PAIR_LACKS_BOTH:
        detail[0] = '\0';
        break;
    }
}

static void put_no_second(struct bytes_writer *writer, const struct paths_told *told)
{
    static const char *const reasons[] = { [PAIR_SHARES_LINKS] = "shared_links",
                                           [PAIR_SHARES_KMAS] = "shared_kmas",
                                           [PAIR_IS_ADJACENT] = "adjacent",
                                           [PAIR_LACKS_HOPS] = "max_hops",
                                           [PAIR_LACKS_WORK] = "work_limit" };
    char detail[DETAIL_BYTES];
    json_name(writer, "no_second");
    if (told->pair == NULL || told->pair->lack == PAIR_LACKS_NONE || told->pair->lack == PAIR_LACKS_BOTH) {
        json_put_null(writer);
        return;
    }
    say_lack(told, detail, sizeof detail);
    json_open_object(writer);
    render_name_and_c(writer, "reason", reasons[told->pair->lack]);
    render_name_and_c(writer, "detail", detail);
    put_shared(writer, told);
    json_close_object(writer);
}

void paths_answer_put(struct bytes_writer *writer, const void *value)
{
    const struct paths_told *told = value;
    const struct paths_answer *found = told->found;
    size_t rejected =
        found->rejected_count < told->asked->rejected_max ? found->rejected_count : told->asked->rejected_max;
    json_open_object(writer);
    render_name_and_text(writer, "source_kma_id", told->asked->source_kma_id);
    render_name_and_text(writer, "destination_kma_id", told->asked->destination_kma_id);
    render_name_and_c(writer, "metric", paths_metric_names[told->asked->metric]);
    render_name_and_c(writer, "disjoint",
                      told->pair != NULL ? paths_disjointness_names[told->disjointness] : NULL);
    json_name(writer, "paths");
    json_open_array(writer);
    for (size_t i = 0; i < found->count; i++)
        put_path(writer, told, i);
    json_close_array(writer);
    put_none(writer, told);
    put_no_second(writer, told);
    render_name_and_boolean(writer, "complete", found->complete);
    json_name(writer, "rejected_links");
    json_open_array(writer);
    for (size_t i = 0; i < rejected; i++)
        put_rejected(writer, told, &found->rejected[i]);
    json_close_array(writer);
    render_name_and_u64(writer, "rejected_link_count", found->rejected_count);
    render_name_and_text(writer, "installed_route_id", told->installed_route_id);
    render_name_and_time(writer, "as_of", told->snapshot->taken_ms);
    json_close_object(writer);
}
