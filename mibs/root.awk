# SPDX-License-Identifier: Apache-2.0
# Gives QKDN-CK-BRIDGE-MIB its root: -v below=NUMBERS, those below enterprises, separated by dots. Each number gets a
# node of its own, as a module must not skip any.
BEGIN {
    count = split(below, numbers, ".")
    parent = "ckbEnterprise"
    nodes = node(parent, "enterprises", numbers[1])
    for (i = 2; i < count; i++) {
        nodes = nodes "\n" node("ckbEnterprise" i, parent, numbers[i])
        parent = "ckbEnterprise" i
    }
}

function node(name, above, number) {
    return sprintf("%-16s OBJECT IDENTIFIER ::= { %s %s }", name, above, number)
}

/^ckbEnterprise +OBJECT IDENTIFIER/ { print nodes; found++; next }
/^ +::= { ckbEnterprise 7164 }$/ { printf "    ::= { %s %s }\n", parent, numbers[count]; found++; next }
{ print }

END { exit found == 2 ? 0 : 1 }
