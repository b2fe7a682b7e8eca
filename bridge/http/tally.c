/* SPDX-License-Identifier: Apache-2.0 */
#include "http/tally.h"

#include <assert.h>

#include "http/api.h"

static enum tally_class class_of(unsigned status)
{
    if (status < 300)
        return TALLY_2XX;
    if (status < 400)
        return TALLY_3XX;
    return status < 500 ? TALLY_4XX : TALLY_5XX;
}

const char *tally_class_name(enum tally_class class)
{
    static const char *const names[] = { "2xx", "3xx", "4xx", "5xx" };
    assert(class < TALLY_CLASSES_END);
    return names[class];
}

void tally_count(struct tally *tally, const struct tally_request *request)
{
    size_t count;
    const struct route *routes = api_routes(&count);
    assert(count <= TALLY_ROUTES_MAX);
    size_t at = request->route != NULL ? (size_t)(request->route - routes) : count;
    enum tally_class class = class_of(request->status);
    assert(at <= count);
    tally->requests[at][class]++;
    distribution_add(&tally->took_us[request->method][class], &distribution_microseconds, request->took_us);
}
