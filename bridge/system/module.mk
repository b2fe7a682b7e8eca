# SPDX-License-Identifier: Apache-2.0
# Beside floor 2: what the floors above need of the operating system. Not pure, so no floor below includes it.
noinst_LIBRARIES += libsystem.a
libsystem_a_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
libsystem_a_SOURCES = \
	bridge/system/clock.c bridge/system/clock.h \
	bridge/system/process_heap.c bridge/system/process_heap.h \
	bridge/system/process_usage.c bridge/system/process_usage.h \
	bridge/system/thread_priority.c bridge/system/thread_priority.h
