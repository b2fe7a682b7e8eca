/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the configuration's values make sense together; opens nothing. */
#ifndef MAIN_CONFIGURATION_CHECK_H
#define MAIN_CONFIGURATION_CHECK_H

#include "main/configuration.h"

void configuration_check(const struct configuration *configuration, struct problems *problems);

#endif
