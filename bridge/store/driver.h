/* SPDX-License-Identifier: Apache-2.0 */
/* What a database behind store.h must offer; store.c picks one by the URL's scheme. */
#ifndef STORE_DRIVER_H
#define STORE_DRIVER_H

#include "store/store.h"

/* Of every text about an error. */
enum { STORE_DETAIL_BYTES = 256 };

/* `location` is the URL without its scheme and colon. State is the driver's own, from open to close. */
struct store_driver {
    const char *scheme; /* "sqlite" */
    enum store_status (*open)(const char *location, void **out_state, char *out_detail, size_t detail_bytes);
    void (*close)(void *state);
    enum store_status (*restore)(void *state, struct high_water *out_high_water,
                                 store_restore_visitor visitor, void *context);
    /* Must be all or nothing, and safe to repeat with the same turns (and more behind them) after a failure
       whose outcome the driver could not learn. */
    enum store_status (*commit)(void *state, const struct effects *const *turns, size_t turn_count);
    bool (*maintain)(void *state, const struct store_retention *retention, uint64_t wall_ms);
    const char *(*error)(const void *state);
    enum store_status (*reader_open)(const char *location, void **out_reader);
    void (*reader_close)(void *reader);
    struct history (*reader_history)(void *reader);
    uint64_t (*reader_bytes)(void *reader);
};

extern const struct store_driver sqlite_driver;

#endif
