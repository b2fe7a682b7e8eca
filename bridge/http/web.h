/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is answered outside the API: the dashboard's pages and files. They hold no data and need no
 * credential; all that they show comes from the API. They are not in the API's route table, nor in its
 * OpenAPI document.
 */
#ifndef HTTP_WEB_H
#define HTTP_WEB_H

#include "http/request.h"
#include "http/web_files.h"

struct web {
    bool wanted;             /* the configuration says so */
    struct web_files *files; /* NULL: not wanted, or they could not be read */
};

/* The paths that index.html is the answer to, "/kms/{km_id}"; NULL at the end. */
extern const char *const web_pages[];

/* Answers every path that the API does not have: with a file, or with a problem. */
void web_answer(struct request *request);

/* One header of every file. */
struct web_header {
    const char *name, *value;
};
extern const struct web_header web_headers[]; /* a NULL name ends it */

#endif
