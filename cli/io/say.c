/* SPDX-License-Identifier: Apache-2.0 */
/* Errors, warnings, cleaned text and tables: see say.h. */
#include "io/say.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

static char *format(const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    const int n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    char *text = cli_alloc((size_t)n + 1, 1);
    vsnprintf(text, (size_t)n + 1, fmt, ap);
    return text;
}

char *cli_format(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *text = format(fmt, ap);
    va_end(ap);
    return text;
}

/* Of this thread. */
static _Thread_local const char *subject;

const char *cli_say_about(const char *what)
{
    const char *before = subject;
    subject = what;
    return before;
}

static void say(const char *kind, const char *about, const char *fmt, va_list ap)
{
    char *said = format(fmt, ap), *text = about ? cli_format("%s: %s", about, said) : cli_format("%s", said),
         *clean = cli_clean(text, CLI_FOR_TERMINAL);
    free(said);
    fflush(stdout); /* so that the two streams interleave as things happened */
    fprintf(stderr, "corallite: %s%s\n", kind, clean);
    free(clean);
    free(text);
}

void cli_error(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    say("error: ", subject, fmt, ap);
    va_end(ap);
}

void cli_warning(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    say("warning: ", subject, fmt, ap);
    va_end(ap);
}

void cli_note(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    say("", NULL, fmt, ap);
    va_end(ap);
}

int cli_failed(const crl_error *err)
{
    cli_error("%s", err->text);
    return err->status == CRL_ERR_DEVICE ? CLI_DEVICE : CLI_FAILED;
}

crl_status cli_fail(crl_error *err, crl_status status, const char *fmt, ...)
{
    va_list ap;
    if (!err) return status;
    va_start(ap, fmt);
    vsnprintf(err->text, sizeof err->text, fmt, ap);
    va_end(ap);
    return err->status = status;
}

crl_status cli_within(crl_error *err, crl_status status, const char *fmt, ...)
{
    va_list ap;
    if (!err) return status;
    va_start(ap, fmt);
    char *place = format(fmt, ap), *whole = cli_format("%s: %s", place, err->text);
    va_end(ap);
    snprintf(err->text, sizeof err->text, "%s", whole);
    free(whole);
    free(place);
    return err->status = status;
}

static void *or_end(void *p)
{
    if (p) return p;
    fputs("corallite: error: out of memory\n", stderr);
    exit(CLI_FAILED);
}

void *cli_alloc(size_t n, size_t size)
{
    return or_end(calloc(n ? n : 1, size ? size : 1));
}

void *cli_grow(void *p, size_t n, size_t size)
{
    size_t bytes;
    return or_end(__builtin_mul_overflow(n, size, &bytes) ? NULL : realloc(p, bytes ? bytes : 1));
}

/* Bytes of the UTF-8 character at s, 0 when it is none (overlong forms and surrogates included);
 * its code point in *code. */
static int utf8_length(const unsigned char *s, uint32_t *code)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    *code = s[0];
    if (s[0] < 0x80) return 1;
    const int n = s[0] >= 0xf8 ? 0 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc0 ? 2 : 0;
    if (!n) return 0;
    *code = s[0] & (0x7fu >> n);
    for (int i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80) return 0;
        *code = *code << 6 | (s[i] & 0x3fu);
    }
    return *code < least[n] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000) ? 0 : n;
}

/* What moves the cursor, or turns around what is written before and after it: names of files and classes are not to. */
static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}

char *cli_clean(const char *text, cli_clean_for use)
{
    char *out = cli_alloc(strlen(text) * 3 + 1, 1), *to = out; /* U+FFFD is three bytes */
    for (const unsigned char *s = (const unsigned char *)text; *s;) {
        uint32_t code;
        const int n = utf8_length(s, &code);
        if (!n) {
            memcpy(to, "\xef\xbf\xbd", 3);
            to += 3;
            s++;
        } else if (use == CLI_FOR_TERMINAL && is_control(code)) {
            *to++ = '?';
            s += n;
        } else {
            memcpy(to, s, (size_t)n);
            to += n;
            s += n;
        }
    }
    return out;
}

int cli_width(const char *text)
{
    int n = 0;
    for (; *text; text++) n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

char *cli_bytes_text(double bytes, char *buf)
{
    static const char *const units[] = { "", "KiB", "MiB", "GiB" };
    int u = 0;
    while (bytes >= 1024 && u < 3) bytes /= 1024, u++;
    if (u)
        snprintf(buf, 32, "%.1f %s", bytes, units[u]);
    else
        snprintf(buf, 32, "%.0f %s", bytes, bytes == 1 ? "byte" : "bytes");
    return buf;
}

char *cli_count_text(double n, char *buf)
{
    if (n >= 1e9)
        snprintf(buf, 32, "%.2f billion", n / 1e9);
    else if (n >= 1e6)
        snprintf(buf, 32, "%.1f million", n / 1e6);
    else
        snprintf(buf, 32, "%.0f", n);
    return buf;
}

void cli_table_init(cli_table *t, const char *align, int indent)
{
    *t = (cli_table){ .align = align, .columns = (int)strlen(align), .indent = indent };
}

void cli_table_row(cli_table *t, ...)
{
    va_list ap;
    va_start(ap, t);
    t->cells = cli_grow(t->cells, (size_t)(t->n_cells + t->columns), sizeof *t->cells);
    for (int c = 0; c < t->columns; c++) t->cells[t->n_cells++] = cli_clean(va_arg(ap, const char *), CLI_FOR_TERMINAL);
    va_end(ap);
}

void cli_table_print(cli_table *t, FILE *to)
{
    enum { WIDEST = 1000 }; /* one cell of megabytes does not make all of them so wide */
    int *wide = cli_alloc((size_t)t->columns, sizeof *wide);
    for (int i = 0; i < t->n_cells; i++) {
        const int w = cli_width(t->cells[i]);
        if (w > wide[i % t->columns] && w <= WIDEST) wide[i % t->columns] = w;
    }
    for (int row = 0; row < t->n_cells; row += t->columns) {
        int last = t->columns - 1; /* no blanks at the end of a line */
        while (last > 0 && !*t->cells[row + last]) last--;
        fprintf(to, "%*s", t->indent, "");
        for (int c = 0; c <= last; c++) {
            const char *cell = t->cells[row + c];
            const int width = cli_width(cell), pad = width < wide[c] ? wide[c] - width : 0;
            const bool left = t->align[c] == 'l';
            fprintf(to, "%*s%s%*s%s", left ? 0 : pad, "", cell, left && c < last ? pad : 0, "", c < last ? "  " : "\n");
        }
    }
    for (int i = 0; i < t->n_cells; i++) free(t->cells[i]);
    free(t->cells);
    free(wide);
    t->cells = NULL;
    t->n_cells = 0;
}

int cli_flush(int code)
{
    errno = 0;
    if (!fflush(stdout) && !ferror(stdout)) return code;
    cli_error("standard output: %s", errno ? strerror(errno) : "not all could be written");
    return CLI_FAILED;
}
