/* SPDX-License-Identifier: Apache-2.0 */
/* Looks at the bridge, its KMs and its routes for what is wrong or soon will be. */
#include "ckctl/finding.h"
#include "ckctl/pages.h"
#include "ckctl/value.h"

static void gather(void *context, const char *item, size_t length)
{
    json_array_append_new(context, value_parse(item, length));
}

/* *out_items is to be released with json_decref(), whatever the outcome. */
static enum outcome read_all(struct context *context, const char *target, json_t **out_items)
{
    *out_items = json_array();
    const struct pages pages = { .target = target, .visit = gather, .context = *out_items };
    return pages_read(context, &pages);
}

static void judge(struct findings *findings, const json_t *status, const json_t *kms, const json_t *routes)
{
    doctor_look_at_bridge(findings, status);
    doctor_look_at_refused(findings, status, kms);
    for (size_t i = 0; i < json_array_size(kms); i++)
        doctor_look_at_km(findings, json_array_get(kms, i));
    for (size_t i = 0; i < json_array_size(routes); i++)
        doctor_look_at_route(findings, json_array_get(routes, i));
    findings_sum_up(findings);
}

enum outcome doctor_run(struct context *context)
{
    struct findings findings = { .context = context };
    json_t *status, *kms = NULL, *routes = NULL;
    enum outcome outcome = context_get(context, "/status", &status);
    if (outcome == OUTCOME_OK)
        outcome = read_all(context, "/kms", &kms);
    if (outcome == OUTCOME_OK)
        outcome = read_all(context, "/routes", &routes);
    if (outcome == OUTCOME_OK && !api_is_interrupted(context->api)) {
        judge(&findings, status, kms, routes);
        outcome = findings.wrong > 0 ? OUTCOME_REFUSED : OUTCOME_OK;
    }
    json_decref(status);
    json_decref(kms);
    json_decref(routes);
    return outcome;
}
