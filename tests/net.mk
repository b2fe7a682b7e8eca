# SPDX-License-Identifier: Apache-2.0
# Floor 3: the Ck side of the network.
NET_TEST_LIBS = libnet.a libck.a libbase.a $(OPENSSL_LIBS) $(CMOCKA_LIBS)
NET_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE -I$(top_srcdir)/tests $(CMOCKA_CFLAGS) $(OPENSSL_CFLAGS)

check_PROGRAMS += tests/check_server
tests_check_server_SOURCES = tests/check_server.c tests/net_pki.c tests/net_pki.h
tests_check_server_CPPFLAGS = $(NET_CPPFLAGS)
tests_check_server_LDADD = $(NET_TEST_LIBS)
