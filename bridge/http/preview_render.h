/* SPDX-License-Identifier: Apache-2.0 */
/* What a dry run tells, as JSON. */
#ifndef HTTP_PREVIEW_RENDER_H
#define HTTP_PREVIEW_RENDER_H

#include "core/preview.h"
#include "http/render.h"

/* "changes", "changes_cut" and "touched"; NULL, for want of memory: nothing, and cut. */
void preview_put_members(struct bytes_writer *writer, const struct preview *preview);

/* A configuration's members, as PUT takes them; each resource's file has its own. */
void km_put_config(struct bytes_writer *writer, const void *km_config);
void application_put_config(struct bytes_writer *writer, const void *application_config);
void destination_put_config(struct bytes_writer *writer, const void *destination_config);
void route_put_config(struct bytes_writer *writer, const void *route_config);
void link_put_config(struct bytes_writer *writer, const void *link_config);

#endif
