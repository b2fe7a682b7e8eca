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

# Fuzz targets: a short seeded run in every check; libFuzzer's programs with --enable-fuzzers and clang. Start those
# with `tests/check_fuzz_message --corpus FOLDER`, then `tests/fuzz_message FOLDER`.
FUZZ_COMMON = tests/fuzz/fuzz.h tests/seeded.h

check_PROGRAMS += tests/check_fuzz_message
tests_check_fuzz_message_SOURCES = tests/fuzz/standalone.c tests/fuzz/fuzz_message.c $(FUZZ_COMMON)
tests_check_fuzz_message_CPPFLAGS = $(CK_TEST_CPPFLAGS)
tests_check_fuzz_message_LDADD = libck.a libbase.a $(JANSSON_LIBS)

check_PROGRAMS += tests/check_fuzz_frame
tests_check_fuzz_frame_SOURCES = tests/fuzz/standalone.c tests/fuzz/fuzz_frame.c $(FUZZ_COMMON)
tests_check_fuzz_frame_CPPFLAGS = $(CK_TEST_CPPFLAGS)
tests_check_fuzz_frame_LDADD = libck.a libbase.a $(JANSSON_LIBS)

if FUZZERS
FUZZ_TARGETS += tests/fuzz_message tests/fuzz_frame
noinst_PROGRAMS += tests/fuzz_message tests/fuzz_frame
tests_fuzz_message_SOURCES = tests/fuzz/fuzz_message.c $(FUZZ_COMMON)
tests_fuzz_message_CPPFLAGS = $(CK_TEST_CPPFLAGS)
tests_fuzz_message_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_message_LDADD = libck.a libbase.a $(JANSSON_LIBS)
tests_fuzz_frame_SOURCES = tests/fuzz/fuzz_frame.c $(FUZZ_COMMON)
tests_fuzz_frame_CPPFLAGS = $(CK_TEST_CPPFLAGS)
tests_fuzz_frame_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_frame_LDADD = libck.a libbase.a $(JANSSON_LIBS)
endif
