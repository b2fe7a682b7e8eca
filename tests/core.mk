# SPDX-License-Identifier: Apache-2.0
# Floor 2: the core, one program a theme.
CORE_TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(CMOCKA_CFLAGS)
CORE_TEST_LIBS = tests/libcorefixture.a $(PURE_FLOORS) $(CMOCKA_LIBS)

check_LIBRARIES += tests/libcorefixture.a
tests_libcorefixture_a_SOURCES = tests/core_fixture.c tests/core_fixture.h tests/heap_memory.h
tests_libcorefixture_a_CPPFLAGS = $(CORE_TEST_CPPFLAGS)

# A made network and its day: for a test, and for the bench that has the figures.
BACKBONE_DAY = tests/backbone/backbone.c tests/backbone/backbone.h tests/backbone/day.c tests/backbone/day.h \
	tests/backbone/day_core.c tests/backbone/day_faults.c tests/backbone/day_flights.c \
	tests/backbone/day_state.h tests/backbone/stock.c tests/backbone/stock.h tests/backbone/traffic.c \
	tests/backbone/traffic.h tests/heap_memory.h tests/seeded.h

check_PROGRAMS += tests/check_backbone
tests_check_backbone_SOURCES = tests/check_backbone.c $(BACKBONE_DAY)
tests_check_backbone_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_backbone_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_budget
tests_check_core_budget_SOURCES = tests/check_core_budget.c
tests_check_core_budget_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_budget_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_completion
tests_check_core_completion_SOURCES = tests/check_core_completion.c
tests_check_core_completion_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_completion_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_constraints
tests_check_core_constraints_SOURCES = tests/check_core_constraints.c
tests_check_core_constraints_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_constraints_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_explanation
tests_check_core_explanation_SOURCES = tests/check_core_explanation.c tests/explained_words.c \
	tests/explained_words.h
tests_check_core_explanation_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_explanation_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_failing
tests_check_core_failing_SOURCES = tests/check_core_failing.c
tests_check_core_failing_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_failing_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_held
tests_check_core_held_SOURCES = tests/check_core_held.c
tests_check_core_held_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_held_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_learn
tests_check_core_learn_SOURCES = tests/check_core_learn.c
tests_check_core_learn_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_learn_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_decisions
tests_check_core_decisions_SOURCES = tests/check_core_decisions.c
tests_check_core_decisions_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_decisions_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_directory
tests_check_core_directory_SOURCES = tests/check_core_directory.c
tests_check_core_directory_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_directory_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_limits
tests_check_core_limits_SOURCES = tests/check_core_limits.c
tests_check_core_limits_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_limits_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_lookups
tests_check_core_lookups_SOURCES = tests/check_core_lookups.c
tests_check_core_lookups_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_lookups_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_memory
tests_check_core_memory_SOURCES = tests/check_core_memory.c
tests_check_core_memory_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_memory_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_notice
tests_check_core_notice_SOURCES = tests/check_core_notice.c
tests_check_core_notice_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_notice_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_policy
tests_check_core_policy_SOURCES = tests/check_core_policy.c
tests_check_core_policy_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_policy_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_planner
tests_check_core_planner_SOURCES = tests/check_core_planner.c
tests_check_core_planner_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_planner_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_preview
tests_check_core_preview_SOURCES = tests/check_core_preview.c
tests_check_core_preview_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_preview_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_relays
tests_check_core_relays_SOURCES = tests/check_core_relays.c
tests_check_core_relays_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_relays_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_repeats
tests_check_core_repeats_SOURCES = tests/check_core_repeats.c
tests_check_core_repeats_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_repeats_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_restore
tests_check_core_restore_SOURCES = tests/check_core_restore.c
tests_check_core_restore_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_restore_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_routes
tests_check_core_routes_SOURCES = tests/check_core_routes.c
tests_check_core_routes_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_routes_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_sessions
tests_check_core_sessions_SOURCES = tests/check_core_sessions.c
tests_check_core_sessions_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_sessions_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_snapshot
tests_check_core_snapshot_SOURCES = tests/check_core_snapshot.c
tests_check_core_snapshot_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_snapshot_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_totals
tests_check_core_totals_SOURCES = tests/check_core_totals.c
tests_check_core_totals_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_totals_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_trail
tests_check_core_trail_SOURCES = tests/check_core_trail.c
tests_check_core_trail_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_trail_LDADD = $(CORE_TEST_LIBS)

check_PROGRAMS += tests/check_core_vocabulary
tests_check_core_vocabulary_SOURCES = tests/check_core_vocabulary.c
tests_check_core_vocabulary_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_check_core_vocabulary_LDADD = $(CORE_TEST_LIBS)
