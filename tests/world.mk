# SPDX-License-Identifier: Apache-2.0
# The seeded simulator around the real core: floors 0 to 2 alone, no test library needed.
check_PROGRAMS += tests/check_world
tests_check_world_SOURCES = tests/check_world.c tests/record_copy.c tests/record_copy.h \
	tests/world/random.h tests/world/world.h tests/world/world.c \
	tests/world/world_memory.c tests/world/world_rows.c tests/world/world_store.c tests/world/world_net.c \
	tests/world/world_payload.c tests/world/world_km.c tests/world/world_config.c \
	tests/world/world_orchestrator.c tests/world/world_command.c tests/world/world_digest.c \
	tests/world/world_check.c tests/world/world_check_row.c tests/world/world_check_message.c \
	tests/world/world_check_send.c tests/world/world_check_answer.c tests/world/world_check_snapshot.c tests/world/world_check_keys.c \
	tests/world/world_book.c tests/world/world_ways.c tests/world/world_constraints.c tests/world/world_check_explanation.c tests/world/world_check_hops.c \
	tests/world/world_check_learn.c tests/world/world_check_failing.c tests/world/world_policy.c \
	tests/world/world_rehearse.c tests/world/world_sabotage.c tests/world/world_sabotage_explanation.c \
	tests/world/world_coverage.c tests/world/world_coverage.h \
	tests/world/world_limits.h tests/world/world_book.h tests/world/world_constraints.h tests/world/world_ways.h
tests_check_world_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_check_world_LDADD = $(PURE_FLOORS)
