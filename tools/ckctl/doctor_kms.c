/* SPDX-License-Identifier: Apache-2.0 */
/* doctor: why KMs cannot connect, and what is about to expire. */
#include <string.h>

#include "ckctl/finding.h"
#include "ckctl/instant.h"
#include "ckctl/reason.h"
#include "ckctl/value.h"

#define DAY_MS INT64_C(86400000)
#define EXPIRY_NOTE_MS (30 * DAY_MS)
#define EXPIRY_WRONG_MS (7 * DAY_MS)

static bool is_connected(const json_t *km)
{
    return strcmp(or_empty(value_string(km, "session.state")), "connected") == 0;
}

/* Among "dns:a.example, psk:a". */
static bool has_identity(const json_t *km, const char *identity)
{
    const char *list = value_string(km, "identity");
    size_t length = strlen(identity);
    while (list != NULL && *list != '\0') {
        if (strncmp(list, identity, length) == 0 && (list[length] == '\0' || list[length] == ','))
            return true;
        list += strcspn(list, ",");
        list += strspn(list, ", ");
    }
    return false;
}

static const json_t *km_of_identity(const json_t *kms, const char *identity)
{
    for (size_t i = 0; i < json_array_size(kms); i++)
        if (has_identity(json_array_get(kms, i), identity))
            return json_array_get(kms, i);
    return NULL;
}

static bool is_same(const json_t *left, const json_t *right, const char *member)
{
    return strcmp(or_empty(value_string(left, member)), or_empty(value_string(right, member))) == 0;
}

/* Without an identity (a handshake may fail before there is one) a peer is known by its host and its trouble.
 */
static bool is_same_peer(const json_t *left, const json_t *right)
{
    const char *one = value_string(left, "identity"), *other = value_string(right, "identity");
    if (!is_same(left, right, "reason"))
        return false;
    if (one != NULL || other != NULL)
        return one != NULL && other != NULL && strcmp(one, other) == 0;
    if (!is_same(left, right, "detail"))
        return false;
    one = or_empty(value_string(left, "peer"));
    other = or_empty(value_string(right, "peer"));
    const char *colon = strrchr(one, ':');
    size_t host = colon != NULL ? (size_t)(colon - one) : strlen(one);
    return strncmp(one, other, host) == 0 && strrchr(other, ':') == (colon != NULL ? other + host : NULL);
}

/* The newest of its kind speaks for all. */
static bool is_newest(const json_t *refused, size_t index, size_t *out_times)
{
    int64_t own_ms = 0, other_ms;
    *out_times = 0;
    value_time(json_array_get(refused, index), "time", &own_ms);
    for (size_t i = 0; i < json_array_size(refused); i++) {
        if (!is_same_peer(json_array_get(refused, index), json_array_get(refused, i)))
            continue;
        ++*out_times;
        if (value_time(json_array_get(refused, i), "time", &other_ms) &&
            (other_ms > own_ms || (other_ms == own_ms && i > index)))
            return false;
    }
    return true;
}

static void tell_refused(struct findings *findings, const json_t *peer, const json_t *km, size_t times)
{
    const char *identity = value_string(peer, "identity"), *reason = or_empty(value_string(peer, "reason"));
    const char *detail = value_string(peer, "detail");
    struct buffer about = { .bytes = NULL }, words = { .bytes = NULL };
    buffer_format(&about, "refused peer %s",
                  identity != NULL ? identity : or_empty(value_string(peer, "peer")));
    if (km != NULL)
        buffer_format(&about, " (km %s)", or_empty(value_string(km, "km_id")));
    buffer_format(&words, "refused %zu time%s, last ", times, times == 1 ? "" : "s");
    value_put(&words, value_at(peer, "time"), &findings->context->terminal);
    buffer_format(&words, " from %s (%s)", or_empty(value_string(peer, "peer")), reason);
    const char *advice =
        *handshake_in_words(detail) != '\0' ? handshake_in_words(detail) : reason_in_words(reason);
    if (*advice != '\0')
        buffer_format(&words, ": %s", advice);
    if (detail != NULL)
        buffer_format(&words, "; in detail: %s", detail);
    finding_add(findings, true, about.bytes, "%s", words.bytes);
    buffer_fini(&about);
    buffer_fini(&words);
}

void doctor_look_at_refused(struct findings *findings, const json_t *status, const json_t *kms,
                            const json_t *only)
{
    const json_t *refused = value_at(status, "refused_peers");
    for (size_t i = 0; i < json_array_size(refused); i++) {
        const json_t *peer = json_array_get(refused, i);
        const char *identity = value_string(peer, "identity");
        const json_t *km = identity != NULL ? km_of_identity(kms, identity) : NULL;
        int64_t refused_ms = 0, since_ms = 0;
        size_t times;
        value_time(peer, "time", &refused_ms);
        bool is_back = km != NULL && is_connected(km) && value_time(km, "session.since", &since_ms) &&
                       since_ms >= refused_ms;
        bool is_asked_for = only == NULL || only == km || (km == NULL && !is_connected(only));
        if (is_asked_for && !is_back && is_newest(refused, i, &times))
            tell_refused(findings, peer, km, times);
    }
}

static void put_last_error(struct buffer *words, const json_t *km, const struct terminal *terminal)
{
    const char *reason = value_string(km, "session.last_error.reason");
    const char *detail = value_string(km, "session.last_error.detail");
    if (reason == NULL)
        return;
    buffer_put_c(words, "; last error, ");
    value_put(words, value_at(km, "session.last_error.time"), terminal);
    buffer_format(words, ": %s", *reason_in_words(reason) != '\0' ? reason_in_words(reason) : reason);
    if (detail != NULL)
        buffer_format(words, " (%s)", detail);
}

static void tell_absent(struct findings *findings, const json_t *km, const char *about)
{
    const struct terminal *terminal = &findings->context->terminal;
    struct buffer words = { .bytes = NULL };
    if (value_at(km, "session.held_off_until") != NULL) {
        buffer_put_c(&words, "it sent too much that was not Ck; what it connects is refused until ");
        value_put(&words, value_at(km, "session.held_off_until"), terminal);
    } else if (value_number(km, "counters.sessions") == 0) {
        buffer_format(&words,
                      "it has not connected since the bridge started; it is expected with the identity %s",
                      or_empty(value_string(km, "identity")));
    } else {
        buffer_put_c(&words, "it is not connected; its session ended ");
        value_put(&words, value_at(km, "session.since"), terminal);
    }
    put_last_error(&words, km, terminal);
    finding_add(findings, true, about, "%s", words.bytes);
    buffer_fini(&words);
}

void doctor_look_at_expiry(struct findings *findings, const struct doctor_expiry *expiry)
{
    const struct terminal *terminal = &findings->context->terminal;
    struct buffer when = { .bytes = NULL };
    int64_t expires_ms;
    if (!value_time(expiry->object, expiry->member, &expires_ms) ||
        expires_ms - terminal->now_ms >= EXPIRY_NOTE_MS)
        return;
    value_put(&when, value_at(expiry->object, expiry->member), terminal);
    bool is_over = expires_ms <= terminal->now_ms;
    finding_add(findings, expires_ms - terminal->now_ms < EXPIRY_WRONG_MS, expiry->about, "%s %s %s%s",
                expiry->what, is_over ? "expired" : "expires", when.bytes, is_over ? expiry->then : "");
    buffer_fini(&when);
}

void doctor_look_at_km(struct findings *findings, const json_t *km)
{
    struct buffer about = { .bytes = NULL };
    buffer_format(&about, "km %s", or_empty(value_string(km, "km_id")));
    if (!value_is_true(km, "enabled"))
        finding_add(findings, false, about.bytes, "it is disabled, so that its sessions are refused");
    else if (!is_connected(km))
        tell_absent(findings, km, about.bytes);
    else
        doctor_look_at_expiry(
            findings,
            &(struct doctor_expiry){ .object = km,
                                     .member = "session.certificate_expires_at",
                                     .about = about.bytes,
                                     .what = "its certificate",
                                     .then = ": the session lives on, but a new one will be refused" });
    buffer_fini(&about);
}

/* What proves an identity: TLS a certificate's names, a plain listener addresses. */
static bool needs_plain(const char *identity)
{
    return strncmp(identity, "address:", 8) == 0;
}

void doctor_look_for_listener(struct findings *findings, const json_t *status, const json_t *km)
{
    const json_t *listeners = value_at(status, "listeners");
    const char *identity = or_empty(value_string(km, "identity"));
    bool any = false, secure = false, plain = false;
    struct buffer about = { .bytes = NULL };
    buffer_format(&about, "km %s", or_empty(value_string(km, "km_id")));
    for (size_t i = 0; i < json_array_size(listeners); i++) {
        const json_t *listener = json_array_get(listeners, i);
        if (strcmp(or_empty(value_string(listener, "kind")), "ck") != 0)
            continue;
        any = true;
        *(value_is_true(listener, "secure") ? &secure : &plain) = true;
    }
    if (!any)
        finding_add(findings, true, about.bytes, "the bridge has no Ck listener that it could connect to");
    else if (needs_plain(identity) && !plain && strchr(identity, ',') == NULL)
        finding_add(
            findings, true, about.bytes,
            "its identity is an address, which counts on a listener without TLS only, and there is none");
    else if (!needs_plain(identity) && !secure)
        finding_add(findings, true, about.bytes,
                    "its identity %s is proven by TLS, and no Ck listener has TLS", identity);
    buffer_fini(&about);
}
