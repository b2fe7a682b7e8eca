/* SPDX-License-Identifier: Apache-2.0 */
#include "main/configuration_check.h"

#include <stdlib.h>
#include <string.h>

#include "main/configuration_check_snmp.h"
#include "main/setting_parse.h"

/* Something that must be said by one section only. */
struct claim {
    struct text what;
    const struct section_head *head;
    size_t order; /* of its writing: the earlier keeps it */
};

struct claims {
    const char *setting;
    const char *remedy;
    struct claim *items;
    size_t count;
};

static int compare_claims(const void *left, const void *right)
{
    const struct claim *a = left, *b = right;
    int order = text_compare(a->what, b->what);
    if (order != 0)
        return order;
    return a->order < b->order ? -1 : a->order > b->order;
}

static void claim(struct claims *claims, const struct section_head *head, struct text what)
{
    claims->items[claims->count] = (struct claim){ what, head, claims->count };
    claims->count++;
}

/* Sorting brings what is claimed twice together; then each later one is reported. */
static void report_doubles(struct claims *claims, struct problems *problems)
{
    if (claims->count > 1)
        qsort(claims->items, claims->count, sizeof *claims->items, compare_claims);
    for (size_t i = 1; i < claims->count; i++) {
        const struct claim *first = &claims->items[i - 1], *second = &claims->items[i];
        if (!text_equal(first->what, second->what))
            continue;
        struct place place = configuration_place(first->head, claims->setting);
        problems_error(problems, configuration_place(second->head, claims->setting),
                       "%s %.*s is also that of \"%.*s\" (%s:%u); %s", claims->setting,
                       TEXT_ARGUMENTS(second->what), TEXT_ARGUMENTS(first->head->name), place.file,
                       place.line, claims->remedy);
    }
}

static bool claims_new(struct claims *claims, const char *setting, const char *remedy, size_t capacity,
                       struct problems *problems)
{
    *claims = (struct claims){ .setting = setting, .remedy = remedy };
    claims->items = calloc(capacity + 1, sizeof *claims->items);
    if (claims->items == NULL)
        problems_error(problems, (struct place){ "configuration", 0 }, "out of memory");
    return claims->items != NULL;
}

static void check_kms(const struct configuration *configuration, struct problems *problems)
{
    struct claims kmas, identities;
    size_t km_count = configuration->km_count;
    if (!claims_new(&kmas, "kma", "a KMA belongs to one KM: take it from one of them",
                    km_count * LIMIT_KMAS_PER_KM, problems))
        return;
    if (claims_new(&identities, "identity", "an identity names one KM: change one of them",
                   km_count * LIMIT_IDENTITIES_PER_KM, problems)) {
        for (size_t i = 0; i < km_count; i++) {
            const struct km_section *km = &configuration->kms[i];
            for (size_t k = 0; k < km->kma.count; k++)
                claim(&kmas, &km->head, km->kma.items[k]);
            for (size_t k = 0; k < km->identity.count; k++)
                claim(&identities, &km->head, km->identity.items[k]);
        }
        report_doubles(&kmas, problems);
        report_doubles(&identities, problems);
    }
    free(identities.items);
    free(kmas.items);
}

static void need(const struct section_head *head, const char *setting, const char *value, const char *why,
                 struct problems *problems)
{
    if (value == NULL)
        problems_error(problems, configuration_place(head, setting), "%s needs %s; add %s = a file", why,
                       setting, setting);
}

static void check_ck(const struct ck_section *ck, struct problems *problems)
{
    switch ((enum security)ck->security) {
    case SECURITY_TLS:
        need(&ck->head, "certificate", ck->certificate, "security = tls", problems);
        need(&ck->head, "key", ck->key, "security = tls", problems);
        need(&ck->head, "ca", ck->ca, "security = tls", problems);
        break;
    case SECURITY_PSK:
        need(&ck->head, "psk_file", ck->psk_file, "security = psk", problems);
        break;
    case SECURITY_PLAIN:
        problems_warning(problems, configuration_place(&ck->head, "security"),
                         "security = plain: whoever has a KM's address is taken for it");
        break;
    }
}

static bool has_port_zero(const char *listen)
{
    return strcmp(strrchr(listen, ':'), ":0") == 0;
}

static void check_listeners(const struct configuration *configuration, struct problems *problems)
{
    struct claims addresses;
    if (!claims_new(&addresses, "listen", "choose another port", configuration->ck_count + 1, problems))
        return;
    for (size_t i = 0; i < configuration->ck_count; i++) {
        const struct ck_section *ck = &configuration->cks[i];
        check_ck(ck, problems);
        if (ck->head.name.length > 63)
            problems_error(problems, ck->head.source->place,
                           "a listener's name has at most 63 bytes; shorten it");
        if (!has_port_zero(ck->listen))
            claim(&addresses, &ck->head, text_from_c(ck->listen));
    }
    if (!has_port_zero(configuration->http.listen))
        claim(&addresses, &configuration->http.head, text_from_c(configuration->http.listen));
    report_doubles(&addresses, problems);
    free(addresses.items);
    if (configuration->ck_count == 0)
        problems_warning(problems, (struct place){ "configuration", 0 },
                         "no [ck \"name\"] section: no KM can connect");
}

static void check_http(const struct http_section *http, struct problems *problems)
{
    bool loopback = false;
    listen_address_parse(text_from_c(http->listen), &loopback);
    if (http->certificate != NULL)
        need(&http->head, "key", http->key, "certificate", problems);
    if (http->key != NULL)
        need(&http->head, "certificate", http->certificate, "key", problems);
    if (http->client_ca != NULL)
        need(&http->head, "certificate", http->certificate, "client_ca", problems);
    if (http->certificate == NULL && !loopback && !http->insecure)
        problems_error(problems, configuration_place(&http->head, "listen"),
                       "plain HTTP on %s, which is not loopback; add certificate and key, or insecure = yes",
                       http->listen);
}

static void check_clients(const struct configuration *configuration, struct problems *problems)
{
    struct claims identities, digests;
    if (!claims_new(&identities, "identity", "an identity names one client: change one of them",
                    configuration->client_count * LIMIT_IDENTITIES_PER_KM, problems))
        return;
    for (size_t i = 0; i < configuration->client_count; i++) {
        const struct client_section *client = &configuration->clients[i];
        for (size_t k = 0; k < client->identity.count; k++)
            claim(&identities, &client->head, client->identity.items[k]);
    }
    report_doubles(&identities, problems);
    free(identities.items);
    if (configuration->client_count > 0 && configuration->http.client_ca == NULL)
        problems_warning(problems, configuration->clients[0].head.source->place,
                         "[client] without client_ca in [http]: no client certificate is asked for");
    if (!claims_new(&digests, "sha256", "one token has one role: take one of them away",
                    configuration->token_count, problems))
        return;
    for (size_t i = 0; i < configuration->token_count; i++)
        claim(&digests, &configuration->tokens[i].head,
              ini_find(configuration->tokens[i].head.source, "sha256")->value);
    report_doubles(&digests, problems);
    free(digests.items);
}

static void check_links(const struct configuration *configuration, struct problems *problems)
{
    for (size_t i = 0; i < configuration->link_count; i++) {
        const struct link_section *link = &configuration->links[i];
        if (text_equal(link->a, link->b))
            problems_error(problems, configuration_place(&link->head, "b"),
                           "link \"%.*s\" has %.*s at both ends; change one", TEXT_ARGUMENTS(link->head.name),
                           TEXT_ARGUMENTS(link->b));
        if (link->key_capacity > 0 && link->key_stock > link->key_capacity)
            problems_error(problems, configuration_place(&link->head, "key_stock"),
                           "%lld keys are more than key_capacity, which is %lld; tell fewer, or a greater "
                           "capacity",
                           (long long)link->key_stock, (long long)link->key_capacity);
    }
}

void configuration_check(const struct configuration *configuration, struct problems *problems)
{
    check_listeners(configuration, problems);
    check_http(&configuration->http, problems);
    check_clients(configuration, problems);
    check_kms(configuration, problems);
    check_links(configuration, problems);
    configuration_check_snmp(configuration, problems);
}
