# SPDX-License-Identifier: Apache-2.0
# Floor 3: the durable store and the journal thread that owns its write connection.
noinst_LIBRARIES += libstore.a
libstore_a_SOURCES = \
	bridge/store/config_json.c bridge/store/config_json.h \
	bridge/store/driver.h \
	bridge/store/event_page.c bridge/store/event_page.h \
	bridge/store/notice_packing.c bridge/store/notice_packing.h \
	bridge/store/packing.c bridge/store/packing.h \
	bridge/store/sqlite.h \
	bridge/store/sqlite_commit.c \
	bridge/store/sqlite_connection.c bridge/store/sqlite_connection.h \
	bridge/store/sqlite_driver.c \
	bridge/store/sqlite_maintain.c \
	bridge/store/sqlite_reader.c \
	bridge/store/sqlite_restore.c \
	bridge/store/sqlite_row.c bridge/store/sqlite_row.h \
	bridge/store/sqlite_schema.c bridge/store/sqlite_schema.h \
	bridge/store/sqlite_trail.c \
	bridge/store/sqlite_trail_reader.c \
	bridge/store/store.c bridge/store/store.h \
	bridge/store/writer.c bridge/store/writer.h
libstore_a_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS) $(JANSSON_CFLAGS) $(OPENSSL_CFLAGS)
