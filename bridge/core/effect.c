/* SPDX-License-Identifier: Apache-2.0 */
#include "core/effect.h"

#include <stddef.h>

void effects_init(struct effects *effects, const struct memory *memory)
{
    *effects = (struct effects){ .first = NULL };
    arena_init(&effects->arena, memory);
    effects->last = &effects->first;
}

void effects_fini(struct effects *effects)
{
    arena_fini(&effects->arena);
    effects->first = NULL;
    effects->last = &effects->first;
    effects->count = effects->durable_count = 0;
}

void effects_clear(struct effects *effects)
{
    arena_clear(&effects->arena);
    effects->first = NULL;
    effects->last = &effects->first;
    effects->count = effects->durable_count = 0;
    effects->high_water = (struct high_water){ 0 };
    effects->turn = 0;
    effects->wall_ms = 0;
}

/* A record is by far the largest, and most effects are none. */
static size_t bytes_of(enum effect_kind kind)
{
    switch (kind) {
    case EFFECT_RECORD:
        return sizeof(struct effect);
    case EFFECT_NOTICE:
        return offsetof(struct effect, notice) + sizeof(struct notice);
    case EFFECT_ADMIT:
        return offsetof(struct effect, admit) + sizeof(struct effect_admit);
    case EFFECT_SEND:
        return offsetof(struct effect, send) + sizeof(struct effect_send);
    case EFFECT_CLOSE:
        return offsetof(struct effect, close) + sizeof(struct effect_close);
    case EFFECT_REPLY:
        return offsetof(struct effect, reply) + sizeof(struct reply);
    }
    return sizeof(struct effect);
}

static bool is_durable(enum effect_kind kind)
{
    return kind == EFFECT_RECORD || kind == EFFECT_NOTICE;
}

struct effect *effects_add(struct effects *effects, enum effect_kind kind)
{
    struct effect *effect = arena_allocate(&effects->arena, bytes_of(kind));
    if (effect == NULL)
        return NULL;
    effect->kind = kind;
    *effects->last = effect;
    effects->last = &effect->next;
    effects->count++;
    effects->durable_count += is_durable(kind);
    return effect;
}

void effects_withdraw(struct effects *effects, struct effect **slot)
{
    struct effect *effect = *slot;
    *slot = effect->next;
    if (effects->last == &effect->next)
        effects->last = slot;
    effects->count--;
    effects->durable_count -= is_durable(effect->kind);
}
