/* SPDX-License-Identifier: Apache-2.0 */
/* Which URLs webhooks may have, and how they are shown: without credentials. */
#ifndef CORE_WEBHOOK_URL_H
#define CORE_WEBHOOK_URL_H

#include <stdbool.h>

#include "base/bytes.h"

/*
 * NULL: it may be used. Else what to change. Plain HTTP goes to this machine alone, unless `insecure`.
 * Addresses and private networks are as good as names: where a bridge's receivers are is its operator's to
 * say.
 */
const char *webhook_url_problem(struct text url, bool insecure);
/* With "***" in the place of user and password. */
void webhook_url_write_redacted(struct text url, struct bytes_writer *writer);
bool webhook_url_is_plain(struct text url);

#endif
