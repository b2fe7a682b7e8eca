/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/listeners.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snmp/net_snmp.h"
#include "snmp/stream_guard.h"

static bool add(struct listeners *listeners, const char *address, size_t length)
{
    if (listeners->count == LISTENERS_MAX)
        return false;
    char *copy = strndup(address, length);
    if (copy == NULL)
        return false;
    listeners->all[listeners->count++] = (struct listener){ .address = copy };
    return true;
}

bool listeners_init(struct listeners *listeners, const char *addresses)
{
    *listeners = (struct listeners){ .message_bytes_max = INT32_MAX };
    for (const char *at = addresses; *at != '\0';) {
        at += strspn(at, ", \t");
        const size_t length = strcspn(at, ", \t");
        if (length > 0 && !add(listeners, at, length))
            return false;
        at += length;
    }
    return listeners->count > 0;
}

void listeners_fini(struct listeners *listeners)
{
    for (size_t i = 0; i < listeners->count; i++)
        free(listeners->all[i].address);
    listeners->count = 0;
}

/* The library says no reason; the system's last word is the best there is. */
static bool open_one(struct listeners *listeners, struct listener *listener)
{
    errno = 0;
    netsnmp_transport *transport = netsnmp_transport_open_server("snmp", listener->address);
    if (transport != NULL && stream_guard(transport) && netsnmp_register_agent_nsap(transport) > 0) {
        if (transport->msgMaxSize < listeners->message_bytes_max)
            listeners->message_bytes_max = transport->msgMaxSize;
        return true;
    }
    const int code = errno;
    snprintf(listeners->detail, sizeof listeners->detail, "%s: %s", listener->address,
             code != 0 ? strerror(code) : "no such address");
    return false;
}

bool listeners_turn(struct listeners *listeners, uint64_t monotonic_ms)
{
    char before[LISTENERS_DETAIL_BYTES];
    const size_t open_before = listeners->open_count;
    if (listeners->open_count == listeners->count || monotonic_ms < listeners->due_ms)
        return false;
    memcpy(before, listeners->detail, sizeof before);
    listeners->detail[0] = '\0';
    for (size_t i = 0; i < listeners->count; i++) {
        struct listener *listener = &listeners->all[i];
        if (!listener->open && open_one(listeners, listener)) {
            listener->open = true;
            listeners->open_count++;
        }
    }
    listeners->due_ms = monotonic_ms + LISTENERS_PAUSE_MS;
    return listeners->open_count != open_before || strcmp(before, listeners->detail) != 0;
}
