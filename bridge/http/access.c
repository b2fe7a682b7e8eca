/* SPDX-License-Identifier: Apache-2.0 */
#include "http/access.h"

void access_init(struct access *access, const struct http_backend *backend, struct auth *take_auth,
                 bool secure)
{
    *access = (struct access){ .backend = backend, .auth = take_auth, .secure = secure, .generation = 1 };
    token_book_init(&access->book);
    sign_ins_init(&access->sign_ins);
    uses_init(&access->uses);
    attempts_init(&access->attempts);
    access->attempts.per_minute = auth_limits(take_auth)->failures_per_minute;
    access->document_change_number = UINT64_MAX;
    access_follow(access);
}

void access_fini(struct access *access)
{
    token_book_fini(&access->book);
    sign_ins_fini(&access->sign_ins);
    uses_fini(&access->uses);
    attempts_fini(&access->attempts);
    auth_free(access->auth);
}

void access_replace(struct access *access, struct auth *take_auth)
{
    auth_free(access->auth);
    access->auth = take_auth;
    access->attempts.per_minute = auth_limits(take_auth)->failures_per_minute;
    access->generation++;
}

/* Only this thread asks for changes of these documents, and looks here before it tells their outcome: no
   request meets an older state than the answers given. */
bool access_follow(struct access *access)
{
    struct snapshot *snapshot = access->backend->snapshot(access->backend->context);
    bool changed = false;
    if (snapshot->document_change_number != access->document_change_number) {
        access->document_change_number = snapshot->document_change_number;
        changed = token_book_follow(&access->book, snapshot);
        changed = sign_ins_follow(&access->sign_ins, snapshot) || changed;
        uses_follow(&access->uses, snapshot);
    }
    snapshot_release(snapshot);
    if (changed)
        access->generation++;
    return changed;
}

/* Identifying */

/* A name that the file gives is the file's alone: who may edit it has the last word on who may enter. */
static const struct token *find_token(const struct access *access, const struct secret_digest *digest)
{
    const struct token *token = auth_token(access->auth, digest);
    if (token != NULL)
        return token;
    const struct api_token *made = token_book_find(&access->book, digest);
    return made != NULL && auth_token_of_id(access->auth, made->token.token_id) == NULL ? &made->token : NULL;
}

enum auth_status access_identify_token(const struct access *access, const struct secret_digest *digest,
                                       uint64_t wall_ms, const struct token **out_token)
{
    const struct token *token = find_token(access, digest);
    if (token == NULL)
        return AUTH_UNKNOWN;
    if (token->expires_ms != 0 && token->expires_ms <= wall_ms)
        return AUTH_EXPIRED;
    *out_token = token;
    return AUTH_OK;
}

static enum auth_status identify_bearer(const struct access *access, struct text authorization,
                                        uint64_t wall_ms, struct identity *out_identity)
{
    struct secret_digest digest;
    const struct token *token;
    if (!auth_bearer_digest(authorization, &digest))
        return AUTH_MALFORMED;
    enum auth_status status = access_identify_token(access, &digest, wall_ms, &token);
    if (status == AUTH_OK)
        *out_identity = (struct identity){ .credential = CREDENTIAL_TOKEN,
                                           .role = token->role,
                                           .actor = token->actor,
                                           .expires_ms = token->expires_ms };
    return status;
}

/* A session's role is what its token's is now, and it is over when the token is. */
static bool identify_sign_in(const struct access *access, struct text secret, uint64_t wall_ms,
                             struct identity *out_identity)
{
    struct secret_digest digest;
    const struct token *token;
    if (!text_is_present(secret) || !secret_digest_of(secret, &digest))
        return false;
    struct sign_in *sign_in = sign_ins_find(&access->sign_ins, &digest, wall_ms);
    if (sign_in == NULL ||
        access_identify_token(access, &sign_in->token_digest, wall_ms, &token) != AUTH_OK ||
        !text_equal_c(token->actor, sign_in->actor))
        return false;
    bool token_first = token->expires_ms != 0 && token->expires_ms < sign_in->ends_ms;
    *out_identity = (struct identity){ .credential = CREDENTIAL_SIGN_IN,
                                       .role = token->role,
                                       .actor = token->actor,
                                       .expires_ms = token_first ? token->expires_ms : sign_in->ends_ms,
                                       .sign_in = sign_in };
    return true;
}

/* The most deliberate first: a header that the client set, then a session that was begun, then what a
   connection proves by itself. A session that is over hides nothing. */
enum auth_status access_identify(struct access *access, const struct shown *shown,
                                 const struct caller *caller, uint64_t wall_ms, struct identity *out_identity)
{
    if (text_is_present(shown->authorization))
        return identify_bearer(access, shown->authorization, wall_ms, out_identity);
    if (identify_sign_in(access, shown->sign_in, wall_ms, out_identity))
        return AUTH_OK;
    struct identity identity = { .credential = CREDENTIAL_CERTIFICATE };
    enum auth_status status = auth_certificate(access->auth, caller->identities, caller->identity_count,
                                               &identity.role, &identity.actor);
    if (status != AUTH_OK)
        return AUTH_NONE;
    *out_identity = identity;
    return AUTH_OK;
}

/* Who has just proven himself on this connection is not slowed by what his neighbours do; the first failure
   takes that away, so that a known token is no licence to guess another. */
unsigned access_wait_s(const struct access *access, const struct caller *caller, uint64_t now_ms)
{
    return caller->proven ? 0 : attempts_wait_s(&access->attempts, &caller->source, now_ms);
}

static void note_use(struct access *access, const struct caller *caller, struct text actor, uint64_t wall_ms)
{
    struct text from = text_from_c(caller->address);
    while (from.length > 0 && from.bytes[from.length - 1] != ':') /* the port tells nothing */
        from.length--;
    if (from.length > 0)
        from.length--;
    uses_note(&access->uses, actor, from, wall_ms);
}

void access_succeeded(struct access *access, struct caller *caller, const struct identity *identity,
                      uint64_t wall_ms)
{
    caller->proven = true;
    if (identity->sign_in != NULL)
        identity->sign_in->used_ms = wall_ms;
    note_use(access, caller, identity->actor, wall_ms);
}

/*
 * Guesses are counted. An expired token is none: who shows it had it. Nor is a session's cookie, which is 256
 * bits of the bridge's own making, and which a page goes on showing by itself after its session has ended.
 */
void access_failed(struct access *access, struct caller *caller, enum auth_status status, uint64_t now_ms)
{
    if (status != AUTH_UNKNOWN && status != AUTH_MALFORMED)
        return;
    caller->proven = false;
    attempts_note_failure(&access->attempts, &caller->source, now_ms);
}

/* Sweeping */

/* What nobody asked for and nobody waits for: no reply, and nothing in the audit trail. */
static struct command_request *command_new(enum command_kind kind)
{
    struct command_request *command = command_request_new();
    if (command != NULL)
        command->command = (struct command){ .kind = kind, .actor = TEXT("bridge") };
    return command;
}

static bool submit(struct access *access, struct command_request *take_command)
{
    if (access->backend->submit(access->backend->context, take_command))
        return true;
    command_request_free(take_command);
    return false;
}

bool access_drop(struct access *access, struct text document_id)
{
    struct command_request *command = command_new(COMMAND_DOCUMENT_DELETE);
    if (command == NULL)
        return false;
    command->command.id = arena_copy(&command->arena, document_id);
    return submit(access, command);
}

static struct document_config *new_document(struct command_request *command)
{
    struct document_config *document =
        command != NULL ? arena_allocate(&command->arena, sizeof *document) : NULL;
    if (document != NULL)
        command->command.document = document;
    return document;
}

static bool store_use(struct access *access, const struct use *use)
{
    struct command_request *command = command_new(COMMAND_DOCUMENT_PUT);
    struct document_config *document = new_document(command);
    if (document != NULL && use_document(&command->arena, use, document))
        return submit(access, command);
    command_request_free(command);
    return false;
}

static bool store_sign_in(struct access *access, struct sign_in *sign_in)
{
    struct command_request *command = command_new(COMMAND_DOCUMENT_PUT);
    struct document_config *document = new_document(command);
    if (document != NULL && sign_in_document(&command->arena, sign_in, document)) {
        command->command.if_match = sign_in->mirrored.revision; /* one that was removed stays so */
        return submit(access, command);
    }
    command_request_free(command);
    return false;
}

static bool is_actor(const struct access *access, struct text actor)
{
    const struct text prefix = TEXT("token:");
    if (!text_starts_with(actor, prefix))
        return auth_has_client(access->auth, actor);
    struct text token_id = { actor.bytes + prefix.length, actor.length - prefix.length };
    return auth_token_of_id(access->auth, token_id) != NULL ||
           token_book_find_id(&access->book, token_id) != NULL;
}

static bool may_drop(uint64_t dropped_ms, uint64_t wall_ms)
{
    return dropped_ms == 0 || wall_ms >= dropped_ms + SIGN_IN_WRITE_MS;
}

/* False: it goes from the table at once, and the table's visit must begin anew. */
static bool sweep_use(struct access *access, struct use *use, uint64_t wall_ms)
{
    if (is_actor(access, use->actor)) {
        use->dropped_ms = 0; /* it has come back */
        if (use_is_due(use, wall_ms) && store_use(access, use)) {
            use->stored_ms = use->used_ms;
            use->written_ms = wall_ms;
        }
        return true;
    }
    if (use->mirrored.revision == 0 && use->written_ms == 0)
        return false;
    if (may_drop(use->dropped_ms, wall_ms) && access_drop(access, use->mirrored.document_id))
        use->dropped_ms = wall_ms;
    return true;
}

static void sweep_uses(struct access *access, uint64_t wall_ms)
{
    size_t position = 0;
    struct use *use;
    while ((use = table_next(&access->uses.mirror.objects, &position)) != NULL) {
        if (sweep_use(access, use, wall_ms))
            continue;
        mirror_drop(&access->uses.mirror, &use->mirrored);
        position = 0;
    }
}

static bool has_ended(const struct access *access, const struct sign_in *sign_in, uint64_t wall_ms)
{
    const struct token *token;
    return sign_in->dropped_ms != 0 || sign_in_is_over(sign_in, wall_ms) ||
           access_identify_token(access, &sign_in->token_digest, wall_ms, &token) != AUTH_OK ||
           !text_equal_c(token->actor, sign_in->actor);
}

static void sweep_sign_in(struct access *access, struct sign_in *sign_in, uint64_t wall_ms)
{
    if (has_ended(access, sign_in, wall_ms)) {
        if (may_drop(sign_in->dropped_ms, wall_ms) && access_drop(access, sign_in->mirrored.document_id))
            sign_in->dropped_ms = wall_ms;
    } else if (sign_in->used_ms >= sign_in->written_ms + SIGN_IN_WRITE_MS) {
        uint64_t before_ms = sign_in->written_ms;
        sign_in->written_ms = sign_in->used_ms;
        if (!store_sign_in(access, sign_in))
            sign_in->written_ms = before_ms;
    }
}

void access_sweep(struct access *access, uint64_t wall_ms)
{
    size_t position = 0;
    struct sign_in *sign_in;
    sweep_uses(access, wall_ms);
    while ((sign_in = table_next(&access->sign_ins.mirror.objects, &position)) != NULL)
        sweep_sign_in(access, sign_in, wall_ms);
}

/*
 * "__Host-" and Secure keep the cookie from anything but HTTPS of this very host; browsers take neither over
 * plain HTTP, not even from loopback. There the plain name does: the bridge serves plain HTTP on loopback
 * alone, unless the configuration insists. A plain cookie is never taken over TLS, where another scheme's
 * page could have planted it.
 */
const char *access_cookie_name(const struct access *access)
{
    return access->secure ? "__Host-ckbridge" : "ckbridge";
}
