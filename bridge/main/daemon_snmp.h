/* SPDX-License-Identifier: Apache-2.0 */
/* The SNMP agent beside the daemon: what it reads, and what becomes of it when it fails. */
#ifndef MAIN_DAEMON_SNMP_H
#define MAIN_DAEMON_SNMP_H

#include "main/daemon.h"

/*
 * If the configuration wants it. The bridge runs on without: the log and /status say why. While there is root
 * still: keys are read, and the addresses of a standalone agent bound.
 */
void daemon_snmp_prepare(struct daemon *daemon);
/* When root is given up: a subagent connects as it will have to do again later. */
void daemon_snmp_connect(struct daemon *daemon);
void daemon_snmp_stop(struct daemon *daemon);
/* For /status. */
void daemon_snmp_status(struct daemon *daemon, struct http_status *out_status);

#endif
