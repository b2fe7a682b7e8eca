# SPDX-License-Identifier: Apache-2.0
# Floor 1: the Ck protocol: frame, messages, dialects, and the JSON that payloads are. Pure.
noinst_LIBRARIES += libck.a
libck_a_SOURCES = \
	bridge/ck/dialect.c bridge/ck/dialect.h \
	bridge/ck/frame.c bridge/ck/frame.h \
	bridge/ck/json_plain.h \
	bridge/ck/json_reader.c bridge/ck/json_reader.h \
	bridge/ck/json_writer.c bridge/ck/json_writer.h \
	bridge/ck/message.h bridge/ck/message_decode.c bridge/ck/message_encode.c \
	bridge/ck/spelling.c bridge/ck/spelling.h
