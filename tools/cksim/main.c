/* SPDX-License-Identifier: Apache-2.0 */
/* cksim: reads what is asked for, makes the run, reports it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cksim/options.h"
#include "cksim/report.h"
#include "config.h"

static void print_line(void *context, const char *line)
{
    (void)context;
    puts(line);
}

static int tell(const struct complaint *complaint, enum exit_code code)
{
    fprintf(stderr, "cksim: %s\n", complaint->words);
    return code;
}

static bool write_report(const struct options *options, const struct simulation *simulation,
                         struct complaint *complaint)
{
    if (options->quiet && options->report_file == NULL)
        return true;
    FILE *stream = options->report_file != NULL ? fopen(options->report_file, "we") : stdout;
    if (stream == NULL) {
        complain(complaint, "%s: %s", options->report_file, strerror(errno));
        return false;
    }
    if (options->json)
        report_json(simulation, stream);
    else
        report_text(simulation, stream);
    bool written = fflush(stream) == 0 && !ferror(stream);
    if (options->report_file != NULL && fclose(stream) != 0)
        written = false;
    if (!written)
        complain(complaint, "the report could not be written");
    return written;
}

static int run(const struct options *options, const struct scenario *scenario, struct complaint *complaint)
{
    struct progress progress;
    enum progress_kind kind = options->progress_given      ? options->progress
                              : isatty(STDERR_FILENO) != 0 ? PROGRESS_LINE
                                                           : PROGRESS_NONE;
    struct simulation *simulation = system_allocate(1, sizeof *simulation);
    if (scenario->fleet.security == FLEET_TLS && scenario->fleet.ca == NULL && !options->quiet)
        fputs("cksim: no ca: the controller's certificate is not verified\n", stderr);
    progress_init(&progress, stderr, options->quiet ? PROGRESS_NONE : kind);
    int code = EXIT_TROUBLE;
    if (simulation_init(simulation, scenario, complaint) &&
        simulation_run(simulation, progress_tick, &progress, complaint)) {
        progress_end(&progress);
        bool answered = simulation->tally.answered > 0 || simulation->tally.served > 0;
        if (write_report(options, simulation, complaint))
            code = tally_violations(&simulation->tally) > 0 ? EXIT_VIOLATIONS
                   : answered                               ? EXIT_ALL_WELL
                                                            : EXIT_UNSERVED;
    }
    simulation_fini(simulation);
    free(simulation);
    return code == EXIT_TROUBLE ? tell(complaint, EXIT_TROUBLE) : code;
}

static int carry_out(const struct options *options, struct scenario *scenario, struct complaint *complaint)
{
    if (options->help) {
        options_print_help(stdout);
    } else if (options->help_scenario) {
        options_print_scenario_help(stdout);
    } else if (options->version) {
        puts("cksim " PACKAGE_VERSION);
    } else {
        if (!scenario_finish(scenario, complaint))
            return tell(complaint, EXIT_USAGE);
        if (options->pki.directory != NULL && !pki_make(scenario, &options->pki, complaint))
            return tell(complaint, EXIT_TROUBLE);
        if (options->emit_config)
            scenario_emit_configuration(scenario, print_line, NULL);
        if (options->pki.directory == NULL && !options->emit_config)
            return run(options, scenario, complaint);
    }
    return fflush(stdout) == 0 ? EXIT_ALL_WELL : EXIT_TROUBLE;
}

int main(int count, char **arguments)
{
    struct scenario scenario;
    struct options options;
    struct complaint complaint = { "" };
    scenario_init(&scenario);
    int code = options_read(&options, &scenario, count, arguments, &complaint)
                   ? carry_out(&options, &scenario, &complaint)
                   : tell(&complaint, EXIT_USAGE);
    scenario_fini(&scenario);
    return code;
}
