/* SPDX-License-Identifier: Apache-2.0 */
/* How one KM reads what the Recommendation leaves open: the wire profile's per-KM settings. */
#ifndef CK_DIALECT_H
#define CK_DIALECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/limits.h"
#include "base/text.h"
#include "ck/frame.h"

enum ck_key_style { CK_KEYS_AUTO, CK_KEYS_SNAKE, CK_KEYS_CAMEL, CK_KEYS_TITLE };
enum ck_message_id_rule { CK_MESSAGE_ID_ECHO, CK_MESSAGE_ID_FRESH };
enum ck_transit { CK_TRANSIT_INTERMEDIATE, CK_TRANSIT_TO_DESTINATION, CK_TRANSIT_FULL };
enum ck_transit_type { CK_TRANSIT_ARRAY, CK_TRANSIT_STRING };
enum ck_refusal { CK_REFUSAL_NONE, CK_REFUSAL_EXTENSION, CK_REFUSAL_CLOSE };
enum ck_extensions { CK_EXTENSIONS_AUTO, CK_EXTENSIONS_YES, CK_EXTENSIONS_NO };

struct ck_dialect {
    enum ck_byte_order byte_order; /* BIG or AUTO */
    uint16_t versions[LIMIT_VERSIONS];
    uint8_t version_count; /* at least 1 */
    enum ck_message_id_rule message_id;
    enum ck_transit transit;
    enum ck_transit_type transit_type;
    enum ck_refusal refusal;
    enum ck_key_style key_style;
    enum ck_extensions extensions;
    struct text success_words[LIMIT_SUCCESS_WORDS]; /* beside the profile's own (reading 7) */
    uint8_t success_word_count;
};

/* The profile's defaults. */
void ck_dialect_init(struct ck_dialect *dialect);

/* Of any setting's text form: all success words with their separators. */
enum { CK_DIALECT_VALUE_BYTES_MAX = LIMIT_SUCCESS_WORDS * (LIMIT_IDENTIFIER_BYTES + 2) };

/* One row of the settings' schema: configuration, API and documentation are made from it. */
struct ck_dialect_setting {
    const char *name;   /* as in the configuration: "byte_order" */
    const char *values; /* for people: "big | auto" */
    const char *help;   /* one sentence */
    bool is_list;       /* of values separated by commas */
};
/* NULL-named row at the end. */
extern const struct ck_dialect_setting ck_dialect_settings[];

enum ck_dialect_status {
    CK_DIALECT_OK,
    CK_DIALECT_UNKNOWN_SETTING,
    CK_DIALECT_BAD_VALUE,
    CK_DIALECT_NO_MEMORY, /* the arena is exhausted */
};
/*
 * Sets one setting from its text form ("echo"; "1, 2"; words separated by commas).
 * Words are copied into `arena`, which must outlive the dialect. On failure nothing changes.
 */
enum ck_dialect_status ck_dialect_set(struct ck_dialect *dialect, struct arena *arena, struct text name,
                                      struct text value);
/* The text form of one setting, readable by ck_dialect_set; CK_DIALECT_VALUE_BYTES_MAX always suffice. False:
 * no such setting. */
bool ck_dialect_get(const struct ck_dialect *dialect, struct text name, struct bytes_writer *out_value);
bool ck_dialect_accepts_version(const struct ck_dialect *dialect, uint16_t version);
/* Is this Response a success (reading 7)? */
bool ck_dialect_is_success(const struct ck_dialect *dialect, struct text response);

#endif
