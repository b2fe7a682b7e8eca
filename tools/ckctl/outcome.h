/* SPDX-License-Identifier: Apache-2.0 */
/* How a command ended: ckctl's exit codes, as --help documents them. */
#ifndef CKCTL_OUTCOME_H
#define CKCTL_OUTCOME_H

enum outcome {
    OUTCOME_OK = 0,
    OUTCOME_REFUSED = 1, /* by the bridge, or doctor found something wrong, or the answer could not be used */
    OUTCOME_USAGE = 2,
    OUTCOME_UNREACHABLE = 3,
    OUTCOME_UNAUTHORISED = 4,
    OUTCOME_NOT_FOUND = 5,
};

#endif
