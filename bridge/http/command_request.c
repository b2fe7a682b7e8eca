/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http.h"

#include <stdlib.h>

#include "system/process_heap.h"

struct command_request *command_request_new(void)
{
    struct command_request *request = calloc(1, sizeof *request);
    if (request != NULL)
        arena_init(&request->arena, &process_heap);
    return request;
}

void command_request_free(struct command_request *request)
{
    if (request == NULL)
        return;
    arena_fini(&request->arena);
    free(request);
}
