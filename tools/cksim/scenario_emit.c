/* SPDX-License-Identifier: Apache-2.0 */
/* The same fleet as the bridge's configuration describes it, so that nobody writes it down twice. */
#include <arpa/inet.h>
#include <stdio.h>

#include "cksim/scenario.h"

const char *scenario_source(const struct scenario *scenario, uint32_t km, char buffer[static 64])
{
    struct in_addr address;
    if (scenario->kms[km].source != NULL)
        return scenario->kms[km].source;
    if (scenario->fleet.source == NULL || inet_pton(AF_INET, scenario->fleet.source, &address) != 1)
        return scenario->fleet.source;
    address.s_addr = htonl(ntohl(address.s_addr) + km);
    return inet_ntop(AF_INET, &address, buffer, 64);
}

const char *scenario_identity(const struct scenario *scenario, uint32_t km, char buffer[static 320])
{
    const struct scenario_km *described = &scenario->kms[km];
    char address[64];
    if (described->identity != NULL)
        return described->identity;
    const char *source = scenario_source(scenario, km, address);
    if (scenario->fleet.security == FLEET_PLAIN)
        snprintf(buffer, 320, "address:%s", source != NULL ? source : "127.0.0.1");
    else
        snprintf(buffer, 320, "%s:%s", scenario->fleet.security == FLEET_PSK ? "psk" : "dns",
                 described->name);
    return buffer;
}

struct emitter {
    void (*put)(void *context, const char *line);
    void *context;
};

static void put(const struct emitter *emitter, const char *key, const char *value)
{
    char line[INI_LINE_BYTES_MAX];
    snprintf(line, sizeof line, "%s = %s", key, value);
    emitter->put(emitter->context, line);
}

static void put_header(const struct emitter *emitter, const char *section, const char *name)
{
    char line[320];
    snprintf(line, sizeof line, "[%s \"%s\"]", section, name);
    emitter->put(emitter->context, line);
}

static void put_number(const struct emitter *emitter, const char *key, double value)
{
    char words[48];
    if (value < 0) /* unlimited: the bridge's default, which it is told nothing of */
        return;
    snprintf(words, sizeof words, "%.0f", value);
    put(emitter, key, words);
}

enum { SECONDS_PER_HOUR = 3600 };

static void emit_links(const struct scenario *scenario, const struct emitter *emitter)
{
    for (uint32_t i = 0; i < scenario->link_count; i++) {
        const struct scenario_link *link = &scenario->links[i];
        put_header(emitter, "link", link->name);
        put(emitter, "a", link->a_name);
        put(emitter, "b", link->b_name);
        put_number(emitter, "key_stock", link->key_stock);
        /* the bridge counts by the hour */
        put_number(emitter, "key_rate", link->key_stock < 0 ? -1 : link->key_rate * SECONDS_PER_HOUR);
    }
}

void scenario_emit_configuration(const struct scenario *scenario,
                                 void (*put_line)(void *context, const char *line), void *context)
{
    struct emitter emitter = { put_line, context };
    char identity[320];
    for (uint32_t i = 0; i < scenario->km_count; i++) {
        put_header(&emitter, "km", scenario->kms[i].name);
        put(&emitter, "kma", scenario->kms[i].kma);
        put(&emitter, "identity", scenario_identity(scenario, i, identity));
    }
    for (uint32_t i = 0; i < scenario->application_count; i++) {
        put_header(&emitter, "application", scenario->applications[i].name);
        put(&emitter, "kma", scenario->applications[i].kma_name);
    }
    emit_links(scenario, &emitter);
}
