/* SPDX-License-Identifier: Apache-2.0 */
/* HTTPS over loopback: client certificates to roles, bad ones to 401, and certificates replaced while it
 * runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/ssl.h>

#include "http_fake.h"
#include "net_pki.h"

struct world {
    struct pki pki, foreign;
    char certificate[512], key[512], client_ca[512];
    struct http_client clients[2];
    struct http_options options;
    struct fake *fake;
};

static int setup(void **state)
{
    static const struct pki_request requests[] = {
        { .file = "server", .name = "server", .subject = "DNS:bridge.example" },
        { .file = "server2", .name = "server", .subject = "DNS:bridge.example" },
        { .file = "orch", .name = "o", .subject = "DNS:orch.example" },
        { .file = "nms", .name = "nms" },
        { .file = "named", .name = "nms", .subject = "DNS:other.example" },
        { .file = "expired", .name = "o", .subject = "DNS:orch.example", .expired = true },
        { .file = "selfsigned", .name = "o", .subject = "DNS:orch.example", .self_signed = true },
    };
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    pki_init(&world->pki);
    pki_init(&world->foreign);
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
        pki_issue(&world->pki, &requests[i]);
    pki_issue(&world->foreign, &requests[2]);
    snprintf(world->certificate, sizeof world->certificate, "%s", pki_path(&world->pki, "server.pem"));
    snprintf(world->key, sizeof world->key, "%s", pki_path(&world->pki, "server.key"));
    snprintf(world->client_ca, sizeof world->client_ca, "%s", pki_path(&world->pki, "ca.pem"));
    world->clients[0] = (struct http_client){ "orch", HTTP_ROLE_ORCHESTRATOR, "dns:orch.example" };
    world->clients[1] = (struct http_client){ "nms", HTTP_ROLE_VIEWER, "cn:nms" };
    world->options = (struct http_options){ .listen = "127.0.0.1:0",
                                            .certificate = world->certificate,
                                            .key = world->key,
                                            .client_ca = world->client_ca,
                                            .clients = world->clients,
                                            .client_count = 2 };
    world->fake = fake_start(&world->options);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    fake_stop(world->fake);
    pki_fini(&world->pki);
    pki_fini(&world->foreign);
    free(world);
    return 0;
}

struct tls_client {
    SSL_CTX *context;
    SSL *ssl;
    int fd;
};

static void open_client(struct tls_client *client, struct world *world, struct pki *pki, const char *name)
{
    client->context = SSL_CTX_new(TLS_client_method());
    if (name != NULL) {
        char file[64];
        snprintf(file, sizeof file, "%s.pem", name);
        assert_int_equal(SSL_CTX_use_certificate_file(client->context, pki_path(pki, file), SSL_FILETYPE_PEM),
                         1);
        snprintf(file, sizeof file, "%s.key", name);
        assert_int_equal(SSL_CTX_use_PrivateKey_file(client->context, pki_path(pki, file), SSL_FILETYPE_PEM),
                         1);
    }
    client->ssl = SSL_new(client->context);
    client->fd = client_connect(world->fake->address);
    SSL_set_fd(client->ssl, client->fd);
    assert_int_equal(SSL_connect(client->ssl), 1);
}

static void close_client(struct tls_client *client)
{
    SSL_free(client->ssl);
    SSL_CTX_free(client->context);
    close(client->fd);
}

/* The status of one answer, whose body must be small. */
static int ask(struct tls_client *client, const char *target, const char *header)
{
    char text[8192];
    size_t length = 0;
    int count = snprintf(text, sizeof text, "%s HTTP/1.1\r\nHost: x\r\n%s\r\n", target, header);
    assert_int_equal(SSL_write(client->ssl, text, count), count);
    for (;;) {
        int got = SSL_read(client->ssl, text + length, (int)(sizeof text - 1 - length));
        assert_true(got > 0);
        length += (size_t)got;
        text[length] = '\0';
        const char *body = strstr(text, "\r\n\r\n");
        const char *size = strstr(text, "Content-Length: ");
        if (body != NULL && size != NULL &&
            length >= (size_t)(body + 4 - text) + strtoul(size + 16, NULL, 10))
            return atoi(text + strlen("HTTP/1.1 "));
    }
}

static int status_with(struct world *world, struct pki *pki, const char *name, const char *target,
                       const char *header)
{
    struct tls_client client;
    open_client(&client, world, pki, name);
    int status = ask(&client, target, header);
    close_client(&client);
    return status;
}

#define LIST "GET /api/v1/applications"
#define DELETION "DELETE /api/v1/applications/a"

static void test_tls_certificate_gives_its_role(void **state)
{
    struct world *world = *state;
    assert_int_equal(status_with(world, &world->pki, "orch", LIST, ""), 200);
    assert_int_equal(status_with(world, &world->pki, "orch", DELETION, ""), 200);
    assert_true(text_equal(world->fake->last->command.actor, TEXT("client:orch")));
    assert_int_equal(status_with(world, &world->pki, "nms", LIST, ""), 200);
    assert_int_equal(status_with(world, &world->pki, "nms", DELETION, ""), 403);
}

static void test_tls_token_works_and_wins(void **state)
{
    struct world *world = *state;
    assert_int_equal(status_with(world, NULL, NULL, LIST, "Authorization: Bearer viewer-token\r\n"), 200);
    assert_int_equal(
        status_with(world, &world->pki, "orch", DELETION, "Authorization: Bearer viewer-token\r\n"), 403);
    assert_int_equal(status_with(world, &world->pki, "orch", LIST, "Authorization: Bearer wrong\r\n"), 401);
    assert_int_equal(status_with(world, NULL, NULL, LIST, ""), 401);
    assert_int_equal(status_with(world, NULL, NULL, "GET /healthz", ""), 200);
}

/* A certificate that proves nothing is as none: the API says 401, not the handshake. */
static void test_tls_bad_certificates_prove_nothing(void **state)
{
    struct world *world = *state;
    assert_int_equal(status_with(world, &world->pki, "expired", LIST, ""), 401);
    assert_int_equal(status_with(world, &world->pki, "selfsigned", LIST, ""), 401);
    assert_int_equal(status_with(world, &world->foreign, "orch", LIST, ""), 401);
    assert_int_equal(status_with(world, &world->pki, "named", LIST, ""), 401); /* its CN does not count */
}

static long serial_of(const struct tls_client *client)
{
    X509 *certificate = SSL_get1_peer_certificate(client->ssl);
    long serial = ASN1_INTEGER_get(X509_get0_serialNumber(certificate));
    X509_free(certificate);
    return serial;
}

static void test_tls_reload_serves_the_new_certificate_and_keeps_connections(void **state)
{
    struct world *world = *state;
    struct tls_client before, after;
    char detail[256], certificate[512], key[512];
    size_t count;
    struct http_options options = world->options;
    options.tokens = fake_token_list(&count);
    options.token_count = count;
    open_client(&before, world, &world->pki, "orch");
    assert_int_equal(ask(&before, LIST, ""), 200);
    snprintf(certificate, sizeof certificate, "%s", pki_path(&world->pki, "server2.pem"));
    snprintf(key, sizeof key, "%s", pki_path(&world->pki, "server2.key"));
    options.certificate = certificate;
    assert_false(http_reload(world->fake->http, &options, detail, sizeof detail)); /* not its key */
    assert_non_null(strstr(detail, "server2.pem"));
    options.key = key;
    options.client_count = 1; /* and the NMS is no client any more */
    assert_true(http_reload(world->fake->http, &options, detail, sizeof detail));
    assert_int_equal(ask(&before, LIST, ""), 200);
    open_client(&after, world, &world->pki, "nms");
    assert_int_not_equal(serial_of(&before), serial_of(&after));
    assert_int_equal(ask(&after, LIST, ""), 401);
    close_client(&before);
    close_client(&after);
}

static void test_tls_only_modern_versions(void **state)
{
    struct world *world = *state;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
    SSL *ssl = SSL_new(context);
    int fd = client_connect(world->fake->address);
    SSL_set_fd(ssl, fd);
    assert_int_not_equal(SSL_connect(ssl), 1);
    SSL_free(ssl);
    SSL_CTX_free(context);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_tls_certificate_gives_its_role, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tls_token_works_and_wins, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tls_bad_certificates_prove_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tls_reload_serves_the_new_certificate_and_keeps_connections,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_tls_only_modern_versions, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
