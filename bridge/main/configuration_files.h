/* SPDX-License-Identifier: Apache-2.0 */
/* Finds and reads the configuration's files: the one named, then conf.d/ beside it in name order. */
#ifndef MAIN_CONFIGURATION_FILES_H
#define MAIN_CONFIGURATION_FILES_H

#include "main/ini.h"
#include "main/problems.h"

/* A missing or unreadable file is a problem; a missing conf.d is not. */
void configuration_files_read(struct ini *ini, const char *path, struct problems *problems);

#endif
