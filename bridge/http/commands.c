/* SPDX-License-Identifier: Apache-2.0 */
#include "http/commands.h"

#include <assert.h>
#include <stddef.h>

#include "http/idempotency.h"
#include "system/clock.h"
#include "system/process_heap.h"

static struct text key_of(const void *value)
{
    const struct request *request = value;
    return table_integer_key(&request->command_id);
}

void commands_init(struct commands *commands, const struct http_backend *backend, struct timers *timers,
                   struct siphash_key key, uint32_t reply_ms)
{
    *commands = (struct commands){ .backend = backend, .timers = timers, .reply_ms = reply_ms, .next_id = 1 };
    table_init(&commands->waiting, &process_heap, key, key_of);
}

void commands_fini(struct commands *commands)
{
    table_fini(&commands->waiting);
}

struct command_request *commands_new(struct request *request, enum command_kind kind)
{
    struct command_request *command = command_request_new();
    if (command == NULL) {
        request_refuse(request, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
        return NULL;
    }
    command->command.kind = kind;
    command->command.actor = arena_copy(&command->arena, request->actor);
    command->command.audit = (struct command_audit){ .source = arena_copy(&command->arena, request->source),
                                                     .action = text_from_c(method_name(request->method)),
                                                     .target = arena_copy(&command->arena, request->path) };
    idempotency_mark(request, command);
    return command;
}

static void stop_waiting(struct request *request)
{
    struct commands *commands = request->commands;
    table_remove(&commands->waiting, key_of(request));
    timers_cancel(commands->timers, &request->timer);
    request->command_id = 0;
}

static const char *method_to_look_with(const struct request *request)
{
    return request->method == METHOD_POST ? "GET the collection or the request it is about"
                                          : "GET the same resource";
}

static void give_up(struct timer *timer, uint64_t now_ms)
{
    struct request *request =
        (struct request *)(void *)((char *)(void *)timer - offsetof(struct request, timer));
    (void)now_ms;
    stop_waiting(request);
    if (!request->answered)
        request_refuse(
            request, PROBLEM_OUTCOME_UNKNOWN, NULL,
            "the bridge did not answer in %u ms and may still do what was asked: %s to see, before "
            "asking again",
            request->commands->reply_ms, method_to_look_with(request));
    request->wake(request);
}

/* Now a reply with the request's command_id is waited for. False: out of memory. */
static bool start_waiting(struct request *request)
{
    struct commands *commands = request->commands;
    request->command_id = commands->next_id++;
    request->timer.fire = give_up;
    if (table_insert(&commands->waiting, request) &&
        timers_set(commands->timers, &request->timer, clock_monotonic_ms() + commands->reply_ms))
        return true;
    stop_waiting(request);
    return false;
}

/* Off to the core; the request waits for the reply. Otherwise the command is freed. */
enum sending { SENT, NOT_TAKEN, NO_MEMORY };
static enum sending send_command(struct request *request, struct command_request *take_command)
{
    const struct http_backend *backend = request->commands->backend;
    const bool waits = start_waiting(request);
    take_command->command_id = request->command_id;
    if (waits && backend->submit(backend->context, take_command))
        return SENT;
    if (waits)
        stop_waiting(request);
    command_request_free(take_command);
    return waits ? NOT_TAKEN : NO_MEMORY;
}

/* It was done before, and its answer was lost. */
static enum handled answer_repeated(struct request *request,
                                    void (*after)(struct request *request, const struct reply *reply))
{
    after(request, request->repeated);
    assert(request->answered);
    request->answer.replayed = request->answer.status < 300;
    return HANDLED_ANSWERED;
}

static enum handled refuse_stopping(struct request *request)
{
    return request_refuse(request, PROBLEM_STOPPING, NULL, "the bridge is stopping; come back later");
}

static enum handled refuse_busy(struct request *request)
{
    return request_refuse(request, PROBLEM_BUSY, NULL,
                          "too many commands are waiting, or the bridge is stopping; try again later");
}

static enum handled refuse_memory(struct request *request)
{
    return request_refuse(request, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
}

enum handled commands_submit(struct request *request, struct command_request *take_command,
                             void (*after)(struct request *request, const struct reply *reply))
{
    if (request->repeated != NULL) {
        command_request_free(take_command);
        return answer_repeated(request, after);
    }
    if (request->commands->stopping) {
        command_request_free(take_command);
        return refuse_stopping(request);
    }
    request->after = after;
    switch (send_command(request, take_command)) {
    case SENT:
        request->is_command = true;
        idempotency_submitted(request, request->command_id);
        return HANDLED_PENDING;
    case NOT_TAKEN:
        return refuse_busy(request);
    case NO_MEMORY:
        break;
    }
    return refuse_memory(request);
}

enum handled commands_await(struct request *request, bool (*send)(struct request *request, uint64_t id),
                            void (*after)(struct request *request, const struct reply *reply))
{
    if (request->commands->stopping)
        return refuse_stopping(request);
    request->after = after;
    if (!start_waiting(request))
        return refuse_memory(request);
    if (send(request, request->command_id))
        return HANDLED_PENDING;
    stop_waiting(request);
    return refuse_busy(request);
}

static enum problem_kind problem_of(const struct reply *reply)
{
    switch (reply->status) {
    case REPLY_OK:
    case REPLY_CREATED:
        break;
    case REPLY_NOT_FOUND:
        return PROBLEM_NOT_FOUND;
    case REPLY_CONFLICT:
        return PROBLEM_CONFLICT;
    case REPLY_STALE:
        return PROBLEM_STALE;
    case REPLY_INVALID:
        return PROBLEM_REFUSED;
    case REPLY_BUSY:
        return reply->reason == REASON_STORE_UNAVAILABLE ? PROBLEM_STORE_UNAVAILABLE : PROBLEM_BUSY;
    }
    return PROBLEM_INTERNAL;
}

/* False: there is nothing to keep, or it can't be done now. What was done is kept all the same, so that a
   repeat is not done again. */
static bool keep_answer(struct request *request)
{
    struct command_request *command = request->commands->stopping ? NULL : idempotency_keep(request);
    return command != NULL && send_command(request, command) == SENT;
}

static void take_reply(struct request *request, const struct reply *reply)
{
    idempotency_replied(request);
    request_refresh(request);
    if (reply->status == REPLY_OK || reply->status == REPLY_CREATED) {
        request->after(request, reply);
    } else {
        struct problem problem = { .kind = problem_of(reply),
                                   .detail = reply->detail,
                                   .reason = reply->reason };
        request_problem(request, &problem);
    }
    assert(request->answered);
}

bool commands_reply(struct commands *commands, const struct reply *reply)
{
    struct request *request = table_find(&commands->waiting, table_integer_key(&reply->command_id));
    if (request == NULL)
        return false;
    stop_waiting(request);
    if (!request->answered) { /* else its answer was kept, or could not be, and leaves now */
        take_reply(request, reply);
        if (keep_answer(request))
            return true;
    }
    request->wake(request);
    return true;
}

void commands_forget(struct request *request)
{
    if (request->command_id != 0)
        stop_waiting(request);
}

void commands_stop(struct commands *commands)
{
    size_t position = 0;
    struct request *request;
    commands->stopping = true;
    while ((request = table_next(&commands->waiting, &position)) != NULL) {
        stop_waiting(request);
        position = 0;
        if (!request->answered)
            request_refuse(
                request, PROBLEM_STOPPING, NULL,
                "the bridge is stopping and may still have done what was asked: %s once it is back",
                method_to_look_with(request));
        request->wake(request);
    }
}
