/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the names under which the agent registers its tables with the library, one a line. */
#include <stdio.h>
#include <string.h>

#include "snmp/agent_tables.h"
#include "snmp/net_snmp.h"

/* Nothing is asked for here, so nothing is ever taken. */
void snapshot_release(struct snapshot *snapshot)
{
    (void)snapshot;
}

int main(void)
{
    static struct agent_tables tables;
    size_t found = 0;
    snmp_disable_log();
    if (init_agent("ckbridge") != 0 || !agent_tables_register(&tables, false))
        return 1;
    for (netsnmp_subtree *tree = netsnmp_subtree_find_first(""); tree != NULL; tree = tree->next) {
        if (tree->reginfo == NULL || strcmp(tree->reginfo->handlerName, "ckbridge") != 0)
            continue;
        for (size_t i = 0; i < tree->namelen; i++)
            printf(".%lu", tree->name_a[i]);
        printf("\n");
        found++;
    }
    return found > 0 ? 0 : 1;
}
