/* SPDX-License-Identifier: Apache-2.0 */
/* Text that comes from elsewhere, made fit for a terminal: what would steer it is escaped, and widths are
 * known. */
#ifndef CKCTL_DISPLAY_H
#define CKCTL_DISPLAY_H

#include <stddef.h>

#include "ckctl/buffer.h"

/* Appends well-formed UTF-8 without controls: \n, \t, \xNN for other bytes, \u{N} for controls above ASCII
   and for what reorders or hides text; a backslash is doubled. */
void display_escape(struct buffer *out, const char *bytes, size_t length);
/* Columns of a terminal that well-formed UTF-8 takes. */
size_t display_width(const char *utf8);
/* How many bytes of it fit into so many columns; never cuts a character. */
size_t display_fit(const char *utf8, size_t columns);

#endif
