/* SPDX-License-Identifier: Apache-2.0 */
/* The member `explanation` of a relay or lookup: what each decider said when it was asked. */
#ifndef HTTP_EXPLANATION_RENDER_H
#define HTTP_EXPLANATION_RENDER_H

#include "base/bytes.h"
#include "core/record.h"

void explanation_put_relay(struct bytes_writer *writer, const struct relay_record *relay);
void explanation_put_lookup(struct bytes_writer *writer, const struct lookup_record *lookup);

#endif
