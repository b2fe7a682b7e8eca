/* SPDX-License-Identifier: Apache-2.0 */
#include "ck/spelling.h"

#include <assert.h>
#include <string.h>

enum { NORMALISED_BYTES_MAX = sizeof "applicationdestinationid" - 1 };

/* Equal lengths are the caller's business; constant lengths make these comparisons a load or two. */
#define SAME(bytes, literal) (memcmp((bytes), (literal), sizeof(literal) - 1) == 0)

/* The canonical spelling, which nearly every frame has, is found without normalising. */
static enum ck_key find_canonical(struct text name)
{
    switch (name.length) {
    case sizeof "response" - 1:
        return SAME(name.bytes, "response") ? CK_KEY_RESPONSE : CK_KEY_UNKNOWN;
    case sizeof "extension" - 1:
        return SAME(name.bytes, "extension") ? CK_KEY_EXTENSION : CK_KEY_UNKNOWN;
    case sizeof "next_KMA_IDs" - 1:
        return SAME(name.bytes, "next_KMA_IDs") ? CK_KEY_NEXT_KMAS : CK_KEY_UNKNOWN;
    case sizeof "source_KMA_ID" - 1:
        return SAME(name.bytes, "source_KMA_ID") ? CK_KEY_SOURCE : CK_KEY_UNKNOWN;
    case sizeof "transit_KMA_IDs" - 1:
        return SAME(name.bytes, "transit_KMA_IDs") ? CK_KEY_TRANSIT_KMAS : CK_KEY_UNKNOWN;
    case sizeof "destination_KMA_ID" - 1:
        return SAME(name.bytes, "destination_KMA_ID") ? CK_KEY_DESTINATION : CK_KEY_UNKNOWN;
    case sizeof "key_relay_request_ID" - 1:
        return SAME(name.bytes, "key_relay_request_ID") ? CK_KEY_RELAY_ID : CK_KEY_UNKNOWN;
    case sizeof "application_destination_ID" - 1:
        return SAME(name.bytes, "application_destination_ID") ? CK_KEY_APPLICATION : CK_KEY_UNKNOWN;
    default:
        return CK_KEY_UNKNOWN;
    }
}

/* Lower case, letters and digits alone; 0 when it can't be a known name. */
static size_t normalise(struct text name, char out_normalised[NORMALISED_BYTES_MAX])
{
    size_t length = 0;
    for (size_t i = 0; i < name.length; i++) {
        unsigned char c = (unsigned char)name.bytes[i];
        if (c >= 'A' && c <= 'Z')
            c = (unsigned char)(c | 0x20);
        if (c >= 0x80)
            return 0;
        if ((c < 'a' || c > 'z') && (c < '0' || c > '9'))
            continue;
        if (length == NORMALISED_BYTES_MAX)
            return 0;
        out_normalised[length++] = (char)c;
    }
    return length;
}

/* The known names and the listed aliases: dest... for destination..., extensions, result. */
static enum ck_key find_normalised(const char *name, size_t length)
{
    switch (length) {
    case sizeof "result" - 1:
        return SAME(name, "result") ? CK_KEY_RESPONSE : CK_KEY_UNKNOWN;
    case sizeof "response" - 1:
        return SAME(name, "response") ? CK_KEY_RESPONSE : CK_KEY_UNKNOWN;
    case sizeof "extension" - 1: /* and destkmaid */
        return SAME(name, "extension")   ? CK_KEY_EXTENSION
               : SAME(name, "destkmaid") ? CK_KEY_DESTINATION
                                         : CK_KEY_UNKNOWN;
    case sizeof "extensions" - 1: /* and nextkmaids */
        return SAME(name, "extensions")   ? CK_KEY_EXTENSION
               : SAME(name, "nextkmaids") ? CK_KEY_NEXT_KMAS
                                          : CK_KEY_UNKNOWN;
    case sizeof "sourcekmaid" - 1:
        return SAME(name, "sourcekmaid") ? CK_KEY_SOURCE : CK_KEY_UNKNOWN;
    case sizeof "transitkmaids" - 1:
        return SAME(name, "transitkmaids") ? CK_KEY_TRANSIT_KMAS : CK_KEY_UNKNOWN;
    case sizeof "destinationkmaid" - 1:
        return SAME(name, "destinationkmaid") ? CK_KEY_DESTINATION : CK_KEY_UNKNOWN;
    case sizeof "keyrelayrequestid" - 1: /* and applicationdestid */
        return SAME(name, "keyrelayrequestid")   ? CK_KEY_RELAY_ID
               : SAME(name, "applicationdestid") ? CK_KEY_APPLICATION
                                                 : CK_KEY_UNKNOWN;
    case sizeof "applicationdestinationid" - 1:
        return SAME(name, "applicationdestinationid") ? CK_KEY_APPLICATION : CK_KEY_UNKNOWN;
    default:
        return CK_KEY_UNKNOWN;
    }
}

enum ck_key ck_key_find(struct text name)
{
    enum ck_key key = find_canonical(name);
    if (key != CK_KEY_UNKNOWN)
        return key;
    char normalised[NORMALISED_BYTES_MAX];
    return find_normalised(normalised, normalise(name, normalised));
}

bool ck_key_belongs(enum ck_key key, enum ck_command command)
{
    enum {
        ROUTE_ENDS = 1u << CK_KEY_SOURCE | 1u << CK_KEY_DESTINATION,
        EXTENSION = 1u << CK_KEY_EXTENSION,
        APPLICATION = 1u << CK_KEY_APPLICATION,
        RELAY_ID = 1u << CK_KEY_RELAY_ID,
    };
    static const unsigned tables[CK_COMMANDS_END] = {
        [CK_NEXT_HOP_REQUEST] = ROUTE_ENDS | APPLICATION | EXTENSION,
        [CK_NEXT_HOP_RESPONSE] = ROUTE_ENDS | 1u << CK_KEY_NEXT_KMAS | EXTENSION,
        [CK_NOTIFY_RELAY] = ROUTE_ENDS | APPLICATION | EXTENSION,
        [CK_RELAY_REQUEST] = ROUTE_ENDS | 1u << CK_KEY_TRANSIT_KMAS | RELAY_ID | EXTENSION,
        [CK_RELAY_RESPONSE] = 1u << CK_KEY_RESPONSE | RELAY_ID,
    };
    assert((unsigned)command - 1 < CK_COMMANDS_END - 1);
    return (tables[command] >> key & 1u) != 0;
}

enum ck_key_style ck_key_style_of(enum ck_key key, struct text name)
{
    if (key == CK_KEY_RESPONSE || key == CK_KEY_EXTENSION)
        return CK_KEYS_AUTO;
    bool lower = false;
    bool upper = false;
    bool other = false;
    for (size_t i = 0; i < name.length; i++) {
        char c = name.bytes[i];
        if (c == '_')
            return CK_KEYS_SNAKE;
        if (c == ' ')
            return CK_KEYS_TITLE;
        lower |= c >= 'a' && c <= 'z';
        upper |= c >= 'A' && c <= 'Z';
        other |= (c < '0' || c > '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z');
    }
    return lower && upper && !other ? CK_KEYS_CAMEL : CK_KEYS_AUTO;
}

struct text ck_key_written(enum ck_key key, enum ck_key_style style)
{
#define WRITTEN(name)                                                                                        \
    {                                                                                                        \
        "\"" name "\":", sizeof(name) - 1 + 3                                                                \
    }
    static const struct text written[][CK_KEYS_END] = {
        [CK_KEYS_SNAKE] = {
            [CK_KEY_SOURCE] = WRITTEN("source_KMA_ID"),
            [CK_KEY_DESTINATION] = WRITTEN("destination_KMA_ID"),
            [CK_KEY_APPLICATION] = WRITTEN("application_destination_ID"),
            [CK_KEY_NEXT_KMAS] = WRITTEN("next_KMA_IDs"),
            [CK_KEY_TRANSIT_KMAS] = WRITTEN("transit_KMA_IDs"),
            [CK_KEY_RESPONSE] = WRITTEN("response"),
            [CK_KEY_RELAY_ID] = WRITTEN("key_relay_request_ID"),
            [CK_KEY_EXTENSION] = WRITTEN("extension"),
        },
        [CK_KEYS_CAMEL] = {
            [CK_KEY_SOURCE] = WRITTEN("sourceKmaId"),
            [CK_KEY_DESTINATION] = WRITTEN("destinationKmaId"),
            [CK_KEY_APPLICATION] = WRITTEN("applicationDestinationId"),
            [CK_KEY_NEXT_KMAS] = WRITTEN("nextKmaIds"),
            [CK_KEY_TRANSIT_KMAS] = WRITTEN("transitKmaIds"),
            [CK_KEY_RESPONSE] = WRITTEN("response"),
            [CK_KEY_RELAY_ID] = WRITTEN("keyRelayRequestId"),
            [CK_KEY_EXTENSION] = WRITTEN("extension"),
        },
        [CK_KEYS_TITLE] = {
            [CK_KEY_SOURCE] = WRITTEN("Source KMA ID"),
            [CK_KEY_DESTINATION] = WRITTEN("Destination KMA ID"),
            [CK_KEY_APPLICATION] = WRITTEN("Application destination ID"),
            [CK_KEY_NEXT_KMAS] = WRITTEN("Next KMA IDs"),
            [CK_KEY_TRANSIT_KMAS] = WRITTEN("Transit KMA IDs"),
            [CK_KEY_RESPONSE] = WRITTEN("Response"),
            [CK_KEY_RELAY_ID] = WRITTEN("Key relay request ID"),
            [CK_KEY_EXTENSION] = WRITTEN("Extension"),
        },
    };
#undef WRITTEN
    assert(style != CK_KEYS_AUTO && key < CK_KEYS_END);
    return written[style][key];
}
