/* SPDX-License-Identifier: Apache-2.0 */
/* audit verify: reads the whole audit trail, oldest first, and proves that it is a chain, or says where it
 * breaks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ckctl/chain.h"
#include "ckctl/command.h"
#include "ckctl/pages.h"
#include "ckctl/send.h"
#include "ckctl/value.h"

struct verification {
    struct chain chain;
    const char *head_id, *head_hash; /* what the bridge said is the newest; NULL: there is none */
    bool head_met;
};

static void visit(void *context, const char *item, size_t length)
{
    struct verification *verification = context;
    struct chain *chain = &verification->chain;
    json_t *entry = value_parse(item, length);
    if (chain_take(chain, entry) && strcmp(chain->last_id, or_empty(verification->head_id)) == 0) {
        verification->head_met = strcmp(chain->last_hash, or_empty(verification->head_hash)) == 0;
        if (!verification->head_met)
            snprintf(chain->trouble, sizeof chain->trouble,
                     "entry %s: its hash is not the one that the bridge told of its newest entry",
                     chain->last_id);
    }
    json_decref(entry);
}

/* What the entries themselves cannot show. */
static void judge(struct verification *verification)
{
    struct chain *chain = &verification->chain;
    if (chain->trouble[0] != '\0')
        return;
    if (verification->head_id != NULL && !verification->head_met)
        snprintf(chain->trouble, sizeof chain->trouble,
                 "after entry %s: entry %s is said to be the newest, and is gone", chain->last_id,
                 verification->head_id);
    else if (chain->anchor != NULL && !chain->anchored)
        snprintf(chain->trouble, sizeof chain->trouble,
                 "no entry has the hash of --anchor: what it was noted of is gone or not as it was");
}

static void tell_json(struct context *context, const struct chain *chain)
{
    bool good = chain->trouble[0] == '\0';
    json_t *verdict = json_pack("{s:b, s:I, s:s, s:s, s:s, s:s}", "verified", good, "entries",
                                (json_int_t)chain->count, "first_audit_id", chain->first_id, "last_audit_id",
                                chain->last_id, "hash", chain->last_hash, "trouble", chain->trouble);
    char *line = json_dumps(verdict, JSON_COMPACT);
    buffer_format(&context->out, "%s\n", line != NULL ? line : "{}");
    free(line);
    json_decref(verdict);
}

static void tell(struct context *context, const struct chain *chain)
{
    if (chain->trouble[0] != '\0') {
        context_say(context, "The chain is broken. %s.", chain->trouble);
        context_say(context, "Whole before that: %llu entries.", chain->count);
    } else if (chain->count == 0) {
        context_say(context, "There are no entries.");
    } else {
        context_say(context, "The chain is whole: %llu entries, %s to %s.", chain->count, chain->first_id,
                    chain->last_id);
        if (strcmp(chain->first_id, "1") != 0)
            context_say(context, "Those before %s were let go by the retention.", chain->first_id);
        context_say(context, "Note its newest hash elsewhere, and give it as --anchor the next time: %s",
                    chain->last_hash);
    }
}

static bool is_hash(const char *words)
{
    return strlen(words) == CHAIN_HASH_BYTES - 1 && words[strspn(words, "0123456789abcdef")] == '\0';
}

enum outcome audit_verify_run(struct context *context)
{
    json_t *newest;
    struct verification verification = { .chain.anchor = context->options->values[OPTION_ANCHOR] };
    const struct pages pages = { .target = "/audit?order=asc", .visit = visit, .context = &verification };
    if (verification.chain.anchor != NULL && !is_hash(verification.chain.anchor))
        return send_need("as --anchor a hash: 64 hexadecimal digits in lower case");
    enum outcome outcome = context_get(context, "/audit?limit=1", &newest);
    verification.head_id = value_string(newest, "head.audit_id");
    verification.head_hash = value_string(newest, "head.hash");
    if (outcome == OUTCOME_OK)
        outcome = pages_read(context, &pages);
    if (outcome == OUTCOME_OK) {
        judge(&verification);
        if (context_wants_json(context))
            tell_json(context, &verification.chain);
        else
            tell(context, &verification.chain);
        outcome = verification.chain.trouble[0] == '\0' ? OUTCOME_OK : OUTCOME_REFUSED;
    }
    json_decref(newest);
    return outcome;
}
