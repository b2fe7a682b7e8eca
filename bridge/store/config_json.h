/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration objects as JSON text: the body of their rows. A cold path, so jansson does the work. */
#ifndef STORE_CONFIG_JSON_H
#define STORE_CONFIG_JSON_H

#include <stdbool.h>

#include "base/arena.h"
#include "core/record.h"

/* The object's own identifier is not in the text: it is the row's key. Of RECORD_KM, _APPLICATION,
   _DESTINATION, _ROUTE and _LINK only. To be freed; NULL: out of memory, or a text that is not UTF-8. */
char *config_json_write(const struct record *record);

enum config_json_status { CONFIG_JSON_OK, CONFIG_JSON_DAMAGED, CONFIG_JSON_NO_MEMORY };
/* Fills in the object of record->kind, all of it copied into `arena`. */
enum config_json_status config_json_read(struct text id, struct text json, struct arena *arena,
                                         struct record *record);

#endif
