/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters of Ck clause 8 and how their keys are spelled: recognised in any manner, written in three.
 */
#ifndef CK_SPELLING_H
#define CK_SPELLING_H

#include <stdbool.h>

#include "base/text.h"
#include "ck/dialect.h"
#include "ck/frame.h"

/* In the order in which any of the tables 1 to 5 names them. */
enum ck_key {
    CK_KEY_SOURCE,
    CK_KEY_DESTINATION,
    CK_KEY_APPLICATION,
    CK_KEY_NEXT_KMAS,
    CK_KEY_TRANSIT_KMAS,
    CK_KEY_RESPONSE,
    CK_KEY_RELAY_ID,
    CK_KEY_EXTENSION,
    CK_KEYS_END,
    CK_KEY_UNKNOWN = CK_KEYS_END,
};

/* By the wire profile's rule: case and all but ASCII letters and digits are disregarded. A name with a byte
 * beyond ASCII is unknown. */
enum ck_key ck_key_find(struct text name);
/* Does the command's own table have this parameter? */
bool ck_key_belongs(enum ck_key key, enum ck_command command);
/* The style that a known name shows; AUTO when it tells nothing: one word, or no separator and one case. */
enum ck_key_style ck_key_style_of(enum ck_key key, struct text name);
/* The key as it is written, quotes and colon included. `style` is not AUTO. */
struct text ck_key_written(enum ck_key key, enum ck_key_style style);

#endif
