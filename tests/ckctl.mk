# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += tests/check_ckctl_audit tests/check_ckctl_diff tests/check_ckctl_doctor tests/check_ckctl_stream \
	tests/check_ckctl_table
tests_check_ckctl_audit_SOURCES = tests/check_ckctl_audit.c
tests_check_ckctl_audit_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_check_ckctl_audit_LDADD = $(CKCTL_LINKED) $(CMOCKA_LIBS)
tests_check_ckctl_diff_SOURCES = tests/check_ckctl_diff.c
tests_check_ckctl_diff_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_check_ckctl_diff_LDADD = $(CKCTL_LINKED) $(CMOCKA_LIBS)
tests_check_ckctl_doctor_SOURCES = tests/check_ckctl_doctor.c
tests_check_ckctl_doctor_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_check_ckctl_doctor_LDADD = $(CKCTL_LINKED) $(CMOCKA_LIBS)
tests_check_ckctl_stream_SOURCES = tests/check_ckctl_stream.c
tests_check_ckctl_stream_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_check_ckctl_stream_LDADD = $(CKCTL_LINKED) $(CMOCKA_LIBS)
tests_check_ckctl_table_SOURCES = tests/check_ckctl_table.c
tests_check_ckctl_table_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_check_ckctl_table_LDADD = $(CKCTL_LINKED) $(CMOCKA_LIBS)

check_SCRIPTS += tests/ckctl_doctor.py tests/ckctl_paths.py tests/ckctl_pki.py tests/ckctl_run.py
EXTRA_DIST += tests/ckctl_call.py tests/ckctl_doctor.py tests/ckctl_paths.py tests/ckctl_pki.py tests/ckctl_run.py

check_SCRIPTS += tests/ckctl_trail.py
EXTRA_DIST += tests/ckctl_trail.py

check_SCRIPTS += tests/ckctl_webhooks.py
EXTRA_DIST += tests/ckctl_webhooks.py
