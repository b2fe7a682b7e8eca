/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's parts and how they are wired; the core thread owns all of it. */
#ifndef MAIN_DAEMON_H
#define MAIN_DAEMON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "core/core.h"
#include "http/http.h"
#include "main/arguments.h"
#include "main/command_ring.h"
#include "main/configuration.h"
#include "main/privileges.h"
#include "main/runner.h"
#include "main/snapshot_cell.h"
#include "main/status_board.h"
#include "net/loop.h"
#include "net/server.h"
#include "snmp/snmp.h"
#include "store/store.h"
#include "store/writer.h"
#include "webhook/webhook.h"

/*
 * starting -> running -> draining -> closing -> flushing -> stopped
 *
 * draining: nothing is accepted or read, what was stepped becomes durable and is released; closing: every
 * session gets its end; flushing: the ends become durable. Each has its time limit.
 */
enum daemon_phase {
    DAEMON_STARTING,
    DAEMON_RUNNING,
    DAEMON_DRAINING,
    DAEMON_CLOSING,
    DAEMON_FLUSHING,
    DAEMON_STOPPED,
};

enum {
    DAEMON_COMMANDS_PER_TURN = 256,
    DAEMON_DRAIN_MS = 5000,
    DAEMON_CLOSE_MS = 3000,
    DAEMON_FLUSH_MS = 5000,
    DAEMON_LAST_COMMIT_MS = 500, /* when the stop was cut short already */
};

/* The command_id of the daemon's own commands, and of those that it only tries; HTTP counts from 1, the
   sender from WEBHOOK_COMMAND_ID_FIRST. */
#define DAEMON_COMMAND_ID UINT64_MAX
#define DAEMON_TRIAL_ID (UINT64_MAX - 1)

struct daemon {
    const char *configuration_path; /* absolute */
    struct configuration *configuration;
    struct privileges privileges;
    struct loop *loop;
    struct loop_watch signal_watch, command_watch, writer_watch;
    struct server *server;
    struct core *core;
    struct store *store;
    struct store_reader *reader, *webhook_reader; /* HTTP's; the sender's */
    struct writer *writer;
    struct runner *runner;
    struct snapshot_cell snapshots;
    struct command_ring *ring;
    struct webhooks *webhooks;
    struct http *http;
    struct snmp *snmp; /* NULL: none */
    struct store_reader *snmp_reader;
    char snmp_detail[256]; /* why it could not be started */
    bool snmp_left_behind; /* its thread hangs in the library, and may still read */
    char http_listen[128]; /* as it was at the start: a reload cannot change it */
    struct status_board board;
    uint32_t sessions_max;
    char payload[CK_PAYLOAD_BYTES_MAX];   /* of the frame at hand, before it is decoded */
    uint32_t generations[LIMIT_SESSIONS]; /* of the sessions that are open, by index; 0: none */
    uint32_t session_count;
    enum daemon_phase phase;
    uint64_t phase_deadline_ms;
    bool turn_worked; /* the newest turn that is over, and how long it took */
    uint64_t turn_us;
    bool cut_short; /* a phase of the stop ran out of time */
    bool store_available, overloaded;
    bool reading; /* KMs and commands are taken */
    bool reload_wanted;
    bool file_refused; /* by the core; the log says why */
    bool file_waits;   /* refused because nothing could be written: it is put again when that is over */
};

/* Builds everything, restores, and is ready to run: EXIT_CODE_OK. Else the log says what failed. Signals are
   blocked and `signal_fd` has them. */
enum exit_code daemon_start(struct daemon *daemon, const struct arguments *arguments, int signal_fd);
/* Until a signal ends it, or nothing is left to wait for. */
enum exit_code daemon_run(struct daemon *daemon);
/* Frees what there is, also after a start that failed. */
void daemon_fini(struct daemon *daemon);

/* ---- between the daemon's files ---- */

/* One turn of the loop and of the core. */
void daemon_turn(struct daemon *daemon);
/* Before a frame: who has come to decide is known to the core when the frame's request is held, or is not. */
void daemon_take_arrivals(struct daemon *daemon);
/* Takes KMs and commands, or not, as phase, store and load ask for. */
void daemon_adjust_reading(struct daemon *daemon);
void daemon_begin_stop(struct daemon *daemon);
void daemon_advance_stop(struct daemon *daemon);
/* Reads the configuration again and applies it, or keeps the old one. */
void daemon_reload(struct daemon *daemon);
/* The core takes the file's KMs, applications and links; false: out of memory. The reply comes later. */
bool daemon_put_file(struct daemon *daemon, const struct configuration *configuration);
void daemon_log_problems(const struct problems *problems);
/* One `listening` line a listener, and their rows in /status. */
void daemon_show_listeners(struct daemon *daemon);
/* To be the server's callbacks, the runner's sinks and HTTP's backend. */
struct server_callbacks daemon_server_callbacks(struct daemon *daemon);
struct runner_sinks daemon_sinks(struct daemon *daemon);
struct http_backend daemon_backend(struct daemon *daemon);
void daemon_on_signal(void *context, uint32_t events);

#endif
