/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/master.h"

#include <stdio.h>
#include <string.h>

#include "snmp/agent_tables.h"
#include "snmp/master_transport.h"
#include "snmp/net_snmp.h"
#include "system/clock.h"

/* The library exports these without a header. */
int subagent_open_master_session(void);
int agentx_send_ping(netsnmp_session *session);
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

void master_on_closed(struct master *master)
{
    master->session = NULL;
    if (master->registered)
        snprintf(master->detail, sizeof master->detail, "%s",
                 master_transport_error()[0] != '\0' ? master_transport_error()
                                                     : "it has closed the connection");
    master->registered = false;
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

static void ping(struct master *master)
{
    if (agentx_send_ping(master->session) == 1)
        return;
    if (master->session != NULL)
        fail(master, "it does not answer any more");
    master->registered = false;
    master_transport_cut();
}

static uint64_t next_pause(struct master *master)
{
    const uint32_t pause_ms = master->pause_ms;
    master->pause_ms = pause_ms * 2 < MASTER_PAUSE_LAST_MS ? pause_ms * 2 : MASTER_PAUSE_LAST_MS;
    return pause_ms;
}

bool master_turn(struct master *master, uint64_t monotonic_ms)
{
    char before[sizeof master->detail];
    const bool was_registered = master->registered;
    if (monotonic_ms < master->due_ms)
        return false;
    memcpy(before, master->detail, sizeof before);
    if (master->registered)
        ping(master);
    else if (master->session == NULL)
        attempt(master);
    master->due_ms = clock_monotonic_ms() + (master->registered ? MASTER_PING_MS : next_pause(master));
    return master->registered != was_registered || strcmp(before, master->detail) != 0;
}
