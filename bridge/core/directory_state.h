/* SPDX-License-Identifier: Apache-2.0 */
/* The live directory: what is configured, which layer holds, and who owns which KMA. */
#ifndef CORE_DIRECTORY_STATE_H
#define CORE_DIRECTORY_STATE_H

#include "core/core_state.h"

/* The layer that holds: the API's if present, else the file's; NULL when there is neither. */
const struct layer *object_effective(const struct object *object);
/* Of a KM that has only relays left: an empty, disabled one with the profile's dialect. */
const struct km_config *km_config_of(const struct km *km);
/* A view of this kind would show something new. */
void objects_note_change(struct core *core, enum object_kind kind);
struct object *object_find(const struct core *core, enum object_kind kind, struct text id);
/* An object without a layer, in the directory; NULL: out of memory. */
struct object *object_new(struct core *core, enum object_kind kind, struct text id);
/* Takes it out of the directory and frees it; it has no layer, nor anything else that refers to it. */
void object_free(struct core *core, struct object *object);
size_t object_bytes(enum object_kind kind);
/* The same path, or the same next hops. */
bool route_ways_equal(const struct route_config *left, const struct route_config *right);
bool object_config_equal(enum object_kind kind, const union object_config *left,
                         const union object_config *right);

struct km *km_find(const struct core *core, struct text km_id);
bool km_is_enrolled(const struct km *km);
bool km_is_enabled(const struct km *km);
bool km_owns(const struct km *km, const struct kma *kma);
/* A KM that nothing needs any more leaves; one with relays stays. */
void km_free_unneeded(struct core *core, struct km *km);
/* The KMA of an application, or absent. */
struct text application_kma_id(const struct core *core, struct text application_id);

/* Known or not; NULL when nothing ever named it. */
struct kma *kma_find(const struct core *core, struct text kma_id);
/* Known when a KM or a link names it. */
bool kma_is_known(const struct kma *kma);
bool kma_is_disabled(const struct kma *kma);
/* NULL: out of memory. */
struct kma *kma_retain_id(struct core *core, struct text kma_id);
void kma_retain(struct kma *kma);
void kma_release(struct core *core, struct kma *kma);

/* Puts the effective configuration into force, and takes it out again. Binding may fail for want of memory;
   then nothing of it is in force. */
bool km_bind(struct core *core, struct km *km);
void km_unbind(struct core *core, struct km *km);
bool link_bind(struct core *core, struct link *link);
void link_unbind(struct core *core, struct link *link);

/* Those in force, whichever way round; NULL: none. */
const struct chain_node *links_between(const struct core *core, const struct kma *a, const struct kma *b);
enum adjacency { ADJACENCY_UP, ADJACENCY_DOWN, ADJACENCY_UNKNOWN };
enum adjacency adjacency_of(const struct core *core, const struct kma *a, const struct kma *b);

#endif
