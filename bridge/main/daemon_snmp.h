/* SPDX-License-Identifier: Apache-2.0 */
/* The SNMP agent beside the daemon: what it reads, and what becomes of it when it fails. */
#ifndef MAIN_DAEMON_SNMP_H
#define MAIN_DAEMON_SNMP_H

#include "main/daemon.h"

/* Starts it if the configuration wants it. The bridge runs on without: the log and /status say why. */
void daemon_snmp_start(struct daemon *daemon);
void daemon_snmp_stop(struct daemon *daemon);
/* For /status. */
void daemon_snmp_status(struct daemon *daemon, struct http_status *out_status);

#endif
