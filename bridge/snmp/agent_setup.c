/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/agent_setup.h"

#include <stdio.h>
#include <string.h>

#include "snmp/agent_tables.h"
#include "snmp/master.h"
#include "snmp/master_transport.h"
#include "snmp/net_snmp.h"

enum { SUBAGENT_TIMEOUT_S = 5, LINE_BYTES = 2048 };

static const char application[] = "ckbridge";

static bool fail(char *out_detail, size_t detail_bytes, const char *words, const char *subject)
{
    snprintf(out_detail, detail_bytes, "%s%s", words, subject);
    return false;
}

/* ---- what the library is told in its own words ---- */

struct line {
    char words[LINE_BYTES];
    size_t length;
    bool whole;
};

static void add(struct line *line, const char *words)
{
    const int written = snprintf(line->words + line->length, sizeof line->words - line->length, "%s", words);
    line->whole = line->whole && (size_t)written < sizeof line->words - line->length;
    line->length = strlen(line->words);
}

/* In quotes, as the library undoes them. */
static void add_quoted(struct line *line, const char *words)
{
    add(line, " \"");
    for (; *words != '\0'; words++) {
        const char piece[] = { *words, '\0' };
        if (*words == '"' || *words == '\\')
            add(line, "\\");
        add(line, piece);
    }
    add(line, "\"");
}

/* The library's parsers write into the line. A passphrase is not left behind on the stack. */
static bool tell(struct line *line)
{
    const bool told = line->whole && netsnmp_config(line->words) == SNMPERR_SUCCESS;
    explicit_bzero(line->words, sizeof line->words);
    return told;
}

static void add_name(struct line *line, const oid *name, size_t length)
{
    char arc_words[24];
    add(line, " ");
    for (size_t i = 0; i < length; i++) {
        snprintf(arc_words, sizeof arc_words, ".%lu", name[i]);
        add(line, arc_words);
    }
}

/* ---- standalone ---- */

/* What all who may ask see: this MIB, and what every agent shows. Of the library's own making, nothing. */
#define VIEW "ckbridge"

static bool include(const oid *name, size_t length)
{
    struct line line = { .whole = true };
    add(&line, "view " VIEW " included");
    add_name(&line, name, length);
    return tell(&line);
}

static bool make_view(void)
{
    oid name[AGENT_TABLE_NAME_MAX];
    bool made = include(mib_root, MIB_ROOT_LENGTH);
    for (size_t i = 0; made && i < agent_tables_standard_count(); i++)
        made = include(name, agent_tables_standard_name(i, name));
    return made;
}

/* Makes the user, whose keys are of the engine: it must have its ID. */
static bool add_user(const struct snmp_user *user)
{
    struct line create = { .whole = true };
    add(&create, user->name);
    add(&create, " ");
    add(&create, user->auth);
    add_quoted(&create, user->auth_key);
    if (user->privacy != NULL) {
        add(&create, " ");
        add(&create, user->privacy);
        add_quoted(&create, user->privacy_key);
    }
    if (!create.whole)
        return false;
    usm_parse_create_usmUser("createUser", create.words);
    explicit_bzero(create.words, sizeof create.words);
    return true;
}

static bool allow_user(const struct snmp_user *user)
{
    struct line line = { .whole = true };
    add(&line, "rouser ");
    add(&line, user->name);
    add(&line, user->privacy != NULL ? " priv" : " auth");
    add(&line, " -V " VIEW);
    return tell(&line);
}

/* Of an address of version 6 the token has another name. */
static bool allow_community(const struct snmp_community *community)
{
    struct line line = { .whole = true };
    const bool is_6 = community->source != NULL && strchr(community->source, ':') != NULL;
    add(&line, is_6 ? "rocommunity6" : "rocommunity");
    add_quoted(&line, community->name);
    if (community->source != NULL) {
        add(&line, " ");
        add(&line, community->source);
    } else {
        add(&line, " default");
    }
    add(&line, " -V " VIEW);
    return tell(&line);
}

static bool tell_engine(const char *token, const struct engine *engine)
{
    struct line line = { .whole = true };
    char octet[4];
    add(&line, token);
    add(&line, " 0x");
    for (size_t i = 0; i < sizeof engine->id; i++) {
        snprintf(octet, sizeof octet, "%02x", engine->id[i]);
        add(&line, octet);
    }
    return tell(&line);
}

/*
 * The library would read its engine's identity from a file of its own, which may be written too late: it gets
 * ours at the moment at which it would: the first of two, for it takes the IDs then and the boots at the
 * second, which remembers them. The old ID is told too, for with another one the boots begin anew; and the
 * number of the boot before, to which it adds one.
 */
static int on_read_configuration(int major, int minor, void *argument, void *own)
{
    const struct engine *engine = own;
    struct line boots = { .whole = true };
    char number[16];
    (void)major;
    (void)minor;
    (void)argument;
    tell_engine("exactEngineID", engine);
    tell_engine("oldEngineID", engine);
    snprintf(number, sizeof number, "%u", engine->boots - 1);
    add(&boots, "engineBoots ");
    add(&boots, number);
    tell(&boots);
    return 0;
}

/* The library's agent would also be a master of SMUX (RFC 1227) at a port of its own. The list writes into
   its words, and has no end. */
static void leave_out_modules(void)
{
    char words[] = "-smux";
    if (should_init("smux"))
        add_to_init_list(words);
}

/* Before the library looks for it, which warns of an agent that nobody may ask. */
static bool allow_all(const struct snmp_options *options, char *out_detail, size_t detail_bytes)
{
    char authentication_traps[] = "authtrapenable 1";
    if (!make_view())
        return fail(out_detail, detail_bytes, "the library does not take the view", "");
    for (size_t i = 0; i < options->user_count; i++)
        if (!allow_user(&options->users[i]))
            return fail(out_detail, detail_bytes, "the library does not take the snmp_user ",
                        options->users[i].name);
    for (size_t i = 0; i < options->community_count; i++)
        if (!allow_community(&options->communities[i]))
            return fail(out_detail, detail_bytes, "the library does not take the snmp_community ",
                        options->communities[i].name);
    if (options->authentication_traps && netsnmp_config(authentication_traps) != SNMPERR_SUCCESS)
        return fail(out_detail, detail_bytes, "the library does not take authentication_traps", "");
    return true;
}

static bool begin_standalone(struct agent_setup *setup, char *out_detail, size_t detail_bytes)
{
    netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_ROLE, 0);
    netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_PORTS,
                          "none"); /* listeners.c opens them */
    leave_out_modules();
    snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_PRE_PREMIB_READ_CONFIG, on_read_configuration,
                           &setup->engine);
    if (init_agent(application) != 0)
        return fail(out_detail, detail_bytes, "the library's agent does not start", "");
    return allow_all(setup->options, out_detail, detail_bytes);
}

static bool finish_standalone(const struct snmp_options *options, char *out_detail, size_t detail_bytes)
{
    for (size_t i = 0; i < options->user_count; i++)
        if (!add_user(&options->users[i]))
            return fail(out_detail, detail_bytes, "the library does not take the snmp_user ",
                        options->users[i].name);
    if (init_master_agent() != 0)
        return fail(out_detail, detail_bytes, "the library's agent does not start", "");
    return true;
}

/* ---- both ---- */

/* Nothing is read from files of the library's own, and nothing is left in them. */
static void forbid_files(void)
{
    netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
    netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
    netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_LOAD_HOST_FILES, 1);
    netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD, 1);
    netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE, 1);
    netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_DONT_RETAIN_NOTIFICATIONS, 1);
    netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_DONT_LOG_TCPWRAPPERS_CONNECTS, 1);
}

/* master.c makes and asks the connection; the library shall not, and sends nothing twice. */
static bool begin_subagent(const struct snmp_options *options, char *out_detail, size_t detail_bytes)
{
    struct line socket = { .whole = true };
    add(&socket, MASTER_TRANSPORT_PREFIX ":");
    add(&socket, options->agentx_socket[0] == '/' ? "unix:" : "");
    add(&socket, options->agentx_socket);
    netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_ROLE, 1);
    netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_NO_CONNECTION_WARNINGS, 1);
    netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET, socket.words);
    if (init_agent(application) != 0 || !master_transport_register())
        return fail(out_detail, detail_bytes, "the library's agent does not start", "");
    /* init_agent sets its own. */
    netsnmp_ds_set_int(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_AGENTX_PING_INTERVAL, 0);
    netsnmp_ds_set_int(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_AGENTX_TIMEOUT,
                       SUBAGENT_TIMEOUT_S * ONE_SEC);
    netsnmp_ds_set_int(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_TIMEOUT, MASTER_ANSWER_S);
    netsnmp_ds_set_int(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_RETRIES, 0);
    return true;
}

bool agent_setup_begin(struct agent_setup *setup, char *out_detail, size_t detail_bytes)
{
    forbid_files();
    return setup->options->mode == SNMP_STANDALONE ? begin_standalone(setup, out_detail, detail_bytes)
                                                   : begin_subagent(setup->options, out_detail, detail_bytes);
}

bool agent_setup_finish(struct agent_setup *setup, char *out_detail, size_t detail_bytes)
{
    init_snmp(application);
    return setup->options->mode != SNMP_STANDALONE ||
           finish_standalone(setup->options, out_detail, detail_bytes);
}

void agent_setup_end(struct agent_setup *setup)
{
    if (setup->options->mode == SNMP_STANDALONE)
        snmp_unregister_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_PRE_PREMIB_READ_CONFIG,
                                 on_read_configuration, &setup->engine, 1);
}
