# SPDX-License-Identifier: Apache-2.0
# Programs run before scripts, and each in this order: what takes long comes first, so that all end together. What the
# programs of a floor share is compiled once, into a library.
FUZZ_TARGETS =
if HAVE_CMOCKA
include tests/world.mk
endif
include tests/snmp.mk
include tests/web.mk
include tests/daemon.mk
if HAVE_CMOCKA
include tests/topology.mk
include tests/cksim.mk
include tests/ckctl.mk
include tests/base.mk
include tests/ck.mk
include tests/core.mk
include tests/net.mk
include tests/store.mk
include tests/http.mk
include tests/webhook.mk
endif
include tests/demo.mk
include tests/house.mk
include tests/bench.mk

# libFuzzer's programs, and nothing else that a build makes.
.PHONY: fuzzers
fuzzers: $(FUZZ_TARGETS)
