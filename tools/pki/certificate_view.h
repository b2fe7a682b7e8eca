/* SPDX-License-Identifier: Apache-2.0 */
/* What a certificate or a revocation list says, for people and scripts. */
#ifndef PKI_CERTIFICATE_VIEW_H
#define PKI_CERTIFICATE_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "pki/certificate.h"

enum { SERIAL_WORDS_BYTES = 64, NAME_WORDS_BYTES = 512 };

struct certificate_view {
    enum certificate_use use;
    char serial[SERIAL_WORDS_BYTES]; /* hexadecimal; one that does not fit is cut */
    int64_t from_ms, until_ms;       /* Unix time */
};

void certificate_view(struct certificate_view *out_view, X509 *certificate);
/* "dns:a.example", "uri:...", "ip:..." of each alternative name; "cn:..." when there is none. Names that do
 * not fit or are not text are left out. */
void certificate_visit_names(X509 *certificate, void (*visit)(void *context, const char *name),
                             void *context);
/* Signed by it, whatever the time. */
bool certificate_is_of(X509 *certificate, const struct authority *authority);
/* Unix time in milliseconds; 0: not representable. */
int64_t certificate_time_ms(const ASN1_TIME *time);

#endif
