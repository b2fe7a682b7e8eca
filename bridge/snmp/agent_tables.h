/* SPDX-License-Identifier: Apache-2.0 */
/* Registers the MIB's tables, and those of every agent, with net-snmp and answers its requests from a view.
 */
#ifndef SNMP_AGENT_TABLES_H
#define SNMP_AGENT_TABLES_H

#include <stdatomic.h>

#include "snmp/mib_table.h"

struct agent_tables {
    struct view *view;
    atomic_uint_fast64_t requests;
    atomic_bool abandoned; /* nothing that the view asks is there any more */
};

enum { AGENT_TABLE_NAME_MAX = 128 };

/* The names of the MIB's own, in the same order at all times. */
size_t agent_tables_count(void);
size_t agent_tables_name(size_t table, arc out_name[AGENT_TABLE_NAME_MAX]);
/* Likewise of those of every agent. */
size_t agent_tables_standard_count(void);
size_t agent_tables_standard_name(size_t table, arc out_name[AGENT_TABLE_NAME_MAX]);
/* `with_standard`: unless a master agent has these. False: the library refused. `tables` must outlive the
 * library's agent. */
bool agent_tables_register(struct agent_tables *tables, bool with_standard);

#endif
