/* SPDX-License-Identifier: Apache-2.0 */
/* See text.h. */
#include "serve/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void cli_text_bytes(cli_text *t, const void *bytes, size_t n)
{
    if (t->lost || !n) return;
    if (n > t->room - t->n) {
        const size_t room = t->n + n + t->n / 2 + 64;
        char *more = room > n ? realloc(t->bytes, room) : NULL;
        if (!more) {
            t->lost = true;
            return;
        }
        t->bytes = more;
        t->room = room;
    }
    memcpy(t->bytes + t->n, bytes, n);
    t->n += n;
}

void cli_text_put(cli_text *t, const char *text)
{
    cli_text_bytes(t, text, strlen(text));
}

void cli_text_format(cli_text *t, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    cli_text_bytes(t, text, n < (int)sizeof text ? (size_t)n : sizeof text - 1);
}

/* Bytes of the character of UTF-8 that begins here; 0: none does. */
static int character(const unsigned char *c)
{
    static const struct { unsigned char mask, is; } heads[] = { { 0xe0, 0xc0 }, { 0xf0, 0xe0 }, { 0xf8, 0xf0 } };
    if (*c < 0x80) return 1;
    if (*c < 0xc2 || *c > 0xf4) return 0;
    if ((*c == 0xe0 && c[1] < 0xa0) || (*c == 0xed && c[1] > 0x9f) || (*c == 0xf0 && c[1] < 0x90) || (*c == 0xf4 && c[1] > 0x8f)) return 0;
    for (int i = 0; i < 3; i++) {
        if ((*c & heads[i].mask) != heads[i].is) continue;
        for (int k = 1; k < i + 2; k++)
            if ((c[k] & 0xc0) != 0x80) return 0;
        return i + 2;
    }
    return 0;
}

void cli_text_string(cli_text *t, const char *text)
{
    cli_text_put(t, "\"");
    for (const unsigned char *c = (const unsigned char *)text; *c;) {
        const int n = character(c);
        if (*c == '"' || *c == '\\')
            cli_text_format(t, "\\%c", *c);
        else if (*c < 0x20)
            cli_text_format(t, "\\u%04x", *c);
        else if (!n)
            cli_text_put(t, "\xef\xbf\xbd");
        else
            cli_text_bytes(t, c, (size_t)n);
        c += n ? n : 1;
    }
    cli_text_put(t, "\"");
}

void cli_text_float(cli_text *t, float v)
{
    char text[32];
    if (!isfinite(v)) {
        cli_text_put(t, "null");
        return;
    }
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)v);
        if (strtof(text, NULL) == v) break;
    }
    cli_text_put(t, text);
}

void cli_text_free(cli_text *t)
{
    free(t->bytes);
    *t = (cli_text){ 0 };
}
