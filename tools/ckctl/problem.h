/* SPDX-License-Identifier: Apache-2.0 */
/* What the bridge answered instead of what was asked for: to standard error in words, and as an exit code. */
#ifndef CKCTL_PROBLEM_H
#define CKCTL_PROBLEM_H

#include "ckctl/buffer.h"
#include "ckctl/outcome.h"

/* `body` is a problem+json, as it should be, or anything; `retry_after_s` is the header's value, 0: there was
 * none. */
enum outcome problem_tell(long status, const struct buffer *body, long retry_after_s);

#endif
