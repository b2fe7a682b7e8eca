/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical form of audit entries, over which their hashes are taken. */
#include "ck/json_writer.h"
#include "core/trail.h"

static void member_text(struct bytes_writer *writer, const char *name, struct text value)
{
    json_name(writer, name);
    if (text_is_present(value))
        json_text(writer, value);
    else
        json_put_null(writer);
}

static void member_id(struct bytes_writer *writer, const char *name, uint64_t id)
{
    json_name(writer, name);
    if (id != 0)
        json_u64_text(writer, id);
    else
        json_put_null(writer);
}

/* The members are in the order that RFC 8785 wants. */
void audit_write_json(const struct audit_record *record, struct text previous_hash,
                      struct bytes_writer *writer)
{
    json_open_object(writer);
    member_text(writer, "action", record->action);
    member_text(writer, "actor", record->actor);
    member_id(writer, "audit_id", record->audit_id);
    member_text(writer, "detail", record->detail);
    member_id(writer, "first_event_id", record->first_event_id);
    member_id(writer, "last_event_id", record->last_event_id);
    member_text(writer, "outcome", record->outcome);
    member_text(writer, "previous_hash", previous_hash);
    member_text(writer, "reason", text_from_c(reason_name(record->reason)));
    member_id(writer, "request_id", record->request_id);
    member_id(writer, "revision", record->revision);
    member_text(writer, "source", record->source);
    member_text(writer, "target", record->target);
    json_name(writer, "time");
    json_time(writer, record->time_ms);
    json_close_object(writer);
}

size_t audit_json_bytes_max(const struct audit_record *record)
{
    enum { FRAME_BYTES = 640, ESCAPED_BYTES = 6 }; /* every name, number, hash and time; \u00XX */
    return FRAME_BYTES +
           ESCAPED_BYTES * (record->actor.length + record->source.length + record->action.length +
                            record->target.length + record->outcome.length + record->detail.length);
}
