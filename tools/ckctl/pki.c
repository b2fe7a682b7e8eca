/* SPDX-License-Identifier: Apache-2.0 */
/* pki: a lab's own authority, and the certificates and revocations that it signs. */
#include "ckctl/pki.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "ckctl/instant.h"
#include "pki/revocation.h"

enum {
    DAY_S = 86400,
    AUTHORITY_DAYS = 3650,
    CERTIFICATE_DAYS = 365,
    DAYS_MAX = 36500,
    NAMES_MAX = OPTIONS_REPEATED_MAX,
    /* The clock of whoever looks at a new certificate may be a little behind. */
    BACKDATED_S = 300,
};

static const char default_name[] = "ckbridge lab CA";

const char *pki_directory(const struct context *context)
{
    const char *directory = context->options->values[OPTION_DIR];
    if (directory == NULL)
        fputs("ckctl: give --dir, the directory of the authority\n", stderr);
    return directory;
}

enum outcome pki_tell(const struct trouble *trouble)
{
    fprintf(stderr, "ckctl: %s\n", trouble->words);
    return OUTCOME_USAGE;
}

static enum outcome refuse(const char *words, const char *name)
{
    fprintf(stderr, "ckctl: %s%s\n", name, words);
    return OUTCOME_USAGE;
}

static enum outcome blame_openssl(const char *name)
{
    refuse(": OpenSSL could not make it", name);
    return OUTCOME_REFUSED;
}

static void warn_of_readers(const char *directory)
{
    struct stat status;
    struct buffer path = { .bytes = NULL };
    buffer_format(&path, "%s/" PKI_AUTHORITY ".key", directory);
    if (stat(path.bytes, &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        fprintf(stderr, "warning: %s is open to others than its owner: chmod 600 it\n", path.bytes);
    buffer_fini(&path);
}

static bool is_usable(const struct authority *authority, const char *directory)
{
    const char *trouble = NULL;
    if (X509_check_private_key(authority->certificate, authority->key) != 1)
        trouble = PKI_AUTHORITY ".key is not the key of " PKI_AUTHORITY ".pem";
    else if (X509_cmp_current_time(X509_get0_notAfter(authority->certificate)) <= 0)
        trouble = "the authority has expired: ckctl pki init --force makes a new one";
    if (trouble != NULL)
        fprintf(stderr, "ckctl: %s: %s\n", directory, trouble);
    return trouble == NULL;
}

bool pki_open_authority(const char *directory, struct authority *out_authority)
{
    struct trouble trouble;
    struct authority found = { .certificate = NULL };
    if (!credential_exists(directory, PKI_AUTHORITY ".pem")) {
        fprintf(stderr, "ckctl: %s has no authority: ckctl pki init --dir makes one there\n", directory);
        return false;
    }
    found.certificate = credential_read_certificate(directory, PKI_AUTHORITY, &trouble);
    found.key = found.certificate != NULL ? credential_read_key(directory, PKI_AUTHORITY, &trouble) : NULL;
    if (found.key == NULL)
        pki_tell(&trouble);
    else
        warn_of_readers(directory);
    if (found.key == NULL || !is_usable(&found, directory)) {
        authority_fini(&found);
        return false;
    }
    *out_authority = found;
    return true;
}

static void put_end(struct buffer *words, const ASN1_TIME *time)
{
    instant_put(words, certificate_time_ms(time));
}

/* ---- init ---- */

static bool write_authority(const struct credential_place *place, const struct authority *authority,
                            struct trouble *out_trouble)
{
    X509_CRL *list = revocation_list_new(authority, NULL, NULL, (long)DAYS_MAX * DAY_S);
    if (list == NULL)
        trouble_say(out_trouble, "%s: OpenSSL could not sign the revocation list", place->directory);
    /* The revocation list last: a directory without it still serves. */
    bool written = list != NULL && credential_write_key(place, PKI_AUTHORITY, authority->key, out_trouble) &&
                   credential_write_certificate(place, PKI_AUTHORITY, authority->certificate, out_trouble) &&
                   credential_write_revocations(place, PKI_REVOCATIONS, list, out_trouble);
    X509_CRL_free(list);
    return written;
}

static void tell_authority(struct context *context, const struct authority *authority, const char *directory)
{
    struct buffer end = { .bytes = NULL };
    put_end(&end, X509_get0_notAfter(authority->certificate));
    context_say(context, "%s/ca.pem, %s/ca.key (whoever has it can make any KM), %s/crl.pem", directory,
                directory, directory);
    context_say(context, "valid until %s", end.bytes);
    buffer_fini(&end);
}

enum outcome pki_init_run(struct context *context)
{
    static const char *const files[] = { PKI_AUTHORITY ".pem", PKI_AUTHORITY ".key", PKI_REVOCATIONS ".pem" };
    const struct credential_place place = { pki_directory(context), context->options->given[OPTION_FORCE] };
    const char *name = context->options->values[OPTION_NAME];
    long long days = AUTHORITY_DAYS;
    struct authority authority;
    struct trouble trouble;
    if (place.directory == NULL || !options_number(context->options, OPTION_DAYS, 1, DAYS_MAX, &days))
        return OUTCOME_USAGE;
    for (size_t i = 0; i < sizeof files / sizeof *files && !place.replace; i++)
        if (credential_exists(place.directory, files[i]))
            return refuse(
                " holds an authority already; --force makes a new one, by which nothing that the old "
                "one signed is valid",
                place.directory);
    if (name != NULL && *name == '\0')
        return refuse("--name is empty", "");
    if (!credential_directory_make(place.directory, &trouble))
        return pki_tell(&trouble);
    if (!authority_init(&authority, name != NULL ? name : default_name, (long)days * DAY_S))
        return blame_openssl(place.directory);
    enum outcome outcome = OUTCOME_OK;
    if (write_authority(&place, &authority, &trouble))
        tell_authority(context, &authority, place.directory);
    else
        outcome = pki_tell(&trouble);
    authority_fini(&authority);
    return outcome;
}

/* ---- server, km, client ---- */

struct issue {
    struct context *context;
    struct credential_place place;
    const char *name;
    struct alternative_name names[NAMES_MAX];
    struct certificate_request request;
};

static const struct {
    enum option_id option;
    enum alternative_name_kind kind;
} name_options[] = { { OPTION_DNS, NAME_DNS }, { OPTION_URI, NAME_URI }, { OPTION_IP, NAME_ADDRESS } };

/* Says what is no name of its kind. */
static bool gather_names(struct issue *issue)
{
    for (size_t i = 0; i < sizeof name_options / sizeof *name_options; i++) {
        size_t at = 0;
        const char *words;
        while ((words = options_next(issue->context->options, name_options[i].option, &at)) != NULL) {
            struct alternative_name *name = &issue->names[issue->request.name_count++];
            *name = (struct alternative_name){ name_options[i].kind, words };
            if (certificate_name_is_good(name))
                continue;
            fprintf(stderr, "ckctl: --%s: \"%s\" is none\n", options_table[name_options[i].option].name,
                    words);
            return false;
        }
    }
    issue->request.names = issue->names;
    return true;
}

static bool is_free(const struct issue *issue)
{
    static const char *const endings[] = { ".pem", ".key" };
    if (!credential_name_is_good(issue->name) || strcmp(issue->name, PKI_AUTHORITY) == 0 ||
        strcmp(issue->name, PKI_REVOCATIONS) == 0) {
        fprintf(stderr,
                "ckctl: \"%s\" cannot be the name of its files: no slash, no dot in front, not ca, not "
                "crl\n",
                issue->name);
        return false;
    }
    for (size_t i = 0; i < sizeof endings / sizeof *endings && !issue->place.replace; i++) {
        struct buffer file = { .bytes = NULL };
        buffer_format(&file, "%s%s", issue->name, endings[i]);
        bool exists = credential_exists(issue->place.directory, file.bytes);
        if (exists)
            fprintf(stderr, "ckctl: %s/%s is there already; --force replaces it\n", issue->place.directory,
                    file.bytes);
        buffer_fini(&file);
        if (exists)
            return false;
    }
    return true;
}

/* What is replaced is still trusted. */
static void warn_of_former(const struct issue *issue)
{
    struct trouble ignored;
    struct buffer file = { .bytes = NULL };
    buffer_format(&file, "%s.pem", issue->name);
    X509 *former = credential_exists(issue->place.directory, file.bytes)
                       ? credential_read_certificate(issue->place.directory, issue->name, &ignored)
                       : NULL;
    if (former != NULL) {
        struct certificate_view view;
        struct buffer until = { .bytes = NULL };
        certificate_view(&view, former);
        instant_put(&until, view.until_ms);
        fprintf(stderr,
                "warning: the former certificate, serial number %s, stays valid until %s: revoke before you "
                "replace\n",
                view.serial, until.bytes);
        buffer_fini(&until);
    }
    X509_free(former);
    buffer_fini(&file);
}

static void put_identity(void *identities, const char *name)
{
    struct buffer *words = identities;
    buffer_format(words, "%s%s", words->length > 0 ? ", " : "", name);
}

static void tell_issued(const struct issue *issue, X509 *certificate)
{
    struct buffer identities = { .bytes = NULL }, end = { .bytes = NULL };
    const char *directory = issue->place.directory;
    certificate_visit_names(certificate, put_identity, &identities);
    put_end(&end, X509_get0_notAfter(certificate));
    context_say(issue->context, "%s/%s.pem, %s/%s.key", directory, issue->name, directory, issue->name);
    context_say(issue->context, "valid until %s", end.bytes);
    context_say(issue->context, issue->request.use == CERTIFICATE_SERVER ? "names: %s" : "identity = %s",
                buffer_c(&identities));
    buffer_fini(&identities);
    buffer_fini(&end);
}

static enum outcome write_issued(const struct issue *issue)
{
    struct trouble trouble;
    X509 *certificate = issue->request.key != NULL ? certificate_new(&issue->request) : NULL;
    if (certificate == NULL)
        return blame_openssl(issue->name);
    enum outcome outcome = OUTCOME_OK;
    if (issue->place.replace)
        warn_of_former(issue);
    if (credential_write_key(&issue->place, issue->name, issue->request.key, &trouble) &&
        credential_write_certificate(&issue->place, issue->name, certificate, &trouble))
        tell_issued(issue, certificate);
    else
        outcome = pki_tell(&trouble);
    X509_free(certificate);
    return outcome;
}

/* `needed` says which names there must be at least one of; NULL: none. */
static enum outcome issue_run(struct context *context, enum certificate_use use, const char *needed)
{
    struct issue issue = {
        .context = context,
        .place = { pki_directory(context), context->options->given[OPTION_FORCE] },
        .name = context->words[0],
        .request = { .common_name = context->words[0], .use = use, .from_s = -BACKDATED_S },
    };
    struct authority authority;
    long long days = CERTIFICATE_DAYS;
    if (issue.place.directory == NULL || !options_number(context->options, OPTION_DAYS, 1, DAYS_MAX, &days) ||
        !gather_names(&issue) || !is_free(&issue))
        return OUTCOME_USAGE;
    if (needed != NULL && issue.request.name_count == 0)
        return refuse(needed, "");
    if (!pki_open_authority(issue.place.directory, &authority))
        return OUTCOME_USAGE;
    issue.request.issuer = &authority;
    issue.request.until_s = (long)days * DAY_S;
    issue.request.key = certificate_key_new();
    enum outcome outcome = write_issued(&issue);
    EVP_PKEY_free(issue.request.key);
    authority_fini(&authority);
    return outcome;
}

enum outcome pki_server_run(struct context *context)
{
    return issue_run(context, CERTIFICATE_SERVER,
                     "give --dns or --ip: who connects compares it with what was "
                     "dialled");
}

enum outcome pki_km_run(struct context *context)
{
    return issue_run(context, CERTIFICATE_CLIENT,
                     "give --dns or --uri: by it the bridge knows the KM, which is "
                     "enrolled with it as its identity");
}

enum outcome pki_client_run(struct context *context)
{
    return issue_run(context, CERTIFICATE_CLIENT, NULL);
}
