/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the SNMP agent's settings are what it can use; opens nothing. */
#ifndef MAIN_CONFIGURATION_CHECK_SNMP_H
#define MAIN_CONFIGURATION_CHECK_SNMP_H

#include "main/configuration.h"

void configuration_check_snmp(const struct configuration *configuration, struct problems *problems);

#endif
