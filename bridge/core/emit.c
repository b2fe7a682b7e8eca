/* SPDX-License-Identifier: Apache-2.0 */
#include "core/emit.h"

#include <assert.h>
#include <string.h>

#include "core/directory_state.h"

struct notice *emit_notice(struct core *core, enum notice_type type)
{
    struct effect *effect = effects_add(core->effects, EFFECT_NOTICE);
    if (effect == NULL) {
        core->out_of_memory = true;
        return NULL;
    }
    struct notice *notice = &effect->notice;
    notice->event_id = core->next.next_event_id++;
    notice->time_ms = core->wall_ms;
    notice->type = type;
    return notice;
}

struct text emit_text(struct core *core, struct text text)
{
    struct text copy = arena_copy(&core->effects->arena, text);
    if (text_is_present(text) && !text_is_present(copy))
        core->out_of_memory = true;
    if (text_is_present(copy) && !text_is_utf8(copy)) {
        char *bytes = (char *)(uintptr_t)copy.bytes; /* it was just made here */
        for (size_t i = 0; i < copy.length; i++) {
            if ((unsigned char)bytes[i] >= 0x80)
                bytes[i] = '?';
        }
    }
    return copy;
}

struct text emit_hex(struct core *core, struct text bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *hex = arena_allocate(&core->effects->arena, 2 * bytes.length + 1);
    if (hex == NULL) {
        core->out_of_memory = true;
        return TEXT_ABSENT;
    }
    for (size_t i = 0; i < bytes.length; i++) {
        hex[2 * i] = digits[(unsigned char)bytes.bytes[i] >> 4];
        hex[2 * i + 1] = digits[(unsigned char)bytes.bytes[i] & 15];
    }
    return (struct text){ hex, 2 * bytes.length };
}

struct record *emit_record(struct core *core, enum record_kind kind, pack_function function,
                           const void *value, size_t value_bytes)
{
    struct record copy;
    memcpy(&copy.relay, value, value_bytes); /* every member of the union begins there */
    if (!pack_into_arena(&core->effects->arena, function, &copy.relay)) {
        core->out_of_memory = true;
        return NULL;
    }
    struct effect *effect = effects_add(core->effects, EFFECT_RECORD);
    if (effect == NULL) {
        core->out_of_memory = true;
        return NULL;
    }
    effect->record.kind = kind;
    memcpy(&effect->record.relay, &copy.relay, value_bytes);
    return &effect->record;
}

bool emit_close(struct core *core, struct session_handle session, enum reason reason)
{
    struct effect *effect = effects_add(core->effects, EFFECT_CLOSE);
    if (effect == NULL) {
        core->out_of_memory = true;
        return false;
    }
    effect->close = (struct effect_close){ session, reason };
    return true;
}

enum ck_key_style emit_key_style(const struct km *km)
{
    enum ck_key_style style = km_config_of(km)->dialect.key_style;
    if (style == CK_KEYS_AUTO)
        style = km->key_style;
    return style == CK_KEYS_AUTO ? CK_KEYS_SNAKE : style;
}

enum emit_status emit_message(struct core *core, struct km *km, const struct session *session,
                              const struct ck_header *header, const struct ck_message *message)
{
    size_t bytes = ck_message_encode(message, &km_config_of(km)->dialect, emit_key_style(km),
                                     core->frame + CK_HEADER_BYTES, CK_PAYLOAD_BYTES_MAX);
    if (bytes == 0)
        return EMIT_TOO_LARGE;
    if (session == NULL)
        return EMIT_OK;
    assert(bytes <= CK_PAYLOAD_BYTES_MAX);
    struct ck_header whole = *header;
    whole.command = (uint16_t)message->command;
    whole.payload_bytes = (uint16_t)bytes;
    ck_header_encode(&whole, session->byte_order == CK_LITTLE_ENDIAN ? CK_LITTLE_ENDIAN : CK_BIG_ENDIAN,
                     core->frame);
    struct text frame = arena_copy(&core->effects->arena,
                                   (struct text){ (const char *)core->frame, CK_HEADER_BYTES + bytes });
    struct effect *effect = text_is_present(frame) ? effects_add(core->effects, EFFECT_SEND) : NULL;
    if (effect == NULL) {
        core->out_of_memory = true;
        return EMIT_NO_MEMORY;
    }
    effect->send = (struct effect_send){ session->handle, frame };
    km->counters.sent[message->command]++;
    core->totals.frames_sent[message->command]++;
    return EMIT_OK;
}

struct text emit_reason_extension(struct core *core, const struct km *km, enum reason reason)
{
    enum ck_extensions rule = km_config_of(km)->dialect.extensions;
    bool wanted = rule == CK_EXTENSIONS_YES || (rule == CK_EXTENSIONS_AUTO && km->sent_extension);
    if (!wanted || reason == REASON_NONE)
        return TEXT_ABSENT;
    char words[96];
    struct bytes_writer writer = bytes_writer(words, sizeof words);
    bytes_put_c(&writer, "[{\"ckbridge_reason\":\"");
    bytes_put_c(&writer, reason_name(reason));
    bytes_put_c(&writer, "\"}]");
    assert(!writer.overflowed);
    return arena_copy(&core->effects->arena, bytes_written(&writer));
}

struct emit_mark emit_mark(const struct core *core)
{
    const struct effects *effects = core->effects;
    return (struct emit_mark){ effects->last, effects->count, effects->durable_count,
                               core->next.next_event_id };
}

void emit_undo(struct core *core, struct emit_mark mark)
{
    *mark.last = NULL;
    core->effects->last = mark.last;
    core->effects->count = mark.count;
    core->effects->durable_count = mark.durable_count;
    core->next.next_event_id = mark.next_event_id;
}
