/* SPDX-License-Identifier: Apache-2.0 */
#include "http/refusals.h"

#include <stdio.h>

enum { DETAIL_BYTES_MAX = 1280 };

static bool changes_something(enum method method)
{
    return method == METHOD_PUT || method == METHOD_POST || method == METHOD_DELETE;
}

/* NULL: not to be told. */
static struct refusal_share *share_of(struct refusals *refusals, const struct request *request)
{
    const unsigned status = request->answer.status;
    if (status == 401 || (status == 429 && !text_is_present(request->actor)))
        return &refusals->unknown;
    if (!text_is_present(request->actor) || request->is_command)
        return NULL;
    if (status == 403 || (status >= 400 && status < 500 && changes_something(request->method)))
        return &refusals->refused;
    return NULL;
}

static bool may_tell(const struct refusals *refusals, const struct refusal_share *share, uint64_t now_ms,
                     uint64_t *out_used_until_ms)
{
    const bool is_unknown = share == &refusals->unknown;
    const uint64_t interval_ms = is_unknown ? REFUSALS_UNKNOWN_INTERVAL_MS : REFUSALS_INTERVAL_MS;
    const uint64_t at_once = is_unknown ? REFUSALS_UNKNOWN_AT_ONCE : REFUSALS_AT_ONCE;
    const uint64_t from_ms = share->used_until_ms > now_ms ? share->used_until_ms : now_ms;
    *out_used_until_ms = from_ms + interval_ms;
    return *out_used_until_ms <= now_ms + at_once * interval_ms;
}

static struct text detail_of(const struct request *request, const struct refusal_share *share,
                             struct arena *arena)
{
    char detail[DETAIL_BYTES_MAX];
    if (share->left_out == 0)
        return arena_copy(arena, request->problem_detail);
    snprintf(detail, sizeof detail, "%.*s (%llu more before it were not recorded one by one)",
             TEXT_ARGUMENTS(request->problem_detail), (unsigned long long)share->left_out);
    return arena_copy(arena, text_from_c(detail));
}

static struct text target_of(const struct request *request, struct arena *arena)
{
    char target[REFUSALS_TARGET_BYTES_MAX + sizeof "..."];
    if (request->path.length <= REFUSALS_TARGET_BYTES_MAX)
        return arena_copy(arena, request->path);
    snprintf(target, sizeof target, "%.*s...", REFUSALS_TARGET_BYTES_MAX, request->path.bytes);
    return arena_copy(arena, text_from_c(target));
}

static struct command_request *audit_command(const struct request *request, const struct refusal_share *share)
{
    const char *method = method_name(request->method);
    struct command_request *command = command_request_new();
    if (command == NULL)
        return NULL;
    struct arena *arena = &command->arena;
    command->command = (struct command){
        .kind = COMMAND_AUDIT,
        .actor = arena_copy(arena, request->actor),
        .audit = { .source = arena_copy(arena, request->source),
                   .action = text_from_c(method != NULL ? method : "unknown method"),
                   .target = target_of(request, arena) },
        .outcome = text_from_c(request->problem),
        .detail = detail_of(request, share, arena),
    };
    return command;
}

void refusals_note(struct refusals *refusals, const struct request *request, uint64_t now_ms)
{
    const struct http_backend *backend = request->backend;
    struct refusal_share *share = share_of(refusals, request);
    uint64_t used_until_ms;
    if (share == NULL || request->problem == NULL)
        return;
    struct command_request *command =
        may_tell(refusals, share, now_ms, &used_until_ms) ? audit_command(request, share) : NULL;
    if (command == NULL || !backend->submit(backend->context, command)) {
        command_request_free(command);
        share->left_out++;
        return;
    }
    share->used_until_ms = used_until_ms;
    share->left_out = 0;
}
