# SPDX-License-Identifier: Apache-2.0
# Floor 4: the configuration's parser, and the whole daemon.
if HAVE_CMOCKA
CONFIG_FIXTURE = tests/config_fixture.c tests/config_fixture.h
CONFIG_TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests -D_GNU_SOURCE $(CMOCKA_CFLAGS)
CONFIG_TEST_LIBS = libconfiguration.a libcore.a libck.a libsystem.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/check_config
tests_check_config_SOURCES = tests/check_config.c $(CONFIG_FIXTURE)
tests_check_config_CPPFLAGS = $(CONFIG_TEST_CPPFLAGS)
tests_check_config_LDADD = $(CONFIG_TEST_LIBS)

check_PROGRAMS += tests/check_config_snmp
tests_check_config_snmp_SOURCES = tests/check_config_snmp.c $(CONFIG_FIXTURE)
tests_check_config_snmp_CPPFLAGS = $(CONFIG_TEST_CPPFLAGS)
tests_check_config_snmp_LDADD = $(CONFIG_TEST_LIBS)

check_PROGRAMS += tests/check_command_ring
tests_check_command_ring_SOURCES = tests/check_command_ring.c bridge/main/command_ring.c
tests_check_command_ring_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE $(CMOCKA_CFLAGS)
tests_check_command_ring_LDADD = $(LOWER_FLOORS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/check_runner
tests_check_runner_SOURCES = tests/check_runner.c bridge/main/runner.c \
	bridge/main/snapshot_cell.c
tests_check_runner_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE $(CMOCKA_CFLAGS)
tests_check_runner_LDADD = libconfiguration.a $(LOWER_FLOORS) $(CMOCKA_LIBS)
endif

EXTRA_DIST += tests/fuzz/fuzz_config.c
if FUZZERS
FUZZ_TARGETS += tests/fuzz/fuzz_config
noinst_PROGRAMS += tests/fuzz/fuzz_config
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c
tests_fuzz_fuzz_config_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_config_LDADD = libconfiguration.a libcore.a libck.a libsystem.a libbase.a
endif

# The whole daemon: one script an area; the long ones first.
DAEMON_TESTS = \
	tests/daemon/openapi_live.py \
	tests/daemon/daemon_kill.py \
	tests/daemon/daemon_webhooks.py \
	tests/daemon/daemon_metrics.py \
	tests/daemon/daemon_audit.py \
	tests/daemon/daemon_conditions.py \
	tests/daemon/daemon_config.py \
	tests/daemon/daemon_conformance_access.py \
	tests/daemon/daemon_conformance_api.py \
	tests/daemon/daemon_conformance_limits.py \
	tests/daemon/daemon_conformance_relays.py \
	tests/daemon/daemon_conformance_wire.py \
	tests/daemon/daemon_disk.py \
	tests/daemon/daemon_dry_run.py \
	tests/daemon/daemon_errors.py \
	tests/daemon/daemon_failing.py \
	tests/daemon/daemon_flow.py \
	tests/daemon/daemon_idempotency.py \
	tests/daemon/daemon_json.py \
	tests/daemon/daemon_layouts.py \
	tests/daemon/daemon_load.py \
	tests/daemon/daemon_monitoring.py \
	tests/daemon/daemon_orchestrator.py \
	tests/daemon/daemon_paths.py \
	tests/daemon/daemon_paths_keys.py \
	tests/daemon/daemon_restart.py \
	tests/daemon/daemon_roles.py \
	tests/daemon/daemon_tokens.py \
	tests/daemon/daemon_snapshot.py \
	tests/daemon/daemon_web.py
check_SCRIPTS += $(DAEMON_TESTS)
EXTRA_DIST += tests/daemon/exposition.py tests/daemon/harness.py tests/daemon/openapi_document.py \
	tests/daemon/openapi_requests.py tests/daemon/receiver.py tests/daemon/stage.py tests/daemon/trail.py \
	$(DAEMON_TESTS)
