/* SPDX-License-Identifier: Apache-2.0 */
/* A notice as a log line: the same event, with the same event_id, as every other subscriber gets. */
#ifndef MAIN_NOTICE_LOG_H
#define MAIN_NOTICE_LOG_H

#include "core/notice.h"

void notice_log(const struct notice *notice);

#endif
