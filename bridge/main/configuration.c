/* SPDX-License-Identifier: Apache-2.0 */
#include "main/configuration.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "main/configuration_check.h"
#include "main/configuration_files.h"
#include "main/schema.h"
#include "main/setting_parse.h"
#include "main/words.h"
#include "system/process_heap.h"

/* What all of one build share. */
struct build {
    struct configuration *configuration;
    struct problems *problems;
};

struct place configuration_place(const struct section_head *head, const char *setting)
{
    if (head->source == NULL)
        return (struct place){ "configuration", 0 };
    const struct ini_assignment *assignment = ini_find(head->source, setting);
    return assignment != NULL ? assignment->place : head->source->place;
}

static const struct section_schema *find_section(struct text type)
{
    for (const struct section_schema *schema = schema_sections; schema->type != NULL; schema++)
        if (text_equal_c(type, schema->type))
            return schema;
    return NULL;
}

static bool is_dialect_setting(struct text name)
{
    for (const struct ck_dialect_setting *row = ck_dialect_settings; row->name != NULL; row++)
        if (text_equal_c(name, row->name))
            return true;
    return false;
}

/* NULL when the section has no such setting; of a dialect setting, the row that stands for them all. */
static const struct setting *find_setting(const struct section_schema *schema, struct text name)
{
    for (const struct setting *row = schema->settings; row->name != NULL; row++) {
        if (row->type == SETTING_DIALECT ? is_dialect_setting(name) : text_equal_c(name, row->name))
            return row;
    }
    return NULL;
}

/* Keeps the candidate when it is nearer than what is nearest so far; 3 letters away is too far. */
static void consider(const char *candidate, struct text name, const char **nearest, unsigned *distance)
{
    unsigned measured = words_distance(text_from_c(candidate), name);
    if (measured < *distance) {
        *nearest = candidate;
        *distance = measured;
    }
}

static const char *nearest_setting(const struct section_schema *schema, struct text name)
{
    const char *nearest = NULL;
    unsigned distance = 4;
    for (const struct setting *row = schema->settings; row->name != NULL; row++)
        if (row->type != SETTING_DIALECT)
            consider(row->name, name, &nearest, &distance);
        else
            for (const struct ck_dialect_setting *at = ck_dialect_settings; at->name != NULL; at++)
                consider(at->name, name, &nearest, &distance);
    return nearest;
}

static void report_unknown_section(struct build *build, const struct ini_section *source)
{
    const char *nearest = NULL;
    unsigned distance = 4;
    for (const struct section_schema *schema = schema_sections; schema->type != NULL; schema++)
        consider(schema->type, source->type, &nearest, &distance);
    problems_error(build->problems, source->place, "unknown section [%.*s]; %s%s%s",
                   TEXT_ARGUMENTS(source->type), nearest != NULL ? "did you mean [" : "see --help-config",
                   nearest != NULL ? nearest : "", nearest != NULL ? "]?" : "");
}

static void report_unknown_setting(struct build *build, const struct section_schema *schema,
                                   const struct ini_assignment *assignment)
{
    const char *nearest = nearest_setting(schema, assignment->name);
    problems_error(build->problems, assignment->place, "unknown setting %.*s in [%s]; %s%s%s",
                   TEXT_ARGUMENTS(assignment->name), schema->type,
                   nearest != NULL ? "did you mean " : "see --help-config", nearest != NULL ? nearest : "",
                   nearest != NULL ? "?" : "");
}

static const char *dialect_values(struct text name)
{
    for (const struct ck_dialect_setting *row = ck_dialect_settings; row->name != NULL; row++)
        if (text_equal_c(name, row->name))
            return row->values;
    return "";
}

/* Comments have lines of their own; who adds one behind a value gets told. */
static const char *comment_hint(struct text value)
{
    for (size_t i = 1; i < value.length; i++)
        if ((value.bytes[i] == '#' || value.bytes[i] == ';') && value.bytes[i - 1] == ' ')
            return " (a comment needs a line of its own)";
    return "";
}

static void set_one(struct build *build, const struct setting *row, const struct ini_assignment *assignment,
                    void *section)
{
    char wanted[160] = "";
    void *value = (char *)section + row->offset;
    struct arena *arena = &build->configuration->arena;
    bool good;
    if (row->type == SETTING_DIALECT) {
        good = ck_dialect_set(value, arena, assignment->name, assignment->value) == CK_DIALECT_OK;
    } else {
        struct setting_input input = { assignment->value, assignment->place.file, arena };
        good = setting_parse(row, &input, value, wanted, sizeof wanted);
    }
    if (good)
        return;
    struct text shown = assignment->value;
    if (shown.length > 100)
        shown.length = 100;
    problems_error(build->problems, assignment->place, "%.*s must be %s, not \"%.*s\"%s",
                   TEXT_ARGUMENTS(assignment->name),
                   row->type == SETTING_DIALECT ? dialect_values(assignment->name) : wanted,
                   TEXT_ARGUMENTS(shown), comment_hint(assignment->value));
}

/* An empty value takes back what an earlier file has set: the default stays. */
static void set_all(struct build *build, const struct section_schema *schema,
                    const struct ini_section *source, void *section)
{
    for (const struct ini_assignment *at = source->assignments; at != NULL; at = at->next) {
        const struct setting *row = find_setting(schema, at->name);
        if (row == NULL)
            report_unknown_setting(build, schema, at);
        else if (at->value.length > 0)
            set_one(build, row, at, section);
    }
    for (const struct setting *row = schema->settings; row->name != NULL; row++) {
        const struct ini_assignment *at = row->required ? ini_find(source, row->name) : NULL;
        if (row->required && (at == NULL || at->value.length == 0))
            problems_error(build->problems, at != NULL ? at->place : source->place,
                           "[%s%s%.*s%s] has no %s; add %s = %s", schema->type, schema->named ? " \"" : "",
                           TEXT_ARGUMENTS(source->name), schema->named ? "\"" : "", row->name, row->name,
                           row->values);
    }
}

static void set_defaults(struct build *build, const struct section_schema *schema, void *section)
{
    for (const struct setting *row = schema->settings; row->name != NULL; row++) {
        void *value = (char *)section + row->offset;
        char wanted[160];
        struct setting_input input = { text_from_c(row->fallback), "", &build->configuration->arena };
        if (row->type == SETTING_DIALECT)
            ck_dialect_init(value);
        else if (row->fallback != NULL && !setting_parse(row, &input, value, wanted, sizeof wanted))
            problems_error(build->problems, (struct place){ "configuration", 0 }, "out of memory");
    }
}

static bool accept_section(struct build *build, const struct ini_section *source,
                           const struct section_schema *schema)
{
    if (schema == NULL) {
        report_unknown_section(build, source);
        return false;
    }
    bool named = text_is_present(source->name);
    if (schema->named && !named)
        problems_error(build->problems, source->place, "[%s] needs a name; write [%s \"name\"]", schema->type,
                       schema->type);
    else if (!schema->named && named)
        problems_error(build->problems, source->place, "[%s] has no name; write [%s]", schema->type,
                       schema->type);
    return schema->named == named;
}

static size_t *section_count(struct build *build, const struct section_schema *schema)
{
    return (size_t *)(void *)((char *)build->configuration + schema->count_offset);
}

/* Room for every named section of each type, so that the arrays never move. */
static bool allocate_sections(struct build *build)
{
    struct configuration *configuration = build->configuration;
    for (const struct section_schema *schema = schema_sections; schema->type != NULL; schema++) {
        if (!schema->named)
            continue;
        size_t count = 0;
        for (const struct ini_section *source = configuration->ini.sections; source; source = source->next)
            if (text_equal_c(source->type, schema->type) && ++count == schema->limit + 1)
                problems_error(build->problems, source->place, "more than %zu [%s] sections; take some away",
                               schema->limit, schema->type);
        void *array = arena_allocate(&configuration->arena, (count + 1) * schema->bytes);
        if (array == NULL)
            return false;
        memcpy((char *)configuration + schema->array_offset, &array, sizeof array);
    }
    return true;
}

static void build_section(struct build *build, const struct ini_section *source)
{
    const struct section_schema *schema = find_section(source->type);
    if (!accept_section(build, source, schema))
        return;
    char *section = (char *)build->configuration + schema->array_offset;
    if (schema->named) {
        char *array;
        memcpy(&array, section, sizeof array);
        section = array + (*section_count(build, schema))++ * schema->bytes;
        set_defaults(build, schema, section);
    }
    *(struct section_head *)(void *)section = (struct section_head){ source->name, source };
    set_all(build, schema, source, section);
}

static void build_sections(struct build *build)
{
    for (const struct section_schema *schema = schema_sections; schema->type != NULL; schema++)
        if (!schema->named)
            set_defaults(build, schema, (char *)build->configuration + schema->array_offset);
    if (!allocate_sections(build)) {
        problems_error(build->problems, (struct place){ "configuration", 0 }, "out of memory");
        return;
    }
    for (const struct ini_section *source = build->configuration->ini.sections; source; source = source->next)
        build_section(build, source);
}

static struct configuration *configuration_new(void)
{
    struct configuration *configuration = calloc(1, sizeof *configuration);
    if (configuration == NULL)
        return NULL;
    arena_init(&configuration->arena, &process_heap);
    ini_init(&configuration->ini, &configuration->arena);
    return configuration;
}

/* The values from the document; semantic checks only when every value is one, lest they blame a default. */
static struct configuration *finish(struct configuration *configuration, struct problems *problems)
{
    struct build build = { configuration, problems };
    build_sections(&build);
    if (problems->errors == 0)
        configuration_check(configuration, problems);
    if (problems->errors == 0)
        return configuration;
    configuration_free(configuration);
    return NULL;
}

struct configuration *configuration_load(const char *path, struct problems *problems)
{
    struct configuration *configuration = configuration_new();
    if (configuration == NULL) {
        problems_error(problems, (struct place){ path, 0 }, "out of memory");
        return NULL;
    }
    configuration_files_read(&configuration->ini, path, problems);
    return finish(configuration, problems);
}

struct configuration *configuration_parse(const char *name, struct text text, struct problems *problems)
{
    struct configuration *configuration = configuration_new();
    if (configuration == NULL) {
        problems_error(problems, (struct place){ name, 0 }, "out of memory");
        return NULL;
    }
    ini_read(&configuration->ini, name, text, problems);
    return finish(configuration, problems);
}

void configuration_free(struct configuration *configuration)
{
    if (configuration == NULL)
        return;
    ini_fini(&configuration->ini);
    arena_fini(&configuration->arena);
    free(configuration);
}
