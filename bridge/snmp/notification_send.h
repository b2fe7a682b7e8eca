/* SPDX-License-Identifier: Apache-2.0 */
/* One notification with its objects, handed to net-snmp. */
#ifndef SNMP_NOTIFICATION_SEND_H
#define SNMP_NOTIFICATION_SEND_H

#include "snmp/notification_queue.h"
#include "snmp/view.h"

/* False: out of memory. Whether anybody gets it is the receivers' or the master agent's matter. */
bool notification_send(const struct notification *notification, const struct view *view);

#endif
