# SPDX-License-Identifier: Apache-2.0
# Floor 2: the core, one program a theme.
CORE_TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(CMOCKA_CFLAGS)
CORE_TEST_LIBS = $(PURE_FLOORS) $(CMOCKA_LIBS)
CORE_FIXTURE = tests/core_fixture.c tests/core_fixture.h tests/heap_memory.h

check_PROGRAMS += tests/check_core_relays
tests_check_core_relays_SOURCES = tests/check_core_relays.c $(CORE_FIXTURE)
tests_check_core_relays_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_relays_LDADD = $(CORE_TEST_LIBS)
