/* SPDX-License-Identifier: Apache-2.0 */
/* A notice in packed form: all that its JSON shows, in about a seventh of the bytes; rendered when it is
 * read. */
#ifndef STORE_NOTICE_PACKING_H
#define STORE_NOTICE_PACKING_H

#include <stdbool.h>

#include "core/notice.h"
#include "store/packing.h"

/* A step often tells two things of one relay in a row: its data is packed with the first. `relay_before` is
   the relay of the notice packed just before this one into the same buffer; NULL: none. */
void notice_pack(struct bytes_writer *writer, const struct notice *notice,
                 const struct relay_record *relay_before);

/* What an unpacked notice points at, beside the packed bytes; zeroed before the first notice of a buffer and
   left alone between its notices. */
struct notice_storage {
    union {
        struct relay_record relay;
        struct lookup_record lookup;
    };
    bool holds_relay;
    struct text texts[LIMIT_PATH_KMAS];
};

/* False, and the unpacker has failed: damaged. The notice is good until the next. */
bool notice_unpack(struct unpacker *unpacker, struct notice_storage *storage, struct notice *out_notice);

#endif
