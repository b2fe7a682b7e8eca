/* SPDX-License-Identifier: Apache-2.0 */
/* One notification as the variable bindings that it consists of. */
#ifndef SNMP_NOTIFICATION_VARBINDS_H
#define SNMP_NOTIFICATION_VARBINDS_H

#include "snmp/net_snmp.h"
#include "snmp/notification_queue.h"
#include "snmp/view.h"

/* From snmpTrapOID on; to be freed with snmp_free_varbind. NULL: out of memory. */
netsnmp_variable_list *notification_varbinds(const struct notification *notification,
                                             const struct view *view);

#endif
