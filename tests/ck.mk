# SPDX-License-Identifier: Apache-2.0
# Floor 1: the Ck protocol.
EXTRA_DIST += tests/vectors/frames.json

check_PROGRAMS += tests/check_vectors
tests_check_vectors_SOURCES = tests/check_vectors.c
tests_check_vectors_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
tests_check_vectors_LDADD = libck.a libbase.a $(JANSSON_LIBS) $(CMOCKA_LIBS)
