/* SPDX-License-Identifier: Apache-2.0 */
/* The rows that ckbKmTable and ckbKmStatsTable share. */
#ifndef SNMP_KM_ROWS_H
#define SNMP_KM_ROWS_H

#include "snmp/mib_table.h"

size_t km_row_count(const struct view *view);
size_t km_row_index(const struct view *view, size_t row, arc out_index[MIB_INDEX_MAX]);

#endif
