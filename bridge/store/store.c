/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/driver.h"

struct store {
    const struct store_driver *driver;
    void *state;
};

struct store_reader {
    const struct store_driver *driver;
    void *reader;
};

static const struct store_driver *const drivers[] = { &sqlite_driver };

const char *store_status_name(enum store_status status)
{
    switch (status) {
    case STORE_OK:
        return "ok";
    case STORE_FULL:
        return "full";
    case STORE_IO:
        return "io_error";
    case STORE_CORRUPT:
        return "corrupt";
    case STORE_NEWER:
        return "newer";
    case STORE_BAD_URL:
        return "bad_url";
    case STORE_NO_MEMORY:
        return "no_memory";
    }
    return "unknown";
}

/* NULL: no driver has that scheme, or nothing follows it. */
static const struct store_driver *find_driver(const char *url, const char **out_location)
{
    for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++) {
        size_t length = strlen(drivers[i]->scheme);
        if (strncmp(url, drivers[i]->scheme, length) != 0 || url[length] != ':' || url[length + 1] == '\0')
            continue;
        *out_location = url + length + 1;
        return drivers[i];
    }
    return NULL;
}

enum store_status store_open(const char *url, struct store **out_store, char *out_detail, size_t detail_bytes)
{
    const char *location = NULL;
    const struct store_driver *driver = find_driver(url, &location);
    if (driver == NULL) {
        snprintf(out_detail, detail_bytes, "\"%.100s\" is no store that this build knows: use sqlite:/path",
                 url);
        return STORE_BAD_URL;
    }
    struct store *store = malloc(sizeof *store);
    if (store == NULL) {
        snprintf(out_detail, detail_bytes, "out of memory");
        return STORE_NO_MEMORY;
    }
    store->driver = driver;
    enum store_status status = driver->open(location, &store->state, out_detail, detail_bytes);
    if (status != STORE_OK) {
        free(store);
        return status;
    }
    *out_store = store;
    return STORE_OK;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    store->driver->close(store->state);
    free(store);
}

enum store_status store_restore(struct store *store, struct high_water *out_high_water,
                                store_restore_visitor visitor, void *context)
{
    return store->driver->restore(store->state, out_high_water, visitor, context);
}

enum store_status store_commit(struct store *store, const struct effects *const *turns, size_t turn_count)
{
    return store->driver->commit(store->state, turns, turn_count);
}

bool store_maintain(struct store *store, const struct store_retention *retention, uint64_t wall_ms)
{
    return store->driver->maintain(store->state, retention, wall_ms);
}

const char *store_error(const struct store *store)
{
    return store->driver->error(store->state);
}

enum store_status store_reader_open(const char *url, struct store_reader **out_reader)
{
    const char *location = NULL;
    const struct store_driver *driver = find_driver(url, &location);
    if (driver == NULL)
        return STORE_BAD_URL;
    struct store_reader *reader = malloc(sizeof *reader);
    if (reader == NULL)
        return STORE_NO_MEMORY;
    reader->driver = driver;
    enum store_status status = driver->reader_open(location, &reader->reader);
    if (status != STORE_OK) {
        free(reader);
        return status;
    }
    *out_reader = reader;
    return STORE_OK;
}

void store_reader_close(struct store_reader *reader)
{
    if (reader == NULL)
        return;
    reader->driver->reader_close(reader->reader);
    free(reader);
}

struct history store_reader_history(struct store_reader *reader)
{
    return reader->driver->reader_history(reader->reader);
}

uint64_t store_reader_bytes(struct store_reader *reader)
{
    return reader->driver->reader_bytes(reader->reader);
}
