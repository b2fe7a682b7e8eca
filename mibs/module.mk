# SPDX-License-Identifier: Apache-2.0
# The MIB as it is installed: with the root that the program was built for.
mibdir = $(datadir)/snmp/mibs
nodist_mib_DATA = mibs/built/QKDN-CK-BRIDGE-MIB.txt
CLEANFILES += mibs/built/QKDN-CK-BRIDGE-MIB.txt
EXTRA_DIST += mibs/QKDN-CK-BRIDGE-MIB.txt

mibs/built/QKDN-CK-BRIDGE-MIB.txt: $(top_srcdir)/mibs/QKDN-CK-BRIDGE-MIB.txt Makefile
	$(AM_V_GEN)$(MKDIR_P) mibs/built && \
	sed -e 's/^ckbEnterprise  *OBJECT IDENTIFIER ::= { enterprises 32473 }/ckbEnterprise    OBJECT IDENTIFIER ::= { enterprises @MIB_ENTERPRISE@ }/' \
	    -e 's/^\(  *\)::= { ckbEnterprise 7164 }/\1::= { ckbEnterprise @MIB_LAST@ }/' \
	    $(top_srcdir)/mibs/QKDN-CK-BRIDGE-MIB.txt > $@.new && mv $@.new $@
