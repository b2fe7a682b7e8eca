/* SPDX-License-Identifier: Apache-2.0 */
/* A lab's own authority in a directory: what the pki commands share. */
#ifndef CKCTL_PKI_H
#define CKCTL_PKI_H

#include "ckctl/command.h"
#include "pki/certificate.h"
#include "pki/certificate_view.h"
#include "pki/credential_file.h"

/* File names without their endings. */
#define PKI_AUTHORITY "ca"
#define PKI_REVOCATIONS "crl"

/* --dir. NULL: says on standard error that it is needed. */
const char *pki_directory(const struct context *context);
/* Says on standard error what the trouble is; OUTCOME_USAGE. */
enum outcome pki_tell(const struct trouble *trouble);
/* The directory's authority with its key. False: says why on standard error. */
bool pki_open_authority(const char *directory, struct authority *out_authority);

#endif
