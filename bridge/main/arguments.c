/* SPDX-License-Identifier: Apache-2.0 */
#include "main/arguments.h"

#include <getopt.h>
#include <stdio.h>

static const char help[] =
    "Usage: ckbridged [--config FILE] [--foreground] [--user USER]\n"
    "       ckbridged [--config FILE] --check-config\n"
    "The QKDN controller for key managers over Ck, bridged to HTTP.\n"
    "\n"
    "  --config FILE    configuration; default /etc/ckbridge/ckbridge.conf, and conf.d/*.conf beside it\n"
    "  --foreground     stay in the foreground, for service managers and terminals\n"
    "  --user USER      become USER when started as root; default: user in [bridge], if there is one\n"
    "  --check-config   read and check the configuration and the files it names, then exit\n"
    "  --help-config    print every setting with its default and meaning, as a configuration file\n"
    "  --version        print the version\n"
    "  --help           print this\n"
    "\n"
    "SIGHUP reads the configuration again without dropping a session. SIGTERM and SIGINT stop cleanly; a "
    "second\n"
    "one stops at once.\n"
    "\n"
    "Exit status: 0 stopped cleanly, or the configuration is good; 1 a failure, said in the log; 2 wrong "
    "usage;\n"
    "3 wrong configuration; 4 the store cannot be opened or restored; 5 a stop that was cut short.\n";

enum option_value {
    OPTION_CONFIG = 256,
    OPTION_FOREGROUND,
    OPTION_USER,
    OPTION_CHECK,
    OPTION_HELP_CONFIG,
    OPTION_VERSION,
    OPTION_HELP
};

static const struct option options[] = {
    { "config", required_argument, NULL, OPTION_CONFIG },
    { "foreground", no_argument, NULL, OPTION_FOREGROUND },
    { "user", required_argument, NULL, OPTION_USER },
    { "check-config", no_argument, NULL, OPTION_CHECK },
    { "help-config", no_argument, NULL, OPTION_HELP_CONFIG },
    { "version", no_argument, NULL, OPTION_VERSION },
    { "help", no_argument, NULL, OPTION_HELP },
    { NULL, 0, NULL, 0 },
};

static void take_option(struct arguments *arguments, int option)
{
    switch (option) {
    case OPTION_CONFIG:
        arguments->configuration = optarg;
        break;
    case OPTION_FOREGROUND:
        arguments->foreground = true;
        break;
    case OPTION_USER:
        arguments->user = optarg;
        break;
    case OPTION_CHECK:
        arguments->action = ARGUMENTS_CHECK_CONFIG;
        break;
    case OPTION_HELP_CONFIG:
        arguments->action = ARGUMENTS_HELP_CONFIG;
        break;
    case OPTION_VERSION:
        arguments->action = ARGUMENTS_VERSION;
        break;
    case OPTION_HELP:
        arguments->action = ARGUMENTS_HELP;
        break;
    default: /* getopt has said what is wrong */
        arguments->action = ARGUMENTS_WRONG;
        break;
    }
}

struct arguments arguments_parse(int count, char **values)
{
    struct arguments arguments = { .configuration = "/etc/ckbridge/ckbridge.conf" };
    int option;
    while (arguments.action != ARGUMENTS_WRONG &&
           (option = getopt_long(count, values, "", options, NULL)) != -1)
        take_option(&arguments, option);
    if (arguments.action != ARGUMENTS_WRONG && optind < count) {
        fprintf(stderr, "%s: unexpected argument %s\n", values[0], values[optind]);
        arguments.action = ARGUMENTS_WRONG;
    }
    if (arguments.action == ARGUMENTS_WRONG)
        fprintf(stderr, "Try %s --help\n", values[0]);
    return arguments;
}

void arguments_print_help(void)
{
    fputs(help, stdout);
}
