/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration's values in the form in which each part of the bridge takes them. */
#ifndef MAIN_CONFIGURATION_APPLY_H
#define MAIN_CONFIGURATION_APPLY_H

#include "core/command.h"
#include "core/event.h"
#include "http/http.h"
#include "main/configuration.h"
#include "net/server.h"
#include "store/store.h"

/* All borrow from the configuration; what takes memory of its own takes it from `arena`. */
struct listener_options configuration_listener(const struct ck_section *ck, struct arena *arena);
struct server_options configuration_server(const struct bridge_section *bridge);
struct core_settings configuration_settings(const struct decision_section *decision);
struct store_retention configuration_retention(const struct store_section *store);
/* False: out of memory. */
bool configuration_http(const struct configuration *configuration, struct arena *arena,
                        struct http_options *out_options);
/* COMMAND_FILE_REPLACE with every KM, application and link of the files. False: out of memory. */
bool configuration_file_command(const struct configuration *configuration, struct arena *arena,
                                struct command *out_command);

/* Opens what the settings name: certificates, keys, PSK files. */
void configuration_check_files(const struct configuration *configuration, struct problems *problems);

/* Calls back with each setting that differs and takes a restart; "*": a named section has come or gone. */
void configuration_restart_needed(const struct configuration *before, const struct configuration *after,
                                  void (*tell)(void *context, const char *section, const char *setting),
                                  void *context);

#endif
