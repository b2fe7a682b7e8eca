/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that change configuration: put, delete, replace. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ckctl/command.h"
#include "ckctl/diff.h"
#include "ckctl/display.h"
#include "ckctl/send.h"
#include "ckctl/show.h"
#include "ckctl/value.h"

enum { FILE_BYTES_MAX = 256 << 20 };

/* "-" is standard input. */
static bool read_file(const char *path, struct buffer *out_text)
{
    char some[16384];
    size_t length;
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "r");
    if (file == NULL) {
        fprintf(stderr, "ckctl: %s: %s\n", path, strerror(errno));
        return false;
    }
    while (out_text->length < FILE_BYTES_MAX && (length = fread(some, 1, sizeof some, file)) > 0)
        buffer_put(out_text, some, length);
    bool failed = ferror(file) != 0 || out_text->length >= FILE_BYTES_MAX;
    if (failed)
        fprintf(stderr, "ckctl: %s: %s\n", path, ferror(file) ? strerror(errno) : "too large");
    if (!is_stdin)
        fclose(file);
    buffer_put(out_text, "", 0);
    return !failed;
}

/* An object that was put comes back with its revision; all else comes as counts of changes. */
static enum outcome tell_change(struct context *context, long status, const json_t *answer)
{
    struct buffer *out = &context->out;
    const char *revision = value_string(answer, "revision");
    if (revision != NULL) {
        buffer_put_c(out, status == 201 ? "created " : "changed ");
        display_escape(out, context->words[0], strlen(context->words[0]));
        buffer_format(out, ", revision %s\n", revision);
        if (value_string(answer, "secret") != NULL)
            context_say(context, "its secret, told this once: %s", value_string(answer, "secret"));
    } else {
        static const char *const counts[] = { "created", "updated", "deleted", "unchanged" };
        diff_tell(context, answer);
        buffer_put_c(out, value_is_true(answer, "dry_run") ? "would be: " : "done: ");
        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
            buffer_format(out, "%s%lld %s", i > 0 ? ", " : "", value_number(answer, counts[i]), counts[i]);
        buffer_put_c(out, "\n");
    }
    send_tell_warnings(answer);
    return OUTCOME_OK;
}

/* An ETag has quotes; people may leave them out. NULL: none is given. */
static const char *quoted(const struct context *context, struct buffer *etag)
{
    const char *revision = context->options->values[OPTION_IF_MATCH];
    if (revision == NULL)
        return NULL;
    bool bare = strcmp(revision, "*") != 0 && strchr(revision, '"') == NULL;
    buffer_format(etag, bare ? "\"%s\"" : "%s", revision);
    return etag->bytes;
}

/* With the conditions that the options make. */
static enum outcome write_target(struct context *context, const char *method, const char *target,
                                 const char *body)
{
    struct buffer etag = { .bytes = NULL };
    const char *revision = context->options->values[OPTION_IF_MATCH];
    if (revision != NULL && !api_is_header_value(revision)) {
        fputs("ckctl: --if-match is a revision's number, an ETag, or *\n", stderr);
        return OUTCOME_USAGE;
    }
    const struct api_request request = { .method = method,
                                         .target = target,
                                         .body = body,
                                         .if_match = quoted(context, &etag),
                                         .if_none_match =
                                             context->options->given[OPTION_CREATE] ? "*" : NULL };
    enum outcome outcome = send_request(context, &request, tell_change);
    buffer_fini(&etag);
    return outcome;
}

static enum outcome write_object(struct context *context, const char *method, const char *body)
{
    struct buffer target = { .bytes = NULL };
    show_put_target(&target, context);
    if (context->options->given[OPTION_DRY_RUN])
        buffer_put_c(&target, "?dry_run=true");
    enum outcome outcome = write_target(context, method, target.bytes, body);
    buffer_fini(&target);
    return outcome;
}

enum outcome put_run(struct context *context)
{
    struct buffer body = { .bytes = NULL };
    enum outcome outcome = OUTCOME_USAGE;
    if (read_file(context->words[1], &body))
        outcome = write_object(context, "PUT", body.bytes);
    buffer_fini(&body);
    return outcome;
}

enum outcome delete_run(struct context *context)
{
    return write_object(context, "DELETE", NULL);
}

enum outcome replace_run(struct context *context)
{
    struct buffer target = { .bytes = NULL }, body = { .bytes = NULL };
    const char *origin = context->options->values[OPTION_ORIGIN];
    enum outcome outcome = OUTCOME_USAGE;
    buffer_format(&target, "%s?dry_run=%s", context->command->resource->path,
                  context->options->given[OPTION_DRY_RUN] ? "true" : "false");
    if (origin != NULL) {
        buffer_put_c(&target, "&origin=");
        api_put_encoded(&target, origin);
    }
    if (read_file(context->words[0], &body))
        outcome = write_target(context, "PUT", target.bytes, body.bytes);
    buffer_fini(&target);
    buffer_fini(&body);
    return outcome;
}
