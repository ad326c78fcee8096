/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of HTML that need nothing else: the reports of learn and quantize. */
#ifndef CLI_HTML_H
#define CLI_HTML_H

#include <stdbool.h>
#include <stdio.h>

/* Text of strangers, which stays text. */
void cli_html_text(FILE *to, const char *text);
/* Up to the heading, which is the title; `style` is CSS that comes to the common one. */
void cli_html_begin(FILE *to, const char *title, const char *style);
/* `to` is of open_memstream(), and closed. false after saying that there was no memory. */
bool cli_html_end(FILE *to);

#endif
