/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "net/psk.h"
#include "net_pki.h"

#define KEY_16 "000102030405060708090a0B0C0D0E0F"

static struct pki pki; /* for its directory */

static struct psk_table *load(const char *text, char *out_detail, size_t detail_bytes)
{
    pki_write_text(&pki, "keys", text);
    out_detail[0] = '\0';
    return psk_table_load(pki_path(&pki, "keys"), out_detail, detail_bytes);
}

static void test_psk_keys_are_found_by_identity(void **state)
{
    char detail[512];
    (void)state;
    struct psk_table *table =
        load("# comment\n\nkm-a:" KEY_16 "\r\n  urn:km:b:" KEY_16 KEY_16 "\t\n\nlast:" KEY_16, detail,
             sizeof(detail));
    if (table == NULL)
        fail_msg("%s", detail);
    assert_int_equal(psk_table_count(table), 3);
    const struct psk_key *key = psk_table_find(table, TEXT("km-a"));
    assert_non_null(key);
    assert_int_equal(key->count, 16);
    for (unsigned i = 0; i < 16; i++)
        assert_int_equal(key->bytes[i], i);
    key = psk_table_find(table, TEXT("urn:km:b"));
    assert_non_null(key);
    assert_int_equal(key->count, 32);
    assert_non_null(psk_table_find(table, TEXT("last")));
    assert_null(psk_table_find(table, TEXT("km-")));
    assert_null(psk_table_find(table, TEXT("")));
    psk_table_free(table);
}

static void test_psk_errors_name_file_and_line_but_no_key(void **state)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        { "km-a:" KEY_16 "\nkm-b\n", "keys:2: expected identity:hexkey" },
        { "km-a:" KEY_16 "\n\n#\nkm-a:" KEY_16 "\n", "keys:4: this identity is in the file already" },
        { "km-a:0011", "keys:1: the key must be 32 to 128" },
        { "km-a:" KEY_16 "0\n", "keys:1: the key must be 32 to 128" },
        { "km-a:" KEY_16 KEY_16 KEY_16 KEY_16 "00\n", "keys:1: the key must be 32 to 128" },
        { "km-a:0001020304050607zz090a0B0C0D0E0F\n", "keys:1: the key must consist of hex" },
        { ":" KEY_16 "\n", "keys:1: the identity must be" },
        { "a\001b:" KEY_16 "\n", "keys:1: the identity must be" },
        { "\xff:" KEY_16 "\n", "keys:1: the identity must be" },
        { "# nothing\n", "no key in it" },
        { "", "no key in it" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char detail[512];
        assert_null(load(cases[i].text, detail, sizeof(detail)));
        if (strstr(detail, cases[i].words) == NULL)
            fail_msg("expected \"%s\", got \"%s\"", cases[i].words, detail);
        assert_null(strstr(detail, "0405"));
    }
}

static void test_psk_missing_file_and_directory_are_refused(void **state)
{
    char detail[512];
    (void)state;
    assert_null(psk_table_load(pki_path(&pki, "missing"), detail, sizeof(detail)));
    assert_non_null(strstr(detail, "missing: No such file or directory"));
    assert_null(psk_table_load(pki.directory, detail, sizeof(detail)));
    assert_non_null(strstr(detail, "Invalid argument"));
}

static void test_psk_longest_identity_is_251_bytes(void **state)
{
    char text[512], detail[512];
    (void)state;
    for (int length = 251; length <= 252; length++) {
        memset(text, 'i', (size_t)length);
        snprintf(text + length, sizeof(text) - (size_t)length, ":%s\n", KEY_16);
        struct psk_table *table = load(text, detail, sizeof(detail));
        assert_int_equal(table != NULL, length == 251);
        psk_table_free(table);
    }
}

static void test_psk_key_is_cleansed(void **state)
{
    struct psk_key key = { .bytes = { 1, 2, 3 }, .count = 3 };
    const struct psk_key empty = { .count = 0 };
    (void)state;
    psk_key_fini(&key);
    assert_memory_equal(&key, &empty, sizeof(key));
}

static int set_up(void **state)
{
    (void)state;
    pki_init(&pki);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pki_fini(&pki);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_psk_keys_are_found_by_identity),
        cmocka_unit_test(test_psk_errors_name_file_and_line_but_no_key),
        cmocka_unit_test(test_psk_missing_file_and_directory_are_refused),
        cmocka_unit_test(test_psk_longest_identity_is_251_bytes),
        cmocka_unit_test(test_psk_key_is_cleansed),
    };
    return cmocka_run_group_tests_name("psk", tests, set_up, tear_down);
}
