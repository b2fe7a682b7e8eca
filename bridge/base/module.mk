# SPDX-License-Identifier: Apache-2.0
# Floor 0: views, tables, heaps, bounds-checked writing. Pure.
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	bridge/base/arena.c bridge/base/arena.h \
	bridge/base/bytes.c bridge/base/bytes.h \
	bridge/base/distribution.c bridge/base/distribution.h \
	bridge/base/heap.c bridge/base/heap.h \
	bridge/base/limits.h \
	bridge/base/memory.c bridge/base/memory.h \
	bridge/base/packing.c bridge/base/packing.h \
	bridge/base/siphash.c bridge/base/siphash.h \
	bridge/base/table.c bridge/base/table.h \
	bridge/base/text.c bridge/base/text.h
