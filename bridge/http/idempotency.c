/* SPDX-License-Identifier: Apache-2.0 */
#include "http/idempotency.h"

#include <assert.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "http/kept_answer.h"
#include "system/clock.h"
#include "system/process_heap.h"

enum { RETRY_AFTER_S = 1 };

struct idempotency_entry {
    unsigned char digest[DIGEST_BYTES]; /* of what was asked */
    uint64_t command_id;                /* whose reply is awaited; 0: none */
    size_t key_bytes;
    char key[]; /* the actor, a line feed, the client's key */
};

static struct text key_of(const void *value)
{
    const struct idempotency_entry *entry = value;
    return (struct text){ entry->key, entry->key_bytes };
}

static struct text command_of(const void *value)
{
    const struct idempotency_entry *entry = value;
    return table_integer_key(&entry->command_id);
}

void idempotency_init(struct idempotency *idempotency, struct siphash_key key)
{
    table_init(&idempotency->entries, &process_heap, key, key_of);
    table_init(&idempotency->abandoned, &process_heap, key, command_of);
}

static void forget(struct idempotency *idempotency, struct idempotency_entry *entry)
{
    table_remove(&idempotency->entries, key_of(entry));
    free(entry);
}

/* No request is under way any more. */
void idempotency_fini(struct idempotency *idempotency)
{
    size_t position = 0;
    struct idempotency_entry *entry;
    while ((entry = table_next(&idempotency->entries, &position)) != NULL) {
        forget(idempotency, entry);
        position = 0;
    }
    table_fini(&idempotency->abandoned);
    table_fini(&idempotency->entries);
}

static bool out_of_memory(struct request *request)
{
    request_refuse(request, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
    return false;
}

/* Neither method, path nor query can hold a line feed. */
static bool digest_request(const struct request *request, unsigned char out_digest[DIGEST_BYTES])
{
    gnutls_hash_hd_t hash;
    if (gnutls_hash_init(&hash, GNUTLS_DIG_SHA256) != 0)
        return false;
    const struct text parts[] = { TEXT("POST\n"), request->path,
                                  TEXT("\n"),     request->query,
                                  TEXT("\n"),     { (const char *)request->body, request->body_bytes } };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        gnutls_hash(hash, parts[i].bytes, parts[i].length);
    gnutls_hash_deinit(hash, out_digest);
    return true;
}

/* NULL: out of memory. */
static struct idempotency_entry *entry_new(const struct request *request)
{
    const struct text actor = request->actor, key = request->headers.idempotency_key;
    const size_t key_bytes = actor.length + 1 + key.length;
    struct idempotency_entry *entry = calloc(1, sizeof *entry + key_bytes);
    if (entry == NULL || !digest_request(request, entry->digest)) {
        free(entry);
        return NULL;
    }
    memcpy(entry->key, actor.bytes, actor.length);
    entry->key[actor.length] = '\n';
    memcpy(entry->key + actor.length + 1, key.bytes, key.length);
    entry->key_bytes = key_bytes;
    return entry;
}

static void refuse_other(struct request *request)
{
    request_refuse(request, PROBLEM_REFUSED, "Idempotency-Key",
                   "this key was used for another request: take a new key for a new request");
}

static void refuse_under_way(struct request *request)
{
    request_refuse(request, PROBLEM_CONFLICT, "Idempotency-Key",
                   "the first request with this key is still being served; ask again later");
    request->answer.retry_after_s = RETRY_AFTER_S;
}

struct recall {
    struct request *request;
    const struct idempotency_entry *entry;
    bool is_fresh; /* nothing was done under the key, or too long ago */
};

/* What it did is known, though not how it was answered. */
static void repeat(struct request *request, const struct idempotency_record *record)
{
    struct reply *reply = arena_allocate(&request->arena, sizeof *reply);
    if (reply == NULL) {
        out_of_memory(request);
        return;
    }
    *reply = (struct reply){ .status = record->created ? REPLY_CREATED : REPLY_OK,
                             .request_id = record->request_id,
                             .revision = record->revision };
    request->repeated = reply;
}

static bool recall_record(void *context, const struct idempotency_record *record)
{
    struct recall *recall = context;
    struct request *request = recall->request;
    const uint64_t kept_ms = (uint64_t)IDEMPOTENCY_HOURS * 60 * 60 * 1000;
    const struct text digest = { (const char *)recall->entry->digest, DIGEST_BYTES };
    if (record->created_ms + kept_ms <= clock_wall_ms())
        recall->is_fresh = true;
    else if (!text_equal(record->digest, digest))
        refuse_other(request);
    else if (!kept_answer_read(record->answer, request))
        repeat(request, record);
    return false;
}

/* False: answered. */
static bool ask_store(struct request *request, const struct idempotency_entry *entry, bool *out_is_fresh)
{
    const struct history *history = &request->backend->history;
    struct recall recall = { request, entry, false };
    switch (history->idempotency(history->context, key_of(entry), recall_record, &recall)) {
    case HISTORY_OK:
        *out_is_fresh = recall.is_fresh;
        return !request->answered;
    case HISTORY_NOT_FOUND:
        *out_is_fresh = true;
        return true;
    case HISTORY_UNAVAILABLE:
        break;
    }
    request_refuse(request, PROBLEM_STORE_UNAVAILABLE, NULL,
                   "whether this key was used before can't be read now; try again later");
    return false;
}

static bool begin(struct request *request, struct idempotency_entry *entry, bool *out_is_fresh)
{
    const struct idempotency_entry *known = table_find(&request->idempotency->entries, key_of(entry));
    if (known == NULL)
        return ask_store(request, entry, out_is_fresh);
    if (memcmp(known->digest, entry->digest, DIGEST_BYTES) != 0)
        refuse_other(request);
    else
        refuse_under_way(request);
    return false;
}

bool idempotency_begin(struct request *request)
{
    const size_t length = request->headers.idempotency_key.length;
    bool is_fresh = false;
    if (length == 0 || length > IDEMPOTENCY_KEY_BYTES_MAX) {
        request_refuse(request, PROBLEM_BAD_HEADER, "Idempotency-Key", "a key has 1 to %d bytes",
                       IDEMPOTENCY_KEY_BYTES_MAX);
        return false;
    }
    struct idempotency_entry *entry = entry_new(request);
    if (entry == NULL)
        return out_of_memory(request);
    bool goes_on = begin(request, entry, &is_fresh);
    if (goes_on && is_fresh && !table_insert(&request->idempotency->entries, entry))
        goes_on = out_of_memory(request);
    if (goes_on && is_fresh)
        request->idempotency_entry = entry;
    else
        free(entry);
    return goes_on;
}

void idempotency_mark(const struct request *request, struct command_request *command)
{
    const struct idempotency_entry *entry = request->idempotency_entry;
    if (entry == NULL)
        return;
    const struct text digest = { (const char *)entry->digest, DIGEST_BYTES };
    command->command.idempotency.digest = arena_copy(&command->arena, digest);
    if (text_is_present(command->command.idempotency.digest)) /* without memory a repeat is a new request */
        command->command.idempotency.key = arena_copy(&command->arena, key_of(entry));
}

void idempotency_submitted(struct request *request, uint64_t command_id)
{
    if (request->idempotency_entry != NULL)
        request->idempotency_entry->command_id = command_id;
}

void idempotency_replied(struct request *request)
{
    idempotency_submitted(request, 0);
}

struct command_request *idempotency_keep(const struct request *request)
{
    if (request->idempotency_entry == NULL || request->answer.status >= 300)
        return NULL;
    struct command_request *command = command_request_new();
    if (command == NULL)
        return NULL;
    command->command.kind = COMMAND_KEEP_ANSWER;
    command->command.actor = arena_copy(&command->arena, request->actor);
    command->command.idempotency.key = arena_copy(&command->arena, key_of(request->idempotency_entry));
    command->command.answer = kept_answer_write(&command->arena, &request->answer);
    if (text_is_present(command->command.idempotency.key) && text_is_present(command->command.answer))
        return command;
    command_request_free(command); /* longer than what is kept: its repeats are answered anew */
    return NULL;
}

void idempotency_leave(struct request *request)
{
    struct idempotency_entry *entry = request->idempotency_entry;
    request->idempotency_entry = NULL;
    if (entry == NULL)
        return;
    /* Without memory a repeat that overtakes the first is done too: no worse than without a key. */
    if (entry->command_id == 0 || !table_insert(&request->idempotency->abandoned, entry))
        forget(request->idempotency, entry);
}

void idempotency_finish_abandoned(struct idempotency *idempotency, uint64_t command_id)
{
    struct idempotency_entry *entry = table_remove(&idempotency->abandoned, table_integer_key(&command_id));
    if (entry != NULL)
        forget(idempotency, entry);
}
