/* SPDX-License-Identifier: Apache-2.0 */
/* Brings net-snmp's agent up in either mode. All calls come from the agent's own thread. */
#ifndef SNMP_AGENT_SETUP_H
#define SNMP_AGENT_SETUP_H

#include "snmp/engine.h"
#include "snmp/snmp.h"

/* From begin to end. */
struct agent_setup {
    const struct snmp_options *options;
    struct engine engine; /* of standalone: begun before */
};

/* Before anything is registered. False: *out_detail says why. */
bool agent_setup_begin(struct agent_setup *setup, char *out_detail, size_t detail_bytes);
/* After everything is registered. */
bool agent_setup_finish(struct agent_setup *setup, char *out_detail, size_t detail_bytes);
/* Before the library's shutdown. */
void agent_setup_end(struct agent_setup *setup);

#endif
