/* SPDX-License-Identifier: Apache-2.0 */
/* See progress.h. */
#include "io/progress.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { BAR = 30 };

void cli_progress(const char *what, double share, const char *fmt, ...)
{
    char bar[BAR + 1], details[128];
    va_list args;
    if (!isatty(STDERR_FILENO)) return;
    va_start(args, fmt);
    vsnprintf(details, sizeof details, fmt, args);
    va_end(args);
    if (isnan(share)) {
        fprintf(stderr, "\r%s %s\033[K", what, details);
        return;
    }
    for (int i = 0; i < BAR; i++) bar[i] = i + 1 <= share * BAR ? '#' : '.';
    bar[BAR] = 0;
    fprintf(stderr, "\r%s [%s] %s\033[K", what, bar, details);
}

void cli_progress_end(void)
{
    if (isatty(STDERR_FILENO)) fputs("\r\033[K", stderr);
}
