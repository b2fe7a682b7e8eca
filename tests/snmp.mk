# SPDX-License-Identifier: Apache-2.0
if HAVE_CMOCKA
check_PROGRAMS += tests/check_snmp_cell
tests_check_snmp_cell_SOURCES = tests/check_snmp_cell.c tests/seeded.h
tests_check_snmp_cell_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE -I$(top_srcdir)/tests $(CMOCKA_CFLAGS)
tests_check_snmp_cell_LDADD = libagent.a $(LOWER_FLOORS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/check_snmp_engine
tests_check_snmp_engine_SOURCES = tests/check_snmp_engine.c tests/seeded.h
tests_check_snmp_engine_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE -I$(top_srcdir)/tests $(CMOCKA_CFLAGS)
tests_check_snmp_engine_LDADD = libagent.a $(LOWER_FLOORS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/check_snmp_mib_table
tests_check_snmp_mib_table_SOURCES = tests/check_snmp_mib_table.c tests/seeded.h
tests_check_snmp_mib_table_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE -I$(top_srcdir)/tests $(CMOCKA_CFLAGS)
tests_check_snmp_mib_table_LDADD = libagent.a $(LOWER_FLOORS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/check_snmp_view
tests_check_snmp_view_SOURCES = tests/check_snmp_view.c
tests_check_snmp_view_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE -I$(top_srcdir)/tests $(CMOCKA_CFLAGS)
tests_check_snmp_view_LDADD = libagent.a $(LOWER_FLOORS) $(CMOCKA_LIBS)
endif

# The SNMP agent against net-snmp's own programs: one script an area; the long ones first.
SNMP_TESTS = \
	tests/snmp/snmp_standalone.py \
	tests/snmp/snmp_agentx.py \
	tests/snmp/snmp_tables.py \
	tests/snmp/snmp_receivers.py \
	tests/snmp/snmp_restart.py \
	tests/snmp/snmp_system.py \
	tests/snmp/snmp_mib.py \
	tests/snmp/snmp_once.py \
	tests/snmp/snmp_notifications.py \
	tests/snmp/snmp_churn.py \
	tests/snmp/snmp_packaging.py \
	tests/snmp/snmp_streams.py
check_SCRIPTS += $(SNMP_TESTS)
EXTRA_DIST += tests/snmp/agentx_master.py tests/snmp/snmp_expected.py tests/snmp/snmp_notices.py \
	tests/snmp/snmp_packets.py tests/snmp/snmp_stage.py \
	tests/snmp/snmp_world.py tests/snmp/store_lock.py $(SNMP_TESTS)

# Built by snmp_mib.py alone, for another root: so little is compiled there.
EXTRA_PROGRAMS += tests/snmp/mib_names
tests_snmp_mib_names_SOURCES = tests/snmp/mib_names.c bridge/base/arena.c bridge/base/memory.c \
	bridge/base/text.c bridge/core/vocabulary.c bridge/snmp/agent_tables.c bridge/snmp/bridge_scalars.c bridge/snmp/cell.c \
	bridge/snmp/instance_table.c bridge/snmp/km_stats_table.c bridge/snmp/km_table.c bridge/snmp/link_table.c \
	bridge/snmp/mib_table.c bridge/snmp/protocol_groups.c bridge/snmp/relay_table.c bridge/snmp/route_table.c \
	bridge/snmp/system_group.c bridge/snmp/view.c \
	bridge/system/clock.c bridge/system/process_heap.c
tests_snmp_mib_names_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE $(NETSNMP_CFLAGS)
tests_snmp_mib_names_LDADD = $(NETSNMP_LIBS)

# Its pure parts.
if HAVE_CMOCKA
check_PROGRAMS += tests/check_notification_queue
tests_check_notification_queue_SOURCES = tests/check_notification_queue.c
tests_check_notification_queue_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE $(CMOCKA_CFLAGS)
tests_check_notification_queue_LDADD = libagent.a $(LOWER_FLOORS) $(CMOCKA_LIBS)
endif
