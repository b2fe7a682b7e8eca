/* SPDX-License-Identifier: Apache-2.0 */
/* doctor: the bridge itself, as /status shows it. */
#include <string.h>

#include "ckctl/finding.h"
#include "ckctl/value.h"

enum { FULL_PERCENT = 80 };

static void look_at_store(struct findings *findings, const json_t *status)
{
    const char *detail = value_string(status, "store.detail");
    if (!value_is_true(status, "store.available"))
        finding_add(findings, true, "store", "it cannot be used, so that nothing is accepted%s%s",
                    detail != NULL ? ": " : "", detail != NULL ? detail : "");
    if (value_is_true(status, "overloaded"))
        finding_add(findings, true, "bridge", "it is overloaded, and refuses what it cannot hold");
    if (value_is_true(status, "store.available") && !value_is_true(status, "ready"))
        finding_add(findings, true, "bridge", "it is not ready: it is starting or stopping");
}

static void look_at_limits(struct findings *findings, const json_t *status)
{
    const char *name;
    json_t *limit;
    json_object_foreach((json_t *)value_at(status, "limits"), name, limit)
    {
        long long used = value_number(limit, "used"), maximum = value_number(limit, "max");
        if (maximum > 0 && used * 100 >= maximum * FULL_PERCENT)
            finding_add(findings, true, name, "%lld of at most %lld are in use", used, maximum);
    }
}

static bool is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strncmp(address, "[::1]", 5) == 0 ||
           strncmp(address, "::1", 3) == 0;
}

static void look_at_listeners(struct findings *findings, const json_t *status)
{
    const json_t *listeners = value_at(status, "listeners");
    for (size_t i = 0; i < json_array_size(listeners); i++) {
        const json_t *listener = json_array_get(listeners, i);
        const char *name = value_string(listener, "name"), *address = value_string(listener, "address");
        if (name == NULL || address == NULL)
            continue;
        struct buffer about = { .bytes = NULL };
        buffer_format(&about, "listener %s", name);
        if (value_is_true(listener, "secure"))
            doctor_look_at_expiry(
                findings, &(struct doctor_expiry){ .object = listener,
                                                   .member = "certificate_expires_at",
                                                   .about = about.bytes,
                                                   .what = "the bridge's own certificate",
                                                   .then = ": whoever checks it refuses to connect" });
        else if (is_loopback(address))
            finding_add(findings, false, about.bytes, "it has no TLS, and is on loopback alone (%s)",
                        address);
        else
            finding_add(findings, true, about.bytes,
                        "it has no TLS on %s: anyone on the way can read and alter", address);
        buffer_fini(&about);
    }
}

static void look_at_orchestrator(struct findings *findings, const json_t *status)
{
    long long held = value_number(status, "totals.relays_held") + value_number(status, "totals.lookups_held");
    if (held > 0 && !value_is_true(status, "decision.orchestrator_present"))
        finding_add(findings, true, "orchestrator",
                    "%lld requests are held for a decision, and none is present", held);
}

/* What to do about a subagent that finds no master agent is the same nearly always. */
static void look_at_snmp(struct findings *findings, const json_t *status)
{
    const char *mode = value_string(status, "snmp.mode"), *detail = value_string(status, "snmp.detail");
    const long long lost = value_number(status, "snmp.notifications_lost");
    if (mode == NULL || strcmp(mode, "off") == 0)
        return;
    if (detail == NULL)
        detail = "it does not say why";
    if (strcmp(mode, "failed") == 0)
        finding_add(findings, true, "snmp", "the agent could not be started: %s; correct it and restart",
                    detail);
    else if (!value_is_true(status, "snmp.connected") && strcmp(mode, "agentx") == 0)
        finding_add(
            findings, true, "snmp",
            "the subagent is not connected: %s; does snmpd run, has its configuration `master agentx`, "
            "and does agentXPerms let the bridge's group in?",
            detail);
    else if (!value_is_true(status, "snmp.connected"))
        finding_add(findings, true, "snmp", "the agent does not listen: %s", detail);
    else if (value_string(status, "snmp.detail") != NULL)
        finding_add(findings, true, "snmp", "%s", detail);
    if (lost > 0)
        finding_add(findings, false, "snmp",
                    "%lld notifications were lost since the start; their events were not", lost);
}

void doctor_look_at_bridge(struct findings *findings, const json_t *status)
{
    look_at_store(findings, status);
    look_at_limits(findings, status);
    look_at_listeners(findings, status);
    look_at_orchestrator(findings, status);
    look_at_snmp(findings, status);
}

void doctor_look_at_tokens(struct findings *findings, const json_t *tokens)
{
    for (size_t i = 0; i < json_array_size(tokens); i++) {
        const json_t *token = json_array_get(tokens, i);
        struct buffer about = { .bytes = NULL };
        const char *id = value_string(token, "token_id");
        buffer_format(&about, "token %s", id != NULL ? id : "");
        doctor_look_at_expiry(findings, &(struct doctor_expiry){ .object = token,
                                                                 .member = "expires_at",
                                                                 .about = about.bytes,
                                                                 .what = "it",
                                                                 .then = ": it is refused" });
        buffer_fini(&about);
    }
}
