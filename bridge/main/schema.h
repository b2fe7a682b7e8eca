/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration's one table: every section and setting with type, range, default and help. */
#ifndef MAIN_SCHEMA_H
#define MAIN_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum setting_type {
    SETTING_TEXT,              /* const char * */
    SETTING_PATH,              /* const char *; relative to the directory of the file that says it */
    SETTING_ADDRESS,           /* const char *; numeric address and port */
    SETTING_STORE_URL,         /* const char * */
    SETTING_INTEGER,           /* int64_t */
    SETTING_BOOLEAN,           /* bool */
    SETTING_CHOICE,            /* int: the position among `values` */
    SETTING_IDENTIFIER,        /* struct text */
    SETTING_IDENTIFIERS,       /* struct text_list, separated by commas */
    SETTING_IDENTITIES,        /* struct text_list of "dns:..." and the like */
    SETTING_CERTIFICATE_NAMES, /* likewise, of those alone that certificates hold */
    SETTING_SHA256,            /* unsigned char[32] */
    SETTING_TIME,              /* uint64_t, Unix milliseconds */
    SETTING_DECIDERS,          /* enum decider[3] */
    SETTING_DIALECT,           /* struct ck_dialect; the row stands for all of ck_dialect_settings */
};

struct setting {
    const char *name;
    enum setting_type type;
    const char *values;       /* for people; of a CHOICE also for the parser: "tls | psk | plain" */
    const char *fallback;     /* the default as it would be written; NULL: none */
    const char *help;         /* one sentence */
    int64_t minimum, maximum; /* of INTEGER; of lists: their length */
    bool required;
    bool reloadable; /* SIGHUP applies it; else it takes a restart */
    size_t offset;   /* in the section's structure */
};

struct section_schema {
    const char *type;
    const char *help;
    const struct setting *settings; /* ends with a NULL name */
    bool named;
    bool restarts; /* of the named: one more, one less, or a setting that differs takes a restart */
    size_t limit;  /* sections of this type */
    size_t bytes;  /* of one section's structure */
    size_t array_offset, count_offset; /* in struct configuration: where the named ones go; the others: the
                                          structure itself at array_offset */
};

/* Ends with a NULL type. */
extern const struct section_schema schema_sections[];

/* A commented configuration file that sets everything to its default. */
void schema_print(FILE *stream);

#endif
