/* SPDX-License-Identifier: Apache-2.0 */
/* The SNMP agent beside the daemon: what it reads, and what becomes of it when it fails. */
#ifndef MAIN_DAEMON_SNMP_H
#define MAIN_DAEMON_SNMP_H

#include "main/daemon.h"

/*
 * If the configuration wants it. The bridge runs on without: the log and /status say why. As root, for keys
 * are read; when the store is there, and before anything happens of which there may be a notification.
 */
void daemon_snmp_prepare(struct daemon *daemon);
/* As root still: a standalone agent binds its addresses. */
void daemon_snmp_listen(struct daemon *daemon);
/* When root is given up: a subagent connects as it will have to do again later. */
void daemon_snmp_connect(struct daemon *daemon);
void daemon_snmp_stop(struct daemon *daemon);
/* For /status. */
void daemon_snmp_status(struct daemon *daemon, struct http_status *out_status);

#endif
