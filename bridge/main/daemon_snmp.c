/* SPDX-License-Identifier: Apache-2.0 */
#include "main/daemon_snmp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "main/configuration_snmp.h"
#include "main/log.h"
#include "system/process_heap.h"

enum { STOP_MS = 2000 };

/* ---- called on the agent's thread ---- */

static struct snapshot *backend_snapshot(void *context)
{
    struct daemon *daemon = context;
    return snapshot_cell_get(&daemon->snapshots);
}

static void backend_facts(void *context, struct snmp_facts *out_facts)
{
    struct daemon *daemon = context;
    struct http_status status;
    status_board_read(&daemon->board, &status);
    *out_facts = (struct snmp_facts){ .version = status.version,
                                      .instance = status.instance,
                                      .started_ms = status.started_ms,
                                      .ready = status.ready,
                                      .stopping = status.stopping,
                                      .sessions_max = status.sessions_max,
                                      .commits = writer_state(daemon->writer).commits };
}

static void backend_log(void *context, bool is_error, const char *event, const char *detail)
{
    (void)context;
    log_event(is_error ? LOG_LEVEL_ERROR : LOG_LEVEL_NOTICE, event, "detail", detail);
}

/* ---- called on the core's ---- */

static void fail(struct daemon *daemon, const char *detail)
{
    snprintf(daemon->snmp_detail, sizeof daemon->snmp_detail, "%s", detail);
    log_event(LOG_LEVEL_ERROR, "snmp_failed", "detail", detail);
}

static bool open_reader(struct daemon *daemon)
{
    return store_reader_open(daemon->configuration->store.url, &daemon->snmp_reader) == STORE_OK;
}

/* The keys are root's to read; the folder with the engine's identity is the user's. */
static struct snmp *create(struct daemon *daemon, const struct snmp_options *options, char *out_detail,
                           size_t detail_bytes)
{
    const struct snmp_backend backend = { .context = daemon,
                                          .snapshot = backend_snapshot,
                                          .facts = backend_facts,
                                          .log = backend_log,
                                          .history = store_reader_history(daemon->snmp_reader) };
    if (!privileges_lower(&daemon->privileges)) {
        snprintf(out_detail, detail_bytes, "user: %s", strerror(errno));
        return NULL;
    }
    struct snmp *snmp = snmp_new(options, &backend, out_detail, detail_bytes);
    if (privileges_raise(&daemon->privileges))
        return snmp;
    snprintf(out_detail, detail_bytes, "user: %s", strerror(errno));
    (void)snmp_free(snmp, STOP_MS);
    return NULL;
}

void daemon_snmp_prepare(struct daemon *daemon)
{
    if (!configuration_snmp_wanted(daemon->configuration))
        return;
    struct arena arena;
    struct snmp_options options = { .user_count = 0 };
    char detail[256] = "the store cannot be read";
    arena_init(&arena, &process_heap);
    if (configuration_snmp(daemon->configuration, &arena, &options, detail, sizeof detail) &&
        open_reader(daemon))
        daemon->snmp = create(daemon, &options, detail, sizeof detail);
    if (daemon->snmp == NULL)
        fail(daemon, detail);
    configuration_snmp_wipe(&options);
    arena_fini(&arena);
}

void daemon_snmp_listen(struct daemon *daemon)
{
    if (daemon->snmp != NULL && daemon->configuration->snmp.mode == SNMP_SETTING_STANDALONE)
        (void)snmp_start(daemon->snmp);
}

void daemon_snmp_connect(struct daemon *daemon)
{
    if (daemon->snmp != NULL && daemon->configuration->snmp.mode == SNMP_SETTING_AGENTX)
        (void)snmp_start(daemon->snmp);
}

/* A thread that is left behind may hold what it was given; the process ends in a moment. */
void daemon_snmp_stop(struct daemon *daemon)
{
    if (!snmp_free(daemon->snmp, STOP_MS)) {
        log_event(LOG_LEVEL_WARNING, "snmp_left_behind", "detail",
                  "its thread does not end; it ends with the process");
        daemon->snmp_left_behind = true;
    }
    daemon->snmp = NULL;
    if (daemon->snmp_reader != NULL && !daemon->snmp_left_behind)
        store_reader_close(daemon->snmp_reader);
    daemon->snmp_reader = NULL;
}

void daemon_snmp_status(struct daemon *daemon, struct http_status *out_status)
{
    struct http_snmp_status *out = &out_status->snmp;
    struct snmp_status status;
    *out = (struct http_snmp_status){ .mode = "off" };
    if (daemon->snmp != NULL) {
        snmp_status(daemon->snmp, &status);
        out->mode = status.mode;
        out->connected = status.connected;
        out->requests = status.requests;
        out->notifications_sent = status.notifications.sent;
        out->notifications_waiting = status.notifications.waiting;
        out->notifications_suppressed = status.notifications.suppressed;
        out->notifications_lost = status.notifications.lost;
        out->packets_refused = status.packets_refused;
        snprintf(out->detail, sizeof out->detail, "%s", status.detail);
        snprintf(out->engine_id, sizeof out->engine_id, "%s", status.engine_id);
    } else if (daemon->snmp_detail[0] != '\0') {
        out->mode = "failed";
        snprintf(out->detail, sizeof out->detail, "%s", daemon->snmp_detail);
    }
}
