/* SPDX-License-Identifier: Apache-2.0 */
/* What the SNMP engine counts and is: the snmp group of SNMPv2-MIB (RFC 3418), the engine (RFC 3411), and the
 * statistics of message processing (RFC 3412) and of the user-based security model (RFC 3414). */
#include "snmp/identity.h"
#include "snmp/mib_table.h"
#include "snmp/net_snmp.h"

/* ---- what the library counts: its numbers are in the modules' order ---- */

enum { SNMP_AUTHENTICATION_TRAPS = 30, SNMP_LAST = 32 };

_Static_assert(STAT_SNMPOUTTRAPS - STAT_SNMPINPKTS == 29 - 1 &&
                   STAT_SNMPPROXYDROPS - STAT_SNMPINPKTS == SNMP_LAST - 1,
               "the library's numbers follow the snmp group");
_Static_assert(STAT_USMSTATSDECRYPTIONERRORS - STAT_USMSTATSUNSUPPORTEDSECLEVELS == 6 - 1,
               "the library's numbers follow usmStats");
_Static_assert(STAT_SNMPUNKNOWNPDUHANDLERS - STAT_SNMPUNKNOWNSECURITYMODELS == 3 - 1,
               "the library's numbers follow snmpMPDStats");

static void set_statistic(struct cell *cell, int first, unsigned column)
{
    cell_set_counter32(cell, snmp_get_statistic(first + (int)column - 1));
}

static void snmp_cell(const struct view *view, size_t row, unsigned column, struct cell *cell)
{
    (void)row;
    if (column == SNMP_AUTHENTICATION_TRAPS)
        cell_set_truth(cell, view->identity->authentication_traps); /* enabled(1), disabled(2) */
    else
        set_statistic(cell, STAT_SNMPINPKTS, column);
}

static void mpd_cell(const struct view *view, size_t row, unsigned column, struct cell *cell)
{
    (void)view;
    (void)row;
    set_statistic(cell, STAT_SNMPUNKNOWNSECURITYMODELS, column);
}

static void usm_cell(const struct view *view, size_t row, unsigned column, struct cell *cell)
{
    (void)view;
    (void)row;
    set_statistic(cell, STAT_USMSTATSUNSUPPORTEDSECLEVELS, column);
}

/* The obsolete ones too, from SNMPv1: stations still ask for them. 7 and 23 have never been used. */
const struct mib_table snmp_scalars = {
    .is_standard = true,
    .arcs = { 2, 1, 11 },
    .arc_count = 3,
    .first_column = 1,
    .last_column = SNMP_LAST,
    .gaps = 1U << 7 | 1U << 23,
    .row_count = mib_scalar_rows,
    .index = mib_scalar_index,
    .cell = snmp_cell,
};

const struct mib_table mpd_scalars = {
    .is_standard = true,
    .arcs = { 6, 3, 11, 2, 1 },
    .arc_count = 5,
    .first_column = 1,
    .last_column = 3,
    .row_count = mib_scalar_rows,
    .index = mib_scalar_index,
    .cell = mpd_cell,
};

const struct mib_table usm_scalars = {
    .is_standard = true,
    .arcs = { 6, 3, 15, 1, 1 },
    .arc_count = 5,
    .first_column = 1,
    .last_column = 6,
    .row_count = mib_scalar_rows,
    .index = mib_scalar_index,
    .cell = usm_cell,
};

/* ---- the engine ---- */

enum engine_scalar { ENGINE_ID = 1, ENGINE_BOOTS, ENGINE_TIME, ENGINE_MESSAGE_BYTES_MAX };

static void engine_cell(const struct view *view, size_t row, unsigned column, struct cell *cell)
{
    const struct identity *identity = view->identity;
    (void)row;
    switch ((enum engine_scalar)column) {
    case ENGINE_ID:
        cell_set_octets(cell, identity->engine->id, sizeof identity->engine->id);
        return;
    case ENGINE_BOOTS:
        cell_set_integer(cell, (int32_t)identity->engine->boots);
        return;
    case ENGINE_TIME: /* seconds, as the engine tells them in its messages */
        cell_set_integer(cell, (int32_t)snmpv3_local_snmpEngineTime());
        return;
    case ENGINE_MESSAGE_BYTES_MAX:
        cell_set_integer(cell, (int32_t)identity->listeners->message_bytes_max);
        return;
    }
}

const struct mib_table engine_scalars = {
    .is_standard = true,
    .arcs = { 6, 3, 10, 2, 1 },
    .arc_count = 5,
    .first_column = ENGINE_ID,
    .last_column = ENGINE_MESSAGE_BYTES_MAX,
    .row_count = mib_scalar_rows,
    .index = mib_scalar_index,
    .cell = engine_cell,
};
