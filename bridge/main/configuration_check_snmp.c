/* SPDX-License-Identifier: Apache-2.0 */
#include "main/configuration_check_snmp.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum {
    DISPLAY_STRING_BYTES_MAX = 255, /* RFC 2579 */
    USER_BYTES_MAX = 32,            /* RFC 3414: SnmpAdminString (SIZE(1..32)) */
    COMMUNITY_BYTES_MAX = 64,
    ADDRESS_BYTES_MAX = 128,
    SOCKET_PATH_BYTES_MAX = 107,
    LISTEN_ADDRESSES_MAX = 16,
    PORT_MAX = 65535,
};

/* ---- words ---- */

/* What net-snmp's own configuration language takes as one word. */
static bool is_word(const char *words, size_t length, size_t bytes_max)
{
    for (size_t i = 0; i < length; i++)
        if (words[i] <= ' ' || words[i] >= 0x7f || strchr("\"'\\#", words[i]) != NULL)
            return false;
    return length > 0 && length <= bytes_max;
}

static bool is_number(const char *digits, unsigned long last)
{
    char *end;
    const unsigned long number = strtoul(digits, &end, 10);
    return digits[0] >= '0' && digits[0] <= '9' && *end == '\0' && end - digits <= 5 && number <= last;
}

static bool is_address(const char *words, int family)
{
    struct in6_addr address;
    return inet_pton(family, words, &address) == 1;
}

/* "192.0.2.7" or "[2001:db8::7]". Writes into `words`. */
static bool is_host(char *words, int family, bool names_too)
{
    const size_t length = strlen(words);
    if (family == AF_INET6 && length > 2 && words[0] == '[' && words[length - 1] == ']') {
        words[length - 1] = '\0';
        return is_address(words + 1, AF_INET6);
    }
    return (family == AF_INET && is_address(words, AF_INET)) ||
           (names_too && length > 0 && strchr(words, ':') == NULL);
}

/* "host:port". */
static bool is_place(const char *words, int family, bool names_too)
{
    char copy[ADDRESS_BYTES_MAX];
    if (strlen(words) >= sizeof copy)
        return false;
    strcpy(copy, words);
    char *colon = strrchr(copy, ':');
    if (colon == NULL || !is_number(colon + 1, PORT_MAX) || strtoul(colon + 1, NULL, 10) == 0)
        return false;
    *colon = '\0';
    return is_host(copy, family, names_too);
}

struct transport {
    const char *prefix;
    int family;
};

static const struct transport datagrams[] = { { "udp:", AF_INET }, { "udp6:", AF_INET6 }, { NULL, 0 } };
static const struct transport streams[] = { { "tcp:", AF_INET }, { "tcp6:", AF_INET6 }, { NULL, 0 } };

static bool is_transport_address(const struct transport *first, const char *words, bool names_too)
{
    for (const struct transport *one = first; one->prefix != NULL; one++)
        if (strncmp(words, one->prefix, strlen(one->prefix)) == 0)
            return is_place(words + strlen(one->prefix), one->family, names_too);
    return false;
}

/* ---- [snmp] ---- */

static bool is_agentx_socket(const char *words)
{
    const char *path = strncmp(words, "unix:", 5) == 0 ? words + 5 : words;
    if (path[0] == '/')
        return strlen(path) <= SOCKET_PATH_BYTES_MAX;
    return is_transport_address(streams, words, true);
}

static void check_agentx(const struct snmp_section *snmp, struct problems *problems)
{
    if (!is_agentx_socket(snmp->agentx_socket))
        problems_error(
            problems, configuration_place(&snmp->head, "agentx_socket"),
            "\"%s\" is no place of a master agent; write unix:/path (%d bytes at most), tcp:host:port or "
            "tcp6:[address]:port, as snmpd.conf has it in agentXSocket",
            snmp->agentx_socket, SOCKET_PATH_BYTES_MAX);
}

static void check_listen_address(const struct snmp_section *snmp, const char *address,
                                 struct problems *problems)
{
    if (!is_transport_address(datagrams, address, false) && !is_transport_address(streams, address, false))
        problems_error(problems, configuration_place(&snmp->head, "listen"),
                       "\"%s\" is no address to listen at; write udp:address:port, udp6:[address]:port, "
                       "tcp:address:port or tcp6:[address]:port, with numbers and a port from 1 to %d",
                       address, PORT_MAX);
}

/* DisplayString (RFC 2579): ASCII. */
static void check_display_string(const struct snmp_section *snmp, const char *setting, const char *words,
                                 struct problems *problems)
{
    const char *at = words;
    while (at != NULL && *at >= ' ' && *at < 0x7f)
        at++;
    if (at != NULL && (*at != '\0' || at - words > DISPLAY_STRING_BYTES_MAX))
        problems_error(problems, configuration_place(&snmp->head, setting),
                       "SNMP allows at most %d printable ASCII characters here; write others instead",
                       DISPLAY_STRING_BYTES_MAX);
}

static void check_names(const struct snmp_section *snmp, struct problems *problems)
{
    check_display_string(snmp, "name", snmp->name, problems);
    check_display_string(snmp, "contact", snmp->contact, problems);
    check_display_string(snmp, "location", snmp->location, problems);
}

static bool was_before(const char *all, size_t before, const char *address)
{
    const size_t length = strlen(address);
    for (const char *at = all; at < all + before; at++)
        if ((at == all || strchr(", \t", at[-1]) != NULL) && strncmp(at, address, length) == 0 &&
            strchr(", \t", at[length]) != NULL)
            return true;
    return false;
}

static void check_listen(const struct snmp_section *snmp, struct problems *problems)
{
    const struct place place = configuration_place(&snmp->head, "listen");
    size_t count = 0;
    for (const char *at = snmp->listen + strspn(snmp->listen, ", \t"); *at != '\0';
         at += strspn(at, ", \t")) {
        char address[ADDRESS_BYTES_MAX];
        const size_t length = strcspn(at, ", \t");
        const size_t kept = length < sizeof address ? length : sizeof address - 1;
        memcpy(address, at, kept);
        address[kept] = '\0';
        check_listen_address(snmp, address, problems);
        if (was_before(snmp->listen, (size_t)(at - snmp->listen), address))
            problems_error(problems, place, "\"%s\" comes twice; remove one", address);
        count++;
        at += length;
    }
    if (count == 0 || count > LISTEN_ADDRESSES_MAX)
        problems_error(problems, place, "%zu addresses; give at least 1 and at most %d", count,
                       LISTEN_ADDRESSES_MAX);
}

/* ---- who may ask, and who is told ---- */

static const struct snmp_user_section *find_user(const struct configuration *configuration, struct text name)
{
    for (size_t i = 0; i < configuration->snmp_user_count; i++)
        if (text_equal(configuration->snmp_users[i].head.name, name))
            return &configuration->snmp_users[i];
    return NULL;
}

static void check_user(const struct snmp_user_section *user, struct problems *problems)
{
    const struct text name = user->head.name;
    if (!is_word(name.bytes, name.length, USER_BYTES_MAX))
        problems_error(
            problems, user->head.source->place,
            "the name of an snmp_user has 1 to %d printable ASCII characters, and no blank, quote, "
            "backslash or #; choose another",
            USER_BYTES_MAX);
}

#define COMMUNITY_RULE                                                                                       \
    "a community has 1 to %d printable ASCII characters, and no blank, quote, backslash or #; choose "       \
    "another"

/* "192.0.2.7", "192.0.2.0/24", "2001:db8::/32". */
static bool is_source(const char *words)
{
    char copy[ADDRESS_BYTES_MAX];
    if (strlen(words) >= sizeof copy)
        return false;
    strcpy(copy, words);
    const int family = strchr(copy, ':') != NULL ? AF_INET6 : AF_INET;
    char *slash = strchr(copy, '/');
    if (slash != NULL)
        *slash++ = '\0';
    return is_address(copy, family) && (slash == NULL || is_number(slash, family == AF_INET6 ? 128 : 32));
}

static void check_community(const struct snmp_community_section *community, struct problems *problems)
{
    const struct text name = community->head.name;
    if (!is_word(name.bytes, name.length, COMMUNITY_BYTES_MAX))
        problems_error(problems, community->head.source->place, COMMUNITY_RULE, COMMUNITY_BYTES_MAX);
    if (!is_source(community->source))
        problems_error(problems, configuration_place(&community->head, "source"),
                       "\"%s\" is neither an address nor a network; write 192.0.2.7, 192.0.2.0/24 or "
                       "2001:db8::/32 (0.0.0.0/0 is everywhere)",
                       community->source);
}

static void check_receiver(const struct configuration *configuration,
                           const struct snmp_receiver_section *receiver, struct problems *problems)
{
    const struct place place = configuration_place(&receiver->head, "address");
    if (is_transport_address(streams, receiver->address, false))
        problems_error(problems, place,
                       "\"%s\": notifications are not sent by TCP, for the agent would wait for each "
                       "connection; write udp: or udp6:, and inform = yes to have them acknowledged",
                       receiver->address);
    else if (!is_transport_address(datagrams, receiver->address, false))
        problems_error(problems, place,
                       "\"%s\" is no address of a receiver; write udp:address:port or "
                       "udp6:[address]:port, with numbers",
                       receiver->address);
    if (text_is_present(receiver->user) && find_user(configuration, receiver->user) == NULL)
        problems_error(problems, configuration_place(&receiver->head, "user"),
                       "there is no [snmp_user \"%.*s\"]; add one, or name another",
                       TEXT_ARGUMENTS(receiver->user));
    if (!text_is_present(receiver->user) &&
        !is_word(receiver->community, strlen(receiver->community), COMMUNITY_BYTES_MAX))
        problems_error(problems, configuration_place(&receiver->head, "community"), COMMUNITY_RULE,
                       COMMUNITY_BYTES_MAX);
}

/* A subagent leaves users, communities and receivers to snmpd. */
static void warn_of_useless(const struct section_head *head, const char *what, struct problems *problems)
{
    problems_warning(problems, head->source->place,
                     "an %s is of a standalone agent, and [snmp] does not say mode = standalone: it has no "
                     "effect; snmpd.conf has its own",
                     what);
}

static void warn_of_all_useless(const struct configuration *configuration, struct problems *problems)
{
    for (size_t i = 0; i < configuration->snmp_user_count; i++)
        warn_of_useless(&configuration->snmp_users[i].head, "snmp_user", problems);
    for (size_t i = 0; i < configuration->snmp_community_count; i++)
        warn_of_useless(&configuration->snmp_communities[i].head, "snmp_community", problems);
    for (size_t i = 0; i < configuration->snmp_receiver_count; i++)
        warn_of_useless(&configuration->snmp_receivers[i].head, "snmp_receiver", problems);
}

void configuration_check_snmp(const struct configuration *configuration, struct problems *problems)
{
    const struct snmp_section *snmp = &configuration->snmp;
    check_agentx(snmp, problems);
    check_listen(snmp, problems);
    check_names(snmp, problems);
    for (size_t i = 0; i < configuration->snmp_user_count; i++)
        check_user(&configuration->snmp_users[i], problems);
    for (size_t i = 0; i < configuration->snmp_community_count; i++)
        check_community(&configuration->snmp_communities[i], problems);
    for (size_t i = 0; i < configuration->snmp_receiver_count; i++)
        check_receiver(configuration, &configuration->snmp_receivers[i], problems);
    if (snmp->head.source == NULL || snmp->mode != SNMP_SETTING_STANDALONE)
        warn_of_all_useless(configuration, problems);
    else if (configuration->snmp_user_count == 0 && configuration->snmp_community_count == 0)
        problems_warning(problems, snmp->head.source->place,
                         "mode = standalone without an [snmp_user] or [snmp_community]: nobody can ask");
}
