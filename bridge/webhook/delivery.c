/* SPDX-License-Identifier: Apache-2.0 */
/* One POST: headers after Standard Webhooks, signatures with the secret and, for a while, the one before. */
#include <stdio.h>
#include <string.h>

#include "core/webhook_url.h"
#include "system/clock.h"
#include "webhook/endpoint.h"
#include "webhook/signature.h"

enum { HEADER_BYTES = 512, SIGNATURE_HEADER_BYTES = 160 };

/* Letters, digits, '-' and '_' stay. */
static char plain(char c)
{
    const bool stays = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    return stays ? c : '_';
}

struct text delivery_message_id(const struct endpoint *endpoint, const char *kind, uint64_t number,
                                char *buffer, size_t buffer_bytes)
{
    struct bytes_writer writer = bytes_writer(buffer, buffer_bytes);
    for (const char *at = endpoint->tools->options->instance; *at != '\0'; at++)
        bytes_put_byte(&writer, plain(*at));
    bytes_put_byte(&writer, '_');
    bytes_put_c(&writer, kind);
    bytes_put_u64(&writer, number);
    return bytes_written(&writer);
}

static bool put_signatures(const struct endpoint *endpoint, const struct signed_message *message,
                           uint64_t wall_ms, struct bytes_writer *writer)
{
    if (!signature_put(&endpoint->key, message, writer))
        return false;
    if (endpoint->old_key.length == 0 || wall_ms >= endpoint->definition.old_secret_until_ms)
        return true;
    bytes_put_byte(writer, ' ');
    return signature_put(&endpoint->old_key, message, writer);
}

struct transfer *delivery_send(const struct delivery *delivery)
{
    const struct endpoint *endpoint = delivery->endpoint;
    const struct webhook_options *options = endpoint->tools->options;
    const uint64_t wall_ms = clock_wall_ms();
    const struct signed_message message = { delivery->message_id, wall_ms / 1000, delivery->body };
    char id[HEADER_BYTES], timestamp[64], signature[SIGNATURE_HEADER_BYTES] = "webhook-signature: ";
    struct bytes_writer writer = bytes_writer(signature, sizeof signature - 1);
    writer.length = strlen(signature);
    snprintf(id, sizeof id, "webhook-id: %.*s", TEXT_ARGUMENTS(delivery->message_id));
    snprintf(timestamp, sizeof timestamp, "webhook-timestamp: %llu", (unsigned long long)message.timestamp_s);
    if (!put_signatures(endpoint, &message, wall_ms, &writer) || writer.overflowed)
        return NULL;
    signature[writer.length] = '\0';
    const char *const headers[] = {
        "Content-Type: application/json", id, timestamp, signature, "Expect:", NULL,
    };
    const struct transfer_request request = {
        .url = endpoint->url,
        .headers = headers,
        .body = delivery->body,
        .timeout_ms = delivery->timeout_ms,
        .plain = webhook_url_problem(endpoint->definition.url, options->insecure) == NULL,
        .ca = options->ca,
        .proxy = options->proxy,
    };
    return transfer_start(endpoint->tools->transfers, &request, delivery->done, delivery->context);
}
