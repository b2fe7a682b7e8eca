/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's loop: one turn after another, back-pressure, and the way to its end. */
#include "main/daemon.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "main/log.h"
#include "main/service_notify.h"
#include "system/clock.h"

/* ---- input from HTTP ---- */

static void step_sign(struct daemon *daemon, enum orchestrator_sign sign)
{
    struct event event = { .kind = EVENT_ORCHESTRATOR, .orchestrator = sign };
    runner_step(daemon->runner, &event);
}

static void step_arrivals(struct daemon *daemon, const struct orchestrator_signs *signs)
{
    for (uint64_t i = 0; i < signs->streams_opened; i++)
        step_sign(daemon, ORCHESTRATOR_STREAM_OPENED);
    if (signs->request)
        step_sign(daemon, ORCHESTRATOR_REQUEST);
}

void daemon_take_arrivals(struct daemon *daemon)
{
    struct orchestrator_signs signs;
    if (command_ring_take_arrivals(daemon->ring, &signs))
        step_arrivals(daemon, &signs);
}

/* What is in the ring is taken even while reading is off: the ring is shut then, and so this ends. */
static void take_commands(struct daemon *daemon)
{
    struct command_request *requests[DAEMON_COMMANDS_PER_TURN];
    struct orchestrator_signs signs;
    size_t count = command_ring_take(daemon->ring, requests, DAEMON_COMMANDS_PER_TURN, &signs);
    step_arrivals(daemon, &signs);
    for (size_t i = 0; i < count; i++) {
        struct event event = { .kind = EVENT_COMMAND };
        event.command.command_id = requests[i]->command_id;
        event.command.command = &requests[i]->command;
        runner_step(daemon->runner, &event);
        command_request_free(requests[i]);
    }
    for (uint64_t i = 0; i < signs.streams_closed; i++)
        step_sign(daemon, ORCHESTRATOR_STREAM_CLOSED);
}

/* ---- back-pressure ---- */

void daemon_adjust_reading(struct daemon *daemon)
{
    bool reading = daemon->phase == DAEMON_RUNNING && daemon->store_available && !daemon->overloaded;
    if (reading == daemon->reading)
        return;
    daemon->reading = reading;
    server_set_reading(daemon->server, reading);
    command_ring_open(daemon->ring, reading);
}

static void watch_store(struct daemon *daemon)
{
    struct writer_state state = writer_state(daemon->writer);
    runner_release(daemon->runner, state.durable_turn);
    if (state.available && daemon->file_waits) {
        daemon->file_waits = false;
        daemon_put_file(daemon, daemon->configuration);
    }
    if (state.available == daemon->store_available)
        return;
    char detail[256] = "";
    if (!state.available)
        writer_error(daemon->writer, detail, sizeof detail);
    daemon->store_available = state.available;
    status_board_set_store(&daemon->board, state.available, detail);
    status_board_set_ready(&daemon->board, state.available && daemon->phase == DAEMON_RUNNING);
    struct log_line line;
    log_begin(&line, state.available ? LOG_LEVEL_NOTICE : LOG_LEVEL_ERROR,
              state.available ? "store_available" : "store_unavailable");
    log_c(&line, "status", store_status_name(state.last_status));
    log_c(&line, "detail", detail[0] != '\0' ? detail : NULL);
    log_end(&line);
    struct event event = { .kind = EVENT_STORE, .store_available = state.available };
    runner_step(daemon->runner, &event);
    daemon_adjust_reading(daemon);
}

static void watch_load(struct daemon *daemon)
{
    bool overloaded = daemon->overloaded ? !runner_has_room(daemon->runner) : runner_is_full(daemon->runner);
    if (overloaded != daemon->overloaded) {
        daemon->overloaded = overloaded;
        struct event event = { .kind = EVENT_OVERLOAD, .overloaded = overloaded };
        runner_step(daemon->runner, &event);
        daemon_adjust_reading(daemon);
    }
    struct server_counters counters = server_counters(daemon->server);
    struct status_load load = {
        .turns_in_flight = (uint32_t)runner_turns_in_flight(daemon->runner),
        .sessions = counters.sessions,
        .sessions_max = daemon->sessions_max,
        .handshakes = counters.handshakes,
        .network = { .accepted = counters.accepted,
                     .over_limit = counters.refused_full,
                     .handshakes_succeeded = counters.handshakes_ok,
                     .handshakes_failed = counters.handshakes_failed,
                     .handshakes_resumed = counters.resumed,
                     .bytes_received = counters.bytes_received,
                     .bytes_sent = counters.bytes_sent },
        .turn_worked = daemon->turn_worked,
        .turn_us = daemon->turn_us,
    };
    status_board_set_load(&daemon->board, &load);
}

/* ---- turns ---- */

static int wait_ms(const struct daemon *daemon)
{
    enum { LONGEST_MS = 1000 };
    uint64_t now_ms = clock_monotonic_ms();
    uint64_t deadline_ms = runner_deadline_ms(daemon->runner);
    if (daemon->phase > DAEMON_RUNNING && daemon->phase_deadline_ms < deadline_ms)
        deadline_ms = daemon->phase_deadline_ms;
    if (deadline_ms <= now_ms)
        return 0;
    return deadline_ms - now_ms > LONGEST_MS ? LONGEST_MS : (int)(deadline_ms - now_ms);
}

void daemon_turn(struct daemon *daemon)
{
    uint64_t steps = runner_steps(daemon->runner);
    int served = loop_turn(daemon->loop, wait_ms(daemon));
    take_commands(daemon);
    runner_tick(daemon->runner);
    watch_store(daemon);
    watch_load(daemon);
    runner_end_turn(daemon->runner);
    server_flush(daemon->server);
    /* What woke up to find nothing to do would only hide what the others take. */
    daemon->turn_worked = served > 0 || runner_steps(daemon->runner) != steps;
    daemon->turn_us = clock_monotonic_us() - loop_now_us(daemon->loop);
}

/* ---- the way to the end ---- */

static void enter(struct daemon *daemon, enum daemon_phase phase, uint64_t limit_ms)
{
    daemon->phase = phase;
    daemon->phase_deadline_ms = clock_monotonic_ms() + limit_ms;
}

void daemon_begin_stop(struct daemon *daemon)
{
    log_event(LOG_LEVEL_NOTICE, "stopping", "detail", "nothing is accepted any more");
    service_notify("STOPPING=1");
    status_board_set_stopping(&daemon->board);
    enter(daemon, DAEMON_DRAINING, DAEMON_DRAIN_MS);
    if (daemon->webhooks != NULL)
        webhooks_stop(daemon->webhooks); /* its last positions are in the ring before that is shut */
    daemon_adjust_reading(daemon);
    for (size_t i = 0; i < daemon->configuration->ck_count; i++) {
        char name[256];
        if (text_to_c(daemon->configuration->cks[i].head.name, name, sizeof name))
            server_unlisten(daemon->server, name);
    }
}

static void close_sessions(struct daemon *daemon)
{
    for (uint32_t index = 0; index < LIMIT_SESSIONS; index++)
        if (daemon->generations[index] != 0)
            server_close(daemon->server, (struct session_handle){ index, daemon->generations[index] },
                         REASON_SHUTDOWN);
}

/* The next phase, when the present one has done what it is for, or has taken too long. */
static bool advance_once(struct daemon *daemon)
{
    /* What kept one phase waiting, the store most likely, is not waited for again in the next. */
    bool late = daemon->cut_short || clock_monotonic_ms() >= daemon->phase_deadline_ms;
    switch (daemon->phase) {
    case DAEMON_STARTING:
    case DAEMON_RUNNING:
    case DAEMON_STOPPED:
        return false;
    case DAEMON_DRAINING:
        if (!runner_is_idle(daemon->runner) && !late)
            return false;
        enter(daemon, DAEMON_CLOSING, DAEMON_CLOSE_MS);
        close_sessions(daemon);
        break;
    case DAEMON_CLOSING:
        if (daemon->session_count > 0 && !late)
            return false;
        enter(daemon, DAEMON_FLUSHING, DAEMON_FLUSH_MS);
        break;
    case DAEMON_FLUSHING:
        if (!runner_is_idle(daemon->runner) && !late)
            return false;
        daemon->phase = DAEMON_STOPPED;
        break;
    }
    daemon->cut_short = daemon->cut_short || late;
    return true;
}

void daemon_advance_stop(struct daemon *daemon)
{
    while (advance_once(daemon))
        continue;
}

void daemon_on_signal(void *context, uint32_t events)
{
    struct daemon *daemon = context;
    struct signalfd_siginfo signal;
    (void)events;
    while (read(daemon->signal_watch.fd, &signal, sizeof signal) == (ssize_t)sizeof signal) {
        if (signal.ssi_signo == SIGHUP)
            daemon->reload_wanted = true;
        else if (daemon->phase <= DAEMON_RUNNING)
            daemon_begin_stop(daemon);
        else
            _exit(EXIT_CODE_INTERRUPTED);
    }
}

enum exit_code daemon_run(struct daemon *daemon)
{
    while (daemon->phase != DAEMON_STOPPED) {
        daemon_turn(daemon);
        if (daemon->reload_wanted && daemon->phase == DAEMON_RUNNING)
            daemon_reload(daemon);
        daemon->reload_wanted = false;
        daemon_advance_stop(daemon);
    }
    return daemon->cut_short ? EXIT_CODE_INTERRUPTED : EXIT_CODE_OK;
}
