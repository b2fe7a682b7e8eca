# SPDX-License-Identifier: Apache-2.0
# Floor 0: texts, tables, heaps, arenas, writing.
BASE_TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(CMOCKA_CFLAGS)
BASE_TEST_LIBS = libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/check_arena
tests_check_arena_SOURCES = tests/check_arena.c tests/heap_memory.h tests/seeded.h
tests_check_arena_CPPFLAGS = $(BASE_TEST_CPPFLAGS)
tests_check_arena_LDADD = $(BASE_TEST_LIBS)

check_PROGRAMS += tests/check_bytes
tests_check_bytes_SOURCES = tests/check_bytes.c tests/seeded.h
tests_check_bytes_CPPFLAGS = $(BASE_TEST_CPPFLAGS)
tests_check_bytes_LDADD = $(BASE_TEST_LIBS)

check_PROGRAMS += tests/check_distribution
tests_check_distribution_SOURCES = tests/check_distribution.c
tests_check_distribution_CPPFLAGS = $(BASE_TEST_CPPFLAGS)
tests_check_distribution_LDADD = $(BASE_TEST_LIBS)

check_PROGRAMS += tests/check_heap
tests_check_heap_SOURCES = tests/check_heap.c tests/heap_memory.h tests/seeded.h
tests_check_heap_CPPFLAGS = $(BASE_TEST_CPPFLAGS)
tests_check_heap_LDADD = $(BASE_TEST_LIBS)

check_PROGRAMS += tests/check_siphash
tests_check_siphash_SOURCES = tests/check_siphash.c
tests_check_siphash_CPPFLAGS = $(BASE_TEST_CPPFLAGS)
tests_check_siphash_LDADD = $(BASE_TEST_LIBS)

check_PROGRAMS += tests/check_table
tests_check_table_SOURCES = tests/check_table.c tests/heap_memory.h tests/seeded.h
tests_check_table_CPPFLAGS = $(BASE_TEST_CPPFLAGS)
tests_check_table_LDADD = $(BASE_TEST_LIBS)

check_PROGRAMS += tests/check_text
tests_check_text_SOURCES = tests/check_text.c
tests_check_text_CPPFLAGS = $(BASE_TEST_CPPFLAGS)
tests_check_text_LDADD = $(BASE_TEST_LIBS)
