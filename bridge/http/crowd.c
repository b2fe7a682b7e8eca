/* SPDX-License-Identifier: Apache-2.0 */
#include "http/crowd.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "system/process_heap.h"

static struct text key_of(const void *value)
{
    return text_from_c(((const struct crowd_host *)value)->host);
}

void crowd_init(struct crowd *crowd, struct siphash_key key, uint32_t connections_max, uint32_t per_host_max)
{
    *crowd = (struct crowd){ .connections_max = connections_max,
                             .sockets_max = crowd_sockets_max(connections_max),
                             .per_host_max =
                                 per_host_max != 0 ? per_host_max : connections_max - connections_max / 8 };
    table_init(&crowd->hosts, &process_heap, key, key_of);
}

void crowd_fini(struct crowd *crowd)
{
    assert(crowd->hosts.count == 0);
    table_fini(&crowd->hosts);
}

static struct crowd_host *host_of(struct crowd *crowd, const char *name)
{
    struct crowd_host *host = table_find(&crowd->hosts, text_from_c(name));
    if (host != NULL)
        return host;
    host = calloc(1, sizeof *host);
    if (host == NULL)
        return NULL;
    snprintf(host->host, sizeof host->host, "%s", name);
    if (table_insert(&crowd->hosts, host))
        return host;
    free(host);
    return NULL;
}

enum crowd_verdict crowd_enter(struct crowd *crowd, const char *name, struct crowd_host **out_host)
{
    struct crowd_host *host = host_of(crowd, name);
    *out_host = host;
    crowd->connections++;
    if (host != NULL && ++host->connections > crowd->per_host_max)
        return CROWD_FULL_OF_HOST;
    return crowd->connections > crowd->connections_max ? CROWD_FULL : CROWD_WELCOME;
}

void crowd_leave(struct crowd *crowd, struct crowd_host *host)
{
    crowd->connections--;
    if (host == NULL || --host->connections > 0)
        return;
    table_remove(&crowd->hosts, key_of(host));
    free(host);
}

bool crowd_admit(const struct crowd *crowd, enum crowd_verdict verdict, int headers, struct request *request)
{
    switch (verdict) {
    case CROWD_FULL:
        request_refuse(request, PROBLEM_BUSY, NULL,
                       "%u connections are open, as many as may be; close some, or try again later",
                       crowd->connections_max);
        return false;
    case CROWD_FULL_OF_HOST:
        request_refuse(
            request, PROBLEM_TOO_MANY_CONNECTIONS, NULL,
            "%u connections from your address are open, as many as one may have; close some, or use "
            "them for more than one request",
            crowd->per_host_max);
        return false;
    case CROWD_WELCOME:
        break;
    }
    if (headers <= CROWD_HEADERS_MAX)
        return true;
    request_refuse(request, PROBLEM_HEADERS_TOO_LARGE, NULL, "a request has at most %d header fields, not %d",
                   CROWD_HEADERS_MAX, headers);
    return false;
}

uint32_t crowd_sockets_max(uint32_t connections_max)
{
    return connections_max + connections_max / CROWD_REFUSED_SHARE + 8;
}

uint32_t crowd_most_of_a_host(const struct crowd *crowd)
{
    size_t position = 0;
    uint32_t most = 0;
    const struct crowd_host *host;
    while ((host = table_next(&crowd->hosts, &position)) != NULL)
        most = host->connections > most ? host->connections : most;
    return most;
}
