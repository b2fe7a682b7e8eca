/* SPDX-License-Identifier: Apache-2.0 */
/* A digest of all effects, byte for byte, by which two runs of one seed are compared (promise 5). */
#include <assert.h>
#include <stdlib.h>

#include "world/world.h"

uint64_t digest_mix(uint64_t digest, const void *bytes, size_t count)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < count; i++)
        digest = (digest ^ at[i]) * UINT64_C(0x100000001b3);
    return digest ^ (digest >> 29);
}

static uint64_t mix_number(uint64_t digest, uint64_t number)
{
    return digest_mix(digest, &number, sizeof number);
}

uint64_t digest_text(uint64_t digest, struct text text)
{
    digest = mix_number(digest, text_is_present(text) ? text.length + 1 : 0);
    return digest_mix(digest, text.bytes, text.length);
}

static uint64_t mix_texts(uint64_t digest, const struct text *texts, size_t count)
{
    digest = mix_number(digest, count);
    for (size_t i = 0; i < count; i++)
        digest = digest_text(digest, texts[i]);
    return digest;
}

static uint64_t mix_relay(uint64_t digest, const struct relay_record *relay)
{
    const struct text texts[] = { relay->detail,        relay->km_id,
                                  relay->source_kma_id, relay->destination_kma_id,
                                  relay->route_id,      relay->application_destination_id,
                                  relay->extension,     relay->explanation };
    const uint64_t numbers[] = { relay->relay_id,    relay->state,        relay->reason,
                                 relay->decided_by,  relay->unsolicited,  relay->sent,
                                 relay->version,     relay->message_id,   relay->payload_digest.low,
                                 relay->received_ms, relay->decided_ms,   relay->payload_digest.high,
                                 relay->ended_ms,    relay->instructed_ms };
    digest = digest_mix(digest, numbers, sizeof numbers);
    digest = mix_texts(digest, texts, sizeof texts / sizeof texts[0]);
    digest = mix_texts(digest, relay->path, relay->path_length);
    for (size_t i = 0; i < relay->timeline_count; i++) {
        const struct timeline_entry *entry = &relay->timeline[i];
        const uint64_t line[] = { entry->time_ms, entry->state, entry->reason };
        digest = digest_mix(digest, line, sizeof line);
    }
    return digest;
}

static uint64_t mix_lookup(uint64_t digest, const struct lookup_record *lookup)
{
    const struct text texts[] = {
        lookup->detail,    lookup->km_id,       lookup->current_kma_id,     lookup->source_kma_id,
        lookup->extension, lookup->explanation, lookup->destination_kma_id, lookup->application_destination_id
    };
    const uint64_t numbers[] = { lookup->lookup_id,  lookup->state,       lookup->reason,  lookup->decided_by,
                                 lookup->message_id, lookup->received_ms, lookup->ended_ms };
    digest = digest_mix(digest, numbers, sizeof numbers);
    digest = mix_texts(digest, texts, sizeof texts / sizeof texts[0]);
    return mix_texts(digest, lookup->next_kma_ids, lookup->next_kma_id_count);
}

static uint64_t mix_policy(uint64_t digest, const struct policy *policy)
{
    const uint64_t numbers[] = { policy->order[0], policy->order[1], policy->order[2],
                                 policy->orchestrator_ms, policy->completion_ms };
    return digest_mix(digest, numbers, sizeof numbers);
}

static uint64_t mix_record(uint64_t digest, const struct record *record)
{
    const uint64_t numbers[] = { record->kind, record->revision.number, record->revision.changed_ms };
    digest = digest_mix(digest, numbers, sizeof numbers);
    switch (record->kind) {
    case RECORD_RELAY:
        return mix_relay(digest, &record->relay);
    case RECORD_LOOKUP:
        return mix_lookup(digest, &record->lookup);
    case RECORD_KM:
        digest = mix_texts(digest, record->km.kma_ids, record->km.kma_id_count);
        digest = mix_texts(digest, record->km.identities, record->km.identity_count);
        digest = mix_policy(digest, &record->km.policy);
        return digest_text(mix_number(digest, record->km.enabled), record->km.km_id);
    case RECORD_APPLICATION:
        return digest_text(digest_text(digest, record->application.application_id),
                           record->application.kma_id);
    case RECORD_DESTINATION:
        return digest_text(mix_policy(digest, &record->destination.policy), record->destination.kma_id);
    case RECORD_ROUTE:
        digest = mix_texts(digest, record->route.path, record->route.path_length);
        digest = mix_number(digest, record->route.hop_count);
        return digest_text(digest, record->route.route_id);
    case RECORD_LINK:
        return digest_text(mix_number(digest, record->link.state), record->link.link_id);
    case RECORD_BUDGET:
        return digest_text(mix_number(digest, record->budget.keys), record->budget.link_id);
    case RECORD_KM_DELETED:
    case RECORD_APPLICATION_DELETED:
    case RECORD_DESTINATION_DELETED:
    case RECORD_ROUTE_DELETED:
    case RECORD_LINK_DELETED:
    case RECORD_DOCUMENT_DELETED:
        return digest_text(digest, record->deleted_id);
    case RECORD_DOCUMENT:
        return digest_text(digest_text(digest, record->document.document_id), record->document.body);
    case RECORD_AUDIT:
        return digest_text(mix_number(digest, record->audit.audit_id), record->audit.outcome);
    case RECORD_IDEMPOTENCY:
    case RECORD_ANSWER:
        return digest_text(digest, record->idempotency.key);
    case RECORD_DEAD_LETTER:
    case RECORD_DEAD_LETTERS_DELETED:
        return digest_text(mix_number(digest, record->dead_letter.event_id), record->dead_letter.webhook_id);
    }
    return digest;
}

static uint64_t mix_notice(struct world *world, uint64_t digest, const struct notice *notice)
{
    size_t capacity = notice_json_bytes_max(notice);
    unsigned char *buffer = malloc(capacity > 0 ? capacity : 1);
    assert(buffer != NULL);
    struct bytes_writer writer = bytes_writer(buffer, capacity);
    notice_write_json(notice, &writer);
    if (writer.overflowed || writer.length == 0)
        world_fail(world, "a notice does not fit its own bound");
    world_trace(world, "  notice %.*s", TEXT_ARGUMENTS(bytes_written(&writer)));
    digest = digest_mix(digest, buffer, writer.length);
    free(buffer);
    return digest;
}

static uint64_t mix_reply(uint64_t digest, const struct reply *reply)
{
    const uint64_t numbers[] = { reply->command_id, reply->status,     reply->reason,
                                 reply->revision,   reply->request_id, reply->created,
                                 reply->updated,    reply->deleted,    reply->unchanged };
    digest = digest_text(digest_mix(digest, numbers, sizeof numbers), reply->detail);
    return mix_texts(digest, reply->warnings, reply->warning_count);
}

void digest_effect(struct world *world, const struct effect *effect)
{
    uint64_t digest = mix_number(world->digest, effect->kind);
    switch (effect->kind) {
    case EFFECT_RECORD:
        digest = mix_record(digest, &effect->record);
        break;
    case EFFECT_NOTICE:
        digest = mix_notice(world, digest, &effect->notice);
        break;
    case EFFECT_ADMIT:
        digest = mix_number(digest, effect->admit.session.index);
        digest = digest_text(mix_number(digest, effect->admit.byte_order), effect->admit.km_id);
        break;
    case EFFECT_SEND:
        digest = mix_number(digest, effect->send.session.index);
        digest = digest_text(digest, effect->send.frame);
        break;
    case EFFECT_CLOSE:
        digest = mix_number(mix_number(digest, effect->close.session.index), effect->close.reason);
        break;
    case EFFECT_REPLY:
        digest = mix_reply(digest, &effect->reply);
        break;
    }
    world->digest = digest;
}
