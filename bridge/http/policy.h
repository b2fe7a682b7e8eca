/* SPDX-License-Identifier: Apache-2.0 */
/* Policies as members of JSON objects: "order", "orchestrator_ms", "completion_ms"; null where inherited. */
#ifndef HTTP_POLICY_H
#define HTTP_POLICY_H

#include "core/directory.h"
#include "http/body.h"
#include "http/render.h"

void policy_put_members(struct bytes_writer *writer, const struct policy *policy);
/* Each member with its value and who says it: "km", or "decision" where `own` leaves it to the settings. */
void policy_put_in_force(struct bytes_writer *writer, const struct policy *in_force,
                         const struct policy *own);
/* The array of the words of an order. */
void policy_put_order(struct bytes_writer *writer, const struct policy *policy);
/* From the body's members; what is absent or null is inherited. False: answered with a problem. */
bool policy_read(const struct body *body, struct policy *out_policy);

#endif
