# SPDX-License-Identifier: Apache-2.0
# Floor 3: the northbound HTTP API.
HTTP_TEST_LIBS = tests/libhttpfixture.a libhttp.a libcore.a libtopology.a libck.a libsystem.a libbase.a $(HTTP_LIBS) \
	$(CMOCKA_LIBS)
HTTP_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE -I$(top_srcdir)/tests $(CMOCKA_CFLAGS) $(MICROHTTPD_CFLAGS) \
	$(GNUTLS_CFLAGS) $(JANSSON_CFLAGS)

check_LIBRARIES += tests/libhttpfixture.a
tests_libhttpfixture_a_SOURCES = tests/http_fake.c tests/http_fake.h tests/http_fake_history.c tests/http_client.c \
	tests/http_client.h
tests_libhttpfixture_a_CPPFLAGS = $(HTTP_CPPFLAGS)

check_PROGRAMS += tests/check_http_parts
tests_check_http_parts_SOURCES = tests/check_http_parts.c
tests_check_http_parts_CPPFLAGS = $(HTTP_CPPFLAGS)
tests_check_http_parts_LDADD = $(HTTP_TEST_LIBS)

check_PROGRAMS += tests/check_http
tests_check_http_SOURCES = tests/check_http.c
tests_check_http_CPPFLAGS = $(HTTP_CPPFLAGS)
tests_check_http_LDADD = $(HTTP_TEST_LIBS)

check_PROGRAMS += tests/check_http_conditions
tests_check_http_conditions_SOURCES = tests/check_http_conditions.c
tests_check_http_conditions_CPPFLAGS = $(HTTP_CPPFLAGS)
tests_check_http_conditions_LDADD = $(HTTP_TEST_LIBS)

check_PROGRAMS += tests/check_http_metrics
tests_check_http_metrics_SOURCES = tests/check_http_metrics.c
tests_check_http_metrics_CPPFLAGS = $(HTTP_CPPFLAGS)
tests_check_http_metrics_LDADD = $(HTTP_TEST_LIBS)

check_PROGRAMS += tests/check_http_access
tests_check_http_access_SOURCES = tests/check_http_access.c
tests_check_http_access_CPPFLAGS = $(HTTP_CPPFLAGS)
tests_check_http_access_LDADD = $(HTTP_TEST_LIBS)

check_PROGRAMS += tests/check_http_requests
tests_check_http_requests_SOURCES = tests/check_http_requests.c
tests_check_http_requests_CPPFLAGS = $(HTTP_CPPFLAGS)
tests_check_http_requests_LDADD = $(HTTP_TEST_LIBS)

check_PROGRAMS += tests/check_http_stream
tests_check_http_stream_SOURCES = tests/check_http_stream.c
tests_check_http_stream_CPPFLAGS = $(HTTP_CPPFLAGS)
tests_check_http_stream_LDADD = $(HTTP_TEST_LIBS)

check_PROGRAMS += tests/check_http_snapshot
tests_check_http_snapshot_SOURCES = tests/check_http_snapshot.c
tests_check_http_snapshot_CPPFLAGS = $(HTTP_CPPFLAGS)
tests_check_http_snapshot_LDADD = $(HTTP_TEST_LIBS)

check_PROGRAMS += tests/check_http_idempotency
tests_check_http_idempotency_SOURCES = tests/check_http_idempotency.c
tests_check_http_idempotency_CPPFLAGS = $(HTTP_CPPFLAGS)
tests_check_http_idempotency_LDADD = $(HTTP_TEST_LIBS)

check_PROGRAMS += tests/check_http_trail
tests_check_http_trail_SOURCES = tests/check_http_trail.c
tests_check_http_trail_CPPFLAGS = $(HTTP_CPPFLAGS)
tests_check_http_trail_LDADD = $(HTTP_TEST_LIBS)

check_PROGRAMS += tests/check_http_tls
tests_check_http_tls_SOURCES = tests/check_http_tls.c
tests_check_http_tls_CPPFLAGS = $(HTTP_CPPFLAGS) $(OPENSSL_CFLAGS)
tests_check_http_tls_LDADD = tests/libnetfixture.a $(HTTP_TEST_LIBS) $(OPENSSL_LIBS)

check_PROGRAMS += tests/check_http_fuzz
tests_check_http_fuzz_SOURCES = tests/check_http_fuzz.c tests/seeded.h
tests_check_http_fuzz_CPPFLAGS = $(HTTP_CPPFLAGS)
tests_check_http_fuzz_LDADD = $(HTTP_TEST_LIBS)

check_PROGRAMS += tests/check_http_openapi
tests_check_http_openapi_SOURCES = tests/check_http_openapi.c
tests_check_http_openapi_CPPFLAGS = $(HTTP_CPPFLAGS)
tests_check_http_openapi_LDADD = $(HTTP_TEST_LIBS)

EXTRA_DIST += tests/vectors/json_conformance.json
check_PROGRAMS += tests/check_json_conformance
tests_check_json_conformance_SOURCES = tests/check_json_conformance.c
tests_check_json_conformance_CPPFLAGS = $(HTTP_CPPFLAGS)
tests_check_json_conformance_LDADD = $(HTTP_TEST_LIBS)

check_PROGRAMS += tests/check_http_web
tests_check_http_web_SOURCES = tests/check_http_web.c
tests_check_http_web_CPPFLAGS = $(HTTP_CPPFLAGS)
tests_check_http_web_LDADD = $(HTTP_TEST_LIBS)
