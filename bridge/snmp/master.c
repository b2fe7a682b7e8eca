/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/master.h"

#include <stdio.h>
#include <string.h>

#include "snmp/agent_tables.h"
#include "snmp/master_transport.h"
#include "snmp/net_snmp.h"
#include "system/clock.h"

enum {
    AGENTX_PING_PDU = 13,      /* RFC 2741, 6.1: agentx-Ping-PDU */
    MASTER_UNANSWERED_S = 600, /* the library's own limit, which is not to be reached */
};

/* The library exports these without a header. */
int subagent_open_master_session(void);
int agentx_register(netsnmp_session *session, oid *start, size_t length, int priority, int range_subid,
                    oid range_ubound, int timeout, unsigned char flags, const char *context);

void master_init(struct master *master)
{
    *master = (struct master){ .pause_ms = MASTER_PAUSE_FIRST_MS };
}

void master_on_opened(struct master *master, void *session)
{
    master->session = session;
}

static void forget_questions(struct master *master)
{
    master->silent = false;
    master->refused = false;
    master->asked_ms = 0;
}

void master_on_closed(struct master *master)
{
    master->session = NULL;
    if (master->registered)
        snprintf(master->detail, sizeof master->detail, "%s",
                 master_transport_error()[0] != '\0' ? master_transport_error()
                                                     : "it has closed the connection");
    master->registered = false;
    forget_questions(master);
    master->due_ms = clock_monotonic_ms() + master->pause_ms;
}

static void fail(struct master *master, const char *detail)
{
    snprintf(master->detail, sizeof master->detail, "%s", detail);
}

static const char *why_not_registered(const struct master *master)
{
    const netsnmp_session *session = master->session;
    if (session == NULL)
        return "it closes the connection during registration";
    if (session->s_snmp_errno == SNMPERR_TIMEOUT)
        return "it does not answer a registration";
    return "it refuses a registration: does another bridge or subagent have these objects?";
}

/* Half a MIB is none. */
static bool register_all(struct master *master)
{
    oid name[MIB_NAME_MAX];
    for (size_t i = 0; i < agent_tables_count(); i++) {
        const size_t length = agent_tables_name(i, name);
        if (agentx_register(master->session, name, length, DEFAULT_MIB_PRIORITY, 0, 0, 0, 0, NULL) == 1)
            continue;
        fail(master, why_not_registered(master));
        return false;
    }
    return true;
}

/* The library does not tell these apart. */
static const char *why_not_open(uint64_t begin_ms)
{
    if (master_transport_error()[0] != '\0')
        return master_transport_error();
    return clock_monotonic_ms() - begin_ms < MASTER_ANSWER_S * 1000 ? "it refuses to open a session"
                                                                    : "it does not answer";
}

static void attempt(struct master *master)
{
    const uint64_t begin_ms = clock_monotonic_ms();
    master_transport_allow();
    if (subagent_open_master_session() != 0)
        fail(master, why_not_open(begin_ms));
    else if (master->session != NULL && register_all(master))
        master->registered = true;
    else
        master_transport_cut();
    if (!master->registered)
        return;
    master->detail[0] = '\0';
    master->pause_ms = MASTER_PAUSE_FIRST_MS;
}

/* ---- whether it lives ---- */

static uint64_t next_pause(struct master *master)
{
    const uint32_t pause_ms = master->pause_ms;
    master->pause_ms = pause_ms * 2 < MASTER_PAUSE_LAST_MS ? pause_ms * 2 : MASTER_PAUSE_LAST_MS;
    return pause_ms;
}

static void give_up(struct master *master, const char *detail)
{
    fail(master, detail);
    forget_questions(master);
    master->registered = false;
    master->due_ms = clock_monotonic_ms() + next_pause(master);
    master_transport_cut();
}

/* Called also, as timed out, for what is open when a session ends. */
static int on_answered(int operation, netsnmp_session *session, int request_id, netsnmp_pdu *pdu, void *own)
{
    struct master *master = own;
    (void)session;
    (void)request_id;
    if (operation != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE)
        return 1;
    master->asked_ms = 0;
    master->refused = pdu->errstat != 0;
    return 1;
}

/* One that cannot be sent ends the connection, which is heard of by that. */
static void ping(struct master *master, uint64_t now_ms)
{
    netsnmp_session *session = master->session;
    netsnmp_pdu *pdu = snmp_pdu_create(AGENTX_PING_PDU);
    if (pdu == NULL)
        return;
    pdu->version = session->version;
    pdu->sessid = session->sessid;
    pdu->reqid = snmp_get_next_reqid();
    pdu->msgid = snmp_get_next_msgid();
    pdu->flags |= UCD_MSG_FLAG_PDU_TIMEOUT;
    pdu->time = MASTER_UNANSWERED_S;
    master->asked_ms = now_ms;
    if (snmp_async_send(session, pdu, on_answered, master) == 0)
        snmp_free_pdu(pdu);
}

/* Since when it owes its oldest answer; 0: it owes none. */
static uint64_t owes_since_ms(const struct master *master, uint64_t notified_ms)
{
    const bool pinged_first = master->asked_ms != 0 && master->asked_ms < notified_ms;
    return notified_ms == 0 || pinged_first ? master->asked_ms : notified_ms;
}

/* It owes the answer to what was sent at `since_ms`. */
static void judge(struct master *master, uint64_t heard_ms, uint64_t since_ms)
{
    enum { ANSWER_MS = MASTER_ANSWER_S * 1000 };
    const uint64_t owed_ms = heard_ms > since_ms ? heard_ms - since_ms : 0;
    master->silent = owed_ms >= ANSWER_MS;
    master->due_ms = since_ms + (master->silent ? MASTER_SILENT_MS_MAX : ANSWER_MS);
    if (owed_ms >= MASTER_SILENT_MS_MAX)
        give_up(master, "it does not answer any more");
    else if (master->silent)
        fail(master, "it does not answer at present");
    else
        master->detail[0] = '\0';
}

static void watch(struct master *master, const struct master_heard *heard)
{
    const uint64_t since_ms = owes_since_ms(master, heard->notified_ms);
    const uint64_t now_ms = clock_monotonic_ms();
    if (master->refused) {
        give_up(master, "it does not know this session any more");
        return;
    }
    if (since_ms != 0) {
        judge(master, heard->until_ms, since_ms);
        return;
    }
    master->silent = false;
    master->detail[0] = '\0';
    if (now_ms >= master->ping_ms) {
        ping(master, now_ms);
        master->ping_ms = now_ms + MASTER_PING_MS;
    }
    master->due_ms = master->ping_ms;
}

static void try_again(struct master *master)
{
    if (master->session == NULL)
        attempt(master);
    const uint64_t now_ms = clock_monotonic_ms();
    master->ping_ms = now_ms + MASTER_PING_MS;
    master->due_ms = master->registered ? master->ping_ms : now_ms + next_pause(master);
}

bool master_turn(struct master *master, const struct master_heard *heard)
{
    char before[sizeof master->detail];
    const bool was_registered = master->registered;
    memcpy(before, master->detail, sizeof before);
    if (master->registered)
        watch(master, heard);
    else if (clock_monotonic_ms() >= master->due_ms)
        try_again(master);
    return master->registered != was_registered || strcmp(before, master->detail) != 0;
}

bool master_listens(const struct master *master)
{
    return master->registered && !master->silent;
}
