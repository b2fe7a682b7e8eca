/* SPDX-License-Identifier: Apache-2.0 */
/* The API's collections: where they are, and what a list of them shows. */
#ifndef CKCTL_RESOURCE_H
#define CKCTL_RESOURCE_H

enum column_kind {
    COLUMN_PLAIN,
    COLUMN_NUMBER,
    COLUMN_STATE,
    COLUMN_WAY, /* "path", or else "next_hops" */
};

struct column {
    const char *heading; /* NULL ends the list */
    const char *member;
    enum column_kind kind;
};

struct resource {
    const char *path;  /* below /api/v1; NULL: not of the API */
    const char *below; /* of one object's collection, "/dead_letters"; NULL: it is no such */
    const char *id_member;
    const char *choice_member; /* of a decision: "path" or "next_hops"; NULL: none is made */
    struct column columns[12];
};

extern const struct resource resource_kms, resource_applications, resource_destinations, resource_routes,
    resource_links, resource_relays, resource_lookups, resource_events, resource_tokens, resource_webhooks,
    resource_dead_letters, resource_audit, resource_certificates;

#endif
