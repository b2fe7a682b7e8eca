/* SPDX-License-Identifier: Apache-2.0 */
/* Webhooks' pure parts: what an answer means, when it is tried again, signatures, URLs, and what is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "core/webhook.h"
#include "core/webhook_url.h"
#include "system/process_heap.h"
#include "webhook/policy.h"
#include "webhook/signature.h"

static void assert_words(struct text actual, const char *expected)
{
    assert_int_equal(actual.length, strlen(expected));
    assert_memory_equal(actual.bytes, expected, actual.length);
}

static void test_every_answer_has_its_meaning(void **state)
{
    (void)state;
    for (uint32_t status = 0; status < 600; status++) {
        enum verdict expected = VERDICT_REFUSED;
        if (status >= 200 && status < 300)
            expected = VERDICT_TAKEN;
        else if (status == 410)
            expected = VERDICT_GONE;
        else if (status == 0 || status == 408 || status == 425 || status == 429 || status >= 500)
            expected = VERDICT_LATER;
        assert_int_equal(policy_judge(status), expected);
    }
}

static void test_delays_grow_within_their_bounds(void **state)
{
    (void)state;
    uint64_t longest_ms = POLICY_DELAY_MS_FIRST;
    for (uint32_t failures = 1; failures < 40; failures++) {
        const uint64_t span_ms = longest_ms - POLICY_DELAY_MS_MIN + 1;
        assert_int_equal(policy_delay_ms(failures, 0), POLICY_DELAY_MS_MIN);
        assert_int_equal(policy_delay_ms(failures, span_ms - 1), longest_ms);
        assert_int_equal(policy_delay_ms(failures, span_ms), POLICY_DELAY_MS_MIN);
        longest_ms = longest_ms * 2 < POLICY_DELAY_MS_MAX ? longest_ms * 2 : POLICY_DELAY_MS_MAX;
    }
    assert_int_equal(longest_ms, POLICY_DELAY_MS_MAX);
    assert_true(policy_delay_ms(UINT32_MAX, UINT64_MAX) <= POLICY_DELAY_MS_MAX);
}

static void test_receivers_wish_is_a_lower_bound_and_is_bounded(void **state)
{
    (void)state;
    assert_int_equal(policy_retry_ms(1, 0, 0), POLICY_DELAY_MS_MIN);
    assert_int_equal(policy_retry_ms(1, 0, 7), 7000);
    assert_int_equal(policy_retry_ms(9, POLICY_DELAY_MS_MAX - POLICY_DELAY_MS_MIN - 1, 1) > 1000, 1);
    assert_int_equal(policy_retry_ms(1, 0, UINT64_MAX), 1000 * (uint64_t)POLICY_RETRY_AFTER_S_MAX);
}

/* The example of Standard Webhooks. */
static void test_signature_is_that_of_the_specification(void **state)
{
    struct webhook_key key;
    char buffer[128];
    struct bytes_writer writer = bytes_writer(buffer, sizeof buffer);
    const struct signed_message message = { .id = TEXT("msg_p5jXN8AQM9LWM0D4loKWxJek"),
                                            .timestamp_s = 1614265330,
                                            .body = TEXT("{\"test\": 2432232314}") };
    (void)state;
    assert_true(webhook_key_read(TEXT("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), &key));
    assert_int_equal(key.length, 24);
    assert_true(signature_put(&key, &message, &writer));
    assert_words(bytes_written(&writer), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

static void test_secret_reads_what_it_wrote_and_nothing_else(void **state)
{
    (void)state;
    for (size_t length = WEBHOOK_SECRET_BYTES_MIN; length <= WEBHOOK_SECRET_BYTES_MAX; length++) {
        struct webhook_key key = { .length = length }, read;
        char buffer[WEBHOOK_SECRET_TEXT_MAX];
        struct bytes_writer writer = bytes_writer(buffer, sizeof buffer);
        for (size_t i = 0; i < length; i++)
            key.bytes[i] = (unsigned char)(251 * i + length);
        webhook_key_write(&key, &writer);
        assert_false(writer.overflowed);
        assert_true(webhook_key_read(bytes_written(&writer), &read));
        assert_int_equal(read.length, length);
        assert_memory_equal(read.bytes, key.bytes, length);
    }
    static const char *const refused[] = {
        "",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa",     /* short */
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",    /* no padding */
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_",   /* another alphabet */
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", /* more behind it */
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct webhook_key key;
        assert_false(webhook_key_read(text_from_c(refused[i]), &key));
    }
}

static void test_urls_that_may_be_used(void **state)
{
    static const struct {
        const char *url;
        bool secure, insecure; /* whether it may be used without and with `insecure` */
    } cases[] = {
        { "https://receiver.example/hook?a=b", true, true },
        { "https://10.0.0.7:8443/hook", true, true },
        { "https://[2001:db8::1]/hook", true, true },
        { "http://127.0.0.1:9000/hook", true, true },
        { "http://[::1]:9000/hook", true, true },
        { "http://localhost/hook", true, true },
        { "http://receiver.example/hook", false, true },
        { "http://127.0.0.1.evil.example/hook", false, true },
        { "http://127.0.0.1@evil.example/hook", false, true },
        { "ftp://receiver.example/hook", false, false },
        { "file:///etc/passwd", false, false },
        { "receiver.example/hook", false, false },
        { "https:///hook", false, false },
        { "", false, false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct text url = text_from_c(cases[i].url);
        assert_int_equal(webhook_url_problem(url, false) == NULL, cases[i].secure);
        assert_int_equal(webhook_url_problem(url, true) == NULL, cases[i].insecure);
    }
}

static void test_url_is_shown_without_credentials(void **state)
{
    char buffer[128];
    struct bytes_writer writer = bytes_writer(buffer, sizeof buffer);
    (void)state;
    webhook_url_write_redacted(TEXT("https://user:secret@receiver.example/hook"), &writer);
    assert_null(memmem(buffer, writer.length, "secret", 6));
    assert_non_null(memmem(buffer, writer.length, "receiver.example/hook", 21));
}

static void test_documents_read_what_was_written(void **state)
{
    struct text types[] = { TEXT("relay.*"), TEXT("km.connected") };
    const struct webhook_definition definition = { .url = TEXT("https://r.example/\"h\""),
                                                   .types = types,
                                                   .type_count = 2,
                                                   .secret = TEXT("whsec_new"),
                                                   .old_secret = TEXT("whsec_old"),
                                                   .old_secret_until_ms = 7,
                                                   .enabled = true,
                                                   .timeout_ms = 900,
                                                   .created_ms = 1,
                                                   .start_after = UINT64_C(1) << 60 };
    const struct webhook_progress progress = { .created_ms = 1, .position = UINT64_MAX - 1, .gone_ms = 3 };
    struct webhook_definition read = { .enabled = false };
    struct webhook_progress read_progress = { .position = 0 };
    char buffer[2048];
    struct arena arena;
    (void)state;
    arena_init(&arena, &process_heap);
    struct bytes_writer writer = bytes_writer(buffer, sizeof buffer);
    webhook_definition_write(&definition, &writer);
    assert_false(writer.overflowed);
    assert_true(webhook_definition_read(bytes_written(&writer), &arena, &read));
    assert_words(read.url, "https://r.example/\"h\"");
    assert_int_equal(read.type_count, 2);
    assert_words(read.types[1], "km.connected");
    assert_words(read.old_secret, "whsec_old");
    assert_int_equal(read.start_after, definition.start_after);
    assert_true(read.enabled);
    for (size_t cut = 1; cut < writer.length; cut += 7) /* damaged: refused, and nothing is read beyond it */
        assert_false(webhook_definition_read((struct text){ buffer, writer.length - cut }, &arena, &read));
    writer = bytes_writer(buffer, sizeof buffer);
    webhook_progress_write(&progress, &writer);
    assert_true(webhook_progress_read(bytes_written(&writer), &arena, &read_progress));
    assert_int_equal(read_progress.position, progress.position);
    assert_int_equal(read_progress.gone_ms, 3);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_answer_has_its_meaning),
        cmocka_unit_test(test_delays_grow_within_their_bounds),
        cmocka_unit_test(test_receivers_wish_is_a_lower_bound_and_is_bounded),
        cmocka_unit_test(test_signature_is_that_of_the_specification),
        cmocka_unit_test(test_secret_reads_what_it_wrote_and_nothing_else),
        cmocka_unit_test(test_urls_that_may_be_used),
        cmocka_unit_test(test_url_is_shown_without_credentials),
        cmocka_unit_test(test_documents_read_what_was_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
