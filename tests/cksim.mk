# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += tests/check_cksim_histogram tests/check_cksim_relay tests/check_cksim_scenario
tests_check_cksim_histogram_SOURCES = tests/check_cksim_histogram.c
tests_check_cksim_histogram_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_check_cksim_histogram_LDADD = $(CKSIM_LINKED) $(CMOCKA_LIBS)
tests_check_cksim_relay_SOURCES = tests/check_cksim_relay.c
tests_check_cksim_relay_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_check_cksim_relay_LDADD = $(CKSIM_LINKED) $(CMOCKA_LIBS)
tests_check_cksim_scenario_SOURCES = tests/check_cksim_scenario.c
tests_check_cksim_scenario_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_check_cksim_scenario_LDADD = $(CKSIM_LINKED) $(CMOCKA_LIBS)

check_SCRIPTS += tests/cksim_rules.py tests/cksim_run.py
EXTRA_DIST += tests/cksim_rules.py tests/cksim_run.py tests/cksim_controller.py
