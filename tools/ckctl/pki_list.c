/* SPDX-License-Identifier: Apache-2.0 */
/* pki list, pki revoke: what an authority has signed, and what it takes back. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ckctl/instant.h"
#include "ckctl/list.h"
#include "ckctl/pki.h"
#include "pki/revocation.h"

enum { DAYS_MAX = 36500, DAY_S = 86400 };

static const int64_t expiring_ms = INT64_C(30) * DAY_S * 1000;

struct listing {
    struct context *context;
    const char *directory;
    struct authority authority; /* its certificate alone; NULL: there is none */
    X509_CRL *revocations;      /* NULL: there are none */
    struct table table;
};

static const char *state_of(int64_t from_ms, int64_t until_ms, int64_t now_ms)
{
    if (until_ms <= now_ms)
        return "expired";
    if (from_ms > now_ms)
        return "not_yet_valid";
    return until_ms - now_ms < expiring_ms ? "expiring" : "valid";
}

static json_t *time_json(int64_t when_ms)
{
    struct buffer words = { .bytes = NULL };
    instant_put(&words, when_ms);
    json_t *value = json_string(words.bytes);
    buffer_fini(&words);
    return value;
}

static void add_name(void *names, const char *name)
{
    json_array_append_new(names, json_string(name));
}

static const char *use_words(enum certificate_use use)
{
    switch (use) {
    case CERTIFICATE_AUTHORITY:
        return "authority";
    case CERTIFICATE_SERVER:
        return "server";
    case CERTIFICATE_CLIENT:
        return "client";
    }
    return "";
}

static json_t *describe(const struct listing *listing, const char *name, X509 *certificate)
{
    struct certificate_view view;
    json_t *names = json_array();
    certificate_view(&view, certificate);
    certificate_visit_names(certificate, add_name, names);
    const char *state = state_of(view.from_ms, view.until_ms, listing->context->terminal.now_ms);
    if (listing->authority.certificate == NULL || !certificate_is_of(certificate, &listing->authority))
        state = "foreign";
    else if (revocation_list_has(listing->revocations, certificate))
        state = "revoked";
    return json_pack("{s:s, s:s, s:s, s:o, s:s, s:o, s:o}", "name", name, "use", use_words(view.use), "state",
                     state, "names", names, "serial", view.serial, "valid_from", time_json(view.from_ms),
                     "valid_until", time_json(view.until_ms));
}

static json_t *describe_revocations(const struct listing *listing)
{
    X509_CRL *list = listing->revocations;
    int64_t from_ms = certificate_time_ms(X509_CRL_get0_lastUpdate(list));
    int64_t until_ms = certificate_time_ms(X509_CRL_get0_nextUpdate(list));
    return json_pack("{s:s, s:s, s:s, s:[], s:s, s:o, s:o}", "name", PKI_REVOCATIONS, "use",
                     "revocation list", "state",
                     state_of(from_ms, until_ms, listing->context->terminal.now_ms), "names", "serial", "",
                     "valid_from", time_json(from_ms), "valid_until", time_json(until_ms));
}

static void tell(struct listing *listing, json_t *item)
{
    if (context_wants_json(listing->context)) {
        char *line = json_dumps(item, JSON_COMPACT);
        buffer_format(&listing->context->out, "%s\n", line != NULL ? line : "{}");
        free(line);
    } else {
        list_add_row(&listing->table, listing->context, item);
    }
    json_decref(item);
}

static void tell_file(struct listing *listing, const char *file_name)
{
    struct trouble trouble;
    size_t length = strlen(file_name);
    if (length < 5 || strcmp(file_name + length - 4, ".pem") != 0 ||
        strcmp(file_name, PKI_REVOCATIONS ".pem") == 0)
        return;
    char *name = strndup(file_name, length - 4);
    X509 *certificate = name != NULL ? credential_read_certificate(listing->directory, name, &trouble) : NULL;
    if (certificate != NULL)
        tell(listing, describe(listing, name, certificate));
    else
        fprintf(stderr, "warning: %s\n", name != NULL ? trouble.words : "out of memory");
    X509_free(certificate);
    free(name);
}

static enum outcome list_directory(struct listing *listing)
{
    struct dirent **entries;
    int count = scandir(listing->directory, &entries, NULL, alphasort);
    if (count < 0) {
        fprintf(stderr, "ckctl: %s: %s\n", listing->directory, strerror(errno));
        return OUTCOME_USAGE;
    }
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.')
            tell_file(listing, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    if (listing->revocations != NULL)
        tell(listing, describe_revocations(listing));
    return OUTCOME_OK;
}

enum outcome pki_list_run(struct context *context)
{
    struct trouble ignored;
    struct listing listing = { .context = context, .directory = pki_directory(context) };
    if (listing.directory == NULL)
        return OUTCOME_USAGE;
    listing.authority.certificate = credential_read_certificate(listing.directory, PKI_AUTHORITY, &ignored);
    listing.revocations = credential_read_revocations(listing.directory, PKI_REVOCATIONS, &ignored);
    list_init_table(&listing.table, context->command->resource);
    enum outcome outcome = list_directory(&listing);
    if (outcome == OUTCOME_OK && !context_wants_json(context))
        table_print(&listing.table, &context->terminal, &context->out);
    table_fini(&listing.table);
    X509_CRL_free(listing.revocations);
    authority_fini(&listing.authority);
    return outcome;
}

/* ---- revoke ---- */

/* NULL after saying why. */
static X509 *read_revocable(const char *directory, const char *name, const struct authority *authority)
{
    struct trouble trouble;
    if (!credential_name_is_good(name) || strcmp(name, PKI_AUTHORITY) == 0) {
        fprintf(stderr, "ckctl: \"%s\" is no certificate that can be revoked\n", name);
        return NULL;
    }
    X509 *certificate = credential_read_certificate(directory, name, &trouble);
    if (certificate == NULL) {
        pki_tell(&trouble);
    } else if (!certificate_is_of(certificate, authority)) {
        fprintf(stderr, "ckctl: %s/%s.pem is not of this authority\n", directory, name);
        X509_free(certificate);
        certificate = NULL;
    }
    return certificate;
}

/* A list of another authority, or none that can be read, is not continued: it would lose revocations. */
static bool read_former(const char *directory, const struct authority *authority, X509_CRL **out_former)
{
    struct trouble trouble;
    *out_former = NULL;
    if (!credential_exists(directory, PKI_REVOCATIONS ".pem"))
        return true;
    X509_CRL *former = credential_read_revocations(directory, PKI_REVOCATIONS, &trouble);
    if (former != NULL && X509_CRL_verify(former, X509_get0_pubkey(authority->certificate)) != 1) {
        trouble_say(&trouble, "%s/" PKI_REVOCATIONS ".pem is not of this authority", directory);
        X509_CRL_free(former);
        former = NULL;
    }
    if (former == NULL)
        pki_tell(&trouble);
    *out_former = former;
    return former != NULL;
}

static enum outcome enter(struct context *context, const char *directory, const struct authority *authority,
                          X509_CRL *former, X509 *certificate)
{
    struct trouble trouble;
    const struct credential_place place = { directory, true };
    X509_CRL *list = revocation_list_new(authority, former, certificate, (long)DAYS_MAX * DAY_S);
    enum outcome outcome = OUTCOME_OK;
    if (list == NULL) {
        fputs("ckctl: OpenSSL could not sign the revocation list\n", stderr);
        outcome = OUTCOME_REFUSED;
    } else if (!credential_write_revocations(&place, PKI_REVOCATIONS, list, &trouble)) {
        outcome = pki_tell(&trouble);
    } else {
        context_say(context,
                    "%s is revoked in %s/" PKI_REVOCATIONS
                    ".pem; a bridge whose crl this is reads it when it is reloaded (SIGHUP)",
                    context->words[0], directory);
    }
    X509_CRL_free(list);
    return outcome;
}

enum outcome pki_revoke_run(struct context *context)
{
    const char *directory = pki_directory(context);
    struct authority authority;
    X509_CRL *former = NULL;
    enum outcome outcome = OUTCOME_USAGE;
    if (directory == NULL || !pki_open_authority(directory, &authority))
        return OUTCOME_USAGE;
    X509 *certificate = read_revocable(directory, context->words[0], &authority);
    if (certificate != NULL && read_former(directory, &authority, &former))
        outcome = enter(context, directory, &authority, former, certificate);
    X509_free(certificate);
    X509_CRL_free(former);
    authority_fini(&authority);
    return outcome;
}
