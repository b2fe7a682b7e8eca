/* SPDX-License-Identifier: Apache-2.0 */
/* The way from the HTTP thread to the core thread: commands in a bounded ring, orchestrator signs as counts.
 */
#ifndef MAIN_COMMAND_RING_H
#define MAIN_COMMAND_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/http.h"

struct command_ring;

/* NULL: no descriptor or memory. */
struct command_ring *command_ring_new(void);
/* Frees the commands that are left. */
void command_ring_free(struct command_ring *ring);
/* Readable when there is something to take. */
int command_ring_descriptor(const struct command_ring *ring);

/* Any thread. Takes the request unless it returns false: LIMIT_COMMANDS_QUEUED are waiting, or it is shut. */
bool command_ring_put(struct command_ring *ring, struct command_request *take_request);
/* Any thread. Never refused: signs of one kind are counted together. */
void command_ring_sign(struct command_ring *ring, enum orchestrator_sign sign);
/* Shut: nothing is taken until it is opened again. It starts shut. */
void command_ring_open(struct command_ring *ring, bool open);
size_t command_ring_count(struct command_ring *ring);

struct orchestrator_signs {
    uint64_t streams_opened, streams_closed;
    bool request;
};

/* The core thread, before each frame of a KM: takes the signs that an orchestrator is there, and leaves those
   that one has gone. An answer leaves after its sign was put, so who asks a KM for a frame once it has the
   answer is counted before that frame. False, and cheap: there are none. */
bool command_ring_take_arrivals(struct command_ring *ring, struct orchestrator_signs *out_signs);
/* The core thread. Takes up to `capacity` commands, oldest first, and all signs; makes the descriptor
   unreadable when nothing is left. Returns the number of commands. */
size_t command_ring_take(struct command_ring *ring, struct command_request **out_requests, size_t capacity,
                         struct orchestrator_signs *out_signs);

#endif
