/* SPDX-License-Identifier: Apache-2.0 */
/* ckbKmTable: the KMs that are enrolled, with the state of their sessions. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "snmp/km_rows.h"

/* In the MIB's order; 1 is the index. */
enum column {
    COLUMN_ID = 2,
    COLUMN_KMAS,
    COLUMN_ADMIN_STATUS,
    COLUMN_OPER_STATUS,
    COLUMN_SINCE,
    COLUMN_PEER_ADDRESS_TYPE,
    COLUMN_PEER_ADDRESS,
    COLUMN_PEER_PORT,
    COLUMN_SECURITY,
    COLUMN_TLS_VERSION,
    COLUMN_CIPHER,
    COLUMN_CERTIFICATE_EXPIRES,
    COLUMN_LAST_ERROR,
    COLUMN_LAST_ERROR_DETAIL,
    COLUMN_LAST_ERROR_TIME,
    COLUMN_RELAYS_OPEN,
    COLUMN_ORIGIN,
    COLUMNS_END,
};

size_t km_row_count(const struct view *view)
{
    return view->km_count;
}

size_t km_row_index(const struct view *view, size_t row, arc out_index[MIB_INDEX_MAX])
{
    return mib_index_number(view->kms[row]->revision.first, out_index);
}

static void set_kmas(const struct km_config *config, struct cell *cell)
{
    char buffer[CELL_TEXT_BYTES];
    struct cell_text kmas = cell_text_begin(buffer, sizeof buffer);
    for (size_t i = 0; i < config->kma_id_count; i++)
        cell_text_word(&kmas, " ", config->kma_ids[i]);
    cell_set_text(cell, cell_text_end(&kmas), CELL_TEXT_BYTES);
}

static int32_t oper_status(const struct km_view *km, uint64_t now_ms)
{
    enum { CONNECTED = 1, DISCONNECTED = 2, HELD_OFF = 3 };
    if (km->connected)
        return CONNECTED;
    return km->held_off_until_ms > now_ms ? HELD_OFF : DISCONNECTED;
}

/* InetAddressType's numbers. */
enum { ADDRESS_UNKNOWN = 0, ADDRESS_IPV4 = 1, ADDRESS_IPV6 = 2 };

struct peer {
    int32_t type;
    unsigned char address[16];
    size_t address_bytes;
    uint16_t port;
};

/* Of "192.0.2.1:50112" or "[2001:db8::1]:50112". */
static struct peer peer_of(const struct km_view *km)
{
    struct peer peer = { .type = ADDRESS_UNKNOWN };
    char words[96];
    char *colon;
    if (!km->connected || !text_to_c(km->peer, words, sizeof words) || (colon = strrchr(words, ':')) == NULL)
        return peer;
    *colon = '\0';
    peer.port = (uint16_t)strtoul(colon + 1, NULL, 10);
    char *host = words;
    if (*host == '[' && colon > host + 1 && colon[-1] == ']') {
        colon[-1] = '\0';
        host++;
    }
    if (inet_pton(AF_INET, host, peer.address) == 1) {
        peer.type = ADDRESS_IPV4;
        peer.address_bytes = 4;
    } else if (inet_pton(AF_INET6, host, peer.address) == 1) {
        peer.type = ADDRESS_IPV6;
        peer.address_bytes = 16;
    }
    return peer;
}

static void set_peer_address(const struct km_view *km, struct cell *cell)
{
    const struct peer peer = peer_of(km);
    cell_set_octets(cell, peer.address, peer.address_bytes);
}

static int32_t security(const struct km_view *km)
{
    static const int32_t numbers[] = { [SECURITY_TLS] = 1, [SECURITY_PSK] = 2, [SECURITY_PLAIN] = 3 };
    return km->connected ? numbers[km->security] : 0;
}

static void cell_of(const struct view *view, size_t row, unsigned column, struct cell *cell)
{
    const struct km_view *km = view->kms[row];
    switch ((enum column)column) {
    case COLUMN_ID:
        cell_set_text(cell, km->config.km_id, LIMIT_IDENTIFIER_BYTES);
        return;
    case COLUMN_KMAS:
        set_kmas(&km->config, cell);
        return;
    case COLUMN_ADMIN_STATUS:
        cell_set_truth(cell, km->config.enabled); /* enabled(1), disabled(2) */
        return;
    case COLUMN_OPER_STATUS:
        cell_set_integer(cell, oper_status(km, view->snapshot->taken_ms));
        return;
    case COLUMN_SINCE:
        cell_set_time(cell, km->since_ms);
        return;
    case COLUMN_PEER_ADDRESS_TYPE:
        cell_set_integer(cell, peer_of(km).type);
        return;
    case COLUMN_PEER_ADDRESS:
        set_peer_address(km, cell);
        return;
    case COLUMN_PEER_PORT:
        cell_set_unsigned(cell, peer_of(km).port);
        return;
    case COLUMN_SECURITY:
        cell_set_integer(cell, security(km));
        return;
    case COLUMN_TLS_VERSION:
        cell_set_text(cell, km->tls_version, 32);
        return;
    case COLUMN_CIPHER:
        cell_set_text(cell, km->cipher, 64);
        return;
    case COLUMN_CERTIFICATE_EXPIRES:
        cell_set_time(cell, km->certificate_expires_ms);
        return;
    case COLUMN_LAST_ERROR:
        cell_set_c(cell, reason_name(km->last_error), 64);
        return;
    case COLUMN_LAST_ERROR_DETAIL:
        cell_set_text(cell, km->last_error_detail, CELL_TEXT_BYTES);
        return;
    case COLUMN_LAST_ERROR_TIME:
        cell_set_time(cell, km->last_error_ms);
        return;
    case COLUMN_RELAYS_OPEN:
        cell_set_unsigned(cell, km->relays_open);
        return;
    case COLUMN_ORIGIN:
        cell_set_integer(cell, km->revision.origin == ORIGIN_FILE ? 1 : 2);
        return;
    case COLUMNS_END:
        break;
    }
    cell_set_text(cell, TEXT_ABSENT, 0);
}

const struct mib_table km_table = {
    .arcs = { 2, 1 },
    .arc_count = 2,
    .first_column = COLUMN_ID,
    .last_column = COLUMNS_END - 1,
    .row_count = km_row_count,
    .index = km_row_index,
    .cell = cell_of,
};
