/* SPDX-License-Identifier: Apache-2.0 */
#include "main/configuration_snmp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "system/process_heap.h"

/* A passphrase: RFC 3414 (11.2) wants eight characters or more. */
enum { PASSPHRASE_BYTES_MIN = 8, PASSPHRASE_BYTES_MAX = 256 };

/* In the schema's order. */
static const char *const auth_names[] = { "SHA-256", "SHA-224", "SHA-384", "SHA-512", "SHA" };
enum { PRIVACY_AES, PRIVACY_NONE };

bool configuration_snmp_wanted(const struct configuration *configuration)
{
    return configuration->snmp.head.source != NULL && configuration->snmp.mode != SNMP_SETTING_OFF;
}

static const char *copy_c(struct arena *arena, struct text text)
{
    return arena_copy(arena, text).bytes; /* which ends in a NUL */
}

/* The file's first line. NULL: *out_detail says why, and errno is EACCES if this user may not read it. */
static const char *read_passphrase(const char *path, struct arena *arena, char *out_detail,
                                   size_t detail_bytes)
{
    char line[PASSPHRASE_BYTES_MAX + 2] = "";
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        const int code = errno;
        snprintf(out_detail, detail_bytes, "%s: %s", path, strerror(code));
        errno = code;
        return NULL;
    }
    const bool read = fgets(line, sizeof line, file) != NULL;
    fclose(file);
    line[strcspn(line, "\r\n")] = '\0';
    const size_t length = strlen(line);
    const char *passphrase = NULL;
    if (!read || length < PASSPHRASE_BYTES_MIN || length > PASSPHRASE_BYTES_MAX)
        snprintf(out_detail, detail_bytes, "%s: the first line must be a passphrase of %d to %d bytes", path,
                 PASSPHRASE_BYTES_MIN, PASSPHRASE_BYTES_MAX);
    else if ((passphrase = copy_c(arena, (struct text){ line, length })) == NULL)
        snprintf(out_detail, detail_bytes, "out of memory");
    explicit_bzero(line, sizeof line);
    errno = 0;
    return passphrase;
}

static bool read_user(const struct snmp_user_section *section, struct arena *arena,
                      struct snmp_user *out_user, char *out_detail, size_t detail_bytes)
{
    *out_user = (struct snmp_user){ .name = copy_c(arena, section->head.name),
                                    .auth = auth_names[section->auth],
                                    .privacy = section->privacy == PRIVACY_AES ? "AES" : NULL };
    out_user->auth_key = read_passphrase(section->auth_key_file, arena, out_detail, detail_bytes);
    if (out_user->auth_key == NULL)
        return false;
    if (out_user->privacy == NULL)
        return true;
    const char *path = section->privacy_key_file != NULL ? section->privacy_key_file : section->auth_key_file;
    out_user->privacy_key = read_passphrase(path, arena, out_detail, detail_bytes);
    return out_user->privacy_key != NULL;
}

static void fill_communities(const struct configuration *configuration, struct arena *arena,
                             struct snmp_community *communities)
{
    for (size_t i = 0; i < configuration->snmp_community_count; i++) {
        const struct snmp_community_section *section = &configuration->snmp_communities[i];
        communities[i] =
            (struct snmp_community){ .name = copy_c(arena, section->head.name), .source = section->source };
    }
}

static void fill_receivers(const struct configuration *configuration, struct arena *arena,
                           struct snmp_receiver *receivers)
{
    for (size_t i = 0; i < configuration->snmp_receiver_count; i++) {
        const struct snmp_receiver_section *section = &configuration->snmp_receivers[i];
        receivers[i] = (struct snmp_receiver){ .address = section->address,
                                               .user = copy_c(arena, section->user),
                                               .community = section->community,
                                               .inform = section->inform };
    }
}

bool configuration_snmp(const struct configuration *configuration, struct arena *arena,
                        struct snmp_options *out_options, char *out_detail, size_t detail_bytes)
{
    const struct snmp_section *section = &configuration->snmp;
    const size_t user_count = configuration->snmp_user_count;
    struct snmp_user *users = arena_allocate(arena, (user_count + 1) * sizeof *users);
    struct snmp_community *communities =
        arena_allocate(arena, (configuration->snmp_community_count + 1) * sizeof *communities);
    struct snmp_receiver *receivers =
        arena_allocate(arena, (configuration->snmp_receiver_count + 1) * sizeof *receivers);
    if (users == NULL || communities == NULL || receivers == NULL) {
        snprintf(out_detail, detail_bytes, "out of memory");
        return false;
    }
    *out_options = (struct snmp_options){
        .mode = section->mode == SNMP_SETTING_STANDALONE ? SNMP_STANDALONE : SNMP_AGENTX,
        .agentx_socket = section->agentx_socket,
        .listen = section->listen,
        .state_folder = section->state_folder,
        .instance = copy_c(arena, configuration->bridge.instance),
        .contact = section->contact,
        .location = section->location,
        .authentication_traps = section->authentication_traps,
        .users = users,
        .communities = communities,
        .community_count = configuration->snmp_community_count,
        .receivers = receivers,
        .receiver_count = configuration->snmp_receiver_count,
        .notifications_per_minute = (uint32_t)section->notifications_per_minute,
    };
    out_options->name = section->name != NULL ? section->name : out_options->instance;
    if (out_options->mode == SNMP_AGENTX) /* users are snmpd's */
        return true;
    for (; out_options->user_count < user_count; out_options->user_count++)
        if (!read_user(&configuration->snmp_users[out_options->user_count], arena,
                       &users[out_options->user_count], out_detail, detail_bytes))
            return false;
    fill_communities(configuration, arena, communities);
    fill_receivers(configuration, arena, receivers);
    return true;
}

static void wipe(const char *passphrase)
{
    if (passphrase != NULL)
        explicit_bzero((char *)(uintptr_t)passphrase, strlen(passphrase));
}

void configuration_snmp_wipe(struct snmp_options *options)
{
    for (size_t i = 0; i < options->user_count; i++) {
        wipe(options->users[i].auth_key);
        wipe(options->users[i].privacy_key);
    }
}

/* What root alone may read is no error: a reload, which reads no keys, is not to fail for it. */
static void check_user_files(const struct snmp_user_section *section, struct arena *arena,
                             struct problems *problems)
{
    struct snmp_user user = { .name = NULL };
    struct snmp_options only = { .users = &user, .user_count = 1 };
    char detail[512] = "";
    const bool good = read_user(section, arena, &user, detail, sizeof detail);
    const bool forbidden = !good && errno == EACCES;
    const char *setting =
        user.auth_key != NULL && section->privacy_key_file != NULL ? "privacy_key_file" : "auth_key_file";
    const struct place place = configuration_place(&section->head, setting);
    if (forbidden)
        problems_warning(problems, place, "%s: only a start as a user who may read it can use it", detail);
    else if (!good)
        problems_error(problems, place, "%s", detail);
    configuration_snmp_wipe(&only);
}

static void check_folder(const struct snmp_section *section, struct problems *problems)
{
    struct stat status;
    const struct place place = configuration_place(&section->head, "state_folder");
    if (stat(section->state_folder, &status) != 0)
        problems_error(problems, place, "%s: %s; make it, for the bridge's user alone", section->state_folder,
                       strerror(errno));
    else if (!S_ISDIR(status.st_mode))
        problems_error(problems, place, "%s is not a folder; name one", section->state_folder);
}

void configuration_snmp_check_files(const struct configuration *configuration, struct problems *problems)
{
    struct arena arena;
    if (!configuration_snmp_wanted(configuration) || configuration->snmp.mode != SNMP_SETTING_STANDALONE)
        return;
    check_folder(&configuration->snmp, problems);
    arena_init(&arena, &process_heap);
    for (size_t i = 0; i < configuration->snmp_user_count; i++)
        check_user_files(&configuration->snmp_users[i], &arena, problems);
    arena_fini(&arena);
}
