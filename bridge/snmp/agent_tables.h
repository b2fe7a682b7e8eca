/* SPDX-License-Identifier: Apache-2.0 */
/* Registers the MIB's tables with net-snmp and answers its requests from a view. */
#ifndef SNMP_AGENT_TABLES_H
#define SNMP_AGENT_TABLES_H

#include <stdatomic.h>

#include "snmp/mib_table.h"

struct agent_tables {
    struct view *view;
    atomic_uint_fast64_t requests;
};

/* False: the library refused. `tables` must outlive the library's agent. */
bool agent_tables_register(struct agent_tables *tables);

#endif
