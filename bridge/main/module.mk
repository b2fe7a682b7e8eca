# SPDX-License-Identifier: Apache-2.0
# Floor 4: the daemon. The configuration is a library of its own, for its tests and its fuzzer.
noinst_LIBRARIES += libconfiguration.a
libconfiguration_a_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE -DWEB_FOLDER='"$(webdir)"'
libconfiguration_a_SOURCES = \
	bridge/main/configuration.c bridge/main/configuration.h \
	bridge/main/configuration_check.c bridge/main/configuration_check.h \
	bridge/main/configuration_check_snmp.c bridge/main/configuration_check_snmp.h \
	bridge/main/configuration_files.c bridge/main/configuration_files.h \
	bridge/main/ini.c bridge/main/ini.h \
	bridge/main/problems.c bridge/main/problems.h \
	bridge/main/schema.c bridge/main/schema.h \
	bridge/main/setting_parse.c bridge/main/setting_parse.h \
	bridge/main/words.c bridge/main/words.h

sbin_PROGRAMS += ckbridged
ckbridged_SOURCES = \
	bridge/main/arguments.c bridge/main/arguments.h \
	bridge/main/background.c bridge/main/background.h \
	bridge/main/command_ring.c bridge/main/command_ring.h \
	bridge/main/configuration_apply.c bridge/main/configuration_apply.h \
	bridge/main/configuration_snmp.c bridge/main/configuration_snmp.h \
	bridge/main/daemon.h \
	bridge/main/daemon_reload.c \
	bridge/main/daemon_run.c \
	bridge/main/daemon_snmp.c bridge/main/daemon_snmp.h \
	bridge/main/daemon_start.c \
	bridge/main/daemon_wiring.c \
	bridge/main/log.c bridge/main/log.h \
	bridge/main/main.c \
	bridge/main/notice_log.c bridge/main/notice_log.h \
	bridge/main/privileges.c bridge/main/privileges.h \
	bridge/main/runner.c bridge/main/runner.h \
	bridge/main/service_notify.c bridge/main/service_notify.h \
	bridge/main/snapshot_cell.c bridge/main/snapshot_cell.h \
	bridge/main/status_board.c bridge/main/status_board.h \
	bridge/main/webhook_wiring.c bridge/main/webhook_wiring.h
ckbridged_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
ckbridged_LDADD = libconfiguration.a libhttp.a libwebhook.a libagent.a libstore.a libnet.a libcore.a libtopology.a libck.a \
	libsystem.a libbase.a $(MICROHTTPD_LIBS) $(GNUTLS_LIBS) $(SQLITE_LIBS) $(OPENSSL_LIBS) $(JANSSON_LIBS) $(CURL_LIBS) \
	$(NETSNMP_LIBS)
