# SPDX-License-Identifier: Apache-2.0
# Floor 3: the Ck side of the network. OpenSSL is linked by whoever links this.
noinst_LIBRARIES += libnet.a
libnet_a_SOURCES = \
	bridge/net/address.c bridge/net/address.h \
	bridge/net/client.c bridge/net/client.h \
	bridge/net/client_connection.h \
	bridge/net/client_credentials.c bridge/net/client_credentials.h \
	bridge/net/client_tls.c bridge/net/client_tls.h \
	bridge/net/clients.c \
	bridge/net/connection.c bridge/net/connection.h \
	bridge/net/connection_table.c bridge/net/connection_table.h \
	bridge/net/handshake.c bridge/net/handshake.h \
	bridge/net/inbox.c bridge/net/inbox.h \
	bridge/net/list.c bridge/net/list.h \
	bridge/net/listener.c bridge/net/listener.h \
	bridge/net/loop.c bridge/net/loop.h \
	bridge/net/outbox.c bridge/net/outbox.h \
	bridge/net/psk.c bridge/net/psk.h \
	bridge/net/rate.c bridge/net/rate.h \
	bridge/net/server.c bridge/net/server.h \
	bridge/net/socket.c bridge/net/socket.h \
	bridge/net/socket_bio.c bridge/net/socket_bio.h \
	bridge/net/stream.c bridge/net/stream.h \
	bridge/net/tls_context.c bridge/net/tls_context.h \
	bridge/net/tls_identity.c bridge/net/tls_identity.h \
	bridge/net/tls_psk.c bridge/net/tls_psk.h
libnet_a_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE $(OPENSSL_CFLAGS)
