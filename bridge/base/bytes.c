/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include <string.h>

struct bytes_writer bytes_writer(void *buffer, size_t capacity)
{
    return (struct bytes_writer){ .buffer = buffer, .capacity = capacity };
}

void bytes_put_text(struct bytes_writer *writer, struct text text)
{
    bytes_put(writer, text.bytes, text.length);
}

void bytes_put_c(struct bytes_writer *writer, const char *string)
{
    bytes_put(writer, string, strlen(string));
}

static void put_padded(struct bytes_writer *writer, uint64_t value, size_t digits_min)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0 || sizeof digits - at < digits_min);
    bytes_put(writer, digits + at, sizeof digits - at);
}

void bytes_put_u64(struct bytes_writer *writer, uint64_t value)
{
    put_padded(writer, value, 1);
}

/* Days since 1970 to a civil date, by eras of 400 years that begin in March. */
static void put_date(struct bytes_writer *writer, uint64_t days)
{
    uint64_t shifted = days + 719468;
    uint64_t era = shifted / 146097;
    uint64_t day_of_era = shifted % 146097;
    uint64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint64_t month_from_march = (5 * day_of_year + 2) / 153;
    uint64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    uint64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    put_padded(writer, era * 400 + year_of_era + (month <= 2), 4);
    bytes_put_byte(writer, '-');
    put_padded(writer, month, 2);
    bytes_put_byte(writer, '-');
    put_padded(writer, day, 2);
}

void bytes_put_time(struct bytes_writer *writer, uint64_t unix_ms)
{
    uint64_t seconds = unix_ms / 1000;
    put_date(writer, seconds / 86400);
    bytes_put_byte(writer, 'T');
    put_padded(writer, seconds / 3600 % 24, 2);
    bytes_put_byte(writer, ':');
    put_padded(writer, seconds / 60 % 60, 2);
    bytes_put_byte(writer, ':');
    put_padded(writer, seconds % 60, 2);
    bytes_put_byte(writer, '.');
    put_padded(writer, unix_ms % 1000, 3);
    bytes_put_byte(writer, 'Z');
}

struct text bytes_written(const struct bytes_writer *writer)
{
    return (struct text){ (const char *)writer->buffer, writer->length };
}

uint16_t bytes_load_u16_big(const unsigned char *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

uint32_t bytes_load_u32_big(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

void bytes_store_u16_big(unsigned char *at, uint16_t value)
{
    at[0] = (unsigned char)(value >> 8);
    at[1] = (unsigned char)value;
}

void bytes_store_u32_big(unsigned char *at, uint32_t value)
{
    bytes_store_u16_big(at, (uint16_t)(value >> 16));
    bytes_store_u16_big(at + 2, (uint16_t)value);
}
