/* SPDX-License-Identifier: Apache-2.0 */
#include "http/idempotency.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "system/process_heap.h"

enum entry_state {
    ENTRY_UNDER_WAY,
    ENTRY_ANSWERED,
    ENTRY_UNKNOWN, /* done or not: its client went away, or the bridge was too slow to say */
};

struct idempotency_entry {
    enum entry_state state;
    struct siphash_digest target, body; /* what was asked */
    struct answer answer;               /* body and location on the heap; ENTRY_ANSWERED */
    struct idempotency_entry *newer;
    size_t key_bytes;
    char key[]; /* the actor, a line feed, the client's key */
};

static struct text key_of(const void *value)
{
    const struct idempotency_entry *entry = value;
    return (struct text){ entry->key, entry->key_bytes };
}

void idempotency_init(struct idempotency *idempotency, struct siphash_key key)
{
    *idempotency = (struct idempotency){ .oldest = NULL };
    table_init(&idempotency->entries, &process_heap, key, key_of);
}

static void entry_free(struct idempotency_entry *entry)
{
    free(entry->answer.body);
    free(entry->answer.location);
    free(entry);
}

static void forget_oldest(struct idempotency *idempotency)
{
    struct idempotency_entry *entry = idempotency->oldest;
    idempotency->oldest = entry->newer;
    if (idempotency->oldest == NULL)
        idempotency->newest = NULL;
    table_remove(&idempotency->entries, key_of(entry));
    entry_free(entry);
}

/* No request is under way any more. */
void idempotency_fini(struct idempotency *idempotency)
{
    while (idempotency->oldest != NULL)
        forget_oldest(idempotency);
    assert(idempotency->entries.count == 0);
    table_fini(&idempotency->entries);
}

static void settle(struct idempotency *idempotency, struct idempotency_entry *entry, enum entry_state state)
{
    entry->state = state;
    if (idempotency->newest != NULL)
        idempotency->newest->newer = entry;
    else
        idempotency->oldest = entry;
    idempotency->newest = entry;
}

static struct idempotency_entry *entry_new(const struct request *request, struct text key)
{
    const struct idempotency *idempotency = request->idempotency;
    struct idempotency_entry *entry = calloc(1, sizeof *entry + key.length);
    if (entry == NULL)
        return NULL;
    memcpy(entry->key, key.bytes, key.length);
    entry->key_bytes = key.length;
    entry->target = siphash(idempotency->entries.key, request->path);
    entry->body =
        siphash(idempotency->entries.key, (struct text){ (const char *)request->body, request->body_bytes });
    return entry;
}

/* Of actor and key; absent: out of memory. */
static struct text full_key(struct request *request)
{
    const struct text key = request->headers.idempotency_key;
    char *bytes = arena_allocate(&request->arena, request->actor.length + 1 + key.length);
    if (bytes == NULL)
        return TEXT_ABSENT;
    memcpy(bytes, request->actor.bytes, request->actor.length);
    bytes[request->actor.length] = '\n';
    memcpy(bytes + request->actor.length + 1, key.bytes, key.length);
    return (struct text){ bytes, request->actor.length + 1 + key.length };
}

static void answer_again(struct request *request, const struct answer *first)
{
    char *body = first->body != NULL ? malloc(first->body_bytes) : NULL;
    if (first->body != NULL && body == NULL) {
        request_refuse(request, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
        return;
    }
    if (body != NULL)
        memcpy(body, first->body, first->body_bytes);
    request->answer = *first;
    request->answer.body = body;
    request->answer.location = NULL;
    request->answered = true;
    if (first->location == NULL)
        return;
    const size_t bytes = strlen(first->location) + 1;
    request->answer.location = arena_allocate(&request->arena, bytes);
    if (request->answer.location != NULL)
        memcpy(request->answer.location, first->location, bytes);
}

static void answer_known(struct request *request, const struct idempotency_entry *first,
                         const struct idempotency_entry *now)
{
    if (!siphash_digest_equal(first->target, now->target) || !siphash_digest_equal(first->body, now->body)) {
        request_refuse(request, PROBLEM_REFUSED, "Idempotency-Key",
                       "this key was used for another request: take a new key for a new request");
        return;
    }
    switch (first->state) {
    case ENTRY_UNDER_WAY:
        request_refuse(request, PROBLEM_CONFLICT, "Idempotency-Key",
                       "the first request with this key is still being served; ask again later");
        return;
    case ENTRY_ANSWERED:
        answer_again(request, &first->answer);
        return;
    case ENTRY_UNKNOWN:
        request_refuse(
            request, PROBLEM_OUTCOME_UNKNOWN, "Idempotency-Key",
            "the first request with this key may have been done: GET the collection or the request it "
            "is about to see, and take a new key to ask again");
        return;
    }
}

static bool out_of_memory(struct request *request)
{
    request_refuse(request, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
    return false;
}

bool idempotency_begin(struct request *request)
{
    struct idempotency *idempotency = request->idempotency;
    const size_t length = request->headers.idempotency_key.length;
    if (length == 0 || length > IDEMPOTENCY_KEY_BYTES_MAX) {
        request_refuse(request, PROBLEM_BAD_HEADER, "Idempotency-Key", "a key has 1 to %d bytes",
                       IDEMPOTENCY_KEY_BYTES_MAX);
        return false;
    }
    const struct text key = full_key(request);
    struct idempotency_entry *entry = text_is_present(key) ? entry_new(request, key) : NULL;
    if (entry == NULL)
        return out_of_memory(request);
    const struct idempotency_entry *known = table_find(&idempotency->entries, key);
    if (known != NULL) {
        answer_known(request, known, entry);
        entry_free(entry);
        return false;
    }
    /* Those under way are no more than there are connections. */
    if (idempotency->entries.count >= IDEMPOTENCY_KEYS_MAX && idempotency->oldest != NULL)
        forget_oldest(idempotency);
    if (!table_insert(&idempotency->entries, entry)) {
        entry_free(entry);
        return out_of_memory(request);
    }
    request->idempotency_entry = entry;
    return true;
}

static void forget(struct idempotency *idempotency, struct idempotency_entry *entry)
{
    table_remove(&idempotency->entries, key_of(entry));
    entry_free(entry);
}

/* False: out of memory. */
static bool keep_answer(struct idempotency_entry *entry, const struct answer *answer)
{
    char *body = answer->body != NULL ? malloc(answer->body_bytes) : NULL;
    char *location = answer->location != NULL ? strdup(answer->location) : NULL;
    if ((answer->body != NULL && body == NULL) || (answer->location != NULL && location == NULL)) {
        free(body);
        free(location);
        return false;
    }
    if (body != NULL)
        memcpy(body, answer->body, answer->body_bytes);
    entry->answer = *answer;
    entry->answer.body = body;
    entry->answer.location = location;
    return true;
}

void idempotency_answered(struct request *request)
{
    struct idempotency_entry *entry = request->idempotency_entry;
    if (entry == NULL)
        return;
    request->idempotency_entry = NULL;
    if (request->answer.outcome_unknown)
        settle(request->idempotency, entry, ENTRY_UNKNOWN);
    else if (request->answer.status >= 300)
        forget(request->idempotency, entry); /* it had no effect, and may be tried again */
    else
        settle(request->idempotency, entry,
               keep_answer(entry, &request->answer) ? ENTRY_ANSWERED : ENTRY_UNKNOWN);
}

void idempotency_leave(struct request *request)
{
    struct idempotency_entry *entry = request->idempotency_entry;
    request->idempotency_entry = NULL;
    if (entry != NULL)
        settle(request->idempotency, entry, ENTRY_UNKNOWN);
}
