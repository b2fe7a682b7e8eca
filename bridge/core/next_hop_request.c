/* SPDX-License-Identifier: Apache-2.0 */
/* Next hop requests as they come, and whether anybody can be asked for them. */
#include "core/constraints.h"
#include "core/directory_state.h"
#include "core/explain.h"
#include "core/next_hop.h"
#include "core/relay.h"

/* A hop decides of its own links alone. */
static const uint64_t ignored_constraints =
    UINT64_C(1) << CONSTRAINT_REQUIRE_KMAS | UINT64_C(1) << CONSTRAINT_MAX_HOPS;

/* Reading 12. */
static bool destinations_disagree(const struct core *core, const struct lookup_record *record)
{
    const struct text of_application = text_is_present(record->application_destination_id)
                                           ? application_kma_id(core, record->application_destination_id)
                                           : TEXT_ABSENT;
    return text_is_present(record->destination_kma_id) && text_is_present(of_application) &&
           !text_equal(record->destination_kma_id, of_application);
}

enum reason next_hop_read(struct core *core, struct session *session, const struct event_message *event,
                          struct lookup *out_lookup)
{
    const struct ck_message *message = event->message;
    *out_lookup = (struct lookup){
        .record = {
            .lookup_id = core->next.next_lookup_id++,
            .km_id = session->km->object.id,
            .source_kma_id = message->source_kma_id,
            .destination_kma_id = message->destination_kma_id,
            .application_destination_id = message->application_destination_id,
            .extension = message->extension,
            .message_id = event->header.message_id,
            .received_ms = core->wall_ms,
        },
        .km = session->km,
        .session = session->handle,
        .version = event->header.version,
        .received_monotonic_ms = core->now_ms,
        .destination_given = text_is_present(message->destination_kma_id),
    };
    struct request_constraints constraints;
    struct text word;
    const bool understood = constraints_read(core, message->extension, &constraints, &word);
    constraints_keep(core, &out_lookup->constraints, &constraints);
    explain_lookup_begin(core, out_lookup, constraints.given & ignored_constraints);
    if (destinations_disagree(core, &out_lookup->record))
        return REASON_DESTINATION_CONFLICT;
    out_lookup->record.detail = word;
    if (understood)
        return REASON_NONE;
    return text_is_present(word) ? REASON_BAD_CONSTRAINTS : REASON_OVERLOAD;
}
