/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of ckbridged. */
#ifndef MAIN_ARGUMENTS_H
#define MAIN_ARGUMENTS_H

#include <stdbool.h>

/* Documented in --help. */
enum exit_code {
    EXIT_CODE_OK = 0,
    EXIT_CODE_FAILED = 1,        /* something failed at start or while running; the log says what */
    EXIT_CODE_USAGE = 2,         /* the command line is wrong */
    EXIT_CODE_CONFIGURATION = 3, /* the configuration is wrong */
    EXIT_CODE_STORE = 4,         /* the store cannot be opened or restored */
    EXIT_CODE_INTERRUPTED = 5,   /* a second signal cut the stop short, or it took too long */
};

enum arguments_action {
    ARGUMENTS_RUN,
    ARGUMENTS_CHECK_CONFIG,
    ARGUMENTS_HELP,
    ARGUMENTS_HELP_CONFIG,
    ARGUMENTS_VERSION,
    ARGUMENTS_WRONG,
};

struct arguments {
    enum arguments_action action;
    const char *configuration;
    const char *user; /* NULL: the configuration's */
    bool foreground;
};

/* ARGUMENTS_WRONG: what is wrong went to standard error. */
struct arguments arguments_parse(int count, char **values);
void arguments_print_help(void);

#endif
