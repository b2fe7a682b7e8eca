/* SPDX-License-Identifier: Apache-2.0 */
/* The dashboard's folder as it is read: what is taken, what is passed over, what refuses the whole, and that
   no page shadows the API. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/api.h"
#include "http/web.h"
#include "http/web_files.h"

static char folder[64];
static char detail[512];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/ckbridge-web-XXXXXX");
    detail[0] = '\0';
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static const char *in_folder(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *content)
{
    FILE *file = fopen(in_folder(name), "wb");
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void add_folder(const char *name)
{
    assert_int_equal(mkdir(in_folder(name), 0700), 0);
}

static void assert_refused(const char *words)
{
    struct web_files *files = web_files_new(folder, detail, sizeof detail);
    assert_null(files);
    if (strstr(detail, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", detail, words);
}

static struct web_files *read_files(void)
{
    struct web_files *files = web_files_new(folder, detail, sizeof detail);
    if (files == NULL)
        fail_msg("%s", detail);
    return files;
}

static void test_files_are_found_by_their_exact_path(void **state)
{
    (void)state;
    write_file("index.html", "<!doctype html>");
    add_folder("views");
    write_file("views/kms.js", "export default {};");
    struct web_files *files = read_files();
    const struct web_file *file = web_files_find(files, TEXT("/views/kms.js"));
    assert_non_null(file);
    assert_string_equal(file->content_type, "text/javascript; charset=utf-8");
    assert_int_equal(file->length, 18);
    assert_memory_equal(file->bytes, "export default {};", 18);
    assert_int_equal(strlen(file->etag), WEB_ETAG_BYTES - 1);
    static const char *const others[] = { "views/kms.js",    "/views",
                                          "/views/",         "/views/kms.j",
                                          "/VIEWS/kms.js",   "//views/kms.js",
                                          "/./views/kms.js", "" };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_null(web_files_find(files, text_from_c(others[i])));
    assert_null(web_files_find(files, TEXT_ABSENT));
    assert_null(web_files_find(NULL, TEXT("/index.html")));
    web_files_free(files);
}

static void test_the_same_content_has_the_same_tag_and_other_content_another(void **state)
{
    (void)state;
    write_file("index.html", "a");
    write_file("one.js", "a");
    write_file("two.js", "b");
    struct web_files *files = read_files();
    const struct web_file *index = web_files_find(files, TEXT("/index.html"));
    assert_string_equal(index->etag, web_files_find(files, TEXT("/one.js"))->etag);
    assert_string_not_equal(index->etag, web_files_find(files, TEXT("/two.js"))->etag);
    web_files_free(files);
}

static void test_what_no_browser_is_served_is_passed_over(void **state)
{
    (void)state;
    write_file("index.html", "");
    write_file("module.mk", "x");
    write_file(".hidden.js", "x");
    write_file("main.js~", "x");
    write_file("Big.js", "x");
    write_file("secret.pem", "x");
    add_folder(".git");
    write_file(".git/a.js", "x");
    struct web_files *files = read_files();
    static const char *const paths[] = { "/module.mk", "/.hidden.js", "/main.js~",
                                         "/Big.js",    "/secret.pem", "/.git/a.js" };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        assert_null(web_files_find(files, text_from_c(paths[i])));
    assert_int_equal(web_files_find(files, TEXT("/index.html"))->length, 0);
    web_files_free(files);
}

static void test_a_folder_that_is_not_there_is_refused(void **state)
{
    (void)state;
    struct web_files *files = web_files_new(in_folder("nowhere"), detail, sizeof detail);
    assert_null(files);
    assert_string_equal(detail, strerror(ENOENT));
}

static void test_a_folder_without_index_is_refused(void **state)
{
    (void)state;
    write_file("main.js", "x");
    assert_refused("no index.html");
}

static void test_a_file_above_the_maximum_is_refused(void **state)
{
    (void)state;
    write_file("index.html", "x");
    write_file("large.js", "");
    assert_int_equal(truncate(in_folder("large.js"), WEB_FILE_BYTES_MAX), 0);
    web_files_free(read_files());
    assert_int_equal(truncate(in_folder("large.js"), WEB_FILE_BYTES_MAX + 1), 0);
    assert_refused("/large.js has more than");
}

static void test_too_many_files_are_refused(void **state)
{
    char name[32];
    (void)state;
    write_file("index.html", "x");
    for (int i = 1; i < WEB_FILES_MAX; i++) {
        snprintf(name, sizeof name, "f%d.js", i);
        write_file(name, "x");
    }
    web_files_free(read_files());
    write_file("one-more.js", "x");
    assert_refused("more than 512 files");
}

static void test_a_folder_within_itself_ends(void **state)
{
    (void)state;
    write_file("index.html", "x");
    assert_int_equal(symlink(".", in_folder("again")), 0);
    assert_refused("deep");
}

static void test_a_file_that_cannot_be_opened_is_refused(void **state)
{
    (void)state;
    write_file("index.html", "x");
    assert_int_equal(symlink("nowhere", in_folder("lost.js")), 0);
    assert_refused("/lost.js: No such file");
}

/* The OpenAPI document is held against the API's routes, which pages must therefore not be among. */
static void test_no_page_is_a_path_of_the_api(void **state)
{
    size_t count, pages = 0;
    const struct route *routes = api_routes(&count);
    (void)state;
    for (; web_pages[pages] != NULL; pages++) {
        assert_memory_not_equal(web_pages[pages], "/api", 4);
        for (size_t i = 0; i < count; i++)
            assert_string_not_equal(web_pages[pages], routes[i].path);
    }
    assert_true(pages > 0);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_files_are_found_by_their_exact_path),
        IN_FOLDER(test_the_same_content_has_the_same_tag_and_other_content_another),
        IN_FOLDER(test_what_no_browser_is_served_is_passed_over),
        IN_FOLDER(test_a_folder_that_is_not_there_is_refused),
        IN_FOLDER(test_a_folder_without_index_is_refused),
        IN_FOLDER(test_a_file_above_the_maximum_is_refused),
        IN_FOLDER(test_too_many_files_are_refused),
        IN_FOLDER(test_a_folder_within_itself_ends),
        IN_FOLDER(test_a_file_that_cannot_be_opened_is_refused),
        cmocka_unit_test(test_no_page_is_a_path_of_the_api),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
