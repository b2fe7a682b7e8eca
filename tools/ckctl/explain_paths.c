/* SPDX-License-Identifier: Apache-2.0 */
/* explain: what the bridge would compute for a relay now, beside the path that was taken. */
#include <stdlib.h>

#include "ckctl/explain.h"
#include "ckctl/paths.h"
#include "ckctl/value.h"

enum { ALTERNATIVES = 4 };

static bool has_path(const json_t *answer, const json_t *path)
{
    const json_t *paths = value_at(answer, "paths");
    for (size_t i = 0; i < json_array_size(paths); i++)
        if (json_equal(value_at(json_array_get(paths, i), "path"), path))
            return true;
    return false;
}

static void tell(struct context *context, const json_t *answer, const json_t *relay)
{
    const json_t *path = value_at(relay, "path");
    context_say(context, "What would be computed now, over the links as they are:");
    paths_tell(context, answer, path);
    if (json_array_size(path) > 0 && !has_path(answer, path))
        context_say(context, "The path that was taken is none of these.");
}

enum outcome explain_paths(struct context *context, const json_t *relay)
{
    const char *source = value_string(relay, "source_kma_id");
    const char *destination = value_string(relay, "destination_kma_id");
    struct api_answer answer;
    if (source == NULL || destination == NULL)
        return OUTCOME_OK;
    json_t *body = json_pack("{s:s, s:s, s:i}", "source_kma_id", source, "destination_kma_id", destination,
                             "k", ALTERNATIVES);
    char *text = json_dumps(body, JSON_COMPACT);
    /* KMAs that nobody knows any more have no paths. */
    const struct api_request request = {
        .method = "POST", .target = "/paths", .body = text, .may_be_unknown = true, .may_be_missing = true
    };
    enum outcome outcome = api_call(context->api, &request, &answer);
    if (outcome == OUTCOME_OK) {
        json_t *found = value_parse(buffer_c(&answer.body), answer.body.length);
        tell(context, found, relay);
        json_decref(found);
    } else if (outcome == OUTCOME_NOT_FOUND) {
        outcome = OUTCOME_OK;
    }
    api_answer_fini(&answer);
    free(text);
    json_decref(body);
    return outcome;
}
