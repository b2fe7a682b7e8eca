# SPDX-License-Identifier: Apache-2.0
# Built and run by `make bench` alone: figures are looked at, never asserted in the tests.
EXTRA_PROGRAMS += tests/bench/bench_echo tests/bench/bench_load tests/bench/bench_streams
tests_bench_bench_echo_SOURCES = tests/bench/bench_echo.c
tests_bench_bench_echo_LDADD = libnet.a libck.a libsystem.a libbase.a $(OPENSSL_LIBS)
tests_bench_bench_load_SOURCES = tests/bench/bench_load.c
tests_bench_bench_load_LDADD = libnet.a libck.a libsystem.a libbase.a $(OPENSSL_LIBS)
tests_bench_bench_streams_SOURCES = tests/bench/bench_streams.c
tests_bench_bench_streams_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
# Only here is igraph wanted: what compares with it is built with it.
EXTRA_PROGRAMS += tests/bench/bench_paths
tests_bench_bench_paths_SOURCES = tests/bench/bench_paths.c tests/bench/cpu_time.h tests/heap_memory.h tests/seeded.h
tests_bench_bench_paths_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE -I$(IGRAPH_INCLUDE)
tests_bench_bench_paths_LDADD = libtopology.a libbase.a -ligraph
EXTRA_PROGRAMS += tests/bench/bench_backbone
tests_bench_bench_backbone_SOURCES = tests/bench/bench_backbone.c tests/bench/cpu_time.h $(BACKBONE_DAY)
tests_bench_bench_backbone_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE -I$(top_srcdir)/tests -I$(IGRAPH_INCLUDE)
tests_bench_bench_backbone_LDADD = $(PURE_FLOORS) -ligraph
EXTRA_PROGRAMS += tests/bench/bench_planner
tests_bench_bench_planner_SOURCES = tests/bench/bench_planner.c tests/bench/cpu_time.h tests/heap_memory.h tests/seeded.h
tests_bench_bench_planner_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_bench_bench_planner_LDADD = $(PURE_FLOORS)
IGRAPH_INCLUDE = /usr/include/igraph
EXTRA_DIST += tests/bench/bench.py tests/bench/bench_dashboard.py tests/bench/bench_http.py \
	tests/bench/bench_snmp.py tests/bench/README.md

.PHONY: bench
bench: ckbridged cksim dashboard tests/bench/bench_echo tests/bench/bench_load tests/bench/bench_streams \
		tests/bench/bench_paths tests/bench/bench_planner tests/bench/bench_backbone
	/usr/bin/python3 $(top_srcdir)/tests/bench/bench.py --build . $(BENCH_ARGUMENTS)
	/usr/bin/python3 $(top_srcdir)/tests/bench/bench_http.py --build . $(BENCH_HTTP_ARGUMENTS)
	/usr/bin/python3 $(top_srcdir)/tests/bench/bench_dashboard.py --build . $(BENCH_DASHBOARD_ARGUMENTS)
	/usr/bin/python3 $(top_srcdir)/tests/bench/bench_snmp.py --build . $(BENCH_SNMP_ARGUMENTS)
	tests/bench/bench_paths $(top_srcdir)/tests/topologies/germany50.txt $(BENCH_PATHS_ARGUMENTS)
	tests/bench/bench_planner $(BENCH_PLANNER_ARGUMENTS)
	tests/bench/bench_backbone $(BENCH_BACKBONE_ARGUMENTS)
