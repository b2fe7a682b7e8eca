/* SPDX-License-Identifier: Apache-2.0 */
#include "ckctl/chain.h"

#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ckctl/canonical.h"
#include "ckctl/value.h"

static const char no_hash[] = "0000000000000000000000000000000000000000000000000000000000000000";

__attribute__((format(printf, 2, 3))) static bool broken(struct chain *chain, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(chain->trouble, sizeof chain->trouble, format, arguments);
    va_end(arguments);
    return false;
}

/* Of the entry without its own hash. False: it cannot be made. */
static bool hash_of(const json_t *entry, char *out_hash)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    struct buffer text = { .bytes = NULL };
    json_t *bare = json_copy((json_t *)entry);
    json_object_del(bare, "hash");
    bool made = canonical_put(&text, bare) &&
                EVP_Digest(text.bytes, text.length, digest, &length, EVP_sha256(), NULL) == 1 && length == 32;
    for (unsigned i = 0; made && i < length; i++)
        snprintf(out_hash + 2 * i, 3, "%02x", digest[i]);
    json_decref(bare);
    buffer_fini(&text);
    return made;
}

/* Numbers have no holes. */
static bool follows(const struct chain *chain, const char *id)
{
    return strtoull(id, NULL, 10) == strtoull(chain->last_id, NULL, 10) + 1;
}

static void note(struct chain *chain, const char *id, const char *hash)
{
    if (chain->count++ == 0)
        snprintf(chain->first_id, sizeof chain->first_id, "%s", id);
    snprintf(chain->last_id, sizeof chain->last_id, "%s", id);
    snprintf(chain->last_hash, sizeof chain->last_hash, "%s", hash);
}

static void look_for_anchor(struct chain *chain, const char *hash)
{
    if (chain->anchor != NULL && strcmp(chain->anchor, hash) == 0)
        chain->anchored = true;
}

bool chain_take(struct chain *chain, const json_t *entry)
{
    char made[CHAIN_HASH_BYTES];
    const char *id = value_string(entry, "audit_id"), *hash = value_string(entry, "hash");
    const char *previous = value_string(entry, "previous_hash");
    if (chain->trouble[0] != '\0')
        return false;
    if (id == NULL || hash == NULL || previous == NULL)
        return broken(chain, "after entry %s: what follows is no entry", chain->last_id);
    if (chain->count > 0 && !follows(chain, id))
        return broken(chain, "entry %s follows entry %s: what was between is gone", id, chain->last_id);
    if (!hash_of(entry, made))
        return broken(chain, "entry %s: its hash cannot be made", id);
    if (strcmp(made, hash) != 0)
        return broken(chain, "entry %s: its content is not what its hash was made of", id);
    if (chain->count > 0 && strcmp(previous, chain->last_hash) != 0)
        return broken(chain, "entry %s: its previous_hash is not the hash of entry %s", id, chain->last_id);
    if (strcmp(id, "1") == 0 && strcmp(previous, no_hash) != 0)
        return broken(chain, "entry 1: there was none before it, but it names one");
    look_for_anchor(chain, previous); /* the oldest may follow one that was let go */
    look_for_anchor(chain, hash);
    note(chain, id, hash);
    return true;
}
