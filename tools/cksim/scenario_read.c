/* SPDX-License-Identifier: Apache-2.0 */
/* From INI lines to a scenario's structures, by the schema. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cksim/scenario_build.h"
#include "cksim/scenario_schema.h"

bool scenario_refuse(struct complaint *complaint, struct origin origin, const char *format, ...)
{
    char at[320], words[700];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    complain(complaint, "%s: %s", origin_print(origin, at), words);
    return false;
}

static void list_keys(const char *section, char buffer[static 512])
{
    size_t length = 0;
    buffer[0] = '\0';
    for (const struct schema_row *row = schema_rows; row->section != NULL; row++) {
        if (strcmp(row->section, section) != 0)
            continue;
        int wrote = snprintf(buffer + length, 512 - length, "%s%s", length > 0 ? ", " : "", row->key);
        if (wrote < 0 || (size_t)wrote >= 512 - length)
            return;
        length += (size_t)wrote;
    }
}

static bool store(struct scenario *scenario, const struct ini_line *line, void *object,
                  struct complaint *complaint)
{
    char words[512];
    const struct schema_row *row = schema_find(line->section, line->key);
    if (row == NULL) {
        list_keys(line->section, words);
        return scenario_refuse(complaint, line->origin, "[%s] has no key '%s'; it has %s", line->section,
                               line->key, words);
    }
    if (!schema_store(row, &scenario->arena, object, line->value))
        return scenario_refuse(complaint, line->origin, "%s = '%s' is no %s", line->key, line->value,
                               schema_values(row, words));
    return true;
}

/* The section's newest object: lines follow their header. */
static void *current_object(struct scenario *scenario, const char *section)
{
    if (strcmp(section, "fleet") == 0)
        return &scenario->fleet;
    if (strcmp(section, "load") == 0)
        return &scenario->load;
    if (strcmp(section, "km") == 0)
        return &scenario->kms[scenario->km_count - 1];
    if (strcmp(section, "link") == 0)
        return &scenario->links[scenario->link_count - 1];
    if (strcmp(section, "application") == 0)
        return &scenario->applications[scenario->application_count - 1];
    return &scenario->faults[scenario->fault_count - 1];
}

static bool begin_section(struct scenario *scenario, const struct ini_line *line, struct complaint *complaint)
{
    bool fixed = strcmp(line->section, "fleet") == 0 || strcmp(line->section, "load") == 0;
    if (fixed && line->name[0] != '\0')
        return scenario_refuse(complaint, line->origin, "[%s] has no name", line->section);
    if (fixed)
        return true;
    if (schema_find(line->section, "kma") == NULL && schema_find(line->section, "a") == NULL &&
        schema_find(line->section, "kind") == NULL)
        return scenario_refuse(complaint, line->origin,
                               "no section [%s]; there are [fleet], [load], [km \"NAME\"], [link \"NAME\"], "
                               "[application \"NAME\"], [fault \"NAME\"]",
                               line->section);
    if (!text_is_identifier(text_from_c(line->name)))
        return scenario_refuse(complaint, line->origin, "[%s] needs a name: [%s \"NAME\"]", line->section,
                               line->section);
    struct origin origin = line->origin;
    origin.file = scenario_keep(scenario, origin.file, strlen(origin.file));
    if (strcmp(line->section, "km") == 0)
        scenario_add_km(scenario, origin, line->name);
    else if (strcmp(line->section, "link") == 0)
        scenario_add_link(scenario, origin, line->name);
    else if (strcmp(line->section, "application") == 0)
        scenario_add_application(scenario, origin, line->name);
    else
        scenario_add_fault(scenario, origin, line->name);
    return true;
}

static bool take_line(void *context, const struct ini_line *line, struct complaint *complaint)
{
    struct scenario *scenario = context;
    if (line->key == NULL)
        return begin_section(scenario, line, complaint);
    return store(scenario, line, current_object(scenario, line->section), complaint);
}

bool scenario_read(struct scenario *scenario, const char *file, struct complaint *complaint)
{
    return ini_parse_file(file, take_line, scenario, complaint);
}

bool scenario_set(struct scenario *scenario, struct origin origin, const char *section, const char *key,
                  const char *value, struct complaint *complaint)
{
    struct ini_line line = { origin, section, "", key, value };
    if (strcmp(section, "fleet") != 0 && strcmp(section, "load") != 0)
        return scenario_refuse(complaint, origin, "only keys of [fleet] and [load] can be set here");
    return store(scenario, &line, current_object(scenario, section), complaint);
}
