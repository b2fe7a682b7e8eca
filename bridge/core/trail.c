/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trail_state.h"

#include <assert.h>

#include "core/emit.h"

static bool begin_audit(struct core *core, const struct command *command, struct trail *trail)
{
    const struct audit_record entry = {
        .audit_id = core->next.next_audit_id,
        .time_ms = core->wall_ms,
        .actor = emit_text(core, command->actor),
        .source = emit_text(core, command->audit.source),
        .action = emit_text(core, command->audit.action),
        .target = emit_text(core, command->audit.target),
        .outcome = emit_text(core, command->outcome),
        .detail = emit_text(core, command->detail),
    };
    struct record *record =
        core->out_of_memory ? NULL : emit_record(core, RECORD_AUDIT, pack_audit, &entry, sizeof entry);
    if (record == NULL)
        return false;
    core->next.next_audit_id++;
    trail->audit = &record->audit;
    return true;
}

static bool begin_idempotency(struct core *core, const struct command *command, struct trail *trail)
{
    assert(command->idempotency.digest.length == DIGEST_BYTES);
    const struct idempotency_record entry = {
        .key = command->idempotency.key,
        .digest = command->idempotency.digest,
        .created_ms = core->wall_ms,
    };
    trail->idempotency_slot = core->effects->last;
    struct record *record = emit_record(core, RECORD_IDEMPOTENCY, pack_idempotency, &entry, sizeof entry);
    if (record == NULL)
        return false;
    trail->idempotency = &record->idempotency;
    return true;
}

bool trail_begin(struct core *core, const struct command *command, struct trail *trail)
{
    *trail = (struct trail){ .next_event_id = core->next.next_event_id };
    if (command->dry_run)
        return true;
    const bool is_repeatable =
        text_is_present(command->idempotency.key) && command->kind != COMMAND_KEEP_ANSWER;
    if (is_repeatable && !begin_idempotency(core, command, trail))
        return false;
    if (!text_is_present(command->audit.action) || begin_audit(core, command, trail))
        return true;
    if (trail->idempotency != NULL)
        effects_withdraw(core->effects, trail->idempotency_slot);
    trail->idempotency = NULL;
    return false;
}

static bool is_done(const struct reply *reply)
{
    return reply->status == REPLY_OK || reply->status == REPLY_CREATED;
}

static void end_audit(struct core *core, const struct trail *trail, const struct reply *reply)
{
    struct audit_record *audit = trail->audit;
    if (!text_is_present(audit->outcome))
        audit->outcome = text_from_c(reply_status_name(reply->status));
    audit->reason = reply->reason;
    if (text_is_present(reply->detail))
        audit->detail = reply->detail;
    if (!is_done(reply))
        return;
    audit->revision = reply->revision;
    audit->request_id = reply->request_id;
    if (core->next.next_event_id == trail->next_event_id)
        return;
    audit->first_event_id = trail->next_event_id;
    audit->last_event_id = core->next.next_event_id - 1;
}

void trail_end(struct core *core, struct trail *trail, const struct reply *reply)
{
    if (trail->audit != NULL)
        end_audit(core, trail, reply);
    if (trail->idempotency == NULL)
        return;
    if (!is_done(reply)) { /* it had no effect, and may be tried again */
        effects_withdraw(core->effects, trail->idempotency_slot);
        return;
    }
    trail->idempotency->created = reply->status == REPLY_CREATED;
    trail->idempotency->request_id = reply->request_id;
    trail->idempotency->revision = reply->revision;
}

void trail_keep_answer(struct core *core, const struct command *command)
{
    const struct idempotency_record entry = { .key = command->idempotency.key, .answer = command->answer };
    emit_record(core, RECORD_ANSWER, pack_idempotency, &entry, sizeof entry);
}

void trail_put_dead_letters(struct core *core, const struct command *command)
{
    assert(command->dead_letter_count <= LIMIT_DEAD_LETTERS);
    for (size_t i = 0; i < command->dead_letter_count; i++) {
        if (emit_record(core, RECORD_DEAD_LETTER, pack_dead_letter, &command->dead_letters[i],
                        sizeof command->dead_letters[i]) == NULL)
            return;
    }
}

void trail_delete_dead_letters(struct core *core, const struct command *command)
{
    const struct dead_letter which = { .webhook_id = command->id, .event_id = command->event_id };
    emit_record(core, RECORD_DEAD_LETTERS_DELETED, pack_dead_letter, &which, sizeof which);
}
