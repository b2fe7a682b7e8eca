/* SPDX-License-Identifier: Apache-2.0 */
/* ckbridged: the command line, the signals, and one daemon between start and end. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "config.h"
#include "main/arguments.h"
#include "main/background.h"
#include "main/configuration_apply.h"
#include "main/daemon.h"
#include "main/log.h"
#include "main/schema.h"
#include "main/service_notify.h"

static enum exit_code check_configuration(const struct arguments *arguments)
{
    struct problems problems;
    problems_init(&problems);
    struct configuration *configuration = configuration_load(arguments->configuration, &problems);
    if (configuration != NULL)
        configuration_check_files(configuration, &problems);
    problems_print(&problems, stderr);
    bool good = problems.errors == 0;
    if (good)
        printf("%s: good: %zu listeners, %zu KMs, %zu applications, %zu links\n", arguments->configuration,
               configuration->ck_count, configuration->km_count, configuration->application_count,
               configuration->link_count);
    configuration_free(configuration);
    problems_fini(&problems);
    return good ? EXIT_CODE_OK : EXIT_CODE_CONFIGURATION;
}

/* Blocked in every thread, and read from a descriptor by the core's. */
static int catch_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file at its limit is a failed write, and the store's business */
    return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

static enum exit_code run_daemon(const struct arguments *arguments, int ready_descriptor, int signal_fd)
{
    struct daemon *daemon = calloc(1, sizeof *daemon);
    if (daemon == NULL || signal_fd < 0) {
        fprintf(stderr, "ckbridged: no memory or descriptor\n");
        free(daemon);
        return EXIT_CODE_FAILED;
    }
    enum exit_code code = daemon_start(daemon, arguments, signal_fd);
    if (ready_descriptor >= 0)
        background_ready(ready_descriptor, (unsigned char)code);
    if (code == EXIT_CODE_OK) {
        if (daemon->phase == DAEMON_RUNNING) {
            log_event(LOG_LEVEL_NOTICE, "ready", "version", PACKAGE_VERSION);
            service_notify("READY=1");
        }
        code = daemon_run(daemon);
    }
    daemon_fini(daemon);
    if (code == EXIT_CODE_OK && daemon->cut_short)
        code = EXIT_CODE_INTERRUPTED;
    free(daemon);
    return code;
}

static enum exit_code run(struct arguments *arguments)
{
    int ready_descriptor = -1;
    /* A reload finds the file again wherever the process stands then. */
    char *path = realpath(arguments->configuration, NULL);
    if (path != NULL)
        arguments->configuration = path;
    if (!arguments->foreground && (ready_descriptor = background_enter()) < 0) {
        perror("ckbridged: cannot go into the background");
        free(path);
        return EXIT_CODE_FAILED;
    }
    snmp_prepare_process();
    log_start();
    int signal_fd = catch_signals();
    enum exit_code code = run_daemon(arguments, ready_descriptor, signal_fd);
    struct log_line line;
    log_begin(&line, LOG_LEVEL_NOTICE, "stopped");
    log_u64(&line, "exit_code", (uint64_t)code);
    log_end(&line);
    if (signal_fd >= 0)
        close(signal_fd);
    free(path);
    return code;
}

int main(int count, char **values)
{
    struct arguments arguments = arguments_parse(count, values);
    switch (arguments.action) {
    case ARGUMENTS_RUN:
        return run(&arguments);
    case ARGUMENTS_CHECK_CONFIG:
        return check_configuration(&arguments);
    case ARGUMENTS_HELP:
        arguments_print_help();
        return EXIT_CODE_OK;
    case ARGUMENTS_HELP_CONFIG:
        schema_print(stdout);
        return EXIT_CODE_OK;
    case ARGUMENTS_VERSION:
        puts("ckbridged " PACKAGE_VERSION);
        return EXIT_CODE_OK;
    case ARGUMENTS_WRONG:
        break;
    }
    return EXIT_CODE_USAGE;
}
