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
