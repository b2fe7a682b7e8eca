/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/notification_varbinds.h"

#include <string.h>

#include "snmp/cell.h"

enum { OBJECTS_ARC = 1, BRIDGE_ARC = 1, NOTIFICATION_OBJECTS_ARC = 8, SCALAR_OVERLOADED_ARC = 7 };
enum { AGENTS_ARC = 3, STANDALONE_ARC = 1 };                 /* ckbStandaloneAgent */
enum { SNMP_TRAP_OID = 1, SNMP_TRAP_ENTERPRISE = 3 };        /* of SNMPv2-MIB's snmpTrap */
enum { COLD_START_ARC = 1, AUTHENTICATION_FAILURE_ARC = 5 }; /* of its snmpTraps */

/* In the MIB's order, below ckbNotificationObjects. */
enum object {
    OBJECT_EVENT_ID = 1,
    OBJECT_EVENT_TIME,
    OBJECT_KM_ID,
    OBJECT_RELAY_ID,
    OBJECT_PEER,
    OBJECT_SECURITY,
    OBJECT_IDENTITY,
    OBJECT_REASON,
    OBJECT_DETAIL,
    OBJECT_SOURCE,
    OBJECT_DESTINATION_KMA,
    OBJECT_PENDING,
    OBJECT_SUPPRESSED,
    OBJECTS_END,
};

/* What each carries between the event's ID and time and the count of those suppressed; 0 ends it. */
static const unsigned char carried[NOTIFICATION_KINDS_END][8] = {
    [NOTIFICATION_KM_UP] = { OBJECT_KM_ID, OBJECT_PEER, OBJECT_SECURITY },
    [NOTIFICATION_KM_DOWN] = { OBJECT_KM_ID, OBJECT_PEER, OBJECT_REASON, OBJECT_DETAIL },
    [NOTIFICATION_KM_REFUSED] = { OBJECT_KM_ID, OBJECT_PEER, OBJECT_IDENTITY, OBJECT_REASON, OBJECT_DETAIL },
    [NOTIFICATION_RELAY_FAILED] = { OBJECT_RELAY_ID, OBJECT_KM_ID, OBJECT_SOURCE, OBJECT_DESTINATION_KMA,
                                    OBJECT_REASON, OBJECT_DETAIL },
    [NOTIFICATION_RELAY_EXPIRED] = { OBJECT_RELAY_ID, OBJECT_KM_ID, OBJECT_SOURCE, OBJECT_DESTINATION_KMA,
                                     OBJECT_REASON },
    [NOTIFICATION_DECISION_OVERDUE] = { OBJECT_RELAY_ID, OBJECT_KM_ID, OBJECT_SOURCE, OBJECT_DESTINATION_KMA,
                                        OBJECT_PENDING },
};

static void set(struct cell *cell, enum object object, const struct notification *notification,
                const struct view *view)
{
    switch (object) {
    case OBJECT_EVENT_ID:
        cell_set_decimal(cell, notification->event_id);
        return;
    case OBJECT_EVENT_TIME:
        cell_set_time(cell, notification->time_ms);
        return;
    case OBJECT_KM_ID:
        cell_set_c(cell, notification->km_id, LIMIT_IDENTIFIER_BYTES);
        return;
    case OBJECT_RELAY_ID:
        cell_set_decimal(cell, notification->request_id);
        return;
    case OBJECT_PEER:
        cell_set_c(cell, notification->peer, sizeof notification->peer);
        return;
    case OBJECT_SECURITY:
        cell_set_integer(cell, notification->security);
        return;
    case OBJECT_IDENTITY:
        cell_set_c(cell, notification->identity, NOTIFICATION_DETAIL_BYTES);
        return;
    case OBJECT_REASON:
        cell_set_c(cell, reason_name(notification->reason), 64);
        return;
    case OBJECT_DETAIL:
        cell_set_c(cell, notification->detail, NOTIFICATION_DETAIL_BYTES);
        return;
    case OBJECT_SOURCE:
        cell_set_c(cell, notification->source, LIMIT_IDENTIFIER_BYTES);
        return;
    case OBJECT_DESTINATION_KMA:
        cell_set_c(cell, notification->destination, LIMIT_IDENTIFIER_BYTES);
        return;
    case OBJECT_PENDING:
        cell_set_unsigned(cell, view->snapshot->totals.relays_held);
        return;
    case OBJECT_SUPPRESSED:
        cell_set_unsigned(cell, notification->suppressed);
        return;
    case OBJECTS_END:
        break;
    }
}

static bool append(netsnmp_variable_list **list, const oid *below, size_t below_length,
                   const struct cell *cell)
{
    oid name[MIB_NAME_MAX];
    memcpy(name, mib_root, sizeof mib_root);
    memcpy(name + MIB_ROOT_LENGTH, below, below_length * sizeof *below);
    const size_t length = MIB_ROOT_LENGTH + below_length;
    const long integer = cell->type == CELL_INTEGER ? cell->integer : (long)cell->number;
    if (cell->type == CELL_OCTETS)
        return snmp_varlist_add_variable(list, name, length, ASN_OCTET_STR, cell->octets, cell->length) !=
               NULL;
    return snmp_varlist_add_variable(list, name, length,
                                     cell->type == CELL_INTEGER ? ASN_INTEGER : ASN_UNSIGNED, &integer,
                                     sizeof integer) != NULL;
}

static bool append_object(netsnmp_variable_list **list, enum object object,
                          const struct notification *notification, const struct view *view)
{
    const oid below[] = { OBJECTS_ARC, NOTIFICATION_OBJECTS_ARC, object, 0 };
    struct cell cell;
    set(&cell, object, notification, view);
    return append(list, below, sizeof below / sizeof *below, &cell);
}

/* An object of SNMPv2-MIB's snmpTrap, whose value is a name. */
static bool append_name(netsnmp_variable_list **list, oid object, const oid *name, size_t name_bytes)
{
    const oid snmp_trap[] = { 1, 3, 6, 1, 6, 3, 1, 1, 4, object, 0 };
    return snmp_varlist_add_variable(list, snmp_trap, sizeof snmp_trap / sizeof *snmp_trap, ASN_OBJECT_ID,
                                     name, name_bytes) != NULL;
}

/* RFC 3416, 4.2.6: which it is; only sysUpTime comes before. */
static bool append_kind(netsnmp_variable_list **list, enum notification_kind kind)
{
    oid name[MIB_ROOT_LENGTH + 2];
    memcpy(name, mib_root, sizeof mib_root);
    name[MIB_ROOT_LENGTH] = 0;
    name[MIB_ROOT_LENGTH + 1] = kind;
    return append_name(list, SNMP_TRAP_OID, name, sizeof name);
}

/* Of RFC 3418: no objects but ours, and last of all who sends it, as gateways to SNMPv1 want (RFC 3584). */
static bool append_standard(netsnmp_variable_list **list, oid number, const struct notification *notification,
                            const struct view *view)
{
    const oid name[] = { 1, 3, 6, 1, 6, 3, 1, 1, 5, number };
    oid agent[MIB_ROOT_LENGTH + 2];
    memcpy(agent, mib_root, sizeof mib_root);
    agent[MIB_ROOT_LENGTH] = AGENTS_ARC;
    agent[MIB_ROOT_LENGTH + 1] = STANDALONE_ARC;
    return append_name(list, SNMP_TRAP_OID, name, sizeof name) &&
           append_object(list, OBJECT_SUPPRESSED, notification, view) &&
           append_name(list, SNMP_TRAP_ENTERPRISE, agent, sizeof agent);
}

static bool append_overloaded(netsnmp_variable_list **list, bool overloaded)
{
    static const oid below[] = { OBJECTS_ARC, BRIDGE_ARC, SCALAR_OVERLOADED_ARC, 0 };
    struct cell cell;
    cell_set_truth(&cell, overloaded);
    return append(list, below, sizeof below / sizeof *below, &cell);
}

static bool build(netsnmp_variable_list **list, const struct notification *notification,
                  const struct view *view)
{
    if (notification->kind == NOTIFICATION_COLD_START)
        return append_standard(list, COLD_START_ARC, notification, view);
    if (notification->kind == NOTIFICATION_AUTHENTICATION_FAILURE)
        return append_standard(list, AUTHENTICATION_FAILURE_ARC, notification, view);
    bool whole = append_kind(list, notification->kind) &&
                 append_object(list, OBJECT_EVENT_ID, notification, view) &&
                 append_object(list, OBJECT_EVENT_TIME, notification, view);
    if (whole && notification->kind == NOTIFICATION_OVERLOAD)
        whole = append_overloaded(list, notification->overloaded);
    const unsigned char *objects = carried[notification->kind];
    for (size_t i = 0; whole && objects[i] != 0; i++)
        whole = append_object(list, (enum object)objects[i], notification, view);
    return whole && append_object(list, OBJECT_SUPPRESSED, notification, view);
}

netsnmp_variable_list *notification_varbinds(const struct notification *notification, const struct view *view)
{
    netsnmp_variable_list *list = NULL;
    if (build(&list, notification, view))
        return list;
    snmp_free_varbind(list);
    return NULL;
}
