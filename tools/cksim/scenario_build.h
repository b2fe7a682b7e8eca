/* SPDX-License-Identifier: Apache-2.0 */
/* How a scenario grows while it is read and generated; of no use once scenario_finish has returned. */
#ifndef CKSIM_SCENARIO_BUILD_H
#define CKSIM_SCENARIO_BUILD_H

#include "cksim/scenario.h"

#define UNSET (-2.0) /* a link's number that [fleet] gives */

/* A copy, NUL-terminated, that lives as long as the scenario. */
const char *scenario_keep(struct scenario *scenario, const char *words, size_t length);
/* Each result is valid until the next one is added. */
struct scenario_km *scenario_add_km(struct scenario *scenario, struct origin origin, const char *name);
/* `name` is kept already. */
void scenario_add_kma(struct scenario *scenario, const char *name, uint32_t km);
struct scenario_link *scenario_add_link(struct scenario *scenario, struct origin origin, const char *name);
struct scenario_application *scenario_add_application(struct scenario *scenario, struct origin origin,
                                                      const char *name);
struct scenario_fault *scenario_add_fault(struct scenario *scenario, struct origin origin, const char *name);
void scenario_add_pair(struct scenario *scenario, uint32_t source, uint32_t destination);

/* Complains with "file:line: " in front; returns false. */
bool scenario_refuse(struct complaint *complaint, struct origin origin, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds the KMs and links of a generated topology: "ring:N", "line:N", "grid:WxH". */
bool topology_generate(struct scenario *scenario, const char *topology, struct complaint *complaint);

#endif
