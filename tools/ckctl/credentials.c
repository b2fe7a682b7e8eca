/* SPDX-License-Identifier: Apache-2.0 */
#include "ckctl/credentials.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ckctl/buffer.h"

enum { TOKEN_BYTES_MAX = 4096 };

static bool read_token(const char *path, char *token)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fprintf(stderr, "ckctl: %s: %s\n", path, strerror(errno));
        return false;
    }
    setvbuf(file, NULL, _IONBF, 0); /* no copy of it in a buffer that nobody cleanses */
    size_t length = fread(token, 1, TOKEN_BYTES_MAX, file);
    bool failed = ferror(file) != 0;
    fclose(file);
    if (failed)
        fprintf(stderr, "ckctl: %s cannot be read\n", path);
    while (length > 0 && strchr(" \t\r\n", token[length - 1]) != NULL)
        length--;
    token[length] = '\0';
    return !failed;
}

/* A blank or a line break within would end the header early. */
static bool is_token(const char *token)
{
    for (const char *at = token; *at != '\0'; at++)
        if (*at <= ' ' || *at > '~')
            return false;
    return *token != '\0';
}

bool credentials_header(const struct options *options, char **out_header)
{
    static const char prefix[] = "Authorization: Bearer ";
    char token[TOKEN_BYTES_MAX + 1];
    const char *file = options->values[OPTION_TOKEN_FILE];
    const char *from_environment = file == NULL ? getenv("CKBRIDGE_TOKEN") : NULL;
    if (file == NULL && from_environment == NULL)
        file = getenv("CKBRIDGE_TOKEN_FILE");
    *out_header = NULL;
    if (file == NULL && from_environment == NULL)
        return true;
    if (file != NULL && !read_token(file, token))
        return false;
    const char *found = file != NULL ? token : from_environment;
    bool good = is_token(found);
    if (good) {
        *out_header = memory_new(sizeof prefix + strlen(found), 1);
        strcpy(*out_header, prefix);
        strcat(*out_header, found);
    } else {
        fprintf(stderr, "ckctl: what is in %s is no token: one word of printable ASCII\n",
                file != NULL ? file : "$CKBRIDGE_TOKEN");
    }
    explicit_bzero(token, sizeof token);
    return good;
}

void credentials_free(char *header)
{
    if (header == NULL)
        return;
    explicit_bzero(header, strlen(header));
    free(header);
}
