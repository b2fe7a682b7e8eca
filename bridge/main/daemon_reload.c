/* SPDX-License-Identifier: Apache-2.0 */
/* SIGHUP: the configuration is read again and applied without dropping a session, or the old one is kept. */
#include "main/daemon.h"

#include <stdio.h>

#include "main/configuration_apply.h"
#include "main/log.h"
#include "main/service_notify.h"
#include "main/webhook_wiring.h"
#include "system/process_heap.h"

void daemon_log_problems(const struct problems *problems)
{
    for (const struct problem *problem = problems->first; problem != NULL; problem = problem->next) {
        struct log_line line;
        log_begin(&line, problem->severity == PROBLEM_ERROR ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
                  problem->severity == PROBLEM_ERROR ? "configuration_error" : "configuration_warning");
        log_c(&line, "file", problem->place.file);
        if (problem->place.line > 0)
            log_u64(&line, "line", problem->place.line);
        log_c(&line, "detail", problem->message);
        log_end(&line);
    }
}

bool daemon_put_file(struct daemon *daemon, const struct configuration *configuration)
{
    struct arena arena;
    struct command command;
    arena_init(&arena, &process_heap);
    bool built = configuration_file_command(configuration, &arena, &command);
    if (built) {
        struct event event = { .kind = EVENT_COMMAND, .command = { DAEMON_COMMAND_ID, &command } };
        runner_step(daemon->runner, &event);
    }
    arena_fini(&arena);
    return built;
}

static const struct reply *trial_reply(const struct effects *turn)
{
    const struct reply *newest = NULL; /* there may be one of an earlier reload in this turn */
    for (const struct effect *effect = turn->first; effect != NULL; effect = effect->next) {
        if (effect->kind == EFFECT_REPLY && effect->reply.command_id == DAEMON_TRIAL_ID)
            newest = &effect->reply;
    }
    return newest;
}

static void log_refusal(const struct daemon *daemon, const struct reply *reply)
{
    struct log_line line;
    log_begin(&line, LOG_LEVEL_ERROR, "configuration_error");
    log_c(&line, "file", daemon->configuration_path);
    log_c(&line, "reason", reason_name(reply->reason));
    log_text(&line, "detail", reply->detail);
    log_end(&line);
}

/* Whether the core would take the file's objects. A dry run changes nothing, but time goes on in its step:
   what falls due meanwhile is recorded and told like that of any other. */
static bool core_would_take(struct daemon *daemon, const struct configuration *configuration)
{
    struct arena arena;
    struct command command;
    arena_init(&arena, &process_heap);
    bool built = configuration_file_command(configuration, &arena, &command);
    if (built) {
        command.dry_run = true;
        struct event event = { .kind = EVENT_COMMAND, .command = { DAEMON_TRIAL_ID, &command } };
        runner_step(daemon->runner, &event);
    }
    arena_fini(&arena);
    const struct reply *reply = built ? trial_reply(runner_open_turn(daemon->runner)) : NULL;
    if (reply != NULL && reply->status != REPLY_OK)
        log_refusal(daemon, reply);
    return reply != NULL && reply->status == REPLY_OK;
}

static bool reload_http(struct daemon *daemon, const struct configuration *configuration, struct arena *arena)
{
    struct http_options options;
    char detail[512] = "out of memory";
    if (configuration_http(configuration, arena, &options)) {
        options.listen = daemon->http_listen;
        if (http_reload(daemon->http, &options, detail, sizeof detail))
            return true;
    }
    struct log_line line;
    log_begin(&line, LOG_LEVEL_ERROR, "configuration_error");
    log_c(&line, "section", "http");
    log_c(&line, "detail", detail);
    log_end(&line);
    return false;
}

static bool has_listener(const struct configuration *configuration, struct text name)
{
    for (size_t i = 0; i < configuration->ck_count; i++)
        if (text_equal(configuration->cks[i].head.name, name))
            return true;
    return false;
}

/* The files were good a moment ago: what fails now is an address, and concerns its listener alone. */
static void reload_listeners(struct daemon *daemon, const struct configuration *configuration,
                             struct arena *arena)
{
    const struct configuration *before = daemon->configuration;
    for (size_t i = 0; i < before->ck_count; i++) {
        struct listener_options options = configuration_listener(&before->cks[i], arena);
        if (!has_listener(configuration, before->cks[i].head.name))
            server_unlisten(daemon->server, options.name);
    }
    for (size_t i = 0; i < configuration->ck_count; i++) {
        struct listener_options options = configuration_listener(&configuration->cks[i], arena);
        char detail[512];
        if (!server_listen(daemon->server, &options, detail, sizeof detail)) {
            struct log_line line;
            log_begin(&line, LOG_LEVEL_ERROR, "listen_failed");
            log_c(&line, "name", options.name);
            log_c(&line, "detail", detail);
            log_end(&line);
        }
    }
}

static void tell_restart(void *context, const char *section, const char *setting)
{
    (void)context;
    struct log_line line;
    log_begin(&line, LOG_LEVEL_WARNING, "restart_needed");
    log_c(&line, "section", section);
    log_c(&line, "setting", setting);
    log_end(&line);
}

static void apply(struct daemon *daemon, struct configuration *configuration, struct arena *arena)
{
    reload_listeners(daemon, configuration, arena);
    if (!webhook_wiring_reload(daemon, configuration))
        log_event(LOG_LEVEL_ERROR, "no_memory", "detail", "the [webhook] settings are as they were");
    daemon_put_file(daemon, configuration);
    struct event event = { .kind = EVENT_SETTINGS,
                           .settings = configuration_settings(&configuration->decision) };
    runner_step(daemon->runner, &event);
    struct store_retention retention = configuration_retention(&configuration->store);
    writer_set_retention(daemon->writer, &retention);
    log_set_level((enum log_level)configuration->bridge.log_level);
    configuration_restart_needed(daemon->configuration, configuration, tell_restart, daemon);
    configuration_free(daemon->configuration);
    daemon->configuration = configuration;
    daemon_show_listeners(daemon);
}

void daemon_reload(struct daemon *daemon)
{
    struct problems problems;
    struct arena arena;
    service_notify("RELOADING=1");
    log_event(LOG_LEVEL_NOTICE, "reloading", "file", daemon->configuration_path);
    problems_init(&problems);
    arena_init(&arena, &process_heap);
    struct configuration *configuration = configuration_load(daemon->configuration_path, &problems);
    if (configuration != NULL)
        configuration_check_files(configuration, &problems);
    daemon_log_problems(&problems);
    if (configuration != NULL && problems.errors == 0 && core_would_take(daemon, configuration) &&
        reload_http(daemon, configuration, &arena)) {
        apply(daemon, configuration, &arena);
        log_event(LOG_LEVEL_NOTICE, "reloaded", "file", daemon->configuration_path);
    } else {
        configuration_free(configuration);
        log_event(LOG_LEVEL_ERROR, "reload_refused", "detail", "the configuration in force is kept");
    }
    arena_fini(&arena);
    problems_fini(&problems);
    service_notify("READY=1");
}
