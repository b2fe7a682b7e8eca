/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Idempotency-Key on POST: a request that comes again under the same key is done once and answered alike, for
 * IDEMPOTENCY_HOURS and through restarts. Keys belong to who sent them. What had no effect is not kept.
 *
 * What was done is the store's to remember: the command's own commit holds its key, and a second one the
 * answer, which leaves after that. Here are the keys whose requests are under way, which the store can't know
 * yet.
 *
 *              begin                       the reply came, its answer left
 *   (unknown) -------> under way -----------------------------------------> (the store knows, or no effect)
 *                          |  client gone, or told that the outcome is unknown           ^
 *                          '----------------> abandoned ---------------------------------'
 *                                                            the reply came
 */
#ifndef HTTP_IDEMPOTENCY_H
#define HTTP_IDEMPOTENCY_H

#include "base/table.h"
#include "http/request.h"

enum { IDEMPOTENCY_KEY_BYTES_MAX = 255 }; /* longer: 400 */

struct idempotency_entry;

/* As many entries as there are connections, and commands that the core still owes a reply. */
struct idempotency {
    struct table entries;   /* by actor and key */
    struct table abandoned; /* those among them, by command */
};

void idempotency_init(struct idempotency *idempotency, struct siphash_key key);
void idempotency_fini(struct idempotency *idempotency);

/*
 * False: the request was answered, as the first of its key was or with a problem. True: it is to be handled;
 * request->repeated then tells what it did before, where only its answer was lost.
 */
bool idempotency_begin(struct request *request);
/* Makes the core keep the request's key with what the command does. */
void idempotency_mark(const struct request *request, struct command_request *command);
/* The command is on its way to the core; the reply to it came. */
void idempotency_submitted(struct request *request, uint64_t command_id);
void idempotency_replied(struct request *request);
/* The command that keeps the answer just made; NULL: there is nothing to keep. */
struct command_request *idempotency_keep(const struct request *request);
/* The request's answer leaves, or will never. */
void idempotency_leave(struct request *request);
/* A reply came for which no request waits any more. */
void idempotency_finish_abandoned(struct idempotency *idempotency, uint64_t command_id);

#endif
