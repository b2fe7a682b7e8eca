/* SPDX-License-Identifier: Apache-2.0 */
/* Live facts about the daemon, written by the core thread and read by the HTTP thread for /status and
 * /readyz. */
#ifndef MAIN_STATUS_BOARD_H
#define MAIN_STATUS_BOARD_H

#include <pthread.h>

#include "http/http.h"

struct status_board {
    pthread_mutex_t mutex;
    struct http_status status; /* without what the writer and the ring know themselves */
    char instance[256];        /* what status.instance points at */
};

void status_board_init(struct status_board *board, const char *version, struct text instance,
                       uint64_t started_ms);
void status_board_fini(struct status_board *board);
void status_board_set_ready(struct status_board *board, bool ready);
void status_board_set_stopping(struct status_board *board); /* and not ready */
void status_board_set_store(struct status_board *board, bool available, const char *detail);
void status_board_clear_listeners(struct status_board *board);
void status_board_add_listener(struct status_board *board, const char *kind, const char *name,
                               const char *address, bool secure, uint64_t certificate_expires_ms);
struct status_load {
    uint32_t turns_in_flight, sessions, sessions_max, handshakes;
    struct http_network_status network;
    bool turn_worked; /* the turn before this one, and how long it took */
    uint64_t turn_us;
};
void status_board_set_load(struct status_board *board, const struct status_load *load);
/* A copy; its instance is valid as long as the board. */
void status_board_read(struct status_board *board, struct http_status *out_status);

#endif
