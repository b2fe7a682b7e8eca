# SPDX-License-Identifier: Apache-2.0
# A lab's own authority, for both of the tools below.
noinst_LIBRARIES += libpki.a
libpki_a_SOURCES = \
	tools/pki/certificate.c tools/pki/certificate.h \
	tools/pki/certificate_view.c tools/pki/certificate_view.h \
	tools/pki/credential_file.c tools/pki/credential_file.h \
	tools/pki/revocation.c tools/pki/revocation.h
libpki_a_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE $(OPENSSL_CFLAGS)

# cksim: everything but main() in a library that its tests link too.
noinst_LIBRARIES += libcksim.a
libcksim_a_SOURCES = \
	tools/cksim/answer.c tools/cksim/simulation.h \
	tools/cksim/check.c tools/cksim/check.h \
	tools/cksim/credentials.c tools/cksim/credentials.h \
	tools/cksim/fault.c \
	tools/cksim/fleet.c \
	tools/cksim/flow.c tools/cksim/flow.h \
	tools/cksim/histogram.c tools/cksim/histogram.h \
	tools/cksim/ini.c tools/cksim/ini.h \
	tools/cksim/load.c \
	tools/cksim/network.c tools/cksim/network.h \
	tools/cksim/options.c tools/cksim/options.h \
	tools/cksim/pki.c tools/cksim/pki.h \
	tools/cksim/progress.c tools/cksim/progress.h \
	tools/cksim/quantity.c tools/cksim/quantity.h \
	tools/cksim/random.c tools/cksim/random.h \
	tools/cksim/relay.c \
	tools/cksim/report.h tools/cksim/report_json.c tools/cksim/report_text.c \
	tools/cksim/request.c \
	tools/cksim/run.c \
	tools/cksim/scenario.c tools/cksim/scenario.h tools/cksim/scenario_build.h \
	tools/cksim/scenario_emit.c tools/cksim/scenario_finish.c tools/cksim/scenario_read.c \
	tools/cksim/scenario_schema.c tools/cksim/scenario_schema.h \
	tools/cksim/system.c tools/cksim/system.h \
	tools/cksim/tally.c tools/cksim/tally.h \
	tools/cksim/timers.c tools/cksim/timers.h \
	tools/cksim/topology.c
libcksim_a_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE $(OPENSSL_CFLAGS)
CKSIM_LINKED = libcksim.a libpki.a libnet.a libck.a libsystem.a libbase.a $(OPENSSL_LIBS) -lm

bin_PROGRAMS += cksim
cksim_SOURCES = tools/cksim/main.c
cksim_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE $(OPENSSL_CFLAGS)
cksim_LDADD = $(CKSIM_LINKED)

cksimscenariosdir = $(pkgdatadir)/scenarios
dist_cksimscenarios_DATA = \
	tools/cksim/scenarios/nsfnet.scenario \
	tools/cksim/scenarios/rough-day.scenario

# ckctl: everything but main() in a library that its tests link too.
noinst_LIBRARIES += libckctl.a
libckctl_a_SOURCES = \
	tools/ckctl/api.c tools/ckctl/api.h \
	tools/ckctl/audit.c \
	tools/ckctl/buffer.c tools/ckctl/buffer.h \
	tools/ckctl/canonical.c tools/ckctl/canonical.h \
	tools/ckctl/chain.c tools/ckctl/chain.h \
	tools/ckctl/command.h tools/ckctl/commands.c \
	tools/ckctl/context.c \
	tools/ckctl/credentials.c tools/ckctl/credentials.h \
	tools/ckctl/decide.c \
	tools/ckctl/diff.c tools/ckctl/diff.h \
	tools/ckctl/display.c tools/ckctl/display.h \
	tools/ckctl/doctor.c tools/ckctl/doctor_bridge.c tools/ckctl/doctor_kms.c \
	tools/ckctl/doctor_routes.c \
	tools/ckctl/events.c \
	tools/ckctl/explain.c tools/ckctl/explain.h tools/ckctl/explain_lookup.c tools/ckctl/explain_routes.c tools/ckctl/explain_stored.c \
	tools/ckctl/explain_paths.c \
	tools/ckctl/finding.c tools/ckctl/finding.h \
	tools/ckctl/help.c tools/ckctl/help.h \
	tools/ckctl/instant.c tools/ckctl/instant.h \
	tools/ckctl/list.c tools/ckctl/list.h \
	tools/ckctl/network.c tools/ckctl/network.h \
	tools/ckctl/options.c tools/ckctl/options.h \
	tools/ckctl/outcome.h \
	tools/ckctl/pages.c tools/ckctl/pages.h \
	tools/ckctl/paths.c tools/ckctl/paths.h \
	tools/ckctl/pki.c tools/ckctl/pki.h tools/ckctl/pki_list.c \
	tools/ckctl/problem.c tools/ckctl/problem.h \
	tools/ckctl/reason.c tools/ckctl/reason.h \
	tools/ckctl/resource.c tools/ckctl/resource.h \
	tools/ckctl/route_judge.c tools/ckctl/route_judge.h \
	tools/ckctl/send.c tools/ckctl/send.h \
	tools/ckctl/show.c tools/ckctl/show.h \
	tools/ckctl/sse.c tools/ckctl/sse.h \
	tools/ckctl/table.c tools/ckctl/table.h \
	tools/ckctl/terminal.c tools/ckctl/terminal.h \
	tools/ckctl/token.c \
	tools/ckctl/value.c tools/ckctl/value.h \
	tools/ckctl/webhook.c \
	tools/ckctl/write.c
libckctl_a_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE $(CURL_CFLAGS) $(JANSSON_CFLAGS) $(OPENSSL_CFLAGS)
CKCTL_LINKED = libckctl.a libpki.a libbase.a $(CURL_LIBS) $(JANSSON_LIBS) $(OPENSSL_LIBS)

bin_PROGRAMS += ckctl
ckctl_SOURCES = tools/ckctl/main.c
ckctl_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE $(JANSSON_CFLAGS)
ckctl_LDADD = $(CKCTL_LINKED)

bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = tools/ckctl/ckctl.bash
