/* SPDX-License-Identifier: Apache-2.0 */
#include "ck/dialect.h"

#include <string.h>

/* The rows of ck_dialect_settings, in their order. */
enum setting {
    SETTING_BYTE_ORDER,
    SETTING_VERSION,
    SETTING_MESSAGE_ID,
    SETTING_TRANSIT,
    SETTING_TRANSIT_TYPE,
    SETTING_REFUSAL,
    SETTING_KEY_STYLE,
    SETTING_EXTENSIONS,
    SETTING_SUCCESS_WORDS,
    SETTINGS_END,
};

const struct ck_dialect_setting ck_dialect_settings[] = {
    [SETTING_BYTE_ORDER] = { "byte_order", "big | auto",
                             "Byte order of the header; auto recognises a little-endian KM by its first "
                             "CommandCode.",
                             false },
    [SETTING_VERSION] = { "version", "up to 4 of 0 to 65535, separated by commas",
                          "Protocol versions that are accepted; the first is sent when the KM's is "
                          "unknown.",
                          true },
    [SETTING_MESSAGE_ID] = { "message_id", "echo | fresh",
                             "Whether a Key relay request carries the MessageID of the notification it "
                             "answers.",
                             false },
    [SETTING_TRANSIT] = { "transit", "intermediate | to_destination | full",
                          "Which KMAs of the path the transit list holds.", false },
    [SETTING_TRANSIT_TYPE] = { "transit_type", "array | string",
                               "JSON type of the transit list; a string has commas between the "
                               "identifiers.",
                               false },
    [SETTING_REFUSAL] = { "refusal", "none | extension | close",
                          "What is sent when a notified relay gets no route.", false },
    [SETTING_KEY_STYLE] = { "key_style", "auto | snake | camel | title",
                            "Spelling of the payload's keys; auto mirrors the KM's latest request.", false },
    [SETTING_EXTENSIONS] = { "extensions", "auto | yes | no",
                             "Whether extensions are sent; auto: once the KM has sent one itself.", false },
    [SETTING_SUCCESS_WORDS] = { "success_words", "up to 8 words, separated by commas",
                                "Responses that mean success beside the usual ones, in any case.", true },
    [SETTINGS_END] = { NULL, NULL, NULL, false },
};

/* The words of the settings that are one choice, in the order of their enumerations; NULL ends each. */
static const char *const choices[SETTINGS_END][5] = {
    [SETTING_BYTE_ORDER] = { "big", "auto" },
    [SETTING_MESSAGE_ID] = { "echo", "fresh" },
    [SETTING_TRANSIT] = { "intermediate", "to_destination", "full" },
    [SETTING_TRANSIT_TYPE] = { "array", "string" },
    [SETTING_REFUSAL] = { "none", "extension", "close" },
    [SETTING_KEY_STYLE] = { "auto", "snake", "camel", "title" },
    [SETTING_EXTENSIONS] = { "auto", "yes", "no" },
};

void ck_dialect_init(struct ck_dialect *dialect)
{
    *dialect = (struct ck_dialect){ .byte_order = CK_BIG_ENDIAN, .versions = { 1 }, .version_count = 1 };
}

static enum setting find_setting(struct text name)
{
    for (enum setting setting = 0; setting < SETTINGS_END; setting++)
        if (text_equal_c(name, ck_dialect_settings[setting].name))
            return setting;
    return SETTINGS_END;
}

static struct text trimmed(struct text text)
{
    while (text.length > 0 && (text.bytes[0] == ' ' || text.bytes[0] == '\t')) {
        text.bytes++;
        text.length--;
    }
    while (text.length > 0 && (text.bytes[text.length - 1] == ' ' || text.bytes[text.length - 1] == '\t'))
        text.length--;
    return text;
}

/* Takes the first item off a list separated by commas. False: the list is at its end. */
static bool take_item(struct text *list, bool *first, struct text *out_item)
{
    if (list->bytes == NULL || (*first && trimmed(*list).length == 0))
        return false;
    *first = false;
    const char *comma = memchr(list->bytes, ',', list->length);
    size_t length = comma != NULL ? (size_t)(comma - list->bytes) : list->length;
    *out_item = trimmed((struct text){ list->bytes, length });
    *list = comma != NULL ? (struct text){ comma + 1, list->length - length - 1 } : TEXT_ABSENT;
    return true;
}

static enum ck_dialect_status set_versions(struct ck_dialect *dialect, struct text value)
{
    uint16_t versions[LIMIT_VERSIONS] = { 0 };
    uint8_t count = 0;
    bool first = true;
    struct text item;
    while (take_item(&value, &first, &item)) {
        uint64_t version;
        if (count == LIMIT_VERSIONS || !text_to_u64(item, UINT16_MAX, &version))
            return CK_DIALECT_BAD_VALUE;
        for (uint8_t i = 0; i < count; i++)
            if (versions[i] == version)
                return CK_DIALECT_BAD_VALUE;
        versions[count++] = (uint16_t)version;
    }
    if (count == 0)
        return CK_DIALECT_BAD_VALUE;
    memcpy(dialect->versions, versions, sizeof versions);
    dialect->version_count = count;
    return CK_DIALECT_OK;
}

/* An empty value takes all added words away. */
static enum ck_dialect_status set_success_words(struct ck_dialect *dialect, struct arena *arena,
                                                struct text value)
{
    struct text words[LIMIT_SUCCESS_WORDS] = { 0 };
    uint8_t count = 0;
    bool first = true;
    struct text item;
    while (take_item(&value, &first, &item)) {
        if (count == LIMIT_SUCCESS_WORDS || !text_is_identifier(item))
            return CK_DIALECT_BAD_VALUE;
        words[count++] = item;
    }
    for (uint8_t i = 0; i < count; i++) {
        words[i] = arena_copy(arena, words[i]);
        if (!text_is_present(words[i]))
            return CK_DIALECT_NO_MEMORY;
    }
    memcpy(dialect->success_words, words, sizeof words);
    dialect->success_word_count = count;
    return CK_DIALECT_OK;
}

static void set_choice(struct ck_dialect *dialect, enum setting setting, unsigned choice)
{
    switch (setting) {
    case SETTING_BYTE_ORDER:
        dialect->byte_order = choice == 0 ? CK_BIG_ENDIAN : CK_BYTE_ORDER_AUTO;
        break;
    case SETTING_MESSAGE_ID:
        dialect->message_id = (enum ck_message_id_rule)choice;
        break;
    case SETTING_TRANSIT:
        dialect->transit = (enum ck_transit)choice;
        break;
    case SETTING_TRANSIT_TYPE:
        dialect->transit_type = (enum ck_transit_type)choice;
        break;
    case SETTING_REFUSAL:
        dialect->refusal = (enum ck_refusal)choice;
        break;
    case SETTING_KEY_STYLE:
        dialect->key_style = (enum ck_key_style)choice;
        break;
    case SETTING_EXTENSIONS:
        dialect->extensions = (enum ck_extensions)choice;
        break;
    case SETTING_VERSION:
    case SETTING_SUCCESS_WORDS:
    case SETTINGS_END:
        break;
    }
}

enum ck_dialect_status ck_dialect_set(struct ck_dialect *dialect, struct arena *arena, struct text name,
                                      struct text value)
{
    enum setting setting = find_setting(name);
    if (setting == SETTINGS_END)
        return CK_DIALECT_UNKNOWN_SETTING;
    if (setting == SETTING_VERSION)
        return set_versions(dialect, value);
    if (setting == SETTING_SUCCESS_WORDS)
        return set_success_words(dialect, arena, value);
    struct text word = trimmed(value);
    for (unsigned choice = 0; choices[setting][choice] != NULL; choice++) {
        if (!text_equal_c(word, choices[setting][choice]))
            continue;
        set_choice(dialect, setting, choice);
        return CK_DIALECT_OK;
    }
    return CK_DIALECT_BAD_VALUE;
}

static void put_versions(const struct ck_dialect *dialect, struct bytes_writer *writer)
{
    for (uint8_t i = 0; i < dialect->version_count; i++) {
        bytes_put_c(writer, i > 0 ? ", " : "");
        bytes_put_u64(writer, dialect->versions[i]);
    }
}

static void put_success_words(const struct ck_dialect *dialect, struct bytes_writer *writer)
{
    for (uint8_t i = 0; i < dialect->success_word_count; i++) {
        bytes_put_c(writer, i > 0 ? ", " : "");
        bytes_put_text(writer, dialect->success_words[i]);
    }
}

bool ck_dialect_get(const struct ck_dialect *dialect, struct text name, struct bytes_writer *out_value)
{
    enum setting setting = find_setting(name);
    unsigned choice = 0;
    switch (setting) {
    case SETTING_BYTE_ORDER:
        choice = dialect->byte_order == CK_BIG_ENDIAN ? 0 : 1;
        break;
    case SETTING_MESSAGE_ID:
        choice = dialect->message_id;
        break;
    case SETTING_TRANSIT:
        choice = dialect->transit;
        break;
    case SETTING_TRANSIT_TYPE:
        choice = dialect->transit_type;
        break;
    case SETTING_REFUSAL:
        choice = dialect->refusal;
        break;
    case SETTING_KEY_STYLE:
        choice = dialect->key_style;
        break;
    case SETTING_EXTENSIONS:
        choice = dialect->extensions;
        break;
    case SETTING_VERSION:
        put_versions(dialect, out_value);
        return true;
    case SETTING_SUCCESS_WORDS:
        put_success_words(dialect, out_value);
        return true;
    case SETTINGS_END:
        return false;
    }
    bytes_put_c(out_value, choices[setting][choice]);
    return true;
}

bool ck_dialect_accepts_version(const struct ck_dialect *dialect, uint16_t version)
{
    for (uint8_t i = 0; i < dialect->version_count; i++)
        if (dialect->versions[i] == version)
            return true;
    return false;
}

bool ck_dialect_is_success(const struct ck_dialect *dialect, struct text response)
{
    /* Reading 7; the boolean true was decoded as the word. */
    static const char *const words[] = { "success", "succeeded", "ok", "completed", "done", "true" };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (text_equal_ignoring_case(response, text_from_c(words[i])))
            return true;
    for (uint8_t i = 0; i < dialect->success_word_count; i++)
        if (text_equal_ignoring_case(response, dialect->success_words[i]))
            return true;
    return false;
}
