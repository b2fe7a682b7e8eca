/* SPDX-License-Identifier: Apache-2.0 */
/* Payloads as real KMs spell them, and as broken ones garble them. */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "world/world.h"

/* Spellings of one parameter that a reader must take for it: the profile's own, camel, title, and odd ones.
 */
enum { SPELLINGS = 4 };
static const char *const source_keys[SPELLINGS] = { "source_KMA_ID", "sourceKmaId", "Source KMA ID",
                                                    "SOURCE-kma.id" };
static const char *const destination_keys[SPELLINGS] = { "destination_KMA_ID", "destinationKmaId",
                                                         "Destination KMA ID", "dest_kma_id" };
static const char *const application_keys[SPELLINGS] = { "application_destination_ID",
                                                         "applicationDestinationId",
                                                         "Application destination ID",
                                                         "application_dest_id" };
static const char *const extension_keys[SPELLINGS] = { "extension", "extension", "Extension", "extensions" };
static const char *const response_keys[SPELLINGS] = { "response", "response", "Response", "result" };
static const char *const relay_id_keys[SPELLINGS] = { "key_relay_request_ID", "keyRelayRequestId",
                                                      "Key relay request ID", "KeyRelayRequestID" };

static size_t spelling_of(struct world *world, const struct sim_km *km)
{
    if (random_one_in(&world->random, 10))
        return SPELLINGS - 1;
    return km->style == CK_KEYS_CAMEL ? 1 : km->style == CK_KEYS_TITLE ? 2 : 0;
}

static void put_key(struct bytes_writer *writer, const char *key)
{
    if (writer->length > 1)
        bytes_put_c(writer, ", ");
    bytes_put_byte(writer, '"');
    bytes_put_c(writer, key);
    bytes_put_c(writer, "\" :");
}

/* A name, now and then with its first character escaped. Names here are plain ASCII. */
static void put_text(struct world *world, struct bytes_writer *writer, const char *key, struct text text)
{
    if (!text_is_present(text))
        return;
    put_key(writer, key);
    bytes_put_byte(writer, '"');
    if (text.length > 0 && random_one_in(&world->random, 8)) {
        char escape[8];
        snprintf(escape, sizeof escape, "\\u%04x", (unsigned)(unsigned char)text.bytes[0]);
        bytes_put_c(writer, escape);
        text = (struct text){ text.bytes + 1, text.length - 1 };
    }
    bytes_put_text(writer, text);
    bytes_put_byte(writer, '"');
}

static void put_relay_id(struct world *world, struct bytes_writer *writer, const char *key, uint64_t relay_id)
{
    if (relay_id == 0)
        return;
    bool number = random_one_in(&world->random, 2); /* a request ID may be a string or an integer */
    put_key(writer, key);
    bytes_put_c(writer, number ? "" : "\"");
    bytes_put_u64(writer, relay_id);
    bytes_put_c(writer, number ? "" : "\"");
}

size_t payload_spell(struct world *world, const struct sim_km *km, const struct ck_message *message,
                     unsigned char *payload)
{
    if (random_one_in(&world->random, 2)) {
        size_t bytes = ck_message_encode(message, &km->dialect, km->style, payload, WORLD_PAYLOAD_BYTES);
        if (bytes == 0)
            world_fail(world, "a KM's message could not be encoded");
        return bytes;
    }
    size_t spelling = spelling_of(world, km);
    struct bytes_writer writer = bytes_writer(payload, WORLD_PAYLOAD_BYTES);
    bytes_put_byte(&writer, '{');
    put_text(world, &writer, response_keys[spelling], message->response);
    put_relay_id(world, &writer, relay_id_keys[spelling], message->relay_id);
    put_text(world, &writer, destination_keys[spelling], message->destination_kma_id);
    put_text(world, &writer, application_keys[spelling], message->application_destination_id);
    put_text(world, &writer, source_keys[spelling], message->source_kma_id);
    if (text_is_present(message->extension)) {
        put_key(&writer, extension_keys[spelling]);
        bytes_put_text(&writer, message->extension);
    }
    if (random_one_in(&world->random, 6)) {
        put_key(&writer, "urgency");
        bytes_put_c(&writer, "{\"level\":[1,2.5e1,null]}");
    }
    bytes_put_byte(&writer, '}');
    if (writer.overflowed)
        world_fail(world, "a KM's payload did not fit");
    return writer.length;
}

size_t payload_garbage(struct world *world, unsigned char *payload)
{
    static const char *const samples[] = {
        "",
        "{",
        "null",
        "[]",
        "{}",
        "{\"destination_KMA_ID\":7}",
        "{\"destination_KMA_ID\":\"\"}",
        "{\"destination_KMA_ID\":\"a\",\"destinationKmaId\":\"b\"}",
        "{\"destination_KMA_ID\":\"a\"} x",
        "{\"destination_KMA_ID\":\"\\ud800\"}",
        "{\"response\":\"\"}",
        "{\"response\":\"ok\",\"key_relay_request_ID\":0}",
        "{\"response\":\"ok\",\"key_relay_request_ID\":\"9007199254740992\"}",
        "{\"source_KMA_ID\":\"kma\"}",
        "{\"a\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}",
        "{\"destination_KMA_ID\":\"a\x01\"}",
    };
    size_t pick = random_below(&world->random, sizeof samples / sizeof samples[0] + 1);
    if (pick < sizeof samples / sizeof samples[0]) {
        size_t bytes = strlen(samples[pick]);
        memcpy(payload, samples[pick], bytes);
        return bytes;
    }
    size_t bytes = random_below(&world->random, 64);
    for (size_t i = 0; i < bytes; i++)
        payload[i] = (unsigned char)random_u64(&world->random);
    return bytes;
}
