/* SPDX-License-Identifier: Apache-2.0 */
/* A deep copy of the agent's options, with its passphrases wiped at the end. */
#ifndef SNMP_OPTIONS_COPY_H
#define SNMP_OPTIONS_COPY_H

#include "snmp/snmp.h"

struct options_copy {
    char *strings; /* all of them, one behind the other */
    size_t string_bytes;
    struct snmp_user *users;
    struct snmp_community *communities;
    struct snmp_receiver *receivers;
};

/* *out_options views the copy. False: out of memory. */
bool options_copy_init(struct options_copy *copy, const struct snmp_options *options,
                       struct snmp_options *out_options);
void options_copy_fini(struct options_copy *copy);

#endif
