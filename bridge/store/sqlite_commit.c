/* SPDX-License-Identifier: Apache-2.0 */
/* One transaction for many turns: a row a relay or lookup, a row for all events, a row of high-water marks.
 */
#include <stdlib.h>
#include <string.h>

#include "store/config_json.h"
#include "store/sqlite.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_row.h"

int sqlite_store_run(struct sqlite_store *store, enum sqlite_query query)
{
    int code = sqlite3_step(store->statements[query]);
    sqlite3_reset(store->statements[query]);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int put_object_body(struct sqlite_store *store, enum sqlite_query query, struct text id,
                           const struct record *record, struct text body)
{
    sqlite3_stmt *statement = store->statements[query];
    sqlite_bind_text(statement, 1, id);
    sqlite3_bind_int(statement, 2, (int)record->revision.origin); /* of a document unused */
    sqlite_bind_u64(statement, 3, record->revision.first);
    sqlite_bind_u64(statement, 4, record->revision.number);
    sqlite_bind_u64(statement, 5, record->revision.changed_ms);
    sqlite_bind_text(statement, 6, body);
    int code = sqlite_store_run(store, query);
    sqlite3_clear_bindings(statement);
    return code;
}

static int put_object(struct sqlite_store *store, enum sqlite_query query, struct text id,
                      const struct record *record)
{
    char *json = config_json_write(record);
    if (json == NULL)
        return SQLITE_NOMEM;
    int code = put_object_body(store, query, id, record, text_from_c(json));
    free(json);
    return code;
}

static int put_document(struct sqlite_store *store, const struct record *record)
{
    const struct document_config *document = &record->document;
    sqlite3_bind_int(store->statements[QUERY_PUT_DOCUMENT], 7, (int)document->kind);
    return put_object_body(store, QUERY_PUT_DOCUMENT, document->document_id, record, document->body);
}

static int delete_object(struct sqlite_store *store, enum sqlite_query query, const struct record *record)
{
    sqlite_bind_text(store->statements[query], 1, record->deleted_id);
    sqlite3_bind_int(store->statements[query], 2, (int)record->revision.origin);
    return sqlite_store_run(store, query);
}

static int delete_document(struct sqlite_store *store, const struct record *record)
{
    sqlite_bind_text(store->statements[QUERY_DELETE_DOCUMENT], 1, record->deleted_id);
    return sqlite_store_run(store, QUERY_DELETE_DOCUMENT);
}

static int put_budget(struct sqlite_store *store, const struct budget_record *budget)
{
    sqlite3_stmt *statement = store->statements[QUERY_PUT_BUDGET];
    sqlite_bind_text(statement, 1, budget->link_id);
    sqlite_bind_u64(statement, 2, budget->revision);
    sqlite_bind_u64(statement, 3, budget->keys);
    sqlite_bind_u64(statement, 4, budget->as_of_ms);
    return sqlite_store_run(store, QUERY_PUT_BUDGET);
}

static int delete_link(struct sqlite_store *store, const struct record *record)
{
    sqlite_bind_text(store->statements[QUERY_DELETE_BUDGET], 1, record->deleted_id);
    int code = sqlite_store_run(store, QUERY_DELETE_BUDGET);
    return code == SQLITE_OK ? delete_object(store, QUERY_DELETE_LINK, record) : code;
}

static int put_record(struct sqlite_store *store, const struct record *record)
{
    switch (record->kind) {
    case RECORD_RELAY:
        if (!sqlite_row_bind_relay(store->statements[QUERY_PUT_RELAY], &store->body, &record->relay))
            return SQLITE_NOMEM;
        return sqlite_store_run(store, QUERY_PUT_RELAY);
    case RECORD_LOOKUP:
        if (!sqlite_row_bind_lookup(store->statements[QUERY_PUT_LOOKUP], &store->body, &record->lookup))
            return SQLITE_NOMEM;
        return sqlite_store_run(store, QUERY_PUT_LOOKUP);
    case RECORD_KM:
        return put_object(store, QUERY_PUT_KM, record->km.km_id, record);
    case RECORD_KM_DELETED:
        return delete_object(store, QUERY_DELETE_KM, record);
    case RECORD_APPLICATION:
        return put_object(store, QUERY_PUT_APPLICATION, record->application.application_id, record);
    case RECORD_APPLICATION_DELETED:
        return delete_object(store, QUERY_DELETE_APPLICATION, record);
    case RECORD_DESTINATION:
        return put_object(store, QUERY_PUT_DESTINATION, record->destination.kma_id, record);
    case RECORD_DESTINATION_DELETED:
        return delete_object(store, QUERY_DELETE_DESTINATION, record);
    case RECORD_ROUTE:
        return put_object(store, QUERY_PUT_ROUTE, record->route.route_id, record);
    case RECORD_ROUTE_DELETED:
        return delete_object(store, QUERY_DELETE_ROUTE, record);
    case RECORD_LINK:
        return put_object(store, QUERY_PUT_LINK, record->link.link_id, record);
    case RECORD_LINK_DELETED:
        return delete_link(store, record);
    case RECORD_BUDGET:
        return put_budget(store, &record->budget);
    case RECORD_DOCUMENT:
        return put_document(store, record);
    case RECORD_DOCUMENT_DELETED:
        return delete_document(store, record);
    case RECORD_AUDIT:
        return sqlite_store_put_audit(store, &record->audit);
    case RECORD_IDEMPOTENCY:
        return sqlite_store_put_idempotency(store, &record->idempotency);
    case RECORD_ANSWER:
        return sqlite_store_put_answer(store, &record->idempotency);
    case RECORD_DEAD_LETTER:
        return sqlite_store_put_dead_letter(store, &record->dead_letter);
    case RECORD_DEAD_LETTERS_DELETED:
        return sqlite_store_delete_dead_letters(store, &record->dead_letter);
    }
    return SQLITE_MISUSE;
}

static int flush_page(struct sqlite_store *store)
{
    struct event_page *page = &store->page;
    if (page->body.length == 0)
        return SQLITE_OK;
    sqlite3_stmt *statement = store->statements[QUERY_PUT_EVENT_PAGE];
    sqlite_bind_u64(statement, 1, page->first_id);
    sqlite_bind_u64(statement, 2, page->last_id);
    sqlite_bind_u64(statement, 3, page->first_ms);
    sqlite_bind_u64(statement, 4, page->last_ms);
    sqlite3_bind_blob64(statement, 5, page->body.bytes, page->body.length, SQLITE_STATIC);
    int code = sqlite_store_run(store, QUERY_PUT_EVENT_PAGE);
    event_page_clear(page);
    return code;
}

static int put_notice(struct sqlite_store *store, const struct notice *notice)
{
    if (!event_page_append(&store->page, notice))
        return SQLITE_NOMEM;
    return store->page.body.length >= EVENT_PAGE_BYTES ? flush_page(store) : SQLITE_OK;
}

/* A step often records a relay twice (received, instructed); only the newest of neighbours need be written.
 */
static bool is_superseded(const struct effect *effect)
{
    if (effect->record.kind != RECORD_RELAY)
        return false;
    const struct effect *next = effect->next;
    while (next != NULL && next->kind != EFFECT_RECORD)
        next = next->next;
    return next != NULL && next->record.kind == RECORD_RELAY &&
           next->record.relay.relay_id == effect->record.relay.relay_id;
}

static int put_turn(struct sqlite_store *store, const struct effects *turn)
{
    int code = SQLITE_OK;
    for (const struct effect *effect = turn->first; effect != NULL && code == SQLITE_OK;
         effect = effect->next) {
        switch (effect->kind) {
        case EFFECT_RECORD:
            if (!is_superseded(effect))
                code = put_record(store, &effect->record);
            break;
        case EFFECT_NOTICE:
            code = put_notice(store, &effect->notice);
            break;
        case EFFECT_ADMIT:
        case EFFECT_SEND:
        case EFFECT_CLOSE:
        case EFFECT_REPLY:
            break;
        }
    }
    return code;
}

static int put_high_water(struct sqlite_store *store, const struct high_water *high_water)
{
    sqlite3_stmt *statement = store->statements[QUERY_PUT_HIGH_WATER];
    sqlite_bind_u64(statement, 1, high_water->next_relay_id);
    sqlite_bind_u64(statement, 2, high_water->next_lookup_id);
    sqlite_bind_u64(statement, 3, high_water->next_event_id);
    sqlite_bind_u64(statement, 4, high_water->next_revision);
    sqlite_bind_u64(statement, 5, high_water->next_audit_id);
    return sqlite_store_run(store, QUERY_PUT_HIGH_WATER);
}

static int put_all(struct sqlite_store *store, const struct effects *const *turns, size_t turn_count)
{
    event_page_clear(&store->page);
    store->audit_head.is_read = false;
    int code = sqlite_store_run(store, QUERY_BEGIN);
    for (size_t i = 0; i < turn_count && code == SQLITE_OK; i++)
        code = put_turn(store, turns[i]);
    if (code == SQLITE_OK)
        code = flush_page(store);
    if (code == SQLITE_OK && store->audit_head.is_read)
        code = sqlite_store_put_audit_head(store);
    if (code == SQLITE_OK)
        code = put_high_water(store, &turns[turn_count - 1]->high_water);
    if (code == SQLITE_OK)
        code = sqlite_store_run(store, QUERY_COMMIT);
    return code;
}

static bool has_something_to_keep(const struct sqlite_store *store, const struct effects *const *turns,
                                  size_t turn_count)
{
    for (size_t i = 0; i < turn_count; i++)
        if (turns[i]->durable_count > 0)
            return true;
    return turn_count > 0 &&
           memcmp(&turns[turn_count - 1]->high_water, &store->high_water, sizeof store->high_water) != 0;
}

enum store_status sqlite_store_commit(void *state, const struct effects *const *turns, size_t turn_count)
{
    struct sqlite_store *store = state;
    if (!has_something_to_keep(store, turns, turn_count))
        return STORE_OK;
    enum store_status status = sqlite_store_connect(store);
    if (status != STORE_OK)
        return status;
    int code = put_all(store, turns, turn_count);
    if (code == SQLITE_OK) {
        store->high_water = turns[turn_count - 1]->high_water;
        store->error[0] = '\0';
        return STORE_OK;
    }
    status = sqlite_store_fail(store, code, "committing");
    /* Some errors have rolled back already. */
    if (sqlite3_get_autocommit(store->connection) == 0 &&
        sqlite_store_run(store, QUERY_ROLLBACK) != SQLITE_OK)
        store->must_reopen = true;
    return status;
}
