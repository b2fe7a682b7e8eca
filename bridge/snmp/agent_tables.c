/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/agent_tables.h"

#include <assert.h>
#include <string.h>

#include "snmp/net_snmp.h"
#include "system/clock.h"

static const struct mib_table *const all[] = { &bridge_scalars, &km_table,    &km_stats_table, &route_table,
                                               &link_table,     &relay_table, &instance_table };
enum { TABLES = sizeof all / sizeof *all, OBJECTS_ARC = 1 };

/* What a registration is about. */
struct binding {
    struct agent_tables *tables;
    const struct mib_table *table;
    arc name[AGENT_TABLE_NAME_MAX];
    size_t length;
};

_Static_assert(sizeof(oid) == sizeof(arc), "a name's sub-identifiers are of one size");
_Static_assert(MIB_ROOT_LENGTH + 1 + MIB_ARCS_MAX <= AGENT_TABLE_NAME_MAX, "a table's name fits");

static void set_value(netsnmp_variable_list *variable, const struct cell *cell)
{
    struct counter64 counter;
    switch (cell->type) {
    case CELL_INTEGER:
        snmp_set_var_typed_integer(variable, ASN_INTEGER, cell->integer);
        return;
    case CELL_UNSIGNED:
        snmp_set_var_typed_integer(variable, ASN_UNSIGNED, (long)cell->number);
        return;
    case CELL_COUNTER64:
        counter.high = (u_long)(cell->number >> 32);
        counter.low = (u_long)(cell->number & UINT32_MAX);
        snmp_set_var_typed_value(variable, ASN_COUNTER64, &counter, sizeof counter);
        return;
    case CELL_OCTETS:
        snmp_set_var_typed_value(variable, ASN_OCTET_STR, cell->octets, cell->length);
        return;
    }
}

static void answer(const struct binding *binding, netsnmp_variable_list *variable,
                   const struct mib_place *place)
{
    oid name[MIB_NAME_MAX];
    struct cell cell;
    const size_t length = binding->length + 1 + place->index_length;
    assert(length <= MIB_NAME_MAX);
    memcpy(name, binding->name, binding->length * sizeof *name);
    name[binding->length] = place->column;
    memcpy(name + binding->length + 1, place->index, place->index_length * sizeof *name);
    binding->table->cell(binding->tables->view, place->row, place->column, &cell);
    snmp_set_var_objid(variable, name, length);
    set_value(variable, &cell);
}

/* The part of the name behind the table's own; a name before the table has none. */
static size_t rest_of(const struct binding *binding, const netsnmp_variable_list *variable,
                      const oid **out_rest)
{
    const bool within = variable->name_length > binding->length &&
                        memcmp(variable->name, binding->name, binding->length * sizeof(oid)) == 0;
    *out_rest = within ? variable->name + binding->length : NULL;
    return within ? variable->name_length - binding->length : 0;
}

static void get(const struct binding *binding, netsnmp_agent_request_info *information,
                netsnmp_request_info *request)
{
    const oid *rest;
    struct mib_place place;
    const size_t length = rest_of(binding, request->requestvb, &rest);
    if (mib_table_find(binding->table, binding->tables->view, rest, length, &place))
        answer(binding, request->requestvb, &place);
    else if (length > 0 && rest[0] >= binding->table->first_column && rest[0] <= binding->table->last_column)
        netsnmp_set_request_error(information, request, SNMP_NOSUCHINSTANCE);
    else
        netsnmp_set_request_error(information, request, SNMP_NOSUCHOBJECT);
}

/* Nothing behind it: left as it is, and the library goes on to the next table. */
static void get_next(const struct binding *binding, netsnmp_request_info *request)
{
    const oid *rest;
    struct mib_place place;
    const size_t length = rest_of(binding, request->requestvb, &rest);
    if (mib_table_find_next(binding->table, binding->tables->view, rest, length, &place))
        answer(binding, request->requestvb, &place);
}

static int handle(netsnmp_mib_handler *handler, netsnmp_handler_registration *registration,
                  netsnmp_agent_request_info *information, netsnmp_request_info *requests)
{
    const struct binding *binding = handler->myvoid;
    struct view *view = binding->tables->view;
    const uint64_t now_ms = clock_monotonic_ms();
    (void)registration;
    atomic_fetch_add_explicit(&binding->tables->requests, 1, memory_order_relaxed);
    if (atomic_load(&binding->tables->abandoned))
        return SNMP_ERR_GENERR;
    view_refresh(view, now_ms);
    if (view->snapshot == NULL)
        return SNMP_ERR_GENERR;
    if (binding->table->refresh != NULL)
        binding->table->refresh(view, now_ms);
    for (netsnmp_request_info *request = requests; request != NULL; request = request->next) {
        if (request->processed)
            continue;
        if (information->mode == MODE_GETNEXT)
            get_next(binding, request);
        else
            get(binding, information, request);
    }
    return SNMP_ERR_NOERROR;
}

size_t agent_tables_count(void)
{
    return TABLES;
}

size_t agent_tables_name(size_t table, arc out_name[AGENT_TABLE_NAME_MAX])
{
    size_t length = MIB_ROOT_LENGTH;
    memcpy(out_name, mib_root, sizeof mib_root);
    out_name[length++] = OBJECTS_ARC;
    for (size_t i = 0; i < all[table]->arc_count; i++)
        out_name[length++] = all[table]->arcs[i];
    return length;
}

static bool register_one(struct agent_tables *tables, struct binding *binding, size_t table)
{
    *binding = (struct binding){ .tables = tables, .table = all[table] };
    binding->length = agent_tables_name(table, binding->name);
    /* Without HANDLER_CAN_GETBULK the library makes GETNEXTs of it, and bounds the answer. */
    netsnmp_handler_registration *registration = netsnmp_create_handler_registration(
        "ckbridge", handle, binding->name, binding->length, HANDLER_CAN_RONLY);
    if (registration == NULL)
        return false;
    registration->handler->myvoid = binding;
    return netsnmp_register_handler(registration) == MIB_REGISTERED_OK;
}

bool agent_tables_register(struct agent_tables *tables)
{
    static struct binding bindings[TABLES]; /* the library has one agent a process */
    for (size_t i = 0; i < TABLES; i++)
        if (!register_one(tables, &bindings[i], i))
            return false;
    return true;
}
