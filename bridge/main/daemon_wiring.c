/* SPDX-License-Identifier: Apache-2.0 */
/* What comes from KMs and HTTP into the core, and what the core's released effects become. */
#include "main/daemon.h"

#include <string.h>

#include "main/daemon_snmp.h"
#include "main/log.h"
#include "main/notice_log.h"
#include "main/webhook_wiring.h"

/* ---- KMs to the core ---- */

static void on_opened(void *context, const struct event_session_opened *opened)
{
    struct daemon *daemon = context;
    daemon->generations[opened->session.index] = opened->session.generation;
    daemon->session_count++;
    struct event event = { .kind = EVENT_SESSION_OPENED, .opened = *opened };
    runner_step(daemon->runner, &event);
    if (daemon->phase > DAEMON_DRAINING) /* a handshake that ended while the sessions were being closed */
        server_close(daemon->server, opened->session, REASON_SHUTDOWN);
}

static void on_refused(void *context, const struct event_session_refused *refused)
{
    struct daemon *daemon = context;
    struct event event = { .kind = EVENT_SESSION_REFUSED, .refused = *refused };
    runner_step(daemon->runner, &event);
}

static void on_closed(void *context, const struct event_session_closed *closed)
{
    struct daemon *daemon = context;
    daemon->generations[closed->session.index] = 0;
    daemon->session_count--;
    struct event event = { .kind = EVENT_SESSION_CLOSED, .closed = *closed };
    runner_step(daemon->runner, &event);
}

static bool is_known(uint16_t command)
{
    return command >= CK_NEXT_HOP_REQUEST && command < CK_COMMANDS_END;
}

static void on_frame(void *context, struct session_handle session, const struct ck_header *header,
                     enum ck_byte_order byte_order, unsigned char *payload)
{
    struct daemon *daemon = context;
    struct ck_message message;
    struct event event = { .kind = EVENT_MESSAGE };
    event.message = (struct event_message){ .session = session, .header = *header, .byte_order = byte_order };
    /* Decoding undoes escapes in place: the digest comes first, and what a bad frame is shown by is kept. */
    memcpy(daemon->payload, payload, header->payload_bytes);
    event.message.payload = (struct text){ daemon->payload, header->payload_bytes };
    event.message.payload_digest = core_payload_digest(event.message.payload);
    if (is_known(header->command)) {
        size_t offset = 0;
        event.message.malformed = ck_message_decode((enum ck_command)header->command, payload,
                                                    header->payload_bytes, &message, &offset);
        event.message.offset = offset;
        event.message.message = &message;
    }
    daemon_take_arrivals(daemon);
    runner_step(daemon->runner, &event);
}

/* A KM of the other byte order announces payloads far longer than it sends: it would wait for ever. */
static void on_header(void *context, struct session_handle session, const struct ck_header *header,
                      enum ck_byte_order byte_order)
{
    struct daemon *daemon = context;
    if (core_accepts_version(daemon->core, session, header->version))
        return;
    struct event event = { .kind = EVENT_MESSAGE };
    event.message = (struct event_message){
        .session = session, .header = *header, .byte_order = byte_order, .malformed = CK_NOT_JSON
    };
    runner_step(daemon->runner, &event);
}

struct server_callbacks daemon_server_callbacks(struct daemon *daemon)
{
    return (struct server_callbacks){
        .context = daemon,
        .opened = on_opened,
        .refused = on_refused,
        .frame = on_frame,
        .header = on_header,
        .closed = on_closed,
    };
}

/* ---- the core's released effects ---- */

static void on_admit(void *context, const struct effect_admit *admit)
{
    struct daemon *daemon = context;
    server_admit(daemon->server, admit->session, admit->byte_order);
}

static void on_send(void *context, const struct effect_send *send)
{
    struct daemon *daemon = context;
    server_send(daemon->server, send->session, send->frame);
}

static void on_close(void *context, const struct effect_close *close)
{
    struct daemon *daemon = context;
    server_close(daemon->server, close->session, close->reason);
}

/* The answer to a file's objects. */
static void log_file_reply(struct daemon *daemon, const struct reply *reply)
{
    struct log_line line;
    bool refused = reply->status != REPLY_OK && reply->status != REPLY_CREATED;
    log_begin(&line, refused ? LOG_LEVEL_ERROR : LOG_LEVEL_NOTICE, refused ? "file_refused" : "file_applied");
    log_c(&line, "reason", reason_name(reply->reason));
    log_text(&line, "detail", reply->detail);
    log_u64(&line, "created", reply->created);
    log_u64(&line, "updated", reply->updated);
    log_u64(&line, "deleted", reply->deleted);
    log_u64(&line, "unchanged", reply->unchanged);
    log_end(&line);
    daemon->file_refused = refused;
    daemon->file_waits = reply->reason == REASON_STORE_UNAVAILABLE;
}

static void on_reply(void *context, const struct reply *reply)
{
    struct daemon *daemon = context;
    if (reply->command_id == DAEMON_COMMAND_ID)
        log_file_reply(daemon, reply);
    else if (reply->command_id == DAEMON_TRIAL_ID)
        return; /* it was read when the step was over */
    else if (reply->command_id >= WEBHOOK_COMMAND_ID_FIRST)
        webhooks_reply(daemon->webhooks, reply);
    else if (daemon->http != NULL)
        http_reply(daemon->http, reply);
}

static void on_notice(void *context, const struct notice *notice)
{
    struct daemon *daemon = context;
    notice_log(notice);
    if (daemon->snmp != NULL)
        snmp_notice(daemon->snmp, notice);
}

static void on_events_durable(void *context, uint64_t newest_event_id)
{
    struct daemon *daemon = context;
    if (daemon->http != NULL)
        http_events_durable(daemon->http, newest_event_id);
    if (daemon->webhooks != NULL)
        webhooks_events_durable(daemon->webhooks, newest_event_id);
}

static void on_no_memory(void *context)
{
    (void)context;
    log_event(LOG_LEVEL_ERROR, "no_memory", "detail", "an event had no effect; the bridge goes on");
}

struct runner_sinks daemon_sinks(struct daemon *daemon)
{
    return (struct runner_sinks){
        .context = daemon,
        .admit = on_admit,
        .send = on_send,
        .close = on_close,
        .reply = on_reply,
        .notice = on_notice,
        .events_durable = on_events_durable,
        .no_memory = on_no_memory,
    };
}

/* ---- HTTP: called on its thread ---- */

static bool backend_submit(void *context, struct command_request *take_request)
{
    struct daemon *daemon = context;
    return command_ring_put(daemon->ring, take_request);
}

static void backend_orchestrator(void *context, enum orchestrator_sign sign)
{
    struct daemon *daemon = context;
    command_ring_sign(daemon->ring, sign);
}

static struct snapshot *backend_snapshot(void *context)
{
    struct daemon *daemon = context;
    return snapshot_cell_get(&daemon->snapshots);
}

static void backend_status(void *context, struct http_status *out_status)
{
    struct daemon *daemon = context;
    status_board_read(&daemon->board, out_status);
    struct writer_state writer = writer_state(daemon->writer);
    out_status->store_commits = writer.commits;
    out_status->store_commit_us_last = writer.commit_us_last;
    struct writer_statistics statistics = writer_statistics(daemon->writer);
    out_status->store_commit_failures = statistics.failures;
    out_status->commit_us = statistics.commit_us;
    out_status->store_bytes = store_reader_bytes(daemon->reader);
    out_status->commands_queued = (uint32_t)command_ring_count(daemon->ring);
    daemon_snmp_status(daemon, out_status);
}

struct http_backend daemon_backend(struct daemon *daemon)
{
    return (struct http_backend){
        .context = daemon,
        .submit = backend_submit,
        .orchestrator = backend_orchestrator,
        .snapshot = backend_snapshot,
        .status = backend_status,
        .webhooks = webhook_wiring_http(),
        .history = store_reader_history(daemon->reader),
    };
}
