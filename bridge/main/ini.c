/* SPDX-License-Identifier: Apache-2.0 */
#include "main/ini.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "main/words.h"
#include "system/process_heap.h"

struct reader {
    struct ini *ini;
    struct problems *problems;
    const char *file;
    struct text rest;
    unsigned line;               /* of the line read last */
    struct ini_section *section; /* NULL before the first */
    bool discarding;             /* behind a header that was wrong: its settings say nothing */
};

static struct text title_of(const void *value)
{
    return ((const struct ini_section *)value)->title;
}

void ini_init(struct ini *ini, struct arena *arena)
{
    *ini = (struct ini){ .arena = arena };
    ini->last = &ini->sections;
    /* The operator chooses these keys, no peer does: a constant hash key is good enough. */
    table_init(&ini->titles, &process_heap, (struct siphash_key){ 0, 0 }, title_of);
}

void ini_fini(struct ini *ini)
{
    table_fini(&ini->titles);
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static struct place here(const struct reader *reader)
{
    return (struct place){ reader->file, reader->line };
}

/* The next physical line without its end. False: no more. */
static bool take_line(struct reader *reader, struct text *out_line)
{
    if (reader->rest.length == 0)
        return false;
    const char *end = memchr(reader->rest.bytes, '\n', reader->rest.length);
    size_t length = end != NULL ? (size_t)(end - reader->rest.bytes) : reader->rest.length;
    size_t passed = end != NULL ? length + 1 : length;
    *out_line = (struct text){ reader->rest.bytes, length };
    if (length > 0 && out_line->bytes[length - 1] == '\r')
        out_line->length--;
    reader->rest = (struct text){ reader->rest.bytes + passed, reader->rest.length - passed };
    reader->line++;
    return true;
}

static bool is_comment(struct text line)
{
    line = words_trim(line);
    return line.length > 0 && (line.bytes[0] == '#' || line.bytes[0] == ';');
}

static bool ends_in_backslash(struct text line)
{
    return line.length > 0 && line.bytes[line.length - 1] == '\\';
}

/* The bytes of the lines that continue `line`, ends included: a bound for what they join to. */
static size_t continued_bytes(struct reader reader, struct text line)
{
    size_t before = reader.rest.length;
    bool more = true;
    while (more && take_line(&reader, &line))
        more = is_comment(line) || ends_in_backslash(line);
    return before - reader.rest.length;
}

/* Takes further lines as long as each ends in a backslash; comments in between are passed over. */
static struct text join_continuations(struct reader *reader, struct text line)
{
    struct text first = words_trim((struct text){ line.bytes, line.length - 1 });
    size_t capacity = first.length + 1 + continued_bytes(*reader, line);
    char *buffer = arena_allocate(reader->ini->arena, capacity);
    if (buffer == NULL) {
        problems_error(reader->problems, here(reader), "out of memory");
        return first;
    }
    struct bytes_writer joined = bytes_writer(buffer, capacity);
    bytes_put_text(&joined, first);
    bool more = true;
    while (more && take_line(reader, &line)) {
        if (is_comment(line))
            continue;
        more = ends_in_backslash(line);
        struct text part = words_trim((struct text){ line.bytes, line.length - (more ? 1 : 0) });
        if (part.length > 0 && joined.length > 0)
            bytes_put_byte(&joined, ' ');
        bytes_put_text(&joined, part);
    }
    assert(!joined.overflowed);
    return bytes_written(&joined);
}

static bool is_word(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.bytes[i];
        if (!((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
              byte == '_' || byte == '-'))
            return false;
    }
    return text.length > 0;
}

/* Undoes \" and \\ of a quoted name; false when the quotes do not enclose exactly one name. */
static bool unquote(struct arena *arena, struct text quoted, struct text *out_name)
{
    if (quoted.length < 2 || quoted.bytes[0] != '"' || quoted.bytes[quoted.length - 1] != '"')
        return false;
    char *name = arena_allocate(arena, quoted.length);
    if (name == NULL)
        return false;
    size_t length = 0;
    for (size_t i = 1; i + 1 < quoted.length; i++) {
        char byte = quoted.bytes[i];
        if (byte == '"')
            return false;
        if (byte == '\\') {
            byte = quoted.bytes[++i];
            if (i + 1 >= quoted.length || (byte != '"' && byte != '\\'))
                return false;
        }
        name[length++] = byte;
    }
    *out_name = (struct text){ name, length };
    return true;
}

/* Splits [type] and [type "name"]. */
static bool parse_header(struct reader *reader, struct text line, struct text *out_type,
                         struct text *out_name)
{
    if (line.bytes[line.length - 1] != ']' || line.length < 3) {
        problems_error(reader->problems, here(reader), "the section's closing bracket is missing; write [%s]",
                       "section \"name\"");
        return false;
    }
    struct text inner = words_trim((struct text){ line.bytes + 1, line.length - 2 });
    size_t word = 0;
    while (word < inner.length && !is_blank(inner.bytes[word]) && inner.bytes[word] != '"')
        word++;
    *out_type = (struct text){ inner.bytes, word };
    struct text rest = words_trim((struct text){ inner.bytes + word, inner.length - word });
    *out_name = TEXT_ABSENT;
    if (!is_word(*out_type)) {
        problems_error(reader->problems, here(reader),
                       "the section has no type; write [section] or [section \"name\"]");
        return false;
    }
    if (rest.length == 0)
        return true;
    if (unquote(reader->ini->arena, rest, out_name) && text_is_identifier(*out_name))
        return true;
    problems_error(reader->problems, here(reader),
                   "the section's name is not one of 1 to 255 bytes in double quotes; write [%.*s \"name\"]",
                   TEXT_ARGUMENTS(*out_type));
    return false;
}

static struct text make_title(struct arena *arena, struct text type, struct text name)
{
    size_t length = type.length + 1 + name.length;
    char *title = arena_allocate(arena, length);
    if (title == NULL)
        return TEXT_ABSENT;
    memcpy(title, type.bytes, type.length);
    title[type.length] = ' ';
    if (name.length > 0)
        memcpy(title + type.length + 1, name.bytes, name.length);
    return (struct text){ title, length };
}

static struct ini_section *add_section(struct reader *reader, struct text title, struct text type,
                                       struct text name)
{
    struct ini *ini = reader->ini;
    if (ini->section_count == LIMIT_INI_SECTIONS) {
        problems_error(reader->problems, here(reader), "more than %d sections; take some away",
                       LIMIT_INI_SECTIONS);
        return NULL;
    }
    struct ini_section *section = arena_allocate(ini->arena, sizeof *section);
    if (section == NULL || !text_is_present(title)) {
        problems_error(reader->problems, here(reader), "out of memory");
        return NULL;
    }
    *section = (struct ini_section){ .title = title, .type = type, .name = name, .place = here(reader) };
    section->last = &section->assignments;
    if (!table_insert(&ini->titles, section)) {
        problems_error(reader->problems, here(reader), "out of memory");
        return NULL;
    }
    *ini->last = section;
    ini->last = &section->next;
    ini->section_count++;
    return section;
}

static void read_header(struct reader *reader, struct text line)
{
    struct text type, name;
    reader->section = NULL;
    reader->discarding = true;
    if (!parse_header(reader, line, &type, &name))
        return;
    struct text title = make_title(reader->ini->arena, type, name);
    struct ini_section *section = table_find(&reader->ini->titles, title);
    if (section != NULL && section->newest_file == reader->file) {
        problems_error(reader->problems, here(reader),
                       "section %.*s was opened before, in line %u; put its settings together",
                       TEXT_ARGUMENTS(line), section->place.line);
        return;
    }
    if (section == NULL)
        section = add_section(reader, title, type, name);
    if (section == NULL)
        return;
    section->newest_file = reader->file;
    section->place = here(reader);
    reader->section = section;
    reader->discarding = false;
}

static void add_assignment(struct reader *reader, struct text name, struct text value, struct place place)
{
    struct ini_section *section = reader->section;
    if (section->assignment_count == LIMIT_ASSIGNMENTS_PER_SECTION) {
        problems_error(reader->problems, place, "more than %d settings in one section; take some away",
                       LIMIT_ASSIGNMENTS_PER_SECTION);
        reader->discarding = true;
        return;
    }
    struct ini_assignment *assignment = arena_allocate(reader->ini->arena, sizeof *assignment);
    if (assignment == NULL) {
        problems_error(reader->problems, place, "out of memory");
        return;
    }
    *assignment = (struct ini_assignment){ .name = name, .value = value, .place = place };
    *section->last = assignment;
    section->last = &assignment->next;
    section->assignment_count++;
}

static void read_assignment(struct reader *reader, struct text line, struct place place)
{
    const char *equals = memchr(line.bytes, '=', line.length);
    size_t left = equals != NULL ? (size_t)(equals - line.bytes) : 0;
    struct text name = words_trim((struct text){ line.bytes, left });
    if (equals == NULL || !is_word(name)) {
        problems_error(reader->problems, place,
                       "neither a section, a setting nor a comment; write [section], name = value or # text");
        return;
    }
    if (reader->discarding)
        return;
    if (reader->section == NULL) {
        problems_error(reader->problems, place,
                       "setting %.*s stands before any section; put a [section] above it",
                       TEXT_ARGUMENTS(name));
        return;
    }
    struct text value = words_trim((struct text){ equals + 1, line.length - left - 1 });
    for (struct ini_assignment *at = reader->section->assignments; at != NULL; at = at->next) {
        if (!text_equal(at->name, name))
            continue;
        if (at->place.file == reader->file)
            problems_error(reader->problems, place,
                           "setting %.*s was given before, in line %u; keep one of them",
                           TEXT_ARGUMENTS(name), at->place.line);
        at->value = value;
        at->place = place;
        return;
    }
    add_assignment(reader, name, value, place);
}

static bool has_control(struct text line)
{
    for (size_t i = 0; i < line.length; i++) {
        unsigned char byte = (unsigned char)line.bytes[i];
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
            return true;
    }
    return false;
}

static void read_line(struct reader *reader, struct text line)
{
    if (is_comment(line))
        return;
    struct place place = here(reader);
    if (ends_in_backslash(line))
        line = join_continuations(reader, line);
    line = words_trim(line);
    if (line.length == 0)
        return;
    if (!text_is_utf8(line) || has_control(line)) {
        problems_error(reader->problems, place,
                       "%s in the line; write the file in UTF-8 without control characters",
                       text_is_utf8(line) ? "a control character" : "a byte that is not UTF-8");
        return;
    }
    if (line.bytes[0] == '[')
        read_header(reader, line);
    else
        read_assignment(reader, line, place);
}

void ini_read(struct ini *ini, const char *file, struct text text, struct problems *problems)
{
    struct reader reader = { .ini = ini, .problems = problems, .file = file, .rest = text };
    if (text_starts_with(text, TEXT("\xef\xbb\xbf")))
        reader.rest = (struct text){ text.bytes + 3, text.length - 3 };
    struct text line;
    while (take_line(&reader, &line))
        read_line(&reader, line);
}

const struct ini_assignment *ini_find(const struct ini_section *section, const char *name)
{
    for (const struct ini_assignment *at = section->assignments; at != NULL; at = at->next)
        if (text_equal_c(at->name, name))
            return at;
    return NULL;
}
