# SPDX-License-Identifier: Apache-2.0
# Floor 3: the durable store and its journal thread.
STORE_TEST_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS) $(JANSSON_CFLAGS) $(OPENSSL_CFLAGS)
STORE_TEST_LIBS = tests/libstorefixture.a libstore.a $(LOWER_FLOORS) $(SQLITE_LIBS) $(JANSSON_LIBS) $(OPENSSL_LIBS) \
	$(CMOCKA_LIBS)

check_LIBRARIES += tests/libstorefixture.a
tests_libstorefixture_a_SOURCES = tests/store_fixture.c tests/store_fixture.h tests/record_copy.c tests/record_copy.h \
	tests/faulty_vfs.c tests/faulty_vfs.h tests/trail_fixture.c tests/trail_fixture.h
tests_libstorefixture_a_CPPFLAGS = $(STORE_TEST_CPPFLAGS)

check_PROGRAMS += tests/check_store
tests_check_store_SOURCES = tests/check_store.c
tests_check_store_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_check_store_LDADD = $(STORE_TEST_LIBS)

check_PROGRAMS += tests/check_store_faults
tests_check_store_faults_SOURCES = tests/check_store_faults.c
tests_check_store_faults_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_check_store_faults_LDADD = $(STORE_TEST_LIBS)

check_PROGRAMS += tests/check_writer
tests_check_writer_SOURCES = tests/check_writer.c
tests_check_writer_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_check_writer_LDADD = $(STORE_TEST_LIBS)

check_PROGRAMS += tests/check_store_history
tests_check_store_history_SOURCES = tests/check_store_history.c
tests_check_store_history_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_check_store_history_LDADD = $(STORE_TEST_LIBS)

check_PROGRAMS += tests/check_store_bounds
tests_check_store_bounds_SOURCES = tests/check_store_bounds.c
tests_check_store_bounds_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_check_store_bounds_LDADD = $(STORE_TEST_LIBS)

check_PROGRAMS += tests/check_store_retention
tests_check_store_retention_SOURCES = tests/check_store_retention.c
tests_check_store_retention_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_check_store_retention_LDADD = $(STORE_TEST_LIBS)

check_PROGRAMS += tests/check_store_migration
tests_check_store_migration_SOURCES = tests/check_store_migration.c
tests_check_store_migration_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_check_store_migration_LDADD = $(STORE_TEST_LIBS)

check_PROGRAMS += tests/check_store_kill
tests_check_store_kill_SOURCES = tests/check_store_kill.c
tests_check_store_kill_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_check_store_kill_LDADD = $(STORE_TEST_LIBS)

check_PROGRAMS += tests/check_store_trail
tests_check_store_trail_SOURCES = tests/check_store_trail.c
tests_check_store_trail_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_check_store_trail_LDADD = $(STORE_TEST_LIBS)

check_PROGRAMS += tests/check_event_page
tests_check_event_page_SOURCES = tests/check_event_page.c
tests_check_event_page_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_check_event_page_LDADD = $(STORE_TEST_LIBS)
