# SPDX-License-Identifier: Apache-2.0
# Floor 3: webhooks, their pure parts; the daemon's tests have the rest.
check_PROGRAMS += tests/check_webhook
tests_check_webhook_SOURCES = tests/check_webhook.c
tests_check_webhook_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE $(CMOCKA_CFLAGS)
tests_check_webhook_LDADD = libwebhook.a $(LOWER_FLOORS) $(WEBHOOK_LIBS) $(CMOCKA_LIBS)
