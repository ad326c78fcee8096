/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel's log says about sticks. */
#ifndef CLI_DEVICES_KERNEL_LOG_H
#define CLI_DEVICES_KERNEL_LOG_H

#include <stddef.h>

typedef enum cli_symptom {
    CLI_LOG_LPM,        /* the link does not come back from saving power */
    CLI_LOG_LOADER,     /* the stick's loader does not answer */
    CLI_LOG_ENUMERATION, /* what is plugged in does not say what it is */
    CLI_LOG_POWER,      /* too little of it */
    CLI_LOG_CONTROLLER, /* the host's side died */
    CLI_LOG_UNCLAIMED,  /* two programs at once */
    CLI_LOG_RESETS,     /* more of them than opening a stick makes */
    CLI_SYMPTOMS
} cli_symptom;

typedef struct cli_log_finding {
    int lines;       /* that say so */
    char first[160]; /* of them, as it stands */
} cli_log_finding;

/* Counts symptoms in n bytes of a log. Of lines that name a device only those at one of the `places` count; without places all do. */
void cli_log_read(cli_log_finding found[CLI_SYMPTOMS], const char *text, size_t n, const char *const *places, int n_places);

/* The kernel's own log, for free(); NULL, and errno: it may not be read. */
char *cli_kernel_log(size_t *n);

#endif
