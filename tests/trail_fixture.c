/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trail_fixture.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void hash_text(struct text text, char out_hash[65])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned count = 0;
    assert_int_equal(EVP_Digest(text.bytes, text.length, digest, &count, EVP_sha256(), NULL), 1);
    assert_int_equal(count, 32);
    for (unsigned i = 0; i < count; i++)
        snprintf(out_hash + 2 * i, 3, "%02x", digest[i]);
}

static bool is_string(const json_t *object, const char *name, const char *expected)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value != NULL && strcmp(value, expected) == 0;
}

static bool entry_fits(const struct audit_chain *chain, const struct stored_audit *entry)
{
    static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
    char id[24];
    char hash[65];
    snprintf(id, sizeof id, "%llu", (unsigned long long)entry->audit_id);
    hash_text(entry->json, hash);
    json_t *object = json_loadb(entry->json.bytes, entry->json.length, JSON_REJECT_DUPLICATES, NULL);
    const char *previous = chain->count > 0 ? chain->head : entry->audit_id == 1 ? zeros : NULL;
    bool fits = text_equal_c(entry->hash, hash) && is_string(object, "audit_id", id) &&
                (previous == NULL || is_string(object, "previous_hash", previous)) &&
                (chain->count == 0 || entry->audit_id == chain->last_id + 1);
    json_decref(object);
    return fits;
}

static bool see_entry(void *context, const struct stored_audit *entry)
{
    struct audit_chain *chain = context;
    if (chain->broken_at == 0 && !entry_fits(chain, entry))
        chain->broken_at = entry->audit_id;
    if (chain->count++ == 0)
        chain->first_id = entry->audit_id;
    chain->last_id = entry->audit_id;
    snprintf(chain->head, sizeof chain->head, "%.*s", TEXT_ARGUMENTS(entry->hash));
    return true;
}

struct audit_record *turn_add_audit(struct effects *turn, struct turn_maker *maker, struct text actor)
{
    struct audit_record *audit = &turn_add_record(turn, RECORD_AUDIT)->audit;
    *audit = (struct audit_record){
        .audit_id = maker->next.next_audit_id++,
        .time_ms = maker->wall_ms,
        .actor = actor,
        .source = TEXT("192.0.2.1:50112"),
        .action = TEXT("PUT"),
        .target = TEXT("/api/v1/routes/r1"),
        .outcome = TEXT("created"),
        .revision = 7,
    };
    return audit;
}

struct audit_chain audit_verify(struct history history)
{
    struct audit_chain chain = { .count = 0 };
    const struct audit_filter all = { .oldest_first = true };
    assert_int_equal(history.audit(history.context, &all, see_entry, &chain), HISTORY_OK);
    return chain;
}
