/* SPDX-License-Identifier: Apache-2.0 */
/* Telling the manager of services how it goes: see notify.h. */
#include "watch/notify.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* What nobody can take for reading a file, on the slowest of boards. */
enum { LONGEST_LOADING_MS = 600000 };

bool cli_notify(const char *state)
{
    const char *name = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    if (!name || (*name != '/' && *name != '@') || !name[1] || strlen(name) >= sizeof to.sun_path) return false;
    memcpy(to.sun_path, name, strlen(name));
    if (*name == '@') to.sun_path[0] = 0; /* a name that no file has */
    const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (fd < 0) return false;
    const size_t n = strlen(state);
    const bool sent = sendto(fd, state, n, MSG_NOSIGNAL, (struct sockaddr *)&to,
                             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))) == (ssize_t)n;
    close(fd);
    return sent;
}

double cli_notify_watchdog_ms(void)
{
    const char *us = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    if (!us || (pid && strtol(pid, NULL, 10) != getpid())) return 0;
    const double wanted = strtod(us, NULL);
    return wanted > 0 ? wanted / 1e3 : 0;
}

/* Beginning now, the watchdog has this time. */
static void set_watchdog(double ms)
{
    char text[48];
    snprintf(text, sizeof text, "WATCHDOG_USEC=%.0f\nWATCHDOG=1", ms * 1e3);
    cli_notify(text);
}

void cli_notify_loading(void)
{
    const double ms = cli_notify_watchdog_ms();
    if (ms > 0) set_watchdog(ms > LONGEST_LOADING_MS ? ms : LONGEST_LOADING_MS);
}

void cli_notify_loaded(void)
{
    const double ms = cli_notify_watchdog_ms();
    if (ms > 0) set_watchdog(ms);
}
