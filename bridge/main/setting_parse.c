/* SPDX-License-Identifier: Apache-2.0 */
#include "main/setting_parse.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "core/vocabulary.h"
#include "main/configuration.h"
#include "main/words.h"

static bool parse_c_string(const struct setting_input *input, struct text prefix, const char **out_string)
{
    char *copy = arena_allocate(input->arena, prefix.length + input->value.length + 1);
    if (copy == NULL)
        return false;
    if (prefix.length > 0)
        memcpy(copy, prefix.bytes, prefix.length);
    memcpy(copy + prefix.length, input->value.bytes, input->value.length);
    *out_string = copy;
    return true;
}

static bool parse_path(const struct setting_input *input, const char **out_path)
{
    const char *slash = strrchr(input->file, '/');
    bool relative = input->value.bytes[0] != '/' && slash != NULL;
    struct text directory = { input->file, relative ? (size_t)(slash - input->file) + 1 : 0 };
    return parse_c_string(input, directory, out_path);
}

bool listen_address_parse(struct text value, bool *out_loopback)
{
    char copy[64];
    if (!text_to_c(value, copy, sizeof copy))
        return false;
    char *colon = strrchr(copy, ':');
    uint64_t port;
    if (colon == NULL || !text_to_u64(text_from_c(colon + 1), UINT16_MAX, &port))
        return false;
    *colon = '\0';
    struct in_addr four;
    if (inet_pton(AF_INET, copy, &four) == 1) {
        *out_loopback = (ntohl(four.s_addr) >> 24) == 127;
        return true;
    }
    struct in6_addr six;
    size_t length = strlen(copy);
    if (length < 2 || copy[0] != '[' || copy[length - 1] != ']')
        return false;
    copy[length - 1] = '\0';
    if (inet_pton(AF_INET6, copy + 1, &six) != 1)
        return false;
    *out_loopback = IN6_IS_ADDR_LOOPBACK(&six);
    return true;
}

static bool parse_integer(const struct setting *setting, struct text value, int64_t *out_value)
{
    bool negative = text_starts_with(value, TEXT("-"));
    struct text digits = negative ? (struct text){ value.bytes + 1, value.length - 1 } : value;
    uint64_t magnitude;
    if (!text_to_u64(digits, INT64_MAX, &magnitude))
        return false;
    int64_t number = negative ? -(int64_t)magnitude : (int64_t)magnitude;
    if (number < setting->minimum || number > setting->maximum)
        return false;
    *out_value = number;
    return true;
}

static bool parse_boolean(struct text value, bool *out_value)
{
    static const char *const words[2][4] = { { "no", "false", "off", "0" }, { "yes", "true", "on", "1" } };
    for (int truth = 0; truth < 2; truth++)
        for (int word = 0; word < 4; word++)
            if (text_equal_ignoring_case(value, text_from_c(words[truth][word]))) {
                *out_value = truth;
                return true;
            }
    return false;
}

static bool parse_choice(const struct setting *setting, struct text value, int *out_value)
{
    struct text choices = text_from_c(setting->values), choice;
    for (int position = 0; words_take(&choices, '|', &choice); position++)
        if (text_equal(choice, value)) {
            *out_value = position;
            return true;
        }
    return false;
}

/* "dns:", "uri:" and "cn:" from certificates; "psk:" and "address:" for KMs alone. */
static bool is_identity(struct text item, bool km)
{
    static const char *const prefixes[] = { "dns:", "uri:", "cn:", "psk:", "address:" };
    for (size_t i = 0; i < (km ? 5 : 3); i++) {
        struct text prefix = text_from_c(prefixes[i]);
        if (!text_starts_with(item, prefix) || item.length == prefix.length)
            continue;
        char address[64];
        struct in6_addr ignored;
        if (i < 4)
            return true;
        return text_to_c((struct text){ item.bytes + prefix.length, item.length - prefix.length }, address,
                         sizeof address) &&
               (inet_pton(AF_INET, address, &ignored) == 1 || inet_pton(AF_INET6, address, &ignored) == 1);
    }
    return false;
}

static bool parse_list(const struct setting *setting, const struct setting_input *input,
                       struct text_list *out_list)
{
    struct text rest = input->value, item;
    struct text items[LIMIT_KMAS_PER_KM];
    size_t count = 0;
    while (words_take(&rest, ',', &item)) {
        bool good = text_is_identifier(item);
        if (setting->type == SETTING_IDENTITIES)
            good = good && is_identity(item, true);
        if (setting->type == SETTING_CERTIFICATE_NAMES)
            good = good && is_identity(item, false);
        if (!good || count == (size_t)setting->maximum || count == LIMIT_KMAS_PER_KM)
            return false;
        items[count++] = item;
    }
    struct text *kept = arena_allocate(input->arena, count * sizeof *kept);
    if (kept == NULL || (int64_t)count < setting->minimum)
        return false;
    memcpy(kept, items, count * sizeof *kept);
    *out_list = (struct text_list){ kept, count };
    return true;
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F')
        return byte - 'A' + 10;
    return -1;
}

static bool parse_sha256(struct text value, unsigned char *out_digest)
{
    unsigned char digest[32];
    if (value.length != 64)
        return false;
    for (size_t i = 0; i < 32; i++) {
        int high = hex_digit(value.bytes[2 * i]), low = hex_digit(value.bytes[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        digest[i] = (unsigned char)(high << 4 | low);
    }
    memcpy(out_digest, digest, sizeof digest);
    return true;
}

/* Days since 1970 of a civil date (Gregorian), by counting. */
static uint64_t days_of(unsigned year, unsigned month, unsigned day)
{
    static const unsigned before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
    unsigned passed = year - 1;
    uint64_t days = (uint64_t)passed * 365 + passed / 4 - passed / 100 + passed / 400 - 719162;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days + before[month - 1] + (leap && month > 2 ? 1 : 0) + day - 1;
}

/* Digits where the pattern has '0', the pattern's own bytes elsewhere. */
static bool matches(struct text value, const char *pattern)
{
    if (value.length != strlen(pattern))
        return false;
    for (size_t i = 0; i < value.length; i++) {
        bool digit = value.bytes[i] >= '0' && value.bytes[i] <= '9';
        if (pattern[i] == '0' ? !digit : value.bytes[i] != pattern[i])
            return false;
    }
    return true;
}

static unsigned digits_at(struct text value, size_t at, size_t count)
{
    unsigned number = 0;
    for (size_t i = at; i < at + count; i++)
        number = number * 10 + (unsigned)(value.bytes[i] - '0');
    return number;
}

static bool parse_time(struct text value, uint64_t *out_unix_ms)
{
    bool whole = matches(value, "0000-00-00T00:00:00Z");
    if (!whole && !matches(value, "0000-00-00"))
        return false;
    unsigned year = digits_at(value, 0, 4), month = digits_at(value, 5, 2), day = digits_at(value, 8, 2);
    unsigned hour = whole ? digits_at(value, 11, 2) : 0, minute = whole ? digits_at(value, 14, 2) : 0;
    unsigned second = whole ? digits_at(value, 17, 2) : 0;
    if (year < 1971 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 ||
        second > 59)
        return false;
    uint64_t seconds = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    *out_unix_ms = seconds * 1000;
    return true;
}

static bool parse_deciders(struct text value, enum decider *out_order)
{
    enum decider order[POLICY_TURNS] = { DECIDER_NONE };
    struct text item;
    size_t count = 0;
    while (words_take(&value, ',', &item)) {
        enum decider decider;
        if (!turn_from_name(item, &decider) || count == POLICY_TURNS)
            return false;
        for (size_t i = 0; i < count; i++)
            if (order[i] == decider)
                return false;
        order[count++] = decider;
    }
    memcpy(out_order, order, sizeof order);
    return count > 0;
}

static bool parse_identifier(const struct setting_input *input, struct text *out_identifier)
{
    if (!text_is_identifier(input->value))
        return false;
    *out_identifier = input->value;
    return true;
}

static bool parse_value(const struct setting *setting, const struct setting_input *input, void *out_value)
{
    bool loopback;
    switch (setting->type) {
    case SETTING_TEXT:
        return parse_c_string(input, TEXT_ABSENT, out_value);
    case SETTING_PATH:
        return parse_path(input, out_value);
    case SETTING_ADDRESS:
        return listen_address_parse(input->value, &loopback) && parse_c_string(input, TEXT_ABSENT, out_value);
    case SETTING_STORE_URL:
        return text_starts_with(input->value, TEXT("sqlite:")) && input->value.length > 7 &&
               parse_c_string(input, TEXT_ABSENT, out_value);
    case SETTING_INTEGER:
        return parse_integer(setting, input->value, out_value);
    case SETTING_BOOLEAN:
        return parse_boolean(input->value, out_value);
    case SETTING_CHOICE:
        return parse_choice(setting, input->value, out_value);
    case SETTING_IDENTIFIER:
        return parse_identifier(input, out_value);
    case SETTING_IDENTIFIERS:
    case SETTING_IDENTITIES:
    case SETTING_CERTIFICATE_NAMES:
        return parse_list(setting, input, out_value);
    case SETTING_SHA256:
        return parse_sha256(input->value, out_value);
    case SETTING_TIME:
        return parse_time(input->value, out_value);
    case SETTING_DECIDERS:
        return parse_deciders(input->value, out_value);
    case SETTING_DIALECT:
        break; /* set by ck_dialect_set, which knows its rows */
    }
    return false;
}

bool setting_parse(const struct setting *setting, const struct setting_input *input, void *out_value,
                   char *out_wanted, size_t wanted_bytes)
{
    if (parse_value(setting, input, out_value))
        return true;
    snprintf(out_wanted, wanted_bytes, "%s", setting->values);
    return false;
}
