# SPDX-License-Identifier: Apache-2.0
# Floor 1: the Ck protocol.
CK_TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
CK_TEST_LIBS = libck.a libbase.a $(JANSSON_LIBS) $(CMOCKA_LIBS)

EXTRA_DIST += tests/vectors/frames.json tests/vectors/json_cases.json

check_PROGRAMS += tests/check_frame
tests_check_frame_SOURCES = tests/check_frame.c tests/seeded.h
tests_check_frame_CPPFLAGS = $(CK_TEST_CPPFLAGS)
tests_check_frame_LDADD = $(CK_TEST_LIBS)

check_PROGRAMS += tests/check_dialect
tests_check_dialect_SOURCES = tests/check_dialect.c tests/heap_memory.h
tests_check_dialect_CPPFLAGS = $(CK_TEST_CPPFLAGS)
tests_check_dialect_LDADD = $(CK_TEST_LIBS)

check_PROGRAMS += tests/check_json_reader
tests_check_json_reader_SOURCES = tests/check_json_reader.c
tests_check_json_reader_CPPFLAGS = $(CK_TEST_CPPFLAGS)
tests_check_json_reader_LDADD = $(CK_TEST_LIBS)

check_PROGRAMS += tests/check_json_writer
tests_check_json_writer_SOURCES = tests/check_json_writer.c tests/seeded.h
tests_check_json_writer_CPPFLAGS = $(CK_TEST_CPPFLAGS)
tests_check_json_writer_LDADD = $(CK_TEST_LIBS)

check_PROGRAMS += tests/check_vectors
tests_check_vectors_SOURCES = tests/check_vectors.c
tests_check_vectors_CPPFLAGS = $(CK_TEST_CPPFLAGS)
tests_check_vectors_LDADD = $(CK_TEST_LIBS)

check_PROGRAMS += tests/check_message_decode
tests_check_message_decode_SOURCES = tests/check_message_decode.c
tests_check_message_decode_CPPFLAGS = $(CK_TEST_CPPFLAGS)
tests_check_message_decode_LDADD = $(CK_TEST_LIBS)

check_PROGRAMS += tests/check_message_encode
tests_check_message_encode_SOURCES = tests/check_message_encode.c
tests_check_message_encode_CPPFLAGS = $(CK_TEST_CPPFLAGS)
tests_check_message_encode_LDADD = $(CK_TEST_LIBS)
