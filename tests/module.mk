# SPDX-License-Identifier: Apache-2.0
if HAVE_CMOCKA
include tests/base.mk
include tests/ck.mk
include tests/topology.mk
include tests/core.mk
include tests/world.mk
include tests/net.mk
include tests/store.mk
include tests/http.mk
include tests/webhook.mk
include tests/ckctl.mk
include tests/cksim.mk
endif
include tests/daemon.mk
include tests/web.mk
include tests/snmp.mk
include tests/demo.mk
include tests/house.mk
include tests/bench.mk
