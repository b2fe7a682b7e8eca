/* SPDX-License-Identifier: Apache-2.0 */
/* JSON bodies, strictly: every refusal names the member by JSON pointer and says what to change. */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "http/request.h"

enum { BODY_DEPTH_MAX = 16, BODY_POINTER_BYTES = 640 };

/* An object of the body. Texts that are read from it are copied into `arena`. */
struct body {
    struct request *request;
    struct arena *arena;
    const json_t *json;
    char pointer[BODY_POINTER_BYTES]; /* "" for the root */
};

enum presence { OPTIONAL, MANDATORY };

/* All return false after having answered the request with a problem; an optional member that is not there, or
   is null, leaves the output as it is. */
bool body_parse(struct request *request, struct arena *arena, struct body *out_body);
/* Refuses by name any member that is not among `names` (NULL at the end). */
bool body_has_only(const struct body *body, const char *const *names);
bool body_has(const struct body *body, const char *name);
bool body_identifier(const struct body *body, const char *name, enum presence presence,
                     struct text *out_identifier);
/* Any string of at most LIMIT_STRING_BYTES, not empty. */
bool body_words(const struct body *body, const char *name, enum presence presence, struct text *out_words);
/* 1 to count_max identifiers. */
bool body_identifiers(const struct body *body, const char *name, enum presence presence, size_t count_max,
                      struct text **out_identifiers, size_t *out_count);
bool body_integer(const struct body *body, const char *name, enum presence presence, int64_t minimum,
                  int64_t maximum, int64_t *out_integer);
bool body_boolean(const struct body *body, const char *name, bool *out_boolean);
bool body_time(const struct body *body, const char *name, uint64_t *out_unix_ms);
/* The name of a value of an enumeration; `values` is for people: "up | down". */
bool body_choice(const struct body *body, const char *name, const char *const *choices, const char *values,
                 int *out_index);
/* Likewise an array of at least one of these names, each but once; as many indexes as there are choices. */
bool body_choices(const struct body *body, const char *name, const char *const *choices, const char *values,
                  int *out_indexes, size_t *out_count);
/* The member's object, or its array's element at `index`. */
bool body_object(const struct body *body, const char *name, struct body *out_object);
bool body_array(const struct body *body, const char *name, size_t count_max, const json_t **out_array);
bool body_element(const struct body *body, const char *name, const json_t *array, size_t index,
                  struct body *out_element);
/* A member that may be given, but only with this value: what the path says already. */
bool body_agrees(const struct body *body, const char *name, struct text value);
__attribute__((format(printf, 4, 5))) bool body_refuse(const struct body *body, enum problem_kind kind,
                                                       const char *name, const char *format, ...);
/* A string value copied into the body's arena, absent when memory is exhausted. */
struct text body_copy(const struct body *body, const json_t *string);

#endif
