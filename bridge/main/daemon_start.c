/* SPDX-License-Identifier: Apache-2.0 */
/* Building the daemon part by part, and taking it down again. */
#include "main/daemon.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "config.h"
#include "main/configuration_apply.h"
#include "main/daemon_snmp.h"
#include "main/log.h"
#include "main/webhook_wiring.h"
#include "system/clock.h"
#include "system/process_heap.h"

enum {
    OTHER_DESCRIPTORS = 256, /* beside Ck sessions: the store, listeners, threads, what libraries want */
};

static enum exit_code failed(enum exit_code code, const char *what, const char *detail)
{
    struct log_line line;
    log_begin(&line, LOG_LEVEL_ERROR, "start_failed");
    log_c(&line, "what", what);
    log_c(&line, "detail", detail);
    log_end(&line);
    return code;
}

static enum exit_code read_configuration(struct daemon *daemon)
{
    struct problems problems;
    problems_init(&problems);
    daemon->configuration = configuration_load(daemon->configuration_path, &problems);
    if (daemon->configuration != NULL)
        configuration_check_files(daemon->configuration, &problems);
    daemon_log_problems(&problems);
    bool good = problems.errors == 0;
    problems_fini(&problems);
    if (!good)
        return failed(EXIT_CODE_CONFIGURATION, "configuration", "see --check-config");
    log_set_level((enum log_level)daemon->configuration->bridge.log_level);
    return EXIT_CODE_OK;
}

/* As many descriptors as we may have; fewer sessions when those do not suffice. */
static void raise_descriptors(struct daemon *daemon, struct server_options *options)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    rlim_t others =
        OTHER_DESCRIPTORS + (rlim_t)http_sockets_max((uint32_t)daemon->configuration->http.connections_max);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < options->sessions_max + others) {
        rlim_t left = limit.rlim_cur > 2 * others ? limit.rlim_cur - others : limit.rlim_cur / 2;
        struct log_line line;
        log_begin(&line, LOG_LEVEL_WARNING, "descriptors_limited");
        log_u64(&line, "descriptors", limit.rlim_cur);
        log_u64(&line, "sessions_max", left);
        log_end(&line);
        if (left < options->sessions_max)
            options->sessions_max = (uint32_t)left;
    }
    daemon->sessions_max = options->sessions_max;
}

static void on_command(void *context, uint32_t events)
{
    (void)context, (void)events; /* it was woken; every turn takes what there is */
}

static void on_writer(void *context, uint32_t events)
{
    struct daemon *daemon = context;
    uint64_t ignored;
    (void)events;
    ssize_t got = read(daemon->writer_watch.fd, &ignored, sizeof ignored);
    (void)got;
}

/* On the journal thread. */
static void wake_core(void *context)
{
    struct daemon *daemon = context;
    ssize_t written = write(daemon->writer_watch.fd, &(uint64_t){ 1 }, sizeof(uint64_t));
    (void)written;
}

static enum exit_code build_loop(struct daemon *daemon, int signal_fd)
{
    daemon->loop = loop_new();
    daemon->ring = command_ring_new();
    daemon->writer_watch = (struct loop_watch){ .fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC),
                                                .ready = on_writer,
                                                .context = daemon };
    if (daemon->loop == NULL || daemon->ring == NULL || daemon->writer_watch.fd < 0)
        return failed(EXIT_CODE_FAILED, "loop", strerror(errno));
    daemon->signal_watch =
        (struct loop_watch){ .fd = signal_fd, .ready = daemon_on_signal, .context = daemon };
    /* First: a KM may act on what an orchestrator did a moment ago, and that is in the ring. */
    daemon->command_watch = (struct loop_watch){
        .fd = command_ring_descriptor(daemon->ring), .ready = on_command, .context = daemon, .first = true
    };
    if (!loop_add(daemon->loop, &daemon->signal_watch, EPOLLIN) ||
        !loop_add(daemon->loop, &daemon->command_watch, EPOLLIN) ||
        !loop_add(daemon->loop, &daemon->writer_watch, EPOLLIN))
        return failed(EXIT_CODE_FAILED, "loop", strerror(errno));
    return EXIT_CODE_OK;
}

static enum exit_code build_core(struct daemon *daemon)
{
    struct siphash_key key;
    if (getrandom(&key, sizeof key, 0) != (ssize_t)sizeof key)
        return failed(EXIT_CODE_FAILED, "random numbers", strerror(errno));
    struct core_settings settings = configuration_settings(&daemon->configuration->decision);
    daemon->core = core_new(&process_heap, &settings, key);
    if (daemon->core == NULL)
        return failed(EXIT_CODE_FAILED, "core", "out of memory");
    const struct runner_sinks sinks = daemon_sinks(daemon);
    daemon->runner = runner_new(daemon->core, &daemon->snapshots, &sinks);
    return daemon->runner != NULL ? EXIT_CODE_OK : failed(EXIT_CODE_FAILED, "runner", "out of memory");
}

/* Binds, with reading off: connections wait in the kernel's queue until all is restored. */
static enum exit_code build_server(struct daemon *daemon, struct arena *arena)
{
    struct server_options options = configuration_server(&daemon->configuration->bridge);
    const struct server_callbacks callbacks = daemon_server_callbacks(daemon);
    raise_descriptors(daemon, &options);
    daemon->server = server_new(daemon->loop, &options, &callbacks);
    if (daemon->server == NULL)
        return failed(EXIT_CODE_FAILED, "server", strerror(errno));
    server_set_reading(daemon->server, false);
    for (size_t i = 0; i < daemon->configuration->ck_count; i++) {
        struct listener_options listener = configuration_listener(&daemon->configuration->cks[i], arena);
        char detail[512];
        if (!server_listen(daemon->server, &listener, detail, sizeof detail))
            return failed(EXIT_CODE_FAILED, listener.name, detail);
    }
    return EXIT_CODE_OK;
}

struct restoring {
    struct daemon *daemon;
    struct high_water high_water;
    bool began;
    uint64_t records;
};

static void begin_restoring(struct restoring *restoring)
{
    if (!restoring->began)
        core_restore_high_water(restoring->daemon->core, &restoring->high_water);
    restoring->began = true;
}

static bool restore_record(void *context, const struct record *record)
{
    struct restoring *restoring = context;
    begin_restoring(restoring);
    restoring->records++;
    return core_restore(restoring->daemon->core, record) == CORE_OK;
}

static enum exit_code restore(struct daemon *daemon)
{
    struct restoring restoring = { .daemon = daemon };
    uint64_t begin_ms = clock_monotonic_ms();
    enum store_status status =
        store_restore(daemon->store, &restoring.high_water, restore_record, &restoring);
    if (status != STORE_OK)
        return failed(EXIT_CODE_STORE, store_status_name(status), store_error(daemon->store));
    begin_restoring(&restoring);
    struct effects *turn = runner_open_turn(daemon->runner);
    if (core_restore_finish(daemon->core, clock_monotonic_ms(), clock_wall_ms(), turn) != CORE_OK)
        return failed(EXIT_CODE_FAILED, "restore", "out of memory");
    struct log_line line;
    log_begin(&line, LOG_LEVEL_NOTICE, "restored");
    log_u64(&line, "records", restoring.records);
    log_u64(&line, "took_ms", clock_monotonic_ms() - begin_ms);
    log_end(&line);
    return EXIT_CODE_OK;
}

static enum exit_code build_store(struct daemon *daemon)
{
    const char *url = daemon->configuration->store.url;
    char detail[512] = "";
    enum store_status status = store_open(url, &daemon->store, detail, sizeof detail);
    if (status == STORE_OK)
        status = store_reader_open(url, &daemon->reader);
    if (status == STORE_OK)
        status = store_reader_open(url, &daemon->webhook_reader);
    if (status != STORE_OK)
        return failed(EXIT_CODE_STORE, store_status_name(status), detail[0] != '\0' ? detail : url);
    enum exit_code code = restore(daemon);
    if (code != EXIT_CODE_OK)
        return code;
    const struct writer_options options = {
        .store = daemon->store,
        .retention = configuration_retention(&daemon->configuration->store),
        .notify = wake_core,
        .context = daemon,
    };
    daemon->writer = writer_new(&options);
    if (daemon->writer == NULL)
        return failed(EXIT_CODE_FAILED, "journal", "no thread or memory");
    runner_set_writer(daemon->runner, daemon->writer);
    return EXIT_CODE_OK;
}

/* The file's objects join what was restored; all of it is durable before anybody is served. */
static enum exit_code settle(struct daemon *daemon)
{
    if (!daemon_put_file(daemon, daemon->configuration))
        return failed(EXIT_CODE_FAILED, "configuration", "out of memory");
    do
        daemon_turn(daemon);
    while (!runner_is_idle(daemon->runner) && daemon->phase == DAEMON_STARTING);
    if (daemon->file_refused)
        return failed(EXIT_CODE_CONFIGURATION, "configuration",
                      "its objects contradict those that the API has written");
    return EXIT_CODE_OK;
}

/* A dashboard that cannot be served is no reason not to serve KMs. */
static void tell_web(const struct daemon *daemon)
{
    const char *problem = http_web_problem(daemon->http);
    if (problem[0] == '\0')
        return;
    struct log_line line;
    log_begin(&line, LOG_LEVEL_WARNING, "dashboard_unavailable");
    log_c(&line, "setting", "[http] web_folder");
    log_c(&line, "folder", daemon->configuration->http.web_folder);
    log_c(&line, "detail", problem);
    log_end(&line);
}

static enum exit_code build_http(struct daemon *daemon, struct arena *arena)
{
    struct http_options options;
    const struct http_backend backend = daemon_backend(daemon);
    char detail[512] = "out of memory";
    snprintf(daemon->http_listen, sizeof daemon->http_listen, "%s", daemon->configuration->http.listen);
    struct snapshot *first = snapshot_cell_get(&daemon->snapshots);
    if (first != NULL && configuration_http(daemon->configuration, arena, &options))
        daemon->http = http_new(&options, &backend, detail, sizeof detail);
    snapshot_release(first);
    if (daemon->http == NULL)
        return failed(EXIT_CODE_FAILED, "http", detail);
    tell_web(daemon);
    webhooks_open(daemon->webhooks);
    return EXIT_CODE_OK;
}

static enum exit_code build_webhooks(struct daemon *daemon)
{
    return webhook_wiring_start(daemon) ? EXIT_CODE_OK
                                        : failed(EXIT_CODE_FAILED, "webhooks", "no thread or memory");
}

static enum exit_code find_privileges(struct daemon *daemon, const struct arguments *arguments)
{
    char detail[256] = "";
    bool demanded = arguments->user != NULL;
    const char *user = demanded ? arguments->user : daemon->configuration->bridge.user;
    if (!privileges_find(&daemon->privileges, user, demanded, detail, sizeof detail))
        return failed(EXIT_CODE_FAILED, "user", detail);
    if (geteuid() == 0 && !daemon->privileges.root)
        log_event(LOG_LEVEL_WARNING, "running_as_root", "detail",
                  detail[0] != '\0' ? detail : "the user to become is root");
    return EXIT_CODE_OK;
}

/* Keys are read and ports bound as root; the store belongs to the user, or could not be opened after a
 * restart. */
static enum exit_code build_parts(struct daemon *daemon, const struct arguments *arguments, int signal_fd,
                                  struct arena *arena)
{
    enum exit_code code = find_privileges(daemon, arguments);
    if (code == EXIT_CODE_OK)
        code = build_loop(daemon, signal_fd);
    if (code == EXIT_CODE_OK)
        code = build_core(daemon);
    if (code == EXIT_CODE_OK)
        code = build_server(daemon, arena);
    if (code == EXIT_CODE_OK && !privileges_lower(&daemon->privileges))
        code = failed(EXIT_CODE_FAILED, "user", strerror(errno));
    if (code == EXIT_CODE_OK)
        code = build_store(daemon);
    if (code == EXIT_CODE_OK && !privileges_raise(&daemon->privileges))
        code = failed(EXIT_CODE_FAILED, "user", strerror(errno));
    if (code == EXIT_CODE_OK)
        daemon_snmp_prepare(daemon);
    if (code == EXIT_CODE_OK && !privileges_lower(&daemon->privileges))
        code = failed(EXIT_CODE_FAILED, "user", strerror(errno));
    if (code == EXIT_CODE_OK)
        code = settle(daemon);
    if (code == EXIT_CODE_OK && !privileges_raise(&daemon->privileges))
        code = failed(EXIT_CODE_FAILED, "user", strerror(errno));
    if (code == EXIT_CODE_OK && daemon->phase == DAEMON_STARTING)
        code = build_webhooks(daemon);
    if (code == EXIT_CODE_OK && daemon->phase == DAEMON_STARTING)
        code = build_http(daemon, arena);
    if (code == EXIT_CODE_OK && daemon->phase == DAEMON_STARTING)
        daemon_snmp_listen(daemon);
    if (code == EXIT_CODE_OK && !privileges_drop(&daemon->privileges))
        code = failed(EXIT_CODE_FAILED, "user", strerror(errno));
    if (code == EXIT_CODE_OK && daemon->phase == DAEMON_STARTING)
        daemon_snmp_connect(daemon);
    return code;
}

enum exit_code daemon_start(struct daemon *daemon, const struct arguments *arguments, int signal_fd)
{
    daemon->configuration_path = arguments->configuration;
    daemon->store_available = true;
    daemon->writer_watch.fd = -1;
    snapshot_cell_init(&daemon->snapshots);
    enum exit_code code = read_configuration(daemon);
    status_board_init(&daemon->board, PACKAGE_VERSION,
                      code == EXIT_CODE_OK ? daemon->configuration->bridge.instance : TEXT_ABSENT,
                      clock_wall_ms());
    if (code != EXIT_CODE_OK)
        return code;
    struct arena arena;
    arena_init(&arena, &process_heap);
    code = build_parts(daemon, arguments, signal_fd, &arena);
    arena_fini(&arena);
    if (code != EXIT_CODE_OK || daemon->phase != DAEMON_STARTING)
        return code; /* failed, or stopped by a signal before it began */
    daemon->phase = DAEMON_RUNNING;
    daemon_show_listeners(daemon);
    daemon_adjust_reading(daemon);
    status_board_set_ready(&daemon->board, daemon->store_available);
    return EXIT_CODE_OK;
}

static void show_listener(struct daemon *daemon, const char *kind, const char *name, const char *address,
                          bool secure, uint64_t certificate_expires_ms)
{
    struct log_line line;
    status_board_add_listener(&daemon->board, kind, name, address, secure, certificate_expires_ms);
    log_begin(&line, LOG_LEVEL_NOTICE, "listening");
    log_c(&line, "name", name);
    log_c(&line, "address", address);
    log_c(&line, "secure", secure ? "yes" : "no");
    log_c(&line, "kind", kind);
    log_end(&line);
}

void daemon_show_listeners(struct daemon *daemon)
{
    char address[128];
    status_board_clear_listeners(&daemon->board);
    for (size_t i = 0; i < daemon->configuration->ck_count; i++) {
        const struct ck_section *ck = &daemon->configuration->cks[i];
        char name[256];
        if (text_to_c(ck->head.name, name, sizeof name) &&
            server_listener_address(daemon->server, name, address, sizeof address))
            show_listener(daemon, "ck", name, address, ck->security != SECURITY_PLAIN,
                          server_listener_expires_ms(daemon->server, name));
    }
    if (http_address(daemon->http, address, sizeof address))
        show_listener(daemon, "http", "http", address, daemon->configuration->http.certificate != NULL,
                      http_certificate_expires_ms(daemon->http));
}

void daemon_fini(struct daemon *daemon)
{
    daemon_snmp_stop(daemon);
    if (daemon->webhooks != NULL)
        webhooks_stop(daemon->webhooks);
    if (daemon->http != NULL)
        http_free(daemon->http);
    webhooks_free(daemon->webhooks);
    if (daemon->writer != NULL &&
        !writer_stop(daemon->writer, daemon->cut_short ? DAEMON_LAST_COMMIT_MS : DAEMON_FLUSH_MS)) {
        daemon->cut_short = true;
        log_event(LOG_LEVEL_ERROR, "not_committed", "detail",
                  "the store failed to the last; nothing of it was told");
    }
    if (daemon->reader != NULL)
        store_reader_close(daemon->reader);
    if (daemon->webhook_reader != NULL)
        store_reader_close(daemon->webhook_reader);
    if (daemon->store != NULL)
        store_close(daemon->store);
    server_free(daemon->server);
    runner_free(daemon->runner);
    if (daemon->core != NULL)
        core_free(daemon->core);
    command_ring_free(daemon->ring);
    if (daemon->loop != NULL)
        loop_free(daemon->loop);
    if (daemon->writer_watch.fd >= 0)
        close(daemon->writer_watch.fd);
    snapshot_cell_fini(&daemon->snapshots);
    status_board_fini(&daemon->board);
    configuration_free(daemon->configuration);
}
