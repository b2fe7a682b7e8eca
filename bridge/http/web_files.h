/* SPDX-License-Identifier: Apache-2.0 */
/* The dashboard's files: read from one folder when the bridge starts, and in memory from then on. */
#ifndef HTTP_WEB_FILES_H
#define HTTP_WEB_FILES_H

#include "base/text.h"

enum {
    WEB_FILES_MAX = 512, /* one more: the folder is not the dashboard's, and none is served */
    WEB_FILE_BYTES_MAX = 2 * 1024 * 1024, /* likewise of one file */
    WEB_FOLDERS_DEEP_MAX = 4,
    WEB_PATH_BYTES_MAX = 256,
    WEB_ETAG_BYTES = 33, /* the first half of the content's SHA-256, in hexadecimal */
};

struct web_file {
    const char *path; /* "/views/kms.js": as a request's target names it */
    const char *content_type;
    const char *bytes;
    size_t length;
    char etag[WEB_ETAG_BYTES]; /* without quotes */
};

struct web_files;

/*
 * All files below the folder whose names end in what a browser is served (.html, .js, .css ...) and consist
 * of small letters, digits, '_', '-' and '.'; others, and what begins with a dot, are passed over. NULL: the
 * folder or a file cannot be read, there is no index.html, or a maximum is reached; *out_detail says which.
 */
struct web_files *web_files_new(const char *folder, char *out_detail, size_t detail_bytes);
void web_files_free(struct web_files *files);

/* The file whose path is this, byte for byte; NULL: there is none. Nothing is decoded, and no path is opened.
 */
const struct web_file *web_files_find(const struct web_files *files, struct text path);

#endif
