/* SPDX-License-Identifier: Apache-2.0 */
#include "main/service_notify.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "system/clock.h"

void service_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (path == NULL || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof address.sun_path)
        return;
    memcpy(address.sun_path, path, strlen(path));
    if (path[0] == '@') /* an abstract name begins with a NUL byte */
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    char message[256]; /* systemd wants the time with RELOADING=1, and ignores it elsewhere */
    int length = snprintf(message, sizeof message, "%s\nMONOTONIC_USEC=%llu\n", state,
                          (unsigned long long)clock_monotonic_us());
    socklen_t address_bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    /* Nobody listening is no failure of ours. */
    (void)sendto(fd, message, (size_t)length, MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&address,
                 address_bytes);
    close(fd);
}
