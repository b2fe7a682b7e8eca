/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/snmp.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "snmp/agent_setup.h"
#include "snmp/agent_tables.h"
#include "snmp/identity.h"
#include "snmp/library_turn.h"
#include "snmp/listeners.h"
#include "snmp/master.h"
#include "snmp/master_transport.h"
#include "snmp/net_snmp.h"
#include "snmp/notifier.h"
#include "snmp/options_copy.h"
#include "snmp/rest.h"
#include "system/clock.h"
#include "system/thread_priority.h"

enum {
    DETAIL_BYTES = 256,
    LOG_LINES_A_MINUTE = 30,
    MINUTE_MS = 60000,
    TURN_MS = 1000,   /* the longest wait */
    ORDERLY_MS = 500, /* of a stop, before the master agent is cut off */
    LAST_MS = 300,    /* of these, for what the stop itself has to tell the master agent */
};

/*
 * new -> starting -> running -> stopping -> ended
 *
 * The thread alone calls the library; the others put notifications into the queue, wake it, and cut off what
 * it waits for.
 */
struct snmp {
    struct snmp_options options; /* views `copy` */
    struct options_copy copy;
    struct snmp_backend backend;
    struct view view;
    struct agent_setup setup;
    struct agent_tables tables;
    struct master master;       /* of a subagent */
    struct listeners listeners; /* of standalone, as is */
    struct identity identity;
    bool has_engine, has_thread;
    struct notifier notifier;
    pthread_t thread;
    int wake_fd;
    atomic_bool stopping;
    /* Guarded. */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool started, ended;
    bool connected;
    char detail[DETAIL_BYTES];
    char receiver_problem[DETAIL_BYTES];
    struct snmp_notification_counts notifications;
    uint64_t packets_refused;
    /* Of the thread. */
    struct rest rest;
    uint64_t heard_ms; /* all that the master agent had said by then has been heard; monotonic */
    uint64_t log_minute;
    unsigned log_lines;
};

/* ---- what it says of itself ---- */

static void say(struct snmp *snmp, bool is_error, const char *event, const char *detail)
{
    const uint64_t minute = clock_monotonic_ms() / MINUTE_MS;
    if (minute != snmp->log_minute) {
        snmp->log_minute = minute;
        snmp->log_lines = 0;
    }
    if (snmp->log_lines++ < LOG_LINES_A_MINUTE)
        snmp->backend.log(snmp->backend.context, is_error, event, detail);
}

static void set_state(struct snmp *snmp, bool connected, const char *detail)
{
    pthread_mutex_lock(&snmp->mutex);
    snmp->connected = connected;
    snprintf(snmp->detail, sizeof snmp->detail, "%s", detail);
    pthread_mutex_unlock(&snmp->mutex);
}

static void tell_master(struct snmp *snmp)
{
    char detail[DETAIL_BYTES];
    if (master_listens(&snmp->master)) {
        set_state(snmp, true, "");
        say(snmp, false, "snmp_connected", snmp->options.agentx_socket);
        return;
    }
    const bool silent = snmp->master.silent;
    snprintf(detail, sizeof detail, "[snmp] agentx_socket = %.60s: %.120s; it is %s %d s",
             snmp->options.agentx_socket,
             snmp->master.detail[0] != '\0' ? snmp->master.detail : "no master agent yet",
             silent ? "waited for, at most" : "tried again at least every",
             (silent ? MASTER_SILENT_MS_MAX : MASTER_PAUSE_LAST_MS) / 1000);
    set_state(snmp, false, detail);
    say(snmp, true, silent ? "snmp_silent" : "snmp_disconnected", detail);
}

static void tell_listeners(struct snmp *snmp)
{
    const struct listeners *listeners = &snmp->listeners;
    char detail[DETAIL_BYTES];
    if (listeners->open_count == listeners->count) {
        set_state(snmp, true, "");
        say(snmp, false, "snmp_listening", snmp->options.listen);
        return;
    }
    snprintf(detail, sizeof detail, "[snmp] listen: %s; it is tried again every %d s", listeners->detail,
             LISTENERS_PAUSE_MS / 1000);
    set_state(snmp, false, detail);
    say(snmp, true, "snmp_not_listening", detail);
}

/* The library's log lines; SNMP_CALLBACK_LOGGING. What it tells beyond warnings is told here in other words.
 */
static int on_log(int major, int minor, void *argument, void *own)
{
    const struct snmp_log_message *message = argument;
    char line[DETAIL_BYTES];
    (void)major;
    (void)minor;
    snprintf(line, sizeof line, "%s", message->msg);
    line[strcspn(line, "\n")] = '\0';
    if (line[0] != '\0' && message->priority <= LOG_WARNING)
        say(own, message->priority <= LOG_ERR, "snmp_library", line);
    return 0;
}

static int on_opened(int major, int minor, void *argument, void *own)
{
    struct snmp *snmp = own;
    (void)major;
    (void)minor;
    master_on_opened(&snmp->master, argument);
    return 0;
}

static int on_closed(int major, int minor, void *argument, void *own)
{
    struct snmp *snmp = own;
    (void)major;
    (void)minor;
    (void)argument;
    const bool was_registered = snmp->master.registered;
    master_on_closed(&snmp->master);
    notifier_master_ended(&snmp->notifier);
    if (was_registered)
        tell_master(snmp);
    return 0;
}

/* ---- the thread ---- */

static const struct callback {
    int major, minor;
    SNMPCallback *function;
} callbacks[] = {
    { SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_LOGGING, on_log },
    { SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_START, on_opened },
    { SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_STOP, on_closed },
};
enum { CALLBACKS = sizeof callbacks / sizeof *callbacks };

static bool is_subagent(const struct snmp *snmp)
{
    return snmp->options.mode == SNMP_AGENTX;
}

/* The library would free what belongs to the callbacks that are left at its shutdown. */
static void tear_down(struct snmp *snmp)
{
    for (size_t i = 0; i < CALLBACKS; i++)
        snmp_unregister_callback(callbacks[i].major, callbacks[i].minor, callbacks[i].function, snmp, 1);
    notifier_end(&snmp->notifier);
    agent_setup_end(&snmp->setup);
    snmp_shutdown("ckbridge");
}

static bool set_up(struct snmp *snmp, char *out_detail, size_t detail_bytes)
{
    snmp_disable_log();
    netsnmp_register_loghandler(NETSNMP_LOGHANDLER_CALLBACK, LOG_INFO);
    for (size_t i = 0; i < CALLBACKS; i++)
        snmp_register_callback(callbacks[i].major, callbacks[i].minor, callbacks[i].function, snmp);
    if (!agent_setup_begin(&snmp->setup, out_detail, detail_bytes))
        return false;
    notifier_begin(&snmp->notifier);
    if (!agent_tables_register(&snmp->tables, !is_subagent(snmp))) {
        snprintf(out_detail, detail_bytes, "the library does not register the tables");
        return false;
    }
    return agent_setup_finish(&snmp->setup, out_detail, detail_bytes);
}

static void wake(struct snmp *snmp)
{
    const uint64_t one = 1;
    (void)!write(snmp->wake_fd, &one, sizeof one);
}

static void send_notifications(struct snmp *snmp)
{
    if (atomic_load(&snmp->tables.abandoned))
        return;
    const struct notifier_master master = { .session = snmp->master.registered ? snmp->master.session : NULL,
                                            .listens = master_listens(&snmp->master) };
    const struct notifier_turn turn = notifier_turn(&snmp->notifier, &snmp->view, &master);
    const struct snmp_notification_counts counts = notifier_counts(&snmp->notifier);
    if (turn.more)
        wake(snmp);
    if (turn.new_problem && snmp->notifier.problem[0] != '\0')
        say(snmp, true, "snmp_receiver", snmp->notifier.problem);
    snmp->view.notifications = counts;
    pthread_mutex_lock(&snmp->mutex);
    snprintf(snmp->receiver_problem, sizeof snmp->receiver_problem, "%s", snmp->notifier.problem);
    snmp->notifications = counts;
    pthread_mutex_unlock(&snmp->mutex);
}

/* Those that wait for a master agent or a receiver that is away do not outlive the process; the events do. */
static void tell_of_unsent(struct snmp *snmp)
{
    char detail[DETAIL_BYTES];
    const uint64_t waiting = notifier_counts(&snmp->notifier).waiting;
    snprintf(detail, sizeof detail, "%llu notifications still waited for somebody to send them to",
             (unsigned long long)waiting);
    if (waiting > 0 && !atomic_load(&snmp->tables.abandoned))
        say(snmp, true, "snmp_unsent", detail);
}

/* What the USM and the message processing refused (RFC 3412, RFC 3414). */
static void count_refused(struct snmp *snmp)
{
    static const int statistics[] = {
        STAT_USMSTATSUNSUPPORTEDSECLEVELS, STAT_USMSTATSNOTINTIMEWINDOWS, STAT_USMSTATSUNKNOWNUSERNAMES,
        STAT_USMSTATSWRONGDIGESTS,         STAT_USMSTATSDECRYPTIONERRORS, STAT_SNMPINASNPARSEERRS,
        STAT_SNMPINBADCOMMUNITYNAMES,      STAT_SNMPINBADCOMMUNITYUSES,   STAT_SNMPINBADVERSIONS,
        STAT_SNMPUNKNOWNSECURITYMODELS,    STAT_SNMPINVALIDMSGS
    };
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof statistics / sizeof *statistics; i++)
        sum += snmp_get_statistic(statistics[i]);
    pthread_mutex_lock(&snmp->mutex);
    snmp->packets_refused = sum;
    pthread_mutex_unlock(&snmp->mutex);
}

/* Connects, asks, opens: what is due, and how long there is nothing to do but to wait. */
static uint64_t look_after(struct snmp *snmp)
{
    if (!is_subagent(snmp)) {
        if (listeners_turn(&snmp->listeners, clock_monotonic_ms()))
            tell_listeners(snmp);
        return TURN_MS;
    }
    const struct master_heard heard = { .until_ms = snmp->heard_ms,
                                        .notified_ms = notifier_awaits_since(&snmp->notifier) };
    if (master_turn(&snmp->master, &heard))
        tell_master(snmp);
    const uint64_t then_ms = clock_monotonic_ms();
    const uint64_t wait_ms = snmp->master.due_ms > then_ms ? snmp->master.due_ms - then_ms : 0;
    return wait_ms < TURN_MS ? wait_ms : TURN_MS;
}

/* A stop ends sessions, which is told: the master agent takes one notification after the other. */
static void send_last(struct snmp *snmp)
{
    const uint64_t until_ms = clock_monotonic_ms() + LAST_MS;
    send_notifications(snmp);
    while (snmp->master.registered && notifier_counts(&snmp->notifier).waiting > 0) {
        const uint64_t now_ms = clock_monotonic_ms();
        if (now_ms >= until_ms)
            return;
        (void)library_turn(snmp->wake_fd, until_ms - now_ms);
        send_notifications(snmp);
    }
}

static void announce(struct snmp *snmp, bool ended)
{
    pthread_mutex_lock(&snmp->mutex);
    snmp->started = true;
    snmp->ended = ended;
    pthread_cond_broadcast(&snmp->changed);
    pthread_mutex_unlock(&snmp->mutex);
}

static void *run(void *argument)
{
    struct snmp *snmp = argument;
    char detail[DETAIL_BYTES] = "";
    (void)pthread_setname_np(pthread_self(), "snmp");
    thread_to_background(); /* a manager that walks without end must not cost the key managers */
    if (!set_up(snmp, detail, sizeof detail)) {
        set_state(snmp, false, detail);
        say(snmp, true, "snmp_failed", detail);
        announce(snmp, true);
        return NULL;
    }
    uint64_t wait_ms = is_subagent(snmp) ? 0 : look_after(snmp);
    announce(snmp, false);
    while (!atomic_load(&snmp->stopping)) {
        const uint64_t begin_ms = clock_monotonic_ms();
        if (library_turn(snmp->wake_fd, wait_ms))
            snmp->heard_ms = begin_ms; /* not later: this thread may have waited for a processor since */
        else
            rest_when_due(&snmp->rest);
        wait_ms = look_after(snmp);
        send_notifications(snmp);
        count_refused(snmp);
    }
    send_last(snmp);
    tell_of_unsent(snmp);
    tear_down(snmp);
    announce(snmp, true);
    return NULL;
}

/* ---- from other threads ---- */

static void dispose(struct snmp *snmp)
{
    view_fini(&snmp->view);
    listeners_fini(&snmp->listeners);
    if (snmp->has_engine)
        engine_end(&snmp->setup.engine);
    notifier_fini(&snmp->notifier);
    options_copy_fini(&snmp->copy);
    if (snmp->wake_fd >= 0)
        close(snmp->wake_fd);
    pthread_cond_destroy(&snmp->changed);
    pthread_mutex_destroy(&snmp->mutex);
    free(snmp);
}

void snmp_prepare_process(void)
{
    (void)setenv("MIBS", "", 1);
}

/* Of standalone mode. */
static bool prepare_standalone(struct snmp *snmp, char *out_detail, size_t detail_bytes)
{
    const struct engine_owner owner = { snmp->options.state_folder, snmp->options.instance,
                                        "/etc/machine-id" };
    char words[ENGINE_WORDS_BYTES], line[DETAIL_BYTES];
    if (!listeners_init(&snmp->listeners, snmp->options.listen)) {
        snprintf(out_detail, detail_bytes, "[snmp] listen: at least one and at most %d addresses",
                 LISTENERS_MAX);
        return false;
    }
    const int prefix = snprintf(out_detail, detail_bytes, "[snmp] state_folder: ");
    snmp->has_engine =
        engine_begin(&owner, &snmp->setup.engine, out_detail + prefix, detail_bytes - (size_t)prefix);
    if (!snmp->has_engine)
        return false;
    snmp->identity = (struct identity){ .name = snmp->options.name,
                                        .contact = snmp->options.contact,
                                        .location = snmp->options.location,
                                        .authentication_traps = snmp->options.authentication_traps,
                                        .engine = &snmp->setup.engine,
                                        .listeners = &snmp->listeners };
    snmp->view.identity = &snmp->identity;
    engine_words(&snmp->setup.engine, words);
    snprintf(line, sizeof line, "%s, boot %u%s", words, snmp->setup.engine.boots,
             snmp->setup.engine.renewed ? "; a new one, for the folder's was another bridge's: "
                                          "receivers that know the former must be told"
                                        : "");
    snmp->backend.log(snmp->backend.context, false, "snmp_engine", line);
    return true;
}

struct snmp *snmp_new(const struct snmp_options *options, const struct snmp_backend *backend,
                      char *out_detail, size_t detail_bytes)
{
    struct snmp *snmp = calloc(1, sizeof *snmp);
    if (snmp == NULL) {
        snprintf(out_detail, detail_bytes, "out of memory");
        return NULL;
    }
    snmp->backend = *backend;
    snmp->setup.options = &snmp->options;
    snmp->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&snmp->mutex, NULL);
    pthread_cond_init(&snmp->changed, NULL);
    view_init(&snmp->view, &snmp->backend);
    master_init(&snmp->master);
    snmp->tables.view = &snmp->view;
    if (snmp->wake_fd < 0 || !options_copy_init(&snmp->copy, options, &snmp->options) ||
        !notifier_init(&snmp->notifier, &snmp->options)) {
        snprintf(out_detail, detail_bytes, "out of memory or descriptors");
        dispose(snmp);
        return NULL;
    }
    if (!is_subagent(snmp) && !prepare_standalone(snmp, out_detail, detail_bytes)) {
        dispose(snmp);
        return NULL;
    }
    set_state(snmp, false, "it has not started yet");
    return snmp;
}

/* False: not within the time. */
static bool await(struct snmp *snmp, const bool *what, uint32_t timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    bool in_time = true;
    pthread_mutex_lock(&snmp->mutex);
    while (!*what && in_time)
        in_time = pthread_cond_timedwait(&snmp->changed, &snmp->mutex, &until) != ETIMEDOUT;
    const bool there = *what;
    pthread_mutex_unlock(&snmp->mutex);
    return there;
}

bool snmp_start(struct snmp *snmp)
{
    const int code = pthread_create(&snmp->thread, NULL, run, snmp);
    snmp->has_thread = code == 0;
    if (!snmp->has_thread) {
        set_state(snmp, false, "no thread can be started");
        return false;
    }
    if (!is_subagent(snmp))
        (void)await(snmp, &snmp->started, SNMP_START_MS);
    return true;
}

bool snmp_free(struct snmp *snmp, uint32_t timeout_ms)
{
    if (snmp == NULL)
        return true;
    if (snmp->has_thread) {
        const uint32_t orderly_ms = timeout_ms < ORDERLY_MS ? timeout_ms : ORDERLY_MS;
        atomic_store(&snmp->stopping, true);
        wake(snmp);
        bool ended = await(snmp, &snmp->ended, orderly_ms);
        if (!ended) {
            master_transport_cut_for_good();
            ended = await(snmp, &snmp->ended, timeout_ms - orderly_ms);
        }
        if (!ended) {
            atomic_store(&snmp->tables.abandoned, true);
            return false;
        }
        pthread_join(snmp->thread, NULL);
    }
    dispose(snmp);
    return true;
}

void snmp_notice(struct snmp *snmp, const struct notice *notice)
{
    if (notifier_notice(&snmp->notifier, notice))
        wake(snmp);
}

void snmp_status(struct snmp *snmp, struct snmp_status *out_status)
{
    *out_status = (struct snmp_status){
        .mode = snmp->options.mode == SNMP_STANDALONE ? "standalone" : "agentx",
        .requests = atomic_load(&snmp->tables.requests),
    };
    if (snmp->has_engine)
        engine_words(&snmp->setup.engine, out_status->engine_id);
    pthread_mutex_lock(&snmp->mutex);
    out_status->connected = snmp->connected;
    out_status->notifications = snmp->notifications;
    out_status->packets_refused = snmp->packets_refused;
    snprintf(out_status->detail, sizeof out_status->detail, "%s",
             snmp->detail[0] != '\0' ? snmp->detail : snmp->receiver_problem);
    pthread_mutex_unlock(&snmp->mutex);
}
