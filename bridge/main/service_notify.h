/* SPDX-License-Identifier: Apache-2.0 */
/* Tells systemd how the service is (sd_notify's protocol, without its library). */
#ifndef MAIN_SERVICE_NOTIFY_H
#define MAIN_SERVICE_NOTIFY_H

/* "READY=1", "RELOADING=1", "STOPPING=1", lines of NAME=value. Does nothing without $NOTIFY_SOCKET. */
void service_notify(const char *state);

#endif
