/* SPDX-License-Identifier: Apache-2.0 */
/* Commands on their way through the core: submitted, waited for, answered or given up. */
#ifndef HTTP_COMMANDS_H
#define HTTP_COMMANDS_H

#include "base/table.h"
#include "http/request.h"

struct commands {
    const struct http_backend *backend;
    struct timers *timers;
    struct table waiting; /* requests by command_id */
    uint64_t next_id;
    bool stopping;     /* nothing more is submitted */
    uint32_t reply_ms; /* how long a reply is waited for */
};

void commands_init(struct commands *commands, const struct http_backend *backend, struct timers *timers,
                   struct siphash_key key, uint32_t reply_ms);
void commands_fini(struct commands *commands);

/* A command of this kind in the request's name, with what the audit trail and a repeat want to know of it;
   NULL: the request was answered with a problem. */
struct command_request *commands_new(struct request *request, enum command_kind kind);
/* `after` makes the answer of an OK or CREATED reply; any other becomes a problem here. An answer that is to
   be kept under the request's idempotency key leaves once that is durable, or could not be done in time. */
enum handled commands_submit(struct request *request, struct command_request *take_command,
                             void (*after)(struct request *request, const struct reply *reply));
/* The same for what is asked of another part of the bridge than the core: `send` passes the ID on, and the
   reply comes the same way. False from it: too much is waiting. */
enum handled commands_await(struct request *request, bool (*send)(struct request *request, uint64_t id),
                            void (*after)(struct request *request, const struct reply *reply));
/* The reply to whoever still waits for it; false: nobody. */
bool commands_reply(struct commands *commands, const struct reply *reply);
/* The client went away: its reply will be dropped. */
void commands_forget(struct request *request);
/* The bridge stops: everybody who waits is told so. */
void commands_stop(struct commands *commands);

#endif
