# SPDX-License-Identifier: Apache-2.0
# Floor 3: the SNMP agent. Reads snapshots and history, knows nothing of its neighbours.
noinst_LIBRARIES += libagent.a
libagent_a_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE $(NETSNMP_CFLAGS) $(OPENSSL_CFLAGS)
libagent_a_SOURCES = \
	bridge/snmp/agent.c bridge/snmp/snmp.h \
	bridge/snmp/agent_setup.c bridge/snmp/agent_setup.h \
	bridge/snmp/agent_tables.c bridge/snmp/agent_tables.h \
	bridge/snmp/bridge_scalars.c \
	bridge/snmp/cell.c bridge/snmp/cell.h \
	bridge/snmp/engine.c bridge/snmp/engine.h \
	bridge/snmp/identity.h \
	bridge/snmp/instance_table.c \
	bridge/snmp/km_rows.h bridge/snmp/km_stats_table.c bridge/snmp/km_table.c \
	bridge/snmp/library_turn.c bridge/snmp/library_turn.h \
	bridge/snmp/link_table.c \
	bridge/snmp/listeners.c bridge/snmp/listeners.h \
	bridge/snmp/master.c bridge/snmp/master.h \
	bridge/snmp/master_transport.c bridge/snmp/master_transport.h \
	bridge/snmp/net_snmp.h \
	bridge/snmp/notification_delivery.c bridge/snmp/notification_delivery.h \
	bridge/snmp/notification_queue.c bridge/snmp/notification_queue.h \
	bridge/snmp/notification_varbinds.c bridge/snmp/notification_varbinds.h \
	bridge/snmp/notifier.c bridge/snmp/notifier.h \
	bridge/snmp/options_copy.c bridge/snmp/options_copy.h \
	bridge/snmp/protocol_groups.c \
	bridge/snmp/receiver.c bridge/snmp/receiver.h \
	bridge/snmp/relay_table.c \
	bridge/snmp/rest.c bridge/snmp/rest.h \
	bridge/snmp/route_table.c \
	bridge/snmp/stream_guard.c bridge/snmp/stream_guard.h \
	bridge/snmp/mib_table.c bridge/snmp/mib_table.h \
	bridge/snmp/system_group.c \
	bridge/snmp/view.c bridge/snmp/view.h
