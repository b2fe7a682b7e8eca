# SPDX-License-Identifier: Apache-2.0
# The MIB as it is installed: with the root that the program was built for.
mibdir = $(datadir)/snmp/mibs
nodist_mib_DATA = mibs/built/QKDN-CK-BRIDGE-MIB.txt
CLEANFILES += mibs/built/QKDN-CK-BRIDGE-MIB.txt
EXTRA_DIST += mibs/QKDN-CK-BRIDGE-MIB.txt mibs/root.awk

mibs/built/QKDN-CK-BRIDGE-MIB.txt: $(top_srcdir)/mibs/QKDN-CK-BRIDGE-MIB.txt $(top_srcdir)/mibs/root.awk Makefile
	$(AM_V_GEN)$(MKDIR_P) mibs/built && \
	$(AWK) -v below=$(MIB_ROOT_BELOW_ENTERPRISES) -f $(top_srcdir)/mibs/root.awk \
	    $(top_srcdir)/mibs/QKDN-CK-BRIDGE-MIB.txt > $@.new && mv $@.new $@
