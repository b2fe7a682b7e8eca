/* SPDX-License-Identifier: Apache-2.0 */
#include "core/effect.h"

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

struct effect *effects_add(struct effects *effects, enum effect_kind kind)
{
    struct effect *effect = arena_allocate(&effects->arena, sizeof *effect);
    if (effect == NULL)
        return NULL;
    effect->kind = kind;
    *effects->last = effect;
    effects->last = &effect->next;
    effects->count++;
    if (kind == EFFECT_RECORD || kind == EFFECT_NOTICE)
        effects->durable_count++;
    return effect;
}
