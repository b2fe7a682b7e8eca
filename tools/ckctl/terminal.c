/* SPDX-License-Identifier: Apache-2.0 */
#include "ckctl/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

void terminal_set_now(struct terminal *terminal)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    terminal->now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void terminal_init(struct terminal *terminal)
{
    struct winsize size;
    const char *no_colour = getenv("NO_COLOR"), *kind = getenv("TERM");
    *terminal = (struct terminal){ .is_terminal = isatty(STDOUT_FILENO) == 1 };
    terminal_set_now(terminal);
    if (!terminal->is_terminal)
        return;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        terminal->columns = size.ws_col;
    terminal->colour =
        (no_colour == NULL || *no_colour == '\0') && (kind == NULL || strcmp(kind, "dumb") != 0);
    terminal->relative_times = true;
}

const char *terminal_begin(const struct terminal *terminal, enum style style)
{
    if (!terminal->colour)
        return "";
    switch (style) {
    case STYLE_PLAIN:
        return "";
    case STYLE_HEADING:
        return "\033[1m";
    case STYLE_GOOD:
        return "\033[32m";
    case STYLE_WAITING:
        return "\033[33m";
    case STYLE_BAD:
        return "\033[31m";
    }
    return "";
}

const char *terminal_end(const struct terminal *terminal, enum style style)
{
    return terminal->colour && style != STYLE_PLAIN ? "\033[0m" : "";
}

enum style terminal_state_style(const char *state)
{
    static const struct {
        const char *state;
        enum style style;
    } known[] = {
        { "connected", STYLE_GOOD },     { "up", STYLE_GOOD },
        { "succeeded", STYLE_GOOD },     { "answered", STYLE_GOOD },
        { "received", STYLE_WAITING },   { "awaiting_decision", STYLE_WAITING },
        { "instructed", STYLE_WAITING }, { "disconnected", STYLE_BAD },
        { "down", STYLE_BAD },           { "failed", STYLE_BAD },
        { "rejected", STYLE_BAD },       { "expired", STYLE_BAD },
        { "orphaned", STYLE_BAD },       { "valid", STYLE_GOOD },
        { "expiring", STYLE_WAITING },   { "not_yet_valid", STYLE_WAITING },
        { "retrying", STYLE_WAITING },   { "gone", STYLE_BAD },
        { "revoked", STYLE_BAD },        { "foreign", STYLE_BAD },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].state, state) == 0)
            return known[i].style;
    return STYLE_PLAIN;
}
