/* SPDX-License-Identifier: Apache-2.0 */
/* The one table of what the northbound API serves. */
#ifndef HTTP_API_H
#define HTTP_API_H

#include "http/router.h"

#define API_BASE "/api/v1"

const struct route *api_routes(size_t *out_count);
/* Its body or its answer holds a secret: they are wiped, and never kept for a repetition. */
bool api_holds_secret(const struct route *route);

#endif
