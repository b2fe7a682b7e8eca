/* SPDX-License-Identifier: Apache-2.0 */
/* net-snmp's headers, in the order that they need, and the MIB's root in its types. */
#ifndef SNMP_NET_SNMP_H
#define SNMP_NET_SNMP_H

#include "config.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/agent_callbacks.h>
#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <net-snmp/library/large_fd_set.h>
#pragma GCC diagnostic pop

/* MIB_ROOT comes from configure: 1,3,6,1,4,1,32473,7164. */
static const oid mib_root[] = { MIB_ROOT };
enum { MIB_ROOT_LENGTH = sizeof mib_root / sizeof *mib_root, MIB_NAME_MAX = MAX_OID_LEN };

#endif
