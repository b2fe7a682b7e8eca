/* SPDX-License-Identifier: Apache-2.0 */
/* The API's reason codes in words: what happened, and what to do about it. */
#ifndef CKCTL_REASON_H
#define CKCTL_REASON_H

/* Never NULL; for a code that is not known here, "". */
const char *reason_in_words(const char *code);

/* What to do about a TLS handshake that failed with these words of OpenSSL's; "" when they say nothing known,
 * or are NULL. */
const char *handshake_in_words(const char *detail);

#endif
