/* SPDX-License-Identifier: Apache-2.0 */
#include "ckctl/reason.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *code, *words;
} reasons[] = {
    /* why a KM is refused, or its session ended */
    { "tls_handshake",
      "the TLS handshake failed: see that its certificate is of this network's authority, in date, "
      "not revoked, and that it trusts the bridge's" },
    { "not_enrolled",
      "no KM is enrolled with this identity: add it to a KM's \"identity\" (ckctl kms put, or a [km] "
      "section of the configuration)" },
    { "ambiguous_identity",
      "its certificate's identities belong to more than one enrolled KM: let each identity "
      "stand with one KM only" },
    { "km_disabled", "its KM is enrolled, but disabled: set \"enabled\" to true to let it in" },
    { "held_off", "it sent too much that was not Ck, and is held off for a while" },
    { "flapping", "it replaces its session too often: perhaps two KMs use one identity" },
    { "replaced", "a newer session of the same KM took its place" },
    { "bad_version", "it speaks a version of Ck that its dialect does not allow" },
    { "too_many_bad_frames", "it sent too many frames that could not be read" },
    { "refused_by_dialect", "its dialect has the bridge end a session for what it sent" },
    { "peer_closed", "the KM closed the connection" },
    { "connection_error", "the connection broke" },
    { "idle", "nothing was heard from it for too long" },
    { "slow_reader", "it did not read what the bridge sent" },
    { "shutdown", "the bridge was stopped" },
    { "malformed", "it sent a frame that could not be read" },
    /* why a relay ended */
    { "no_route", "no route matched, and nobody else decided in time" },
    { "source_not_authorised", "the KM does not own the source KMA that it named" },
    { "source_ambiguous", "the KM has several KMAs and did not say which is the source" },
    { "destination_conflict", "the destination KMA and the application's do not agree" },
    { "unknown_application", "no KMA is known for the application: ckctl applications put" },
    { "frame_too_large", "the path would not fit into a frame of Ck" },
    { "insufficient_keys", "the KM has too few keys along the path" },
    { "overload", "the bridge had too much to do" },
    { "rejected", "an orchestrator rejected it" },
    { "km_failure", "the KM reported that the relay failed" },
    { "completion_timeout", "the KM did not report the end in time" },
    { "km_removed", "its KM was removed" },
    { "km_away", "its KM was not connected when the time was over" },
    { "session_lost", "its KM's session ended before the answer" },
    { "at_destination", "source and destination are the same KMA" },
    { "would_loop", "the next hops that are left would lead back" },
    { "bad_constraints", "the request's own constraints can't be understood" },
    { "constraints_unmet", "there is a way, but none that keeps the request's own constraints" },
    { "unknown_kma", "a KMA is not known" },
    { "disabled_kma", "a KMA's KM is disabled" },
    { "link_down", "a link of the path is down" },
    { "limit_reached", "a limit of the bridge was reached" },
    { "store_unavailable", "the store could not be written" },
};

const char *reason_in_words(const char *code)
{
    for (size_t i = 0; code != NULL && i < sizeof reasons / sizeof *reasons; i++)
        if (strcmp(reasons[i].code, code) == 0)
            return reasons[i].words;
    return "";
}

/* The first that matches counts: a verification's words before a library's. */
static const struct {
    const char *part, *words;
} handshake_troubles[] = {
    { "certificate has expired", "its certificate has expired: give it a new one" },
    { "certificate is not yet valid",
      "by the bridge's clock its certificate is not valid yet: compare the clocks" },
    { "certificate revoked", "its certificate is in the listener's crl: give it a new one" },
    { "CRL has expired", "the listener's crl is out of date, so that nobody is let in: renew it and reload" },
    { "unable to get certificate CRL",
      "the listener's crl has no list of the authority that signed its certificate" },
    { "self-signed certificate",
      "its certificate is signed by itself, or by an authority that is not in the listener's ca" },
    { "self signed certificate",
      "its certificate is signed by itself, or by an authority that is not in the listener's ca" },
    { "unable to get local issuer",
      "its certificate is not of an authority in the listener's ca, or the KM does not send the "
      "intermediate one" },
    { "unable to verify the first certificate",
      "its certificate is not of an authority in the listener's ca, or the KM does not send the "
      "intermediate one" },
    { "certificate signature failure",
      "its certificate was signed by another authority of the same name than the one in the listener's ca" },
    { "unsuitable certificate purpose",
      "its certificate is not one for a TLS client: it lacks clientAuth in its extended key usage" },
    { "unsupported certificate purpose",
      "its certificate is not one for a TLS client: it lacks clientAuth in its extended key usage" },
    { "peer did not return a certificate", "it sent no certificate: give it its certificate and key" },
    { "certificate required", "it sent no certificate: give it its certificate and key" },
    { "unsupported protocol",
      "it offers too old a version of TLS only: let it speak 1.3, or set the listener's tls_min to 1.2" },
    { "protocol version",
      "it and the listener have no version of TLS in common: see the listener's tls_min" },
    { "wrong version number", "it does not speak TLS, perhaps plain Ck, to a listener that does" },
    { "http request", "it speaks HTTP: it was given the address of a Ck listener for the API's" },
    { "unknown ca",
      "the KM does not trust the bridge's certificate: give it the authority that signed that one" },
    { "bad certificate",
      "the KM does not accept the bridge's certificate: see its log, and the names there" },
    { "alert certificate", "the KM does not accept the bridge's certificate: see its log" },
    { "no shared cipher", "it and the listener have no cipher in common" },
    { "no suitable key share", "it and the listener have no key exchange in common" },
    { "psk", "its pre-shared key, or the identity that it sent, is not the one in the listener's psk_file" },
    { "closed by peer",
      "the KM broke it off: perhaps it does not trust the bridge's certificate; see its own log" },
};

const char *handshake_in_words(const char *detail)
{
    for (size_t i = 0; detail != NULL && i < sizeof handshake_troubles / sizeof *handshake_troubles; i++)
        if (strcasestr(detail, handshake_troubles[i].part) != NULL)
            return handshake_troubles[i].words;
    return "";
}
