/* SPDX-License-Identifier: Apache-2.0 */
#include "main/background.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "main/arguments.h"

/* The child's word is its exit code; an end without a word is a failure. */
static _Noreturn void wait_for_child(int descriptor)
{
    unsigned char exit_code = EXIT_CODE_FAILED;
    ssize_t got;
    do
        got = read(descriptor, &exit_code, 1);
    while (got < 0 && errno == EINTR);
    _exit(exit_code);
}

int background_enter(void)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    pid_t child = fork();
    if (child < 0)
        return -1;
    if (child > 0) {
        close(ends[1]);
        wait_for_child(ends[0]);
    }
    close(ends[0]);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (setsid() < 0 || null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
        return -1;
    close(null);
    return ends[1];
}

void background_ready(int descriptor, unsigned char exit_code)
{
    ssize_t written = write(descriptor, &exit_code, 1);
    (void)written; /* the caller may be gone */
    close(descriptor);
}
