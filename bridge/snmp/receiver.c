/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/receiver.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { MS_US = 1000 };

void receiver_init(struct receiver *receiver, const struct snmp_receiver *options,
                   const struct snmp_user *user)
{
    *receiver =
        (struct receiver){ .options = options, .user = user, .retry_after_ms = RECEIVER_RETRY_MS_MIN };
}

bool receiver_was_tried(const struct receiver *receiver)
{
    return receiver->retry_at_ms > 0;
}

bool receiver_is_due(const struct receiver *receiver, uint64_t monotonic_ms)
{
    return (receiver->session == NULL || receiver->stale) && monotonic_ms >= receiver->retry_at_ms;
}

/* ---- its session ---- */

/* The library's structure wants what it only reads without const. */
static char *lend(const char *string)
{
    return (char *)(uintptr_t)string;
}

static bool derive(netsnmp_session *session, const char *passphrase, u_char *key, size_t *key_bytes)
{
    *key_bytes = USM_AUTH_KU_LEN;
    return generate_Ku(session->securityAuthProto, (u_int)session->securityAuthProtoLen,
                       (const u_char *)passphrase, strlen(passphrase), key, key_bytes) == SNMPERR_SUCCESS;
}

static bool set_user(netsnmp_session *session, const struct snmp_user *user)
{
    session->version = SNMP_VERSION_3;
    session->securityName = lend(user->name);
    session->securityNameLen = strlen(user->name);
    session->securityLevel = user->privacy != NULL ? SNMP_SEC_LEVEL_AUTHPRIV : SNMP_SEC_LEVEL_AUTHNOPRIV;
    session->securityAuthProto =
        sc_get_auth_oid(usm_lookup_auth_type(user->auth), &session->securityAuthProtoLen);
    if (session->securityAuthProto == NULL ||
        !derive(session, user->auth_key, session->securityAuthKey, &session->securityAuthKeyLen))
        return false;
    if (user->privacy == NULL)
        return true;
    session->securityPrivProto =
        sc_get_priv_oid(usm_lookup_priv_type(user->privacy), &session->securityPrivProtoLen);
    return session->securityPrivProto != NULL &&
           derive(session, user->privacy_key, session->securityPrivKey, &session->securityPrivKeyLen);
}

static void set_problem(struct receiver *receiver, const char *words)
{
    snprintf(receiver->problem, sizeof receiver->problem, "%s", words);
}

static void set_community(netsnmp_session *session, const char *community)
{
    session->version = SNMP_VERSION_2c;
    session->community = (u_char *)lend(community != NULL ? community : "public");
    session->community_len = strlen((const char *)session->community);
}

/* RFC 3414 (1.5.1): of a trap the sender's engine is the authoritative one, of an inform the receiver's. */
static netsnmp_session *add(struct receiver *receiver, netsnmp_session *session)
{
    u_char engine[MAX_ENGINEID_LENGTH];
    netsnmp_transport *transport = netsnmp_transport_open_client("snmptrap", receiver->options->address);
    if (transport == NULL) {
        set_problem(receiver, strerror(errno));
        return NULL;
    }
    if (receiver->user != NULL && !receiver->options->inform) {
        session->securityEngineID = engine;
        session->securityEngineIDLen = snmpv3_get_engineID(engine, sizeof engine);
    }
    if (receiver->user != NULL && receiver->options->inform)
        session->flags &= ~(u_long)SNMP_FLAGS_DONT_PROBE; /* asked for now, not with each notification */
    session->timeout = RECEIVER_PROBE_MS * MS_US;
    session->retries = 0;
    netsnmp_session *added = snmp_add(session, transport, NULL, NULL);
    if (added == NULL) {
        set_problem(receiver, "it does not say which engine it is");
        return NULL;
    }
    added->timeout = RECEIVER_INFORM_TIMEOUT_MS * MS_US;
    added->retries = RECEIVER_INFORM_RETRIES;
    return added;
}

static void drop_session(struct receiver *receiver)
{
    if (receiver->session == NULL)
        return;
    snmp_close(receiver->session); /* on_answer hears of what was still open */
    receiver->session = NULL;
    receiver->stale = false;
}

static void put_off(struct receiver *receiver, uint64_t monotonic_ms)
{
    receiver->retry_at_ms = monotonic_ms + receiver->retry_after_ms;
    receiver->retry_after_ms *= 2;
    if (receiver->retry_after_ms > RECEIVER_RETRY_MS_MAX)
        receiver->retry_after_ms = RECEIVER_RETRY_MS_MAX;
}

void receiver_open(struct receiver *receiver, uint64_t monotonic_ms)
{
    netsnmp_session session;
    drop_session(receiver);
    set_problem(receiver, "its session cannot be made");
    snmp_sess_init(&session);
    bool whole = true;
    if (receiver->user != NULL)
        whole = set_user(&session, receiver->user);
    else
        set_community(&session, receiver->options->community);
    if (whole)
        receiver->session = add(receiver, &session);
    explicit_bzero(&session, sizeof session);
    if (receiver->session == NULL) {
        put_off(receiver, monotonic_ms);
        return;
    }
    receiver->retry_after_ms = RECEIVER_RETRY_MS_MIN;
    receiver->retry_at_ms = monotonic_ms + RECEIVER_RETRY_MS_MIN;
    set_problem(receiver, "");
}

/* ---- sending ---- */

/* What becomes of an inform. After a report it is sent again, if that can help; else there is a second call.
 */
static int on_answer(int operation, netsnmp_session *session, int request_id, netsnmp_pdu *pdu, void *own)
{
    struct receiver *receiver = own;
    const char *problem = "it does not acknowledge";
    (void)session;
    (void)request_id;
    if (operation == NETSNMP_CALLBACK_OP_RESEND ||
        (operation == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE && pdu->command == SNMP_MSG_REPORT))
        return 1;
    if (operation == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE)
        problem = "";
    if (operation == NETSNMP_CALLBACK_OP_SEC_ERROR) { /* another engine than it was, or other keys */
        receiver->stale = true;
        problem = "it does not accept the user, or is another engine now";
    }
    set_problem(receiver, problem);
    if (receiver->is_sending)
        return 1;
    if (operation != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE)
        receiver->lost++;
    receiver->informs_open--;
    return 1;
}

static netsnmp_pdu *make_pdu(const struct receiver *receiver, netsnmp_variable_list *varbinds)
{
    netsnmp_pdu *pdu = snmp_pdu_create(receiver->options->inform ? SNMP_MSG_INFORM : SNMP_MSG_TRAP2);
    if (pdu == NULL)
        return NULL;
    pdu->version = receiver->session->version;
    pdu->variables = snmp_clone_varbind(varbinds);
    if (pdu->variables != NULL)
        return pdu;
    snmp_free_pdu(pdu);
    return NULL;
}

bool receiver_send(struct receiver *receiver, netsnmp_variable_list *varbinds)
{
    const bool inform = receiver->options->inform;
    netsnmp_pdu *pdu = NULL;
    bool sent = false;
    if (receiver->session != NULL && !(inform && receiver->informs_open >= RECEIVER_INFORMS_OPEN_MAX))
        pdu = make_pdu(receiver, varbinds);
    if (pdu != NULL) {
        receiver->is_sending = true; /* a failure is told twice, by a call and by the result */
        sent = snmp_async_send(receiver->session, pdu, inform ? on_answer : NULL, receiver) != 0;
        receiver->is_sending = false;
        if (!sent)
            snmp_free_pdu(pdu);
    }
    if (!sent)
        receiver->lost++;
    else if (inform)
        receiver->informs_open++;
    if (sent) { /* as the library does for its own receivers */
        snmp_increment_statistic(STAT_SNMPOUTTRAPS);
        snmp_increment_statistic(STAT_SNMPOUTPKTS);
    }
    return sent;
}
