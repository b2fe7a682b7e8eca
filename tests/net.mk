# SPDX-License-Identifier: Apache-2.0
# Floor 3: the Ck side of the network.
NET_TEST_LIBS = tests/libnetfixture.a libnet.a libck.a libsystem.a libbase.a $(OPENSSL_LIBS) $(CMOCKA_LIBS)
NET_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE -I$(top_srcdir)/tests $(CMOCKA_CFLAGS) $(OPENSSL_CFLAGS)

check_LIBRARIES += tests/libnetfixture.a
tests_libnetfixture_a_SOURCES = tests/net_fixture.c tests/net_fixture.h tests/net_pki.c tests/net_pki.h
tests_libnetfixture_a_CPPFLAGS = $(NET_CPPFLAGS)

check_PROGRAMS += tests/check_server
tests_check_server_SOURCES = tests/check_server.c
tests_check_server_CPPFLAGS = $(NET_CPPFLAGS)
tests_check_server_LDADD = $(NET_TEST_LIBS)

check_PROGRAMS += tests/check_server_tls
tests_check_server_tls_SOURCES = tests/check_server_tls.c
tests_check_server_tls_CPPFLAGS = $(NET_CPPFLAGS)
tests_check_server_tls_LDADD = $(NET_TEST_LIBS)

check_PROGRAMS += tests/check_loop
tests_check_loop_SOURCES = tests/check_loop.c
tests_check_loop_CPPFLAGS = $(NET_CPPFLAGS)
tests_check_loop_LDADD = $(NET_TEST_LIBS)

check_PROGRAMS += tests/check_address
tests_check_address_SOURCES = tests/check_address.c
tests_check_address_CPPFLAGS = $(NET_CPPFLAGS)
tests_check_address_LDADD = $(NET_TEST_LIBS)

check_PROGRAMS += tests/check_net_parts
tests_check_net_parts_SOURCES = tests/check_net_parts.c
tests_check_net_parts_CPPFLAGS = $(NET_CPPFLAGS)
tests_check_net_parts_LDADD = $(NET_TEST_LIBS)

check_PROGRAMS += tests/check_psk
tests_check_psk_SOURCES = tests/check_psk.c
tests_check_psk_CPPFLAGS = $(NET_CPPFLAGS)
tests_check_psk_LDADD = $(NET_TEST_LIBS)

check_PROGRAMS += tests/check_tls_identity
tests_check_tls_identity_SOURCES = tests/check_tls_identity.c
tests_check_tls_identity_CPPFLAGS = $(NET_CPPFLAGS)
tests_check_tls_identity_LDADD = $(NET_TEST_LIBS)

check_PROGRAMS += tests/check_client
tests_check_client_SOURCES = tests/check_client.c
tests_check_client_CPPFLAGS = $(NET_CPPFLAGS)
tests_check_client_LDADD = $(NET_TEST_LIBS)
