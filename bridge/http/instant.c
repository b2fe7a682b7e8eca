/* SPDX-License-Identifier: Apache-2.0 */
#include "http/instant.h"

#include <stddef.h>

/* Takes `digits` decimal digits off the front. */
static bool take_number(struct text *text, size_t digits, uint64_t *out_number)
{
    if (text->length < digits || !text_to_u64((struct text){ text->bytes, digits }, 9999, out_number))
        return false;
    text->bytes += digits;
    text->length -= digits;
    return true;
}

static bool take_byte(struct text *text, const char *any_of)
{
    for (; text->length > 0 && *any_of != '\0'; any_of++)
        if (text->bytes[0] == *any_of) {
            text->bytes++;
            text->length--;
            return true;
        }
    return false;
}

static bool take_fraction(struct text *text, uint64_t *out_ms)
{
    uint64_t scale = 100;
    size_t digits = 0;
    *out_ms = 0;
    if (!take_byte(text, "."))
        return true;
    for (; text->length > 0 && text->bytes[0] >= '0' && text->bytes[0] <= '9'; digits++) {
        *out_ms += (uint64_t)(text->bytes[0] - '0') * scale;
        scale /= 10;
        text->bytes++;
        text->length--;
    }
    return digits >= 1 && digits <= 9;
}

/* Minutes east of UTC; only the end of the text may follow. */
static bool take_offset(struct text *text, int64_t *out_minutes)
{
    uint64_t hours, minutes;
    *out_minutes = 0;
    if (take_byte(text, "Zz"))
        return text->length == 0;
    if (text->length == 0)
        return false;
    int64_t sign = text->bytes[0] == '-' ? -1 : 1;
    if (!take_byte(text, "+-") || !take_number(text, 2, &hours) || !take_byte(text, ":") ||
        !take_number(text, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *out_minutes = sign * (int64_t)(hours * 60 + minutes);
    return text->length == 0;
}

static bool date_is_valid(uint64_t year, uint64_t month, uint64_t day)
{
    static const uint8_t days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] &&
           (leap || month != 2 || day <= 28);
}

/* Days since 1970, by years that begin in March so that the leap day comes last. */
static uint64_t days_since_1970(uint64_t year, uint64_t month, uint64_t day)
{
    uint64_t shifted = month <= 2 ? year - 1 : year;
    uint64_t month_from_march = (month + 9) % 12;
    return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + (153 * month_from_march + 2) / 5 +
           day - 719469;
}

bool instant_from_text(struct text text, uint64_t *out_unix_ms)
{
    uint64_t year, month, day, hour, minute, second, fraction_ms;
    int64_t offset_minutes;
    if (!take_number(&text, 4, &year) || !take_byte(&text, "-") || !take_number(&text, 2, &month) ||
        !take_byte(&text, "-") || !take_number(&text, 2, &day) || !date_is_valid(year, month, day))
        return false;
    if (!take_byte(&text, "Tt ") || !take_number(&text, 2, &hour) || !take_byte(&text, ":") ||
        !take_number(&text, 2, &minute) || !take_byte(&text, ":") || !take_number(&text, 2, &second) ||
        hour > 23 || minute > 59 || second > 60)
        return false;
    if (!take_fraction(&text, &fraction_ms) || !take_offset(&text, &offset_minutes))
        return false;
    int64_t minutes =
        (int64_t)((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) - offset_minutes;
    if (minutes < 0)
        return false;
    *out_unix_ms = ((uint64_t)minutes * 60 + second) * 1000 + fraction_ms;
    return true;
}
