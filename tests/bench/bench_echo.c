/* SPDX-License-Identifier: Apache-2.0 */
/* The physical limit beside the bridge: answers every frame with itself, on the bridge's own loop and TLS. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ck/frame.h"
#include "net/server.h"

static struct server *server;
static unsigned char frame_bytes[CK_FRAME_BYTES_MAX];
static volatile sig_atomic_t stopping;

static void on_opened(void *context, const struct event_session_opened *opened)
{
    (void)context;
    server_admit(server, opened->session, CK_BIG_ENDIAN);
}

static void on_refused(void *context, const struct event_session_refused *refused)
{
    (void)context;
    fprintf(stderr, "refused: %.*s\n", TEXT_ARGUMENTS(refused->detail));
}

static void on_frame(void *context, struct session_handle session, const struct ck_header *header,
                     enum ck_byte_order byte_order, unsigned char *payload)
{
    (void)context;
    ck_header_encode(header, byte_order, frame_bytes);
    memcpy(frame_bytes + CK_HEADER_BYTES, payload, header->payload_bytes);
    size_t length = CK_HEADER_BYTES + (size_t)header->payload_bytes;
    server_send(server, session, (struct text){ (const char *)frame_bytes, length });
}

static void on_closed(void *context, const struct event_session_closed *closed)
{
    (void)context;
    (void)closed;
}

static void stop(int signal_number)
{
    (void)signal_number;
    stopping = 1;
}

/* bench_echo ADDRESS [CERTIFICATE KEY CA]: TLS when the files are given; prints the address it listens on. */
int main(int argc, char **argv)
{
    if (argc != 2 && argc != 5) {
        fprintf(stderr, "usage: bench_echo ADDRESS:PORT [CERTIFICATE KEY CA]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, stop);
    struct server_options options;
    server_options_init(&options);
    struct listener_options listener = { .name = "echo", .listen = argv[1], .security = SECURITY_PLAIN };
    if (argc == 5) {
        listener.security = SECURITY_TLS;
        listener.certificate = argv[2];
        listener.key = argv[3];
        listener.ca = argv[4];
    }
    struct server_callbacks callbacks = {
        .opened = on_opened, .refused = on_refused, .frame = on_frame, .closed = on_closed
    };
    struct loop *loop = loop_new();
    server = loop != NULL ? server_new(loop, &options, &callbacks) : NULL;
    char detail[256];
    if (server == NULL || !server_listen(server, &listener, detail, sizeof detail)) {
        fprintf(stderr, "bench_echo: %s\n", server != NULL ? detail : "out of memory");
        return 1;
    }
    char address[128];
    if (!server_listener_address(server, "echo", address, sizeof address))
        return 1;
    printf("listening %s\n", address);
    fflush(stdout);
    while (!stopping) {
        loop_turn(loop, 100);
        server_flush(server);
    }
    server_free(server);
    loop_free(loop);
    return 0;
}
