# SPDX-License-Identifier: Apache-2.0
# Floor 3: the northbound HTTP API. Knows the core's vocabulary, snapshots and history, nothing of its neighbours.
noinst_LIBRARIES += libhttp.a
libhttp_a_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE $(MICROHTTPD_CFLAGS) $(GNUTLS_CFLAGS) $(JANSSON_CFLAGS)
libhttp_a_SOURCES = \
	bridge/http/access.c bridge/http/access.h \
	bridge/http/api.c bridge/http/api.h \
	bridge/http/applications.c \
	bridge/http/attempts.c bridge/http/attempts.h \
	bridge/http/audit.c \
	bridge/http/auth.c bridge/http/auth.h \
	bridge/http/body.c bridge/http/body.h \
	bridge/http/body_place.c bridge/http/body_place.h \
	bridge/http/command_request.c \
	bridge/http/commands.c bridge/http/commands.h \
	bridge/http/configuration.c bridge/http/configuration.h \
	bridge/http/cookie.c bridge/http/cookie.h \
	bridge/http/credentials.c bridge/http/credentials.h \
	bridge/http/crowd.c bridge/http/crowd.h \
	bridge/http/destinations.c \
	bridge/http/dispatch.c bridge/http/dispatch.h \
	bridge/http/event_filter.c \
	bridge/http/events.c \
	bridge/http/explanation_render.c bridge/http/explanation_render.h \
	bridge/http/exposition.c bridge/http/exposition.h \
	bridge/http/feed.c bridge/http/feed.h \
	bridge/http/header.c bridge/http/header.h \
	bridge/http/health.c \
	bridge/http/history_list.c bridge/http/history_list.h \
	bridge/http/http.c bridge/http/http.h \
	bridge/http/idempotency.c bridge/http/idempotency.h \
	bridge/http/instant.c bridge/http/instant.h \
	bridge/http/items.h \
	bridge/http/kept_answer.c bridge/http/kept_answer.h \
	bridge/http/kms.c \
	bridge/http/layouts.c \
	bridge/http/links.c \
	bridge/http/lookups.c \
	bridge/http/metrics.c bridge/http/metrics.h \
	bridge/http/metrics_ck.c \
	bridge/http/metrics_kms.c \
	bridge/http/metrics_requests.c \
	bridge/http/metrics_service.c \
	bridge/http/metrics_snmp.c \
	bridge/http/metrics_webhooks.c \
	bridge/http/mirror.c bridge/http/mirror.h \
	bridge/http/network_cache.c bridge/http/network_cache.h \
	bridge/http/openapi.c \
	bridge/http/page.c bridge/http/page.h \
	bridge/http/paths.c \
	bridge/http/paths_answer.c bridge/http/paths_answer.h \
	bridge/http/peer.c bridge/http/peer.h \
	bridge/http/precondition.c bridge/http/precondition.h \
	bridge/http/policy.c bridge/http/policy.h \
	bridge/http/preview_render.c bridge/http/preview_render.h \
	bridge/http/problem.c bridge/http/problem.h \
	bridge/http/refusals.c bridge/http/refusals.h \
	bridge/http/relays.c \
	bridge/http/render.c bridge/http/render.h \
	bridge/http/request.c bridge/http/request.h \
	bridge/http/resources.h \
	bridge/http/response.c bridge/http/response.h \
	bridge/http/router.c bridge/http/router.h \
	bridge/http/routes.c \
	bridge/http/secret.c bridge/http/secret.h \
	bridge/http/server.c bridge/http/server.h \
	bridge/http/session.c \
	bridge/http/sign_ins.c bridge/http/sign_ins.h \
	bridge/http/status.c \
	bridge/http/stream.c bridge/http/stream.h \
	bridge/http/stream_snapshot.c bridge/http/stream_snapshot.h \
	bridge/http/stream_status.c \
	bridge/http/tally.c bridge/http/tally.h \
	bridge/http/timers.c bridge/http/timers.h \
	bridge/http/token_book.c bridge/http/token_book.h \
	bridge/http/tokens.c \
	bridge/http/uri.c bridge/http/uri.h \
	bridge/http/usage.c bridge/http/usage.h \
	bridge/http/uses.c bridge/http/uses.h \
	bridge/http/web.c bridge/http/web.h \
	bridge/http/web_files.c bridge/http/web_files.h \
	bridge/http/webhook_deliveries.c \
	bridge/http/webhook_view.c bridge/http/webhook_view.h \
	bridge/http/webhooks.c
HTTP_LIBS = $(MICROHTTPD_LIBS) $(GNUTLS_LIBS) $(JANSSON_LIBS)

# The API's description becomes string literals, a line each, that openapi.c includes; out of bridge/, which is for
# what people write.
EXTRA_DIST += bridge/http/openapi.json
CLEANFILES += openapi_json.h
bridge/http/libhttp_a-openapi.$(OBJEXT): openapi_json.h
openapi_json.h: bridge/http/openapi.json
	$(AM_V_GEN)LC_ALL=C sed -e 's/[\\"?]/\\&/g' -e 's/^/"/' -e 's/$$/\\n"/' $(srcdir)/bridge/http/openapi.json >$@.tmp
	$(AM_V_at)mv -f $@.tmp $@
