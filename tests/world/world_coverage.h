/* SPDX-License-Identifier: Apache-2.0 */
/* What has happened in simulated worlds, so that nothing passes because it never came about. */
#ifndef WORLD_WORLD_COVERAGE_H
#define WORLD_WORLD_COVERAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/core.h"

/* How often each thing happened, over all seeds. */
struct coverage {
    uint64_t seeds, runs, steps, crashes, torn_commits, failed_commits, commits, no_memory, snapshots, walks,
        views_shared;
    uint64_t relay_ends[RELAY_STATES_END][REASONS_END];
    uint64_t lookup_ends[LOOKUP_STATES_END][REASONS_END];
    uint64_t relay_deciders[DECIDERS_END], lookup_deciders[DECIDERS_END];
    uint64_t notices[NOTICES_END];
    uint64_t closes[REASONS_END];
    uint64_t replies[REPLY_BUSY + 1];
    uint64_t reply_reasons[REASONS_END];
    uint64_t commands[COMMAND_FILE_REPLACE + 1];
    uint64_t late_completions, repeats_answered, repeats_made_new, restored_relays, restored_lookups;
    uint64_t answers, answers_empty, sends[CK_COMMANDS_END], received[CK_COMMANDS_END];
    uint64_t clock_jumps_back, reloads, leases_ended;
    uint64_t keys_reserved, keys_exhausted, keys_full, budgets_written, learned, penalties, recoveries;
    uint64_t explained_exactly, explained_in_part, explained_hops, explained_none, constrained_paths,
        constrained_hops, penalised_avoided, penalised_used, others_told, others_none, others_unsought;
    uint64_t own_limits, own_deciders;      /* other than the settings say */
    uint64_t touched[TOUCH_UNANSWERED + 1]; /* as dry runs had told; [TOUCH_NONE]: dry runs */
};

void coverage_print(const struct coverage *coverage);
/* Prints one TAP line for each thing that must have happened, numbered from `number`; false: one is missing.
 */
bool coverage_report(const struct coverage *coverage, int number);
int coverage_count(void);

#endif
