/* SPDX-License-Identifier: Apache-2.0 */
/* What each KM of the fleet proves itself with; loaded when first needed, shared where files are shared. */
#ifndef CKSIM_CREDENTIALS_H
#define CKSIM_CREDENTIALS_H

#include <stdint.h>

#include "cksim/scenario.h"
#include "net/client.h"

struct credentials;

/* Reads the PSK file if there is one. NULL after a complaint. */
struct credentials *credentials_new(const struct scenario *scenario, struct complaint *complaint);
void credentials_free(struct credentials *credentials);
/* NULL after a complaint, or for a fleet that proves nothing (plain). */
struct client_credentials *credentials_of(struct credentials *credentials, uint32_t km,
                                          struct complaint *complaint);
/* The wrong ones of this fault. */
struct client_credentials *credentials_wrong(struct credentials *credentials, uint32_t fault,
                                             struct complaint *complaint);

#endif
