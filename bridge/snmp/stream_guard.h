/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps the TCP connections of a standalone agent few, and the agent from waiting for any of them. */
#ifndef SNMP_STREAM_GUARD_H
#define SNMP_STREAM_GUARD_H

#include <stdbool.h>

#include "snmp/net_snmp.h"

enum {
    STREAM_CONNECTIONS_MAX = 32, /* of all addresses; one more, and the longest silent is cut off */
    STREAM_SEND_BUFFER_BYTES =
        4 * 1 << 16, /* answers that are not read; with more, the connection is cut off */
};

/* Of the library's thread. `listening`: fresh from netsnmp_transport_open_server. Another one than a stream's
   is left as it is. False: too many addresses. */
bool stream_guard(netsnmp_transport *listening);

#endif
