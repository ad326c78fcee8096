/* SPDX-License-Identifier: Apache-2.0 */
/* The sink that shows views in a terminal, also over SSH: in half blocks of 24-bit colour, or as pictures where the terminal takes them
 * (kitty's graphics protocol, sixel).
 *
 * Half blocks  "\u2580" has the upper pixel's colour before that of the lower one, so that a character cell is two square pixels. Only cells
 *              that differ from those of the view before are written, which is what makes it bearable over a slow line. Letters in the
 *              picture are too small to be read then: a line below it says what they do.
 * kitty        RGB in base64, in pieces of 4096 bytes, each picture in the place of the one before.
 *              https://sw.kovidgoyal.net/kitty/graphics-protocol/
 * sixel        a palette of 6 x 7 x 6 colours, dithered by an ordered pattern, and bands of six rows. VT330/VT340 manual, chapter 14.
 *
 * What is written is limited by what the terminal takes: while it is not ready for more, views fall out. */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "stream/stream.h"
#include "vision/letters.h"

enum { PIECE = 4096, MOST_CELLS = 1 << 18 };

typedef struct cell {
    uint8_t upper[3], lower[3];
} cell;

typedef struct terminal_sink {
    int descriptor;
    crl_terminal how;
    crl_buffer text; /* of which `written` bytes are out */
    size_t written;
    int32_t columns, rows; /* of the terminal, */
    int32_t x, y;          /* its size in pixels; 0: not known */
    crl_image small;       /* the view in the size in which it is shown */
    cell *cells;           /* [n_cells] as they are on the screen */
    int32_t n_cells, wide; /* wide: cells in a row */
    bool begun;
} terminal_sink;

static void put(terminal_sink *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put(terminal_sink *t, const char *fmt, ...)
{
    char text[128];
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n > 0) crl_buffer_add(&t->text, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

/* ---- the size ---- */

/* Asked for each view: windows are resized. true: it is another one. */
static bool measure(terminal_sink *t)
{
    struct winsize w = { 0 };
    const bool known = !ioctl(t->descriptor, TIOCGWINSZ, &w) && w.ws_col && w.ws_row;
    const int32_t columns = known ? w.ws_col : 80, rows = known ? w.ws_row : 24;
    const bool other = columns != t->columns || rows != t->rows;
    t->columns = columns, t->rows = rows;
    t->x = w.ws_xpixel, t->y = w.ws_ypixel;
    return other;
}

/* The largest size of the picture's shape that fits. */
static void fit(const crl_image *image, int32_t width, int32_t height, int32_t *w, int32_t *h)
{
    const double across = (double)width / image->width, down = (double)height / image->height, scale = across < down ? across : down;
    *w = (int32_t)(image->width * scale), *h = (int32_t)(image->height * scale);
    if (*w < 1) *w = 1;
    if (*h < 1) *h = 1;
}

static crl_status shrink(terminal_sink *t, const crl_image *image, int32_t width, int32_t height, crl_error *err)
{
    if (t->small.width != width || t->small.height != height) {
        crl_image_fini(&t->small);
        const crl_status s = crl_image_init(&t->small, width, height, 3, err);
        if (s) return s;
    }
    return crl_image_resize(&t->small, image, NULL, CRL_RESAMPLE_BILINEAR, err);
}

/* ---- half blocks ---- */

static const uint8_t *pixel(const crl_image *image, int32_t x, int32_t y)
{
    static const uint8_t black[3];
    return y < image->height ? image->data + (size_t)y * image->stride + 3 * (size_t)x : black;
}

/* A difference that nobody sees is none: noise of a camera would be written all over again. */
static bool same(const uint8_t *a, const uint8_t *b)
{
    return abs(a[0] - b[0]) + abs(a[1] - b[1]) + abs(a[2] - b[2]) <= 12;
}

/* Letters on a ground, as far as the line has columns left; what a terminal could take for a command is left out. */
static void put_words(terminal_sink *t, int32_t *left, const crl_colour *ground, const char *words)
{
    enum { FEWEST = 8 };
    char text[128];
    size_t n = 0;
    int32_t columns = 3;
    for (const char *next = words; *next && n + 5 < sizeof text && columns < *left;) {
        const char *from = next;
        const int32_t code = crl_utf8_next(&next);
        if (code < 32 || (code >= 127 && code < 160)) continue;
        memcpy(text + n, from, (size_t)(next - from));
        n += (size_t)(next - from);
        columns++;
    }
    if (*left < FEWEST) return;
    *left -= columns;
    if (ground) put(t, "\033[38;2;%d;%d;%dm", crl_dark.rgb[0], crl_dark.rgb[1], crl_dark.rgb[2]);
    if (ground) put(t, "\033[48;2;%d;%d;%dm", ground->rgb[0], ground->rgb[1], ground->rgb[2]);
    put(t, " %.*s ", (int)n, text);
    put(t, "\033[0m ");
}

static void put_class(terminal_sink *t, int32_t *left, const crl_view *v, int32_t index, float score)
{
    char words[160], number[32];
    const crl_colour ground = crl_class_colour(index, 0);
    const char *label = crl_labels_get(v->labels, index);
    snprintf(number, sizeof number, "class %d", index);
    snprintf(words, sizeof words, "%.100s (%.0f%%)", label ? label : number, 100.0 * (double)score);
    put_words(t, left, &ground, words);
}

/* What is in the picture, in its colours, and the rates; or what is wrong. */
static void put_legend(terminal_sink *t, const crl_view *v, int32_t row)
{
    int32_t left = t->columns;
    char words[64];
    put(t, "\033[0m\033[%d;1H", row);
    if (v->note) put_words(t, &left, NULL, v->note);
    for (int32_t i = 0; i < v->n_tracks; i++) put_class(t, &left, v, v->tracks[i].index, v->tracks[i].score);
    for (int32_t i = 0; i < v->n_classes; i++) put_class(t, &left, v, v->classes[i].index, v->classes[i].score);
    snprintf(words, sizeof words, "%.1f FPS, %.1f looked at", v->counts.playback_fps, v->counts.detection_fps);
    if (v->counts.playback_fps > 0) put_words(t, &left, NULL, words);
    put(t, "\033[K");
}

static crl_status show_blocks(terminal_sink *t, const crl_view *view, bool anew, crl_error *err)
{
    const crl_image *image = view->image;
    int32_t w, h;
    fit(image, t->columns, 2 * (t->rows - 1), &w, &h);
    crl_status s = shrink(t, image, w, h, err);
    if (s) return s;
    const int32_t high = (h + 1) / 2, n = w * high;
    if (n > MOST_CELLS) return crl_fail(err, CRL_ERR_UNSUPPORTED, "a terminal of %d x %d", t->columns, t->rows);
    if (n != t->n_cells || w != t->wide) {
        crl_free(t->cells);
        t->n_cells = 0;
        t->cells = crl_alloc_array((size_t)n, sizeof *t->cells);
        if (!t->cells) return crl_fail_memory(err, "a terminal");
        t->n_cells = n, t->wide = w;
        anew = true;
    }
    if (anew) put(t, "\033[2J");
    const uint8_t *front = NULL, *back = NULL;
    for (int32_t row = 0; row < high; row++) {
        bool placed = false;
        for (int32_t column = 0; column < w; column++) {
            cell *c = &t->cells[row * w + column];
            const uint8_t *upper = pixel(&t->small, column, 2 * row), *lower = pixel(&t->small, column, 2 * row + 1);
            if (!anew && same(c->upper, upper) && same(c->lower, lower)) {
                placed = false;
                continue;
            }
            memcpy(c->upper, upper, 3);
            memcpy(c->lower, lower, 3);
            if (!placed) put(t, "\033[%d;%dH", row + 1, column + 1);
            if (!front || memcmp(front, upper, 3)) put(t, "\033[38;2;%d;%d;%dm", upper[0], upper[1], upper[2]);
            if (!back || memcmp(back, lower, 3)) put(t, "\033[48;2;%d;%d;%dm", lower[0], lower[1], lower[2]);
            crl_buffer_add(&t->text, "\xe2\x96\x80", 3);
            front = c->upper, back = c->lower;
            placed = true;
        }
    }
    put_legend(t, view, high + 1);
    return CRL_OK;
}

/* ---- kitty ---- */

static void put_base64(terminal_sink *t, const uint8_t *bytes, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char four[4];
    for (size_t i = 0; i < n; i += 3) {
        const unsigned v = (unsigned)bytes[i] << 16 | (i + 1 < n ? (unsigned)bytes[i + 1] << 8 : 0) | (i + 2 < n ? bytes[i + 2] : 0);
        for (int k = 0; k < 4; k++) four[k] = digits[v >> (18 - 6 * k) & 63];
        if (i + 1 >= n) four[2] = '=';
        if (i + 2 >= n) four[3] = '=';
        crl_buffer_add(&t->text, four, 4);
    }
}

/* The view as it is, stretched by the terminal to as many cells as fit. A cell is taken for twice as high as wide where it does not tell. */
static crl_status show_kitty(terminal_sink *t, const crl_image *image, crl_error *err)
{
    (void)err;
    const double shape = t->x && t->y ? ((double)t->y / t->rows) / ((double)t->x / t->columns) : 2.0;
    int32_t w, h;
    fit(image, t->columns, (int32_t)((t->rows - 1) * shape), &w, &h);
    const int32_t rows = (int32_t)(h / shape) > 0 ? (int32_t)(h / shape) : 1;
    const size_t piece = PIECE / 4 * 3, row = 3 * (size_t)image->width, size = row * (size_t)image->height;
    put(t, "\033[H");
    for (size_t at = 0; at < size; at += piece) {
        const size_t n = size - at < piece ? size - at : piece;
        uint8_t bytes[PIECE / 4 * 3];
        for (size_t i = 0; i < n; i++) bytes[i] = image->data[(at + i) / row * image->stride + (at + i) % row];
        if (!at) put(t, "\033_Ga=T,q=2,f=24,i=1,p=1,C=1,s=%d,v=%d,c=%d,r=%d,m=%d;", image->width, image->height, w, rows, n < size - at);
        else put(t, "\033_Gm=%d;", n < size - at);
        put_base64(t, bytes, n);
        put(t, "\033\\");
    }
    put(t, "\033[%d;1H", rows + 1);
    return CRL_OK;
}

/* ---- sixel ---- */

/* Levels of a colour's channels: green has one more. */
enum { REDS = 6, GREENS = 7, BLUES = 6, COLOURS = REDS * GREENS * BLUES };

static int level(int value, int levels, int threshold)
{
    return (value * (levels - 1) * 16 + threshold * 255) / (255 * 16);
}

/* An ordered pattern stands still where the picture does. */
static uint8_t colour_at(const uint8_t *p, int32_t x, int32_t y)
{
    static const int bayer[4][4] = { { 0, 8, 2, 10 }, { 12, 4, 14, 6 }, { 3, 11, 1, 9 }, { 15, 7, 13, 5 } };
    const int d = bayer[y & 3][x & 3];
    return (uint8_t)((level(p[0], REDS, d) * GREENS + level(p[1], GREENS, d)) * BLUES + level(p[2], BLUES, d));
}

static void put_run(terminal_sink *t, int bits, int32_t n)
{
    const char c = (char)('?' + bits);
    if (n > 3) put(t, "!%d%c", n, c);
    else for (int32_t i = 0; i < n; i++) crl_buffer_add(&t->text, &c, 1);
}

/* Six rows: for each colour that is in them, where it is. */
static void put_band(terminal_sink *t, const crl_image *image, int32_t top, uint8_t *index)
{
    bool used[COLOURS] = { false };
    const int32_t w = image->width, rows = image->height - top < 6 ? image->height - top : 6;
    for (int32_t y = 0; y < rows; y++)
        for (int32_t x = 0; x < w; x++) used[index[y * w + x] = colour_at(pixel(image, x, top + y), x, top + y)] = true;
    for (int c = 0; c < COLOURS; c++) {
        if (!used[c]) continue;
        put(t, "#%d", c);
        int last = -1;
        int32_t run = 0;
        for (int32_t x = 0; x < w; x++) {
            int bits = 0;
            for (int32_t y = 0; y < rows; y++) bits |= (index[y * w + x] == c) << y;
            if (bits != last && run) put_run(t, last, run), run = 0;
            last = bits;
            run++;
        }
        put_run(t, last, run);
        put(t, "$");
    }
    put(t, "-");
}

static crl_status show_sixel(terminal_sink *t, const crl_image *image, crl_error *err)
{
    /* A terminal that does not tell its pixels has cells of 10 x 20 more often than not. */
    const int32_t across = t->x ? t->x : 10 * t->columns, down = t->y ? t->y : 20 * t->rows;
    int32_t w, h;
    fit(image, across < 800 ? across : 800, down / t->rows * (t->rows - 1), &w, &h);
    crl_status s = shrink(t, image, w, h, err);
    uint8_t *index = s ? NULL : crl_alloc((size_t)w * 6);
    if (!index) return s ? s : crl_fail_memory(err, "a terminal");
    put(t, "\033[H\033P0;1q\"1;1;%d;%d", w, h);
    for (int c = 0; c < COLOURS; c++)
        put(t, "#%d;2;%d;%d;%d", c, c / BLUES / GREENS * 100 / (REDS - 1), c / BLUES % GREENS * 100 / (GREENS - 1), c % BLUES * 100 / (BLUES - 1));
    for (int32_t top = 0; top < h; top += 6) put_band(t, &t->small, top, index);
    put(t, "\033\\");
    crl_free(index);
    return CRL_OK;
}

/* ---- the sink ---- */

static crl_status write_piece(terminal_sink *t, crl_error *err)
{
    struct pollfd p = { .fd = t->descriptor, .events = POLLOUT };
    const int ready = poll(&p, 1, CRL_STREAM_TICK_MS);
    if (!ready || (ready < 0 && errno == EINTR)) return CRL_ERR_TIMEOUT;
    const size_t left = t->text.size - t->written;
    const ssize_t n = write(t->descriptor, t->text.data + t->written, left < PIECE ? left : PIECE);
    if (n >= 0) t->written += (size_t)n;
    else if (errno == EINTR || errno == EAGAIN) return CRL_ERR_TIMEOUT;
    else if (errno == EPIPE || errno == EIO) return CRL_ERR_CANCELLED; /* the line is down */
    else return crl_fail(err, CRL_ERR_IO, "terminal: %s", strerror(errno));
    return CRL_OK;
}

static crl_status paint(terminal_sink *t, const crl_view *view, crl_error *err)
{
    const bool anew = measure(t) || !t->begun;
    t->text.size = t->written = 0;
    /* Synchronised: a terminal that knows it shows the view when it is whole. */
    put(t, "\033[?2026h");
    if (!t->begun) put(t, "\033[?1049h\033[?25l");
    if (anew && t->how != CRL_TERMINAL_BLOCKS) put(t, "\033[2J");
    t->begun = true;
    crl_status s = CRL_OK;
    switch (t->how) {
    case CRL_TERMINAL_KITTY: s = show_kitty(t, view->image, err); break;
    case CRL_TERMINAL_SIXEL: s = show_sixel(t, view->image, err); break;
    default: s = show_blocks(t, view, anew, err); break;
    }
    put(t, "\033[?2026l");
    return s;
}

static crl_status show(void *self, const crl_view *view, crl_error *err)
{
    terminal_sink *t = self;
    if (!t->text.size) {
        const crl_status s = paint(t, view, err);
        if (s) return s;
    }
    while (t->written < t->text.size) {
        const crl_status s = write_piece(t, err);
        if (s) return s;
    }
    t->text.size = t->written = 0;
    return CRL_OK;
}

/* What was on the screen before comes back, whatever the last view lacks. */
static crl_status stop(void *self, crl_error *err)
{
    (void)err;
    terminal_sink *t = self;
    static const char end[] = "\033\\\033[?2026l\033[0m\033[?25h\033[?1049l";
    if (t->begun && write(t->descriptor, end, sizeof end - 1) < 0) return CRL_OK; /* there is no terminal any more */
    t->begun = false;
    return CRL_OK;
}

static void free_terminal(void *self)
{
    terminal_sink *t = self;
    crl_buffer_fini(&t->text);
    crl_image_fini(&t->small);
    crl_free(t->cells);
    crl_free(t);
}

/* What terminals say of themselves in the environment, SSH included where it is passed on. */
static crl_terminal recognise(void)
{
    const char *term = getenv("TERM"), *program = getenv("TERM_PROGRAM");
    if (!term) term = "";
    if (!program) program = "";
    if (strstr(term, "kitty") || strstr(term, "ghostty") || getenv("KITTY_WINDOW_ID") || !strcmp(program, "WezTerm") || !strcmp(program, "ghostty"))
        return CRL_TERMINAL_KITTY;
    if (!strncmp(term, "foot", 4) || !strncmp(term, "mlterm", 6) || strstr(term, "sixel") || !strncmp(term, "yaft", 4)) return CRL_TERMINAL_SIXEL;
    return CRL_TERMINAL_BLOCKS;
}

crl_status crl_sink_terminal(crl_sink *out, int descriptor, crl_terminal how, crl_error *err)
{
    static const crl_sink_type type = { .kind = "terminal", .pictures = true, .queue = 1, .show = show, .stop = stop, .free = free_terminal };
    *out = (crl_sink){ 0 };
    if ((int)how < 0 || how > CRL_TERMINAL_SIXEL) return crl_fail(err, CRL_ERR_ARGUMENT, "terminal %d, there are 0 to 3", (int)how);
    terminal_sink *t = crl_alloc(sizeof *t);
    if (!t) return crl_fail_memory(err, "a sink");
    t->descriptor = descriptor;
    t->how = how == CRL_TERMINAL_AUTO ? recognise() : how;
    *out = (crl_sink){ .type = &type, .self = t };
    return CRL_OK;
}
