/* SPDX-License-Identifier: Apache-2.0 */
#include "cksim/quantity.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* A plain decimal: strtod alone would take "inf", "nan", hexadecimal and signs. */
static const char *read_decimal(const char *words, double *out_value)
{
    size_t length = strspn(words, "0123456789.");
    char digits[40];
    if (length == 0 || length >= sizeof digits)
        return NULL;
    memcpy(digits, words, length);
    digits[length] = '\0';
    char *end = NULL;
    double value = strtod(digits, &end);
    if (*end != '\0' || end == digits)
        return NULL;
    *out_value = value;
    return words + length + strspn(words + length, " ");
}

bool quantity_duration(const char *words, uint64_t *out_ns)
{
    static const struct {
        const char *unit;
        double ns;
    } units[] = { { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 }, { "min", 60e9 }, { "h", 3600e9 }, { "", 1e9 } };
    double value;
    const char *unit = read_decimal(words, &value);
    if (unit == NULL)
        return false;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(unit, units[i].unit) != 0)
            continue;
        double ns = value * units[i].ns;
        if (ns > 365.0 * 86400e9)
            return false;
        *out_ns = (uint64_t)llround(ns);
        return true;
    }
    return false;
}

bool quantity_share(const char *words, double *out_share)
{
    double value;
    const char *unit = read_decimal(words, &value);
    if (unit == NULL)
        return false;
    if (strcmp(unit, "%") == 0)
        value /= 100;
    else if (*unit != '\0')
        return false;
    if (value > 1)
        return false;
    *out_share = value;
    return true;
}

bool quantity_real(const char *words, double *out_value)
{
    if (strcmp(words, "unlimited") == 0) {
        *out_value = -1;
        return true;
    }
    double value;
    const char *rest = read_decimal(words, &value);
    if (rest == NULL || *rest != '\0')
        return false;
    *out_value = value;
    return true;
}

bool quantity_count(const char *words, uint64_t maximum, uint64_t *out_value)
{
    return text_to_u64(text_from_c(words), maximum, out_value);
}

bool quantity_boolean(const char *words, bool *out_value)
{
    static const char *const yes[] = { "yes", "true", "on", "1" }, *const no[] = { "no", "false", "off",
                                                                                   "0" };
    for (size_t i = 0; i < 4; i++) {
        if (strcasecmp(words, yes[i]) == 0 || strcasecmp(words, no[i]) == 0) {
            *out_value = strcasecmp(words, yes[i]) == 0;
            return true;
        }
    }
    return false;
}

const char *quantity_print_duration(uint64_t ns, char buffer[static 32])
{
    double value = (double)ns;
    if (ns < 1000)
        snprintf(buffer, 32, "%.0f ns", value);
    else if (ns < 1000000)
        snprintf(buffer, 32, "%.3g us", value / 1e3);
    else if (ns < 1000000000)
        snprintf(buffer, 32, "%.3g ms", value / 1e6);
    else
        snprintf(buffer, 32, "%.4g s", value / 1e9);
    return buffer;
}
