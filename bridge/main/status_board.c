/* SPDX-License-Identifier: Apache-2.0 */
#include "main/status_board.h"

#include <stdio.h>
#include <string.h>

void status_board_init(struct status_board *board, const char *version, struct text instance,
                       uint64_t started_ms)
{
    memset(board, 0, sizeof *board);
    pthread_mutex_init(&board->mutex, NULL);
    board->status.version = version;
    board->status.started_ms = started_ms;
    text_to_c(instance, board->instance, sizeof board->instance);
    board->status.instance = board->instance;
    board->status.store_available = true;
}

void status_board_fini(struct status_board *board)
{
    pthread_mutex_destroy(&board->mutex);
}

void status_board_set_ready(struct status_board *board, bool ready)
{
    pthread_mutex_lock(&board->mutex);
    board->status.ready = ready;
    pthread_mutex_unlock(&board->mutex);
}

void status_board_set_stopping(struct status_board *board)
{
    pthread_mutex_lock(&board->mutex);
    board->status.ready = false;
    board->status.stopping = true;
    pthread_mutex_unlock(&board->mutex);
}

void status_board_set_store(struct status_board *board, bool available, const char *detail)
{
    pthread_mutex_lock(&board->mutex);
    board->status.store_available = available;
    snprintf(board->status.store_detail, sizeof board->status.store_detail, "%s", detail);
    pthread_mutex_unlock(&board->mutex);
}

void status_board_clear_listeners(struct status_board *board)
{
    pthread_mutex_lock(&board->mutex);
    board->status.listener_count = 0;
    pthread_mutex_unlock(&board->mutex);
}

void status_board_add_listener(struct status_board *board, const char *kind, const char *name,
                               const char *address, bool secure, uint64_t certificate_expires_ms)
{
    struct http_status *status = &board->status;
    pthread_mutex_lock(&board->mutex);
    if (status->listener_count < sizeof status->listeners / sizeof *status->listeners) {
        struct http_listener_status *row = &status->listeners[status->listener_count++];
        snprintf(row->name, sizeof row->name, "%s", name);
        snprintf(row->address, sizeof row->address, "%s", address);
        row->kind = kind;
        row->secure = secure;
        row->certificate_expires_ms = certificate_expires_ms;
    }
    pthread_mutex_unlock(&board->mutex);
}

void status_board_set_load(struct status_board *board, const struct status_load *load)
{
    pthread_mutex_lock(&board->mutex);
    board->status.turns_in_flight = load->turns_in_flight;
    board->status.sessions = load->sessions;
    board->status.sessions_max = load->sessions_max;
    board->status.handshakes = load->handshakes;
    board->status.network = load->network;
    if (load->turn_worked)
        distribution_add(&board->status.turn_us, &distribution_microseconds, load->turn_us);
    pthread_mutex_unlock(&board->mutex);
}

void status_board_read(struct status_board *board, struct http_status *out_status)
{
    pthread_mutex_lock(&board->mutex);
    *out_status = board->status;
    pthread_mutex_unlock(&board->mutex);
}
