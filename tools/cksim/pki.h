/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate authority of one's own for a fleet: for tests, demonstrations and load, never for service. */
#ifndef CKSIM_PKI_H
#define CKSIM_PKI_H

#include <stdbool.h>

#include "cksim/scenario.h"

struct pki_options {
    const char *directory;
    bool shared_key; /* one key, fleet.key, for all KMs, which saves making and reading ten thousand */
    bool wrong;      /* also expired.*, self-signed.* and other-ca.*, in the first KM's name */
};

/*
 * Writes ca.pem, ca.key, server.pem, server.key (localhost, 127.0.0.1, ::1), NAME.pem and NAME.key of every
 * KM (subject alternative name dns:NAME), and psk.txt with a random key for each. P-256, valid for a year.
 * Existing files are replaced.
 */
bool pki_make(const struct scenario *scenario, const struct pki_options *options,
              struct complaint *complaint);

#endif
