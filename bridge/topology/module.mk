# SPDX-License-Identifier: Apache-2.0
# Floor 1: the network of KMAs and links, and the paths through it. Pure.
noinst_LIBRARIES += libtopology.a
libtopology_a_SOURCES = \
	bridge/topology/blocks.c bridge/topology/blocks.h bridge/topology/disjoint.c bridge/topology/disjoint.h \
	bridge/topology/distances.c bridge/topology/distances.h bridge/topology/front.h \
	bridge/topology/named.c bridge/topology/named.h \
	bridge/topology/network.c bridge/topology/network.h bridge/topology/network_state.h \
	bridge/topology/pair.c bridge/topology/pair.h \
	bridge/topology/paths.c bridge/topology/paths.h \
	bridge/topology/search.c bridge/topology/search.h \
	bridge/topology/selection.c bridge/topology/selection.h \
	bridge/topology/subset.c bridge/topology/subset.h
