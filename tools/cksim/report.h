/* SPDX-License-Identifier: Apache-2.0 */
/* What a run came to, for people and for programs. */
#ifndef CKSIM_REPORT_H
#define CKSIM_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "cksim/simulation.h"

/* What both reports derive from the counts. */
struct report_rates {
    double connect_s, load_s, drain_s;
    double started, answered, succeeded; /* per second of load */
    double cpu_us_per_answer;
};
struct report_rates report_rates(const struct simulation *simulation);

void report_text(const struct simulation *simulation, FILE *stream);
/* One JSON object and a newline; its members are told by --help. */
void report_json(const struct simulation *simulation, FILE *stream);

/* Names of the enumerations, as in the scenario. */
const char *report_security(const struct simulation *simulation);
const char *report_mode(const struct simulation *simulation);

#endif
