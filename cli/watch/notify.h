/* SPDX-License-Identifier: Apache-2.0 */
/* Telling the manager of services how it goes: systemd, or another one that listens at $NOTIFY_SOCKET.
 *
 * Source  https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html, "Notes" */
#ifndef CLI_NOTIFY_H
#define CLI_NOTIFY_H

#include <stdbool.h>

/* Sends "READY=1" and the like, lines with a newline between them. false: nobody listens, or it did not arrive. */
bool cli_notify(const char *state);
/* How often, in ms, it wants to hear "WATCHDOG=1" at least; 0: it does not. */
double cli_notify_watchdog_ms(void);
/* Between both of these it has more patience: whoever reads models cannot say meanwhile that he is alive. */
void cli_notify_loading(void);
void cli_notify_loaded(void);

#endif
