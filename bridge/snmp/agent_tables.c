/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/agent_tables.h"

#include <assert.h>
#include <string.h>

#include "snmp/net_snmp.h"
#include "system/clock.h"

static const struct mib_table *const all[] = { &bridge_scalars, &km_table,    &km_stats_table, &route_table,
                                               &link_table,     &relay_table, &instance_table };
static const struct mib_table *const standard[] = { &system_scalars, &system_or_table, &snmp_scalars,
                                                    &engine_scalars, &mpd_scalars,     &usm_scalars };
enum { TABLES = sizeof all / sizeof *all, STANDARD = sizeof standard / sizeof *standard, OBJECTS_ARC = 1 };

/* What a registration is about. */
struct binding {
    struct agent_tables *tables;
    const struct mib_table *table;
    arc name[AGENT_TABLE_NAME_MAX];
    size_t length;
};

_Static_assert(sizeof(oid) == sizeof(arc), "a name's sub-identifiers are of one size");
static const arc internet[] = { 1, 3, 6, 1 };
enum { INTERNET_LENGTH = sizeof internet / sizeof *internet };

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
    case CELL_COUNTER32:
        snmp_set_var_typed_integer(variable, ASN_COUNTER, (long)cell->number);
        return;
    case CELL_TICKS:
        snmp_set_var_typed_integer(variable, ASN_TIMETICKS, (long)cell->number);
        return;
    case CELL_NAME:
        snmp_set_var_typed_value(variable, ASN_OBJECT_ID, cell->name, cell->length * sizeof *cell->name);
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
    else if (length > 0 && mib_table_has_column(binding->table, rest[0]))
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

static size_t name_of(const struct mib_table *table, arc out_name[AGENT_TABLE_NAME_MAX])
{
    size_t length = table->is_standard ? INTERNET_LENGTH : MIB_ROOT_LENGTH;
    memcpy(out_name, table->is_standard ? internet : mib_root, length * sizeof *out_name);
    if (!table->is_standard)
        out_name[length++] = OBJECTS_ARC;
    for (size_t i = 0; i < table->arc_count; i++)
        out_name[length++] = table->arcs[i];
    return length;
}

size_t agent_tables_name(size_t table, arc out_name[AGENT_TABLE_NAME_MAX])
{
    return name_of(all[table], out_name);
}

size_t agent_tables_standard_count(void)
{
    return STANDARD;
}

size_t agent_tables_standard_name(size_t table, arc out_name[AGENT_TABLE_NAME_MAX])
{
    return name_of(standard[table], out_name);
}

static bool register_one(struct agent_tables *tables, struct binding *binding, const struct mib_table *table)
{
    *binding = (struct binding){ .tables = tables, .table = table };
    binding->length = name_of(table, binding->name);
    /* Without HANDLER_CAN_GETBULK the library makes GETNEXTs of it, and bounds the answer. */
    netsnmp_handler_registration *registration = netsnmp_create_handler_registration(
        "ckbridge", handle, binding->name, binding->length, HANDLER_CAN_RONLY);
    if (registration == NULL)
        return false;
    registration->handler->myvoid = binding;
    return netsnmp_register_handler(registration) == MIB_REGISTERED_OK;
}

bool agent_tables_register(struct agent_tables *tables, bool with_standard)
{
    static struct binding bindings[TABLES + STANDARD]; /* the library has one agent a process */
    for (size_t i = 0; i < TABLES; i++)
        if (!register_one(tables, &bindings[i], all[i]))
            return false;
    for (size_t i = 0; with_standard && i < STANDARD; i++)
        if (!register_one(tables, &bindings[TABLES + i], standard[i]))
            return false;
    return true;
}
