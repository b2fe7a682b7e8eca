/* SPDX-License-Identifier: Apache-2.0 */
#include "ckctl/finding.h"

#include <stdarg.h>
#include <stdlib.h>

#include "ckctl/display.h"

static void put_json(struct buffer *out, bool is_wrong, const char *about, const char *words)
{
    json_t *finding =
        json_pack("{s:s, s:s, s:s}", "severity", is_wrong ? "wrong" : "note", "about", about, "words", words);
    char *line = json_dumps(finding, JSON_COMPACT);
    if (line != NULL)
        buffer_format(out, "%s\n", line);
    free(line);
    json_decref(finding);
}

void finding_add(struct findings *findings, bool is_wrong, const char *about, const char *format, ...)
{
    struct context *context = findings->context;
    struct buffer words = { .bytes = NULL };
    enum style style = is_wrong ? STYLE_BAD : STYLE_WAITING;
    va_list arguments;
    va_start(arguments, format);
    buffer_format_list(&words, format, arguments);
    va_end(arguments);
    ++*(is_wrong ? &findings->wrong : &findings->notes);
    if (context_wants_json(context)) {
        put_json(&context->out, is_wrong, about, buffer_c(&words));
    } else {
        buffer_format(&context->out, "%s%s%s", terminal_begin(&context->terminal, style),
                      is_wrong ? "WRONG" : "NOTE ", terminal_end(&context->terminal, style));
        context_say(context, "  %s: %s.", about, buffer_c(&words));
    }
    buffer_fini(&words);
}

void findings_sum_up(struct findings *findings)
{
    if (context_wants_json(findings->context))
        return;
    if (findings->wrong + findings->notes == 0)
        context_say(findings->context, "Nothing is wrong.");
    else
        context_say(findings->context, "%u wrong, %u to note.", findings->wrong, findings->notes);
}
