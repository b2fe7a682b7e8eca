/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of commands and deliveries: audit entries, chained by their hashes, idempotency keys, dead
 * letters. */
#include <assert.h>
#include <openssl/evp.h>
#include <string.h>

#include "store/sqlite.h"
#include "store/sqlite_connection.h"

/* From the transaction's own view, so that one that was rolled back, or is repeated, chains right. */
static int read_head(struct sqlite_store *store)
{
    struct sqlite_audit_head *head = &store->audit_head;
    sqlite3_stmt *statement = store->statements[QUERY_GET_AUDIT_HEAD];
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        struct text hash = sqlite_column_text(statement, 1);
        head->next_audit_id = sqlite_column_u64(statement, 0);
        head->is_read = hash.length == AUDIT_HASH_DIGITS;
        if (head->is_read)
            memcpy(head->hash, hash.bytes, AUDIT_HASH_DIGITS);
    }
    sqlite3_reset(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return code;
    return head->is_read ? SQLITE_OK : SQLITE_CORRUPT;
}

static int hash_body(const struct buffer *body, char out_hash[AUDIT_HASH_DIGITS + 1])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[DIGEST_BYTES];
    unsigned count = 0;
    if (EVP_Digest(body->bytes, body->length, digest, &count, EVP_sha256(), NULL) != 1)
        return SQLITE_NOMEM;
    assert(count == DIGEST_BYTES);
    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        out_hash[2 * i] = digits[digest[i] >> 4];
        out_hash[2 * i + 1] = digits[digest[i] & 15];
    }
    return SQLITE_OK;
}

static int render_audit(struct sqlite_store *store, const struct audit_record *audit)
{
    store->body.length = 0;
    if (!buffer_reserve(&store->body, audit_json_bytes_max(audit)))
        return SQLITE_NOMEM;
    struct bytes_writer writer = bytes_writer(store->body.bytes, store->body.capacity);
    audit_write_json(audit, (struct text){ store->audit_head.hash, AUDIT_HASH_DIGITS }, &writer);
    assert(!writer.overflowed);
    store->body.length = writer.length;
    return SQLITE_OK;
}

static int insert_audit(struct sqlite_store *store, const struct audit_record *audit)
{
    struct sqlite_audit_head *head = &store->audit_head;
    sqlite3_stmt *statement = store->statements[QUERY_PUT_AUDIT];
    int code = render_audit(store, audit);
    if (code == SQLITE_OK)
        code = hash_body(&store->body, head->hash);
    if (code != SQLITE_OK)
        return code;
    sqlite_bind_u64(statement, 1, audit->audit_id);
    sqlite_bind_u64(statement, 2, audit->time_ms);
    sqlite_bind_text(statement, 3, audit->actor);
    sqlite_bind_text(statement, 4, (struct text){ head->hash, AUDIT_HASH_DIGITS });
    sqlite_bind_text(statement, 5, (struct text){ (const char *)store->body.bytes, store->body.length });
    head->next_audit_id = audit->audit_id + 1;
    return sqlite_store_run(store, QUERY_PUT_AUDIT);
}

int sqlite_store_put_audit(struct sqlite_store *store, const struct audit_record *audit)
{
    int code = store->audit_head.is_read ? SQLITE_OK : read_head(store);
    if (code != SQLITE_OK)
        return code;
    if (audit->audit_id < store->audit_head.next_audit_id)
        return SQLITE_OK; /* a repeat of what was kept after all */
    return insert_audit(store, audit);
}

int sqlite_store_put_audit_head(struct sqlite_store *store)
{
    sqlite_bind_text(store->statements[QUERY_PUT_AUDIT_HEAD], 1,
                     (struct text){ store->audit_head.hash, AUDIT_HASH_DIGITS });
    return sqlite_store_run(store, QUERY_PUT_AUDIT_HEAD);
}

int sqlite_store_put_idempotency(struct sqlite_store *store, const struct idempotency_record *record)
{
    sqlite3_stmt *statement = store->statements[QUERY_PUT_IDEMPOTENCY];
    sqlite_bind_text(statement, 1, record->key);
    sqlite3_bind_blob64(statement, 2, record->digest.bytes, record->digest.length, SQLITE_STATIC);
    sqlite_bind_u64(statement, 3, record->created_ms);
    sqlite3_bind_int(statement, 4, record->created);
    sqlite_bind_u64(statement, 5, record->request_id);
    sqlite_bind_u64(statement, 6, record->revision);
    return sqlite_store_run(store, QUERY_PUT_IDEMPOTENCY);
}

int sqlite_store_put_answer(struct sqlite_store *store, const struct idempotency_record *record)
{
    sqlite3_stmt *statement = store->statements[QUERY_PUT_ANSWER];
    sqlite_bind_text(statement, 1, record->key);
    sqlite3_bind_blob64(statement, 2, record->answer.bytes, record->answer.length, SQLITE_STATIC);
    return sqlite_store_run(store, QUERY_PUT_ANSWER);
}

int sqlite_store_put_dead_letter(struct sqlite_store *store, const struct dead_letter *letter)
{
    sqlite3_stmt *statement = store->statements[QUERY_PUT_DEAD_LETTER];
    sqlite_bind_text(statement, 1, letter->webhook_id);
    sqlite_bind_u64(statement, 2, letter->event_id);
    sqlite_bind_u64(statement, 3, letter->time_ms);
    sqlite_bind_u64(statement, 4, letter->attempts);
    sqlite_bind_u64(statement, 5, letter->status);
    sqlite_bind_text(statement, 6, letter->detail);
    store->has_new_dead_letters = true;
    return sqlite_store_run(store, QUERY_PUT_DEAD_LETTER);
}

int sqlite_store_delete_dead_letters(struct sqlite_store *store, const struct dead_letter *which)
{
    sqlite3_stmt *statement = store->statements[QUERY_DELETE_DEAD_LETTERS];
    sqlite_bind_text(statement, 1, which->webhook_id);
    sqlite_bind_u64(statement, 2, which->event_id);
    return sqlite_store_run(store, QUERY_DELETE_DEAD_LETTERS);
}
