/* SPDX-License-Identifier: Apache-2.0 */
/* An authority's revocation list: what it holds, and how it grows. */
#ifndef PKI_REVOCATION_H
#define PKI_REVOCATION_H

#include <stdbool.h>

#include "pki/certificate.h"

/*
 * A list signed now, with all that `former` (NULL: none) holds and, unless it is NULL, this certificate; its
 * number is one above the former's. It is to be renewed within `valid_s`, and not later than the authority
 * ends: beyond that, who checks it refuses everybody. NULL: OpenSSL could not. To be released with
 * X509_CRL_free().
 */
X509_CRL *revocation_list_new(const struct authority *authority, X509_CRL *former, const X509 *revoked,
                              long valid_s);
/* `list` may be NULL. */
bool revocation_list_has(X509_CRL *list, const X509 *certificate);

#endif
