# SPDX-License-Identifier: Apache-2.0
# The SNMP agent against net-snmp's own programs: one script an area.
SNMP_TESTS = \
	tests/snmp/snmp_mib.py
check_SCRIPTS += $(SNMP_TESTS)
EXTRA_DIST += tests/snmp/snmp_stage.py $(SNMP_TESTS)
