/* SPDX-License-Identifier: Apache-2.0 */
/* Text that grows, for answers: without memory it is lost, and the program goes on. */
#ifndef CLI_SERVE_TEXT_H
#define CLI_SERVE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed is empty. */
typedef struct cli_text {
    char *bytes; /* for free() */
    size_t n, room;
    bool lost; /* there was no memory */
} cli_text;

void cli_text_put(cli_text *t, const char *text);
void cli_text_bytes(cli_text *t, const void *bytes, size_t n);
void cli_text_format(cli_text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A string of JSON with its quotes; what is no UTF-8 becomes U+FFFD. */
void cli_text_string(cli_text *t, const char *text);
/* In the fewest digits that read back as the same float; null when it is not finite. */
void cli_text_float(cli_text *t, float v);
void cli_text_free(cli_text *t);

#endif
