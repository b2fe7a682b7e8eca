# SPDX-License-Identifier: Apache-2.0
# Floor 3: events to webhooks' receivers, over libcurl. Knows the core's vocabulary, snapshots and history, nothing of
# its neighbours.
noinst_LIBRARIES += libwebhook.a
libwebhook_a_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE $(CURL_CFLAGS) $(OPENSSL_CFLAGS)
libwebhook_a_SOURCES = \
	bridge/webhook/delivery.c \
	bridge/webhook/endpoint.c bridge/webhook/endpoint.h \
	bridge/webhook/event_queue.c bridge/webhook/event_queue.h \
	bridge/webhook/letters.c \
	bridge/webhook/policy.c bridge/webhook/policy.h \
	bridge/webhook/record.c \
	bridge/webhook/sender.c bridge/webhook/sender.h \
	bridge/webhook/signature.c bridge/webhook/signature.h \
	bridge/webhook/transfer.c bridge/webhook/transfer.h \
	bridge/webhook/webhook.c bridge/webhook/webhook.h
WEBHOOK_LIBS = $(CURL_LIBS) $(OPENSSL_LIBS)
