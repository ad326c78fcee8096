/* SPDX-License-Identifier: Apache-2.0 */
/* One line on a terminal that tells how far a long work is, and nothing elsewhere. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

/* Writes "what [#####.....] details" over the line before; `share` is 0 to 1, and NaN where nobody knows: then there is no bar. */
void cli_progress(const char *what, double share, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The line goes. */
void cli_progress_end(void);

#endif
