# SPDX-License-Identifier: Apache-2.0
# Floor 4: the daemon. The configuration is a library of its own, for its tests and its fuzzer.
noinst_LIBRARIES += libconfiguration.a
libconfiguration_a_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
libconfiguration_a_SOURCES = \
	bridge/main/configuration.c bridge/main/configuration.h \
	bridge/main/configuration_check.c bridge/main/configuration_check.h \
	bridge/main/configuration_files.c bridge/main/configuration_files.h \
	bridge/main/ini.c bridge/main/ini.h \
	bridge/main/problems.c bridge/main/problems.h \
	bridge/main/schema.c bridge/main/schema.h \
	bridge/main/setting_parse.c bridge/main/setting_parse.h \
	bridge/main/system_memory.c bridge/main/system_memory.h \
	bridge/main/words.c bridge/main/words.h
