/* SPDX-License-Identifier: Apache-2.0 */
/* All client connections of one loop: see client.h. */
#include <stdio.h>
#include <stdlib.h>

#include "net/client_connection.h"
#include "net/client_tls.h"
#include "net/socket_bio.h"

static void report_ended(struct clients *clients)
{
    struct list_node *node;
    while ((node = list_take(&clients->over)) != NULL) {
        struct client *client = LIST_MEMBER(node, struct client, turn_node);
        client->is_in_callback = true;
        if (client->callbacks->closed != NULL)
            client->callbacks->closed(client->context, client, client->was_connected,
                                      client->detail != NULL ? client->detail : "out of memory");
        client_free(client);
    }
}

static void run_task(void *context)
{
    struct clients *clients = context;
    struct list turn;
    struct list_node *node;
    list_init(&turn);
    list_splice(&turn, &clients->ready);
    while ((node = list_take(&turn)) != NULL)
        client_serve(LIST_MEMBER(node, struct client, turn_node));
    if (clients->options.flush_at_end)
        clients_flush(clients);
    report_ended(clients);
}

void clients_flush(struct clients *clients)
{
    struct list_node *node;
    while ((node = list_take(&clients->unflushed)) != NULL)
        client_write(LIST_MEMBER(node, struct client, flush_node));
}

static bool set_up(struct clients *clients, char *out_detail, size_t detail_bytes)
{
    clients->method = socket_bio_method_new();
    if (clients->method == NULL) {
        snprintf(out_detail, detail_bytes, "out of memory");
        return false;
    }
    clients->ctx = client_tls_context_new(&clients->options, out_detail, detail_bytes);
    return clients->ctx != NULL;
}

struct clients *clients_new(struct loop *loop, const struct clients_options *options, char *out_detail,
                            size_t detail_bytes)
{
    struct clients *clients = calloc(1, sizeof(*clients));
    if (clients == NULL) {
        snprintf(out_detail, detail_bytes, "out of memory");
        return NULL;
    }
    clients->loop = loop;
    clients->options = *options;
    clients->task = (struct loop_task){ .run = run_task, .context = clients };
    list_init(&clients->all);
    list_init(&clients->ready);
    list_init(&clients->unflushed);
    list_init(&clients->over);
    const bool good = set_up(clients, out_detail, detail_bytes);
    clients->options.ca = NULL; /* borrowed for the call */
    if (!good) {
        clients_free(clients);
        return NULL;
    }
    return clients;
}

void clients_free(struct clients *clients)
{
    if (clients == NULL)
        return;
    struct list_node *node;
    while ((node = list_first(&clients->all)) != NULL)
        client_free(LIST_MEMBER(node, struct client, node));
    loop_task_cancel(&clients->task);
    SSL_CTX_free(clients->ctx);
    socket_bio_method_free(clients->method);
    free(clients);
}

size_t clients_count(const struct clients *clients)
{
    return clients->count;
}
