# SPDX-License-Identifier: Apache-2.0
# Floor 1: the network and the paths through it.
TOPOLOGY_TEST_LIBS = tests/libtopologyfixture.a libtopology.a libbase.a $(CMOCKA_LIBS)

check_LIBRARIES += tests/libtopologyfixture.a
tests_libtopologyfixture_a_SOURCES = tests/topology_fixture.c tests/topology_fixture.h tests/heap_memory.h
tests_libtopologyfixture_a_CPPFLAGS = $(BASE_TEST_CPPFLAGS)

check_PROGRAMS += tests/check_topology_network
tests_check_topology_network_SOURCES = tests/check_topology_network.c tests/seeded.h
tests_check_topology_network_CPPFLAGS = $(BASE_TEST_CPPFLAGS)
tests_check_topology_network_LDADD = $(TOPOLOGY_TEST_LIBS)

check_PROGRAMS += tests/check_topology_paths
tests_check_topology_paths_SOURCES = tests/check_topology_paths.c
tests_check_topology_paths_CPPFLAGS = $(BASE_TEST_CPPFLAGS)
tests_check_topology_paths_LDADD = $(TOPOLOGY_TEST_LIBS)

check_PROGRAMS += tests/check_topology_random
tests_check_topology_random_SOURCES = tests/check_topology_random.c tests/seeded.h
tests_check_topology_random_CPPFLAGS = $(BASE_TEST_CPPFLAGS)
tests_check_topology_random_LDADD = $(TOPOLOGY_TEST_LIBS)

check_PROGRAMS += tests/check_topology_pair
tests_check_topology_pair_SOURCES = tests/check_topology_pair.c
tests_check_topology_pair_CPPFLAGS = $(BASE_TEST_CPPFLAGS)
tests_check_topology_pair_LDADD = $(TOPOLOGY_TEST_LIBS)

check_PROGRAMS += tests/check_topology_pair_random
tests_check_topology_pair_random_SOURCES = tests/check_topology_pair_random.c tests/seeded.h
tests_check_topology_pair_random_CPPFLAGS = $(BASE_TEST_CPPFLAGS)
tests_check_topology_pair_random_LDADD = $(TOPOLOGY_TEST_LIBS)

# Driven by tests/topology_networkx.py.
noinst_PROGRAMS += tests/topology_lines
tests_topology_lines_SOURCES = tests/topology_lines.c tests/heap_memory.h
tests_topology_lines_CPPFLAGS = $(BASE_TEST_CPPFLAGS)
tests_topology_lines_LDADD = libtopology.a libbase.a
check_SCRIPTS += tests/topology_networkx.py
EXTRA_DIST += tests/topology_networkx.py tests/topologies/nsfnet.txt tests/topologies/cost266.txt \
	tests/topologies/germany50.txt
