/* SPDX-License-Identifier: Apache-2.0 */
/* The sender of webhooks between the core, the store, HTTP and the log. */
#ifndef MAIN_WEBHOOK_WIRING_H
#define MAIN_WEBHOOK_WIRING_H

#include "main/daemon.h"

/* Before HTTP, which asks it, and after the first snapshot. False: no thread or memory. */
bool webhook_wiring_start(struct daemon *daemon);
/* For deliveries that begin from now on. False: no memory, all is as it was. */
bool webhook_wiring_reload(struct daemon *daemon, const struct configuration *configuration);
/* What HTTP asks of it, with the daemon as context. */
struct http_webhooks webhook_wiring_http(void);

#endif
