/* SPDX-License-Identifier: Apache-2.0 */
/* See html.h. */
#include "io/html.h"

#include <stdlib.h>

#include "io/say.h"

void cli_html_text(FILE *to, const char *s)
{
    char *clean = cli_clean(s, CLI_FOR_TERMINAL);
    for (const char *p = clean; *p; p++) switch (*p) {
        case '<': fputs("&lt;", to); break;
        case '>': fputs("&gt;", to); break;
        case '&': fputs("&amp;", to); break;
        case '"': fputs("&quot;", to); break;
        default: fputc(*p, to);
        }
    free(clean);
}

void cli_html_begin(FILE *to, const char *title, const char *style)
{
    fputs("<!DOCTYPE html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>", to);
    cli_html_text(to, title);
    fprintf(to,
            "</title><style>body{font:16px/1.5 sans-serif;max-width:64em;margin:2em auto;padding:0 1em;color:#222}"
            "table{border-collapse:collapse}th,td{padding:.3em .7em;border:1px solid #ddd;text-align:right;font-weight:400}"
            "%s</style>\n<h1>",
            style);
    cli_html_text(to, title);
    fputs("</h1>", to);
}

bool cli_html_end(FILE *to)
{
    fputs("</html>\n", to);
    const bool lost = ferror(to) != 0;
    if (!fclose(to) && !lost) return true;
    cli_error("no memory for the page");
    return false;
}
