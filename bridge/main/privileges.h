/* SPDX-License-Identifier: Apache-2.0 */
/* Gives up root: keys are read and ports bound as root, everything else is done as an ordinary user. */
#ifndef MAIN_PRIVILEGES_H
#define MAIN_PRIVILEGES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct privileges {
    bool root; /* started as root, and there is a user to become */
    uid_t uid;
    gid_t gid;
};

/* Finds out what there is to drop. False: `user` was demanded and does not exist; *out_detail says so. */
bool privileges_find(struct privileges *privileges, const char *user, bool demanded, char *out_detail,
                     size_t detail_bytes);
/* For a while: files made meanwhile belong to the user. */
bool privileges_lower(const struct privileges *privileges);
bool privileges_raise(const struct privileges *privileges);
/* For good. False: it did not work, and the process must not go on. */
bool privileges_drop(const struct privileges *privileges);

#endif
