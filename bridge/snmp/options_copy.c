/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/options_copy.h"

#include <stdlib.h>
#include <string.h>

/* Measures while `strings` is NULL, then copies. */
struct pass {
    char *strings;
    size_t used_bytes;
};

static const char *take(struct pass *pass, const char *string)
{
    if (string == NULL)
        return NULL;
    const size_t bytes = strlen(string) + 1;
    char *copy = pass->strings != NULL ? memcpy(pass->strings + pass->used_bytes, string, bytes) : NULL;
    pass->used_bytes += bytes;
    return copy;
}

static void visit(struct pass *pass, const struct snmp_options *options, struct options_copy *copy,
                  struct snmp_options *out)
{
    out->agentx_socket = take(pass, options->agentx_socket);
    out->instance = take(pass, options->instance);
    out->listen = take(pass, options->listen);
    out->name = take(pass, options->name);
    out->contact = take(pass, options->contact);
    out->location = take(pass, options->location);
    out->state_folder = take(pass, options->state_folder);
    for (size_t i = 0; i < options->user_count; i++) {
        const struct snmp_user *user = &options->users[i];
        copy->users[i] = (struct snmp_user){ .name = take(pass, user->name),
                                             .auth = take(pass, user->auth),
                                             .privacy = take(pass, user->privacy),
                                             .auth_key = take(pass, user->auth_key),
                                             .privacy_key = take(pass, user->privacy_key) };
    }
    for (size_t i = 0; i < options->community_count; i++)
        copy->communities[i] =
            (struct snmp_community){ .name = take(pass, options->communities[i].name),
                                     .source = take(pass, options->communities[i].source) };
    for (size_t i = 0; i < options->receiver_count; i++) {
        const struct snmp_receiver *receiver = &options->receivers[i];
        copy->receivers[i] = (struct snmp_receiver){ .address = take(pass, receiver->address),
                                                     .user = take(pass, receiver->user),
                                                     .community = take(pass, receiver->community),
                                                     .inform = receiver->inform };
    }
}

bool options_copy_init(struct options_copy *copy, const struct snmp_options *options,
                       struct snmp_options *out_options)
{
    struct snmp_options out = *options;
    struct pass pass = { NULL, 0 };
    *copy = (struct options_copy){ .strings = NULL };
    copy->users = calloc(options->user_count + 1, sizeof *copy->users);
    copy->communities = calloc(options->community_count + 1, sizeof *copy->communities);
    copy->receivers = calloc(options->receiver_count + 1, sizeof *copy->receivers);
    if (copy->users == NULL || copy->communities == NULL || copy->receivers == NULL)
        return false;
    visit(&pass, options, copy, &out);
    copy->string_bytes = pass.used_bytes;
    copy->strings = malloc(copy->string_bytes + 1);
    if (copy->strings == NULL)
        return false;
    pass = (struct pass){ copy->strings, 0 };
    visit(&pass, options, copy, &out);
    out.users = copy->users;
    out.communities = copy->communities;
    out.receivers = copy->receivers;
    *out_options = out;
    return true;
}

void options_copy_fini(struct options_copy *copy)
{
    if (copy->strings != NULL)
        explicit_bzero(copy->strings, copy->string_bytes);
    free(copy->strings);
    free(copy->users);
    free(copy->communities);
    free(copy->receivers);
}
