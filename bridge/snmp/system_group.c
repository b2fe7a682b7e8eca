/* SPDX-License-Identifier: Apache-2.0 */
/* The system group of SNMPv2-MIB (RFC 3418): what the node is, and which modules its agent serves. */
#include <sys/utsname.h>

#include <stdio.h>

#include "snmp/identity.h"
#include "snmp/mib_table.h"
#include "snmp/net_snmp.h"

enum {
    DISPLAY_STRING_BYTES = 255,
    SERVICES = 72, /* of the layers 4 (end-to-end) and 7 (applications): 2^(4-1) + 2^(7-1) */
};

/* ---- the scalars ---- */

enum scalar {
    SCALAR_DESCRIPTION = 1,
    SCALAR_OBJECT_ID,
    SCALAR_UP_TIME,
    SCALAR_CONTACT,
    SCALAR_NAME,
    SCALAR_LOCATION,
    SCALAR_SERVICES,
    SCALAR_OR_LAST_CHANGE,
};

/* DisplayString (RFC 2579) has no octets beyond ASCII, which an instance's name may. */
static void set_display_string(struct cell *cell, const char *words)
{
    cell_set_c(cell, words, DISPLAY_STRING_BYTES);
    for (size_t i = 0; i < cell->length; i++)
        if (cell->octets[i] >= 0x7f)
            cell->octets[i] = '?';
}

/* RFC 3418: the software and its version, the operating system and the hardware. */
static void describe(const struct snmp_facts *facts, struct cell *cell)
{
    char words[2 * DISPLAY_STRING_BYTES]; /* cut by the cell */
    struct utsname machine;
    if (uname(&machine) != 0)
        machine = (struct utsname){ .sysname = "?" };
    snprintf(words, sizeof words,
             "ckbridge %s, bridge between QKD key managers (Ck) and their controller; %s %s %s",
             facts->version, machine.sysname, machine.release, machine.machine);
    set_display_string(cell, words);
}

static void scalar_of(const struct view *view, size_t row, unsigned column, struct cell *cell)
{
    static const arc standalone_agent[] = { 3, 1 }; /* ckbStandaloneAgent */
    const struct identity *identity = view->identity;
    (void)row;
    switch ((enum scalar)column) {
    case SCALAR_DESCRIPTION:
        describe(&view->facts, cell);
        return;
    case SCALAR_OBJECT_ID:
        cell_set_name(cell, (struct cell_name){ mib_root, MIB_ROOT_LENGTH },
                      (struct cell_name){ standalone_agent, 2 });
        return;
    case SCALAR_UP_TIME:
        cell_set_ticks(cell, netsnmp_get_agent_uptime());
        return;
    case SCALAR_CONTACT:
        set_display_string(cell, identity->contact);
        return;
    case SCALAR_NAME:
        set_display_string(cell, identity->name);
        return;
    case SCALAR_LOCATION:
        set_display_string(cell, identity->location);
        return;
    case SCALAR_SERVICES:
        cell_set_integer(cell, SERVICES);
        return;
    case SCALAR_OR_LAST_CHANGE: /* never after the start */
        cell_set_ticks(cell, 0);
        return;
    }
}

const struct mib_table system_scalars = {
    .is_standard = true,
    .arcs = { 2, 1, 1 },
    .arc_count = 3,
    .first_column = SCALAR_DESCRIPTION,
    .last_column = SCALAR_OR_LAST_CHANGE,
    .row_count = mib_scalar_rows,
    .index = mib_scalar_index,
    .cell = scalar_of,
};

/* ---- sysORTable ---- */

enum column { COLUMN_ID = 2, COLUMN_DESCRIPTION, COLUMN_UP_TIME };

struct served {
    bool is_own; /* below the MIB's root */
    arc arcs[10];
    size_t arc_count;
    const char *description;
};

/* What the agent conforms to as a whole, and the statement of what it serves in part. */
static const struct served served[] = {
    { true, { 2, 1, 1 }, 3, "QKDN-CK-BRIDGE-MIB: all of it." },
    { true, { 2, 3, 1 }, 3, "What a standalone bridge serves of the SNMP modules: read-only." },
    { false, { 1, 3, 6, 1, 6, 3, 10, 3, 1, 1 }, 10, "SNMP-FRAMEWORK-MIB (RFC 3411): the engine." },
    { false, { 1, 3, 6, 1, 6, 3, 11, 3, 1, 1 }, 10, "SNMP-MPD-MIB (RFC 3412): message processing." },
};
enum { SERVED = sizeof served / sizeof *served };

static size_t served_count(const struct view *view)
{
    (void)view;
    return SERVED;
}

static size_t served_index(const struct view *view, size_t row, arc out_index[MIB_INDEX_MAX])
{
    (void)view;
    return mib_index_number(row + 1, out_index);
}

static void served_cell(const struct view *view, size_t row, unsigned column, struct cell *cell)
{
    const struct cell_name own = { mib_root, MIB_ROOT_LENGTH };
    const struct cell_name nothing = { NULL, 0 };
    (void)view;
    switch ((enum column)column) {
    case COLUMN_ID:
        cell_set_name(cell, (struct cell_name){ served[row].arcs, served[row].arc_count }, nothing);
        if (served[row].is_own)
            cell_set_name(cell, own, (struct cell_name){ served[row].arcs, served[row].arc_count });
        return;
    case COLUMN_DESCRIPTION:
        cell_set_c(cell, served[row].description, DISPLAY_STRING_BYTES);
        return;
    case COLUMN_UP_TIME: /* since the start */
        cell_set_ticks(cell, 0);
        return;
    }
}

const struct mib_table system_or_table = {
    .is_standard = true,
    .arcs = { 2, 1, 1, 9, 1 },
    .arc_count = 5,
    .first_column = COLUMN_ID,
    .last_column = COLUMN_UP_TIME,
    .row_count = served_count,
    .index = served_index,
    .cell = served_cell,
};
