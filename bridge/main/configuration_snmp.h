/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of the SNMP agent, in the form in which it takes them. */
#ifndef MAIN_CONFIGURATION_SNMP_H
#define MAIN_CONFIGURATION_SNMP_H

#include "main/configuration.h"
#include "snmp/snmp.h"

/* [snmp] is there and does not say off. */
bool configuration_snmp_wanted(const struct configuration *configuration);
/*
 * Reads the passphrases from their files; what it makes lives in `arena` and is to be wiped with
 * configuration_snmp_wipe. False: *out_detail names the setting and says what is wrong.
 */
bool configuration_snmp(const struct configuration *configuration, struct arena *arena,
                        struct snmp_options *out_options, char *out_detail, size_t detail_bytes);
void configuration_snmp_wipe(struct snmp_options *options);
/* The same for --check-config, into problems. */
void configuration_snmp_check_files(const struct configuration *configuration, struct problems *problems);

#endif
