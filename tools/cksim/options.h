/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: what it sets in the scenario, and what else it asks for. */
#ifndef CKSIM_OPTIONS_H
#define CKSIM_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "cksim/pki.h"
#include "cksim/progress.h"
#include "cksim/scenario.h"

struct options {
    bool help, help_scenario, version, quiet, emit_config, json;
    const char *report_file;
    bool progress_given;
    enum progress_kind progress;
    struct pki_options pki; /* directory NULL: not asked for */
};

/* Reads files and sets keys in the order of the command line, so that later ones win; the scenario is not
   finished yet. False after a complaint. */
bool options_read(struct options *options, struct scenario *scenario, int count, char **arguments,
                  struct complaint *complaint);
void options_print_help(FILE *stream);
/* Every key of a scenario file. */
void options_print_scenario_help(FILE *stream);

#endif
