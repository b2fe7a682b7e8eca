/* SPDX-License-Identifier: Apache-2.0 */
/* What the output may use: width, colours, and how times are told. */
#ifndef CKCTL_TERMINAL_H
#define CKCTL_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum style { STYLE_PLAIN, STYLE_HEADING, STYLE_GOOD, STYLE_WAITING, STYLE_BAD };

struct terminal {
    bool is_terminal;
    size_t columns; /* 0: no limit */
    bool colour;
    bool relative_times;
    int64_t now_ms; /* what relative times are relative to */
};

/* Looks at standard output and at NO_COLOR. */
void terminal_init(struct terminal *terminal);
void terminal_set_now(struct terminal *terminal);
/* Escape sequences that begin and end a style; "" without colours. */
const char *terminal_begin(const struct terminal *terminal, enum style style);
const char *terminal_end(const struct terminal *terminal, enum style style);
/* The style of a state's name; colour comes in addition to the word, never instead. */
enum style terminal_state_style(const char *state);

#endif
