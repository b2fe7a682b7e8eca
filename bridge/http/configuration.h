/* SPDX-License-Identifier: Apache-2.0 */
/* What KMs, applications, destinations, routes and links have in common: conditions, ETags, and answers to
 * changes. */
#ifndef HTTP_CONFIGURATION_H
#define HTTP_CONFIGURATION_H

#include "core/directory.h"
#include "http/body.h"
#include "http/commands.h"

/* What a handler knows of the object that the path names. */
struct configured {
    const void *item;                /* NULL: there is none */
    const struct revision *revision; /* of it */
    render_function render;          /* an open object's members: no brackets */
    bool live;                       /* it shows more than its revision covers: never 304 */
};

/* GET of one object: 404, 304 or 200 with its ETag. */
enum handled configuration_answer_object(struct request *request, const struct configured *object);
/* A PUT's or DELETE's command, its if_match and dry_run set from the request; NULL: answered with a problem.
 */
struct command_request *configuration_command(struct request *request, enum command_kind kind,
                                              const struct configured *object);
/* Submits the deletion of the path's object. */
enum handled configuration_delete(struct request *request, enum command_kind kind,
                                  const struct configured *object);
/* After a dry run, a deletion or a replacement: what would change, or did. */
enum handled configuration_answer_change(struct request *request, const struct reply *reply);
/* After a PUT: the object as it is now, 201 when it was created, with the reply's warnings. */
enum handled configuration_answer_written(struct request *request, const struct reply *reply,
                                          const struct configured *object);
/* PUT on a collection: `read` fills the command, its origin in `id`, from the body, or answers with a
   problem; `version` tells what the collection of an origin is. */
struct replacing {
    bool (*read)(struct request *request, struct command_request *command);
    struct collection_version (*version)(const struct snapshot *snapshot, struct text origin);
};
enum handled configuration_replace(struct request *request, enum command_kind kind,
                                   const struct replacing *replacing);
void configuration_set_collection_etag(struct request *request, struct collection_version version);
/* One more object of a collection. */
void configuration_count(struct collection_version *version, const struct revision *revision);
/* The body's or the query's `origin` (mandatory), and no members but it and `items`. */
bool configuration_read_origin(const struct body *body, const char *items, struct text *out_origin);
/* Whether a PUT was a dry run. */
bool configuration_is_dry_run(const struct request *request);

/* "revision", "changed_at" */
void configuration_put_revision(struct bytes_writer *writer, const struct revision *revision);
const char *configuration_origin_name(enum origin origin);

#endif
