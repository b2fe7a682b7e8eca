/* SPDX-License-Identifier: Apache-2.0 */
#include "cksim/credentials.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PSK_BYTES_MIN = 16, PSK_BYTES_MAX = 64 };

struct psk {
    unsigned char bytes[PSK_BYTES_MAX];
    size_t count; /* 0: none */
};

struct credentials {
    const struct scenario *scenario;
    struct client_credentials **of_km, **of_fault;
    struct client_credentials *of_fleet;
    struct psk *psks; /* by KM; NULL unless security is psk */
};

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c | 32) >= 'a' && (c | 32) <= 'f')
        return (c | 32) - 'a' + 10;
    return -1;
}

static bool read_psk(const char *hex, struct psk *out_psk)
{
    size_t length = strspn(hex, "0123456789abcdefABCDEF");
    if (hex[length + strspn(hex + length, " \t\r\n")] != '\0' || length % 2 != 0 ||
        length < 2 * PSK_BYTES_MIN || length > 2 * PSK_BYTES_MAX)
        return false;
    for (size_t i = 0; i < length / 2; i++)
        out_psk->bytes[i] = (unsigned char)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
    out_psk->count = length / 2;
    return true;
}

static bool read_psk_line(struct credentials *credentials, const char *file, unsigned number, char *line,
                          struct complaint *complaint)
{
    char *colon = strrchr(line, ':');
    if (line[0] == '#' || line[strspn(line, " \t\r\n")] == '\0')
        return true;
    if (colon == NULL) {
        complain(complaint, "%s:%u: expected identity:hex key", file, number);
        return false;
    }
    *colon = '\0';
    const struct scenario *scenario = credentials->scenario;
    const struct scenario_km *km = table_find(&scenario->kms_by_name, text_from_c(line));
    if (km == NULL)
        return true; /* the file may serve a larger fleet */
    if (!read_psk(colon + 1, &credentials->psks[km - scenario->kms])) {
        complain(complaint, "%s:%u: a key is %d to %d hexadecimal digits", file, number, 2 * PSK_BYTES_MIN,
                 2 * PSK_BYTES_MAX);
        return false;
    }
    return true;
}

static bool read_psk_file(struct credentials *credentials, const char *file, struct complaint *complaint)
{
    char line[1024];
    FILE *stream = fopen(file, "re");
    if (stream == NULL) {
        complain(complaint, "%s: cannot be opened", file);
        return false;
    }
    bool read = true;
    for (unsigned number = 1; read && fgets(line, sizeof line, stream) != NULL; number++)
        read = read_psk_line(credentials, file, number, line, complaint);
    fclose(stream);
    OPENSSL_cleanse(line, sizeof line);
    return read;
}

static bool read_psks(struct credentials *credentials, struct complaint *complaint)
{
    const struct scenario *scenario = credentials->scenario;
    credentials->psks = system_allocate(scenario->km_count, sizeof *credentials->psks);
    if (scenario->fleet.psk_file != NULL && !read_psk_file(credentials, scenario->fleet.psk_file, complaint))
        return false;
    for (uint32_t i = 0; i < scenario->km_count; i++) {
        const struct scenario_km *km = &scenario->kms[i];
        char at[320];
        if (km->psk != NULL && !read_psk(km->psk, &credentials->psks[i])) {
            complain(complaint, "%s: [km \"%s\"]: psk is %d to %d hexadecimal digits",
                     origin_print(km->origin, at), km->name, 2 * PSK_BYTES_MIN, 2 * PSK_BYTES_MAX);
            return false;
        }
        if (credentials->psks[i].count == 0) {
            complain(complaint, "no key for '%s' in psk_file, nor a psk of its own", km->name);
            return false;
        }
    }
    return true;
}

struct credentials *credentials_new(const struct scenario *scenario, struct complaint *complaint)
{
    struct credentials *credentials = system_allocate(1, sizeof *credentials);
    credentials->scenario = scenario;
    credentials->of_km = system_allocate(scenario->km_count, sizeof *credentials->of_km);
    credentials->of_fault = system_allocate(scenario->fault_count, sizeof *credentials->of_fault);
    if (scenario->fleet.security == FLEET_PSK && !read_psks(credentials, complaint)) {
        credentials_free(credentials);
        return NULL;
    }
    return credentials;
}

void credentials_free(struct credentials *credentials)
{
    if (credentials == NULL)
        return;
    for (uint32_t i = 0; i < credentials->scenario->km_count; i++)
        client_credentials_free(credentials->of_km[i]);
    for (uint32_t i = 0; i < credentials->scenario->fault_count; i++)
        client_credentials_free(credentials->of_fault[i]);
    client_credentials_free(credentials->of_fleet);
    if (credentials->psks != NULL)
        OPENSSL_cleanse(credentials->psks, credentials->scenario->km_count * sizeof *credentials->psks);
    free(credentials->psks);
    free(credentials->of_km);
    free(credentials->of_fault);
    free(credentials);
}

static struct client_credentials *load(const char *certificate, const char *key, struct complaint *complaint)
{
    char detail[512];
    struct client_credentials *loaded = client_credentials_new(certificate, key, detail, sizeof detail);
    if (loaded == NULL)
        complain(complaint, "%s", detail);
    return loaded;
}

static struct client_credentials *load_own(struct credentials *credentials, uint32_t km,
                                           struct complaint *complaint)
{
    const struct fleet_settings *fleet = &credentials->scenario->fleet;
    const struct scenario_km *described = &credentials->scenario->kms[km];
    char certificate[4096], key[4096];
    if (credentials->psks != NULL)
        return client_credentials_new_psk(text_from_c(described->name), credentials->psks[km].bytes,
                                          credentials->psks[km].count);
    if (described->certificate != NULL)
        return load(described->certificate, described->key != NULL ? described->key : described->certificate,
                    complaint);
    snprintf(certificate, sizeof certificate, "%s/%s.pem", fleet->certificate_directory, described->name);
    snprintf(key, sizeof key, "%s/%s.key", fleet->certificate_directory, described->name);
    if (access(key, F_OK) != 0)
        snprintf(key, sizeof key, "%s/fleet.key", fleet->certificate_directory);
    return load(certificate, key, complaint);
}

static bool has_own(const struct credentials *credentials, uint32_t km)
{
    return credentials->psks != NULL || credentials->scenario->kms[km].certificate != NULL ||
           credentials->scenario->fleet.certificate_directory != NULL;
}

struct client_credentials *credentials_of(struct credentials *credentials, uint32_t km,
                                          struct complaint *complaint)
{
    const struct fleet_settings *fleet = &credentials->scenario->fleet;
    if (fleet->security == FLEET_PLAIN)
        return NULL;
    if (has_own(credentials, km)) {
        if (credentials->of_km[km] == NULL)
            credentials->of_km[km] = load_own(credentials, km, complaint);
        return credentials->of_km[km];
    }
    if (fleet->certificate == NULL) {
        complain(complaint, "security = tls needs certificate_directory, or certificate and key");
        return NULL;
    }
    if (credentials->of_fleet == NULL)
        credentials->of_fleet =
            load(fleet->certificate, fleet->key != NULL ? fleet->key : fleet->certificate, complaint);
    return credentials->of_fleet;
}

struct client_credentials *credentials_wrong(struct credentials *credentials, uint32_t fault,
                                             struct complaint *complaint)
{
    const struct scenario_fault *described = &credentials->scenario->faults[fault];
    if (credentials->of_fault[fault] == NULL)
        credentials->of_fault[fault] = load(described->certificate, described->key, complaint);
    return credentials->of_fault[fault];
}
