/* SPDX-License-Identifier: Apache-2.0 */
#include "main/privileges.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

bool privileges_find(struct privileges *privileges, const char *user, bool demanded, char *out_detail,
                     size_t detail_bytes)
{
    *privileges = (struct privileges){ 0 };
    if (geteuid() != 0)
        return true;
    const struct passwd *entry = getpwnam(user);
    if (entry == NULL) {
        snprintf(out_detail, detail_bytes, "there is no user %s", user);
        return !demanded;
    }
    *privileges = (struct privileges){ entry->pw_uid != 0, entry->pw_uid, entry->pw_gid };
    return true;
}

bool privileges_lower(const struct privileges *privileges)
{
    return !privileges->root || (setegid(privileges->gid) == 0 && seteuid(privileges->uid) == 0);
}

bool privileges_raise(const struct privileges *privileges)
{
    return !privileges->root || (seteuid(0) == 0 && setegid(0) == 0);
}

bool privileges_drop(const struct privileges *privileges)
{
    /* Holds for every thread: the C library sees to that. */
    if (privileges->root &&
        (setgroups(0, NULL) != 0 || setresgid(privileges->gid, privileges->gid, privileges->gid) != 0 ||
         setresuid(privileges->uid, privileges->uid, privileges->uid) != 0 || setuid(0) == 0))
        return false;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}
