/* SPDX-License-Identifier: Apache-2.0 */
#include "main/notice_log.h"

#include "main/log.h"

static enum log_level level_of(enum notice_type type)
{
    switch (type) {
    case NOTICE_KM_REFUSED:
    case NOTICE_RELAY_FAILED:
    case NOTICE_RELAY_EXPIRED:
    case NOTICE_RELAY_ORPHANED:
    case NOTICE_RELAY_UNCORRELATED:
    case NOTICE_CK_PROTOCOL_ERROR:
    case NOTICE_OVERLOAD_ENTERED:
        return LOG_LEVEL_WARNING;
    case NOTICE_KM_CONNECTED:
    case NOTICE_KM_DISCONNECTED:
    case NOTICE_ROUTE_CHANGED:
    case NOTICE_LINK_CHANGED:
    case NOTICE_CONFIG_CHANGED:
    case NOTICE_OVERLOAD_LEFT:
        return LOG_LEVEL_NOTICE;
    case NOTICE_RELAY_REJECTED:
    case NOTICE_RELAY_RECEIVED:
    case NOTICE_RELAY_AWAITING_DECISION:
    case NOTICE_RELAY_INSTRUCTED:
    case NOTICE_RELAY_SUCCEEDED:
    case NOTICE_LOOKUP_ANSWERED:
    case NOTICE_LOOKUP_AWAITING_DECISION:
        return LOG_LEVEL_INFO;
    case NOTICES_END:
        break;
    }
    return LOG_LEVEL_INFO;
}

static void log_number(struct log_line *line, const char *key, uint64_t value)
{
    if (value > 0)
        log_u64(line, key, value);
}

static void log_session(struct log_line *line, const struct notice *notice)
{
    if (!text_is_present(notice->peer))
        return;
    log_text(line, "peer", notice->peer);
    log_c(line, "security", security_name(notice->security));
    log_text(line, "tls_version", notice->tls_version);
    log_text(line, "cipher", notice->cipher);
    log_text(line, "identity", notice->identity);
}

static void log_relay(struct log_line *line, const struct relay_record *relay)
{
    if (relay == NULL)
        return;
    log_text(line, "source_kma_id", relay->source_kma_id);
    log_text(line, "destination_kma_id", relay->destination_kma_id);
    log_c(line, "decided_by", decider_name(relay->decided_by));
}

void notice_log(const struct notice *notice)
{
    struct log_line line;
    log_begin(&line, level_of(notice->type), notice_type_name(notice->type));
    if (!line.wanted)
        return;
    log_u64(&line, "event_id", notice->event_id);
    log_text(&line, "km_id", notice->km_id);
    log_number(&line, "relay_id", notice->relay_id);
    log_number(&line, "lookup_id", notice->lookup_id);
    log_text(&line, "route_id", notice->route_id);
    log_text(&line, "link_id", notice->link_id);
    log_text(&line, "object", notice->object);
    log_c(&line, "change", notice->change);
    log_c(&line, "reason", reason_name(notice->reason));
    log_session(&line, notice);
    log_relay(&line, notice->relay);
    if (notice->type == NOTICE_CK_PROTOCOL_ERROR) {
        log_u64(&line, "command", notice->command);
        log_u64(&line, "message_id", notice->message_id);
        log_u64(&line, "offset", notice->offset);
    }
    log_text(&line, "detail", notice->detail); /* last: the longest, and the one to be cut */
    log_end(&line);
}
