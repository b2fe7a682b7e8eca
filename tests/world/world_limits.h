/* SPDX-License-Identifier: Apache-2.0 */
/* How large a simulated world may be. */
#ifndef WORLD_WORLD_LIMITS_H
#define WORLD_WORLD_LIMITS_H

enum {
    WORLD_KMS_MAX = 40,
    WORLD_KMAS_PER_KM = 3,
    WORLD_NODES_MAX = WORLD_KMS_MAX * WORLD_KMAS_PER_KM + 2, /* two KMAs belong to no KM */
    WORLD_EDGES_MAX = 400,
    WORLD_APPLICATIONS_MAX = 12,
    WORLD_SESSIONS_MAX = 128,
    WORLD_NAME_BYTES = 40,
    WORLD_OUTSTANDING_MAX =
        32, /* Key relay requests that a KM still means to answer; the oldest is dropped */
    WORLD_PAYLOAD_BYTES = 2048,
    WORLD_EXTENSION_BYTES = 512,
    WORLD_ASKED_MAX = 512, /* next hop requests of one session that are followed */
    WORLD_HELD_MAX = 128,  /* held requests that the orchestrator still means to decide */
    WORLD_ANSWERS_MAX = 4096,
    WORLD_FAILURES_MAX = 512, /* of relays; the newest are remembered */
    WORLD_OBJECTS_MAX = 2048, /* configuration objects that were ever written */
};

#endif
