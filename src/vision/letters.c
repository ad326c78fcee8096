/* SPDX-License-Identifier: Apache-2.0 */
/* The project's own letters: see letters.h.
 *
 * A drawing is read like a pen plotter's: `m x y` lift and move, `l x y` line to, `h x y` and `v x y` a quarter of an
 * ellipse to x y that sets out horizontally or vertically. y goes up from the line that letters stand on; 20 is the height
 * of an x, 28 that of a capital. Each lies between x 0 and its own width. */
#include "vision/letters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { X_HEIGHT = 20, CAP_HEIGHT = 28 };

/* ' ' to '~' */
static const char *const ascii[] = {
    "", "m 0 28 l 0 9 m 0 0 l 0 0", "m 0 28 l 0 20 m 7 28 l 7 20",
    "m 6 28 l 3 0 m 16 28 l 13 0 m 0 19 l 19 19 m 0 9 l 19 9",
    "m 17 23 v 9 28 h 1 21 v 9 15 h 18 7 v 9 0 h 0 6 m 9 32 l 9 -4",
    "m 0 21 v 5 28 h 10 21 v 5 14 h 0 21 m 22 28 l 6 0 m 18 7 v 23 14 h 28 7 v 23 0 h 18 7",
    "m 21 0 l 5 18 l 4 22 v 9 28 h 14 22 l 13 19 l 3 12 l 0 7 v 8 0 h 20 12", "m 0 28 l 0 20",
    "m 6 31 h 0 14 v 6 -4", "m 0 31 h 6 14 v 0 -4", "m 7 28 l 7 15 m 1 25 l 13 18 m 13 25 l 1 18",
    "m 0 11 l 16 11 m 8 19 l 8 3", "m 2 1 l 0 -5", "m 0 11 l 9 11", "m 0 0 l 0 0", "m 0 -3 l 11 31",
    "m 0 14 v 8 28 h 16 14 v 8 0 h 0 14", "m 1 22 l 8 28 l 8 0", "m 1 21 v 8 28 h 16 20 l 14 15 l 0 0 l 16 0",
    "m 1 23 v 8 28 h 15 21 v 8 15 l 5 15 m 8 15 h 16 7 v 8 0 h 0 6", "m 13 0 l 13 28 l 0 8 l 18 8",
    "m 15 28 l 2 28 l 2 17 l 8 17 h 16 8 v 8 0 h 0 5", "m 14 28 l 12 28 h 0 9 v 8 0 h 16 9 v 8 18 h 0 9",
    "m 0 28 l 16 28 l 5 0", "m 8 15 h 1 21 v 8 28 h 15 21 v 8 15 h 0 7 v 8 0 h 16 7 v 8 15",
    "m 2 0 l 4 0 h 16 19 v 8 28 h 0 19 v 8 10 h 16 19",
    "m 0 0 l 0 0 m 0 17 l 0 17", "m 2 1 l 0 -5 m 2 17 l 2 17", "m 15 20 l 0 11 l 15 2", "m 0 15 l 16 15 m 0 7 l 16 7",
    "m 0 20 l 15 11 l 0 2", "m 0 22 v 7 28 h 14 21 v 7 12 l 7 9 m 7 0 l 7 0",
    "m 18 17 l 18 9 v 22 5 h 26 12 v 14 26 h 0 11 v 13 -5 l 20 -4 m 18 11 v 13 17 h 8 11 v 13 5 h 18 11",
    "m 0 0 l 10 28 l 20 0 m 4 10 l 16 10", "m 0 0 l 0 28 l 9 28 h 15 22 v 9 15 l 0 15 m 9 15 l 10 15 h 17 7 v 10 0 l 0 0",
    "m 20 21 v 11 28 h 0 14 v 11 0 h 20 7", "m 0 0 l 0 28 l 8 28 h 20 14 v 8 0 l 0 0",
    "m 15 28 l 0 28 l 0 0 l 15 0 m 0 15 l 13 15", "m 15 28 l 0 28 l 0 0 m 0 14 l 13 14",
    "m 20 22 v 11 28 h 0 14 v 11 0 h 20 8 l 20 13 l 12 13", "m 0 0 l 0 28 m 18 0 l 18 28 m 0 15 l 18 15", "m 0 0 l 0 28",
    "m 11 28 l 11 7 v 6 0 h 0 5", "m 0 0 l 0 28 m 17 28 l 0 11 m 6 17 l 18 0", "m 0 28 l 0 0 l 14 0",
    "m 0 0 l 0 28 l 11 8 l 22 28 l 22 0", "m 0 0 l 0 28 l 18 0 l 18 28", "m 0 14 v 11 28 h 22 14 v 11 0 h 0 14",
    "m 0 0 l 0 28 l 9 28 h 17 20 v 9 12 l 0 12", "m 0 14 v 11 28 h 22 14 v 11 0 h 0 14 m 14 7 l 22 -1",
    "m 0 0 l 0 28 l 9 28 h 17 20 v 9 12 l 0 12 m 9 12 l 18 0", "m 17 23 v 9 28 h 1 21 v 9 15 h 18 7 v 9 0 h 0 6",
    "m 0 28 l 20 28 m 10 28 l 10 0", "m 0 28 l 0 9 v 9 0 h 18 9 l 18 28", "m 0 28 l 10 0 l 20 28",
    "m 0 28 l 7 0 l 14 24 l 21 0 l 28 28", "m 0 28 l 18 0 m 18 28 l 0 0", "m 0 28 l 10 13 l 20 28 m 10 13 l 10 0",
    "m 0 28 l 17 28 l 0 0 l 17 0",
    "m 5 31 l 0 31 l 0 -4 l 5 -4", "m 0 31 l 11 -3", "m 0 31 l 5 31 l 5 -4 l 0 -4", "m 0 18 l 7 28 l 14 18",
    "m 0 -4 l 16 -4", "m 0 29 l 4 24",
    "m 1 17 v 8 20 h 15 13 l 15 0 m 15 12 l 6 12 h 0 6 v 6 0 h 15 7", "m 0 28 l 0 0 m 0 10 v 8 20 h 16 10 v 8 0 h 0 10",
    "m 14 16 v 8 20 h 0 10 v 8 0 h 14 4", "m 16 28 l 16 0 m 16 10 v 8 20 h 0 10 v 8 0 h 16 10",
    "m 0 11 l 16 11 v 8 20 h 0 10 v 8 0 h 15 4", "m 10 28 l 9 28 h 4 22 l 4 0 m 0 20 l 10 20",
    "m 16 20 l 16 0 v 8 -8 h 1 -5 m 16 10 v 8 20 h 0 10 v 8 0 h 16 10", "m 0 28 l 0 0 m 0 12 v 8 20 h 15 12 l 15 0",
    "m 0 20 l 0 0 m 0 28 l 0 28", "m 5 20 l 5 -2 v 0 -8 m 5 28 l 5 28", "m 0 28 l 0 0 m 14 20 l 0 7 m 5 12 l 15 0",
    "m 0 28 l 0 5 v 5 0", "m 0 20 l 0 0 m 0 13 v 7 20 h 13 13 l 13 0 m 13 13 v 20 20 h 26 13 l 26 0",
    "m 0 20 l 0 0 m 0 12 v 8 20 h 15 12 l 15 0", "m 0 10 v 8 20 h 16 10 v 8 0 h 0 10",
    "m 0 20 l 0 -8 m 0 10 v 8 20 h 16 10 v 8 0 h 0 10", "m 16 20 l 16 -8 m 16 10 v 8 20 h 0 10 v 8 0 h 16 10",
    "m 0 20 l 0 0 m 0 12 v 9 20", "m 13 17 v 7 20 h 1 15 v 7 10 h 14 5 v 7 0 h 0 4",
    "m 4 26 l 4 5 v 9 0 l 11 0 m 0 20 l 11 20", "m 15 20 l 15 0 m 15 8 v 7 0 h 0 8 l 0 20", "m 0 20 l 8 0 l 16 20",
    "m 0 20 l 6 0 l 12 18 l 18 0 l 24 20", "m 0 20 l 15 0 m 15 20 l 0 0", "m 0 20 l 8 0 m 16 20 l 7 -3 v 1 -8",
    "m 0 20 l 14 20 l 0 0 l 14 0",
    "m 8 31 h 4 26 l 4 18 v 0 14 h 4 10 l 4 1 v 8 -4", "m 0 31 l 0 -4", "m 0 31 h 4 26 l 4 18 v 8 14 h 4 10 l 4 1 v 0 -4",
    "m 0 9 v 4 13 l 12 9 v 16 13",
};

/* Characters with a drawing of their own. */
static const struct {
    int32_t code;
    const char *drawing;
} others[] = {
    { 0xa0, "" },
    { 0xa1, "m 0 -8 l 0 11 m 0 20 l 0 20" },
    { 0xa3, "m 15 23 v 10 28 h 5 21 l 5 5 l 1 0 l 16 0 m 1 13 l 12 13" },
    { 0xa7, "m 12 25 v 6 28 h 0 23 l 12 14 l 11 8 m 0 -1 v 6 -4 h 12 2 l 0 11 l 1 17" },
    { 0xab, "m 7 18 l 0 11 l 7 4 m 16 18 l 9 11 l 16 4" },
    { 0xb0, "m 0 24 v 4 28 h 8 24 v 4 20 h 0 24" },
    { 0xb1, "m 0 14 l 16 14 m 8 22 l 8 6 m 0 0 l 16 0" },
    { 0xb5, "m 15 20 l 15 0 m 15 8 v 7 0 h 0 8 m 0 20 l 0 -8" },
    { 0xb7, "m 0 11 l 0 11" },
    { 0xbb, "m 0 18 l 7 11 l 0 4 m 9 18 l 16 11 l 9 4" },
    { 0xbf, "m 14 -2 v 7 -8 h 0 -1 v 7 8 l 7 11 m 7 20 l 7 20" },
    { 0xc6, "m 0 0 l 13 28 l 28 28 m 15 28 l 15 0 l 28 0 m 15 15 l 26 15 m 5 10 l 15 10" },
    { 0xd0, "m 3 0 l 3 28 l 11 28 h 23 14 v 11 0 l 3 0 m 0 14 l 12 14" },
    { 0xd7, "m 0 17 l 12 5 m 12 17 l 0 5" },
    { 0xd8, "m 1 14 v 12 28 h 23 14 v 12 0 h 1 14 m 0 -1 l 24 29" },
    { 0xde, "m 0 0 l 0 28 m 0 22 l 9 22 h 17 14 v 9 6 l 0 6" },
    { 0xdf, "m 0 0 l 0 20 v 7 28 h 13 21 l 8 16 h 16 8 v 8 0 l 6 0" },
    { 0xe6, "m 1 17 v 7 20 h 13 13 l 13 0 m 13 12 l 6 12 h 0 6 v 6 0 h 13 7 m 13 11 l 27 11 v 20 20 h 13 10 v 20 0 h 26 4" },
    { 0xf0, "m 16 10 v 8 19 h 0 10 v 8 0 h 16 10 l 16 14 v 4 28 m 3 22 l 14 27" },
    { 0xf7, "m 0 11 l 16 11 m 8 19 l 8 19 m 8 3 l 8 3" },
    { 0xf8, "m 1 10 v 9 20 h 17 10 v 9 0 h 1 10 m 0 -1 l 18 21" },
    { 0xfe, "m 0 28 l 0 -8 m 0 10 v 8 20 h 16 10 v 8 0 h 0 10" },
    { 0x110, "m 3 0 l 3 28 l 11 28 h 23 14 v 11 0 l 3 0 m 0 14 l 12 14" },
    { 0x111, "m 16 28 l 16 0 m 16 10 v 8 20 h 0 10 v 8 0 h 16 10 m 9 25 l 20 25" },
    { 0x126, "m 3 0 l 3 28 m 21 0 l 21 28 m 3 14 l 21 14 m 0 22 l 24 22" },
    { 0x127, "m 3 28 l 3 0 m 3 12 v 11 20 h 18 12 l 18 0 m 0 25 l 11 25" },
    { 0x131, "m 0 20 l 0 0" },
    { 0x141, "m 4 28 l 4 0 l 18 0 m 0 10 l 12 18" },
    { 0x142, "m 4 28 l 4 5 v 9 0 m 0 11 l 9 18" },
    { 0x14a, "m 0 0 l 0 28 m 0 18 v 9 28 h 18 18 l 18 -1 v 12 -7" },
    { 0x14b, "m 0 20 l 0 0 m 0 12 v 8 20 h 15 12 l 15 -2 v 9 -8" },
    { 0x152, "m 27 28 l 11 28 h 0 14 v 11 0 l 27 0 m 14 28 l 14 0 m 14 15 l 25 15" },
    { 0x153, "m 14 10 v 7 20 h 0 10 v 7 0 h 14 10 m 14 11 l 28 11 v 21 20 h 14 10 v 21 0 h 27 4" },
    { 0x2013, "m 0 11 l 14 11" },
    { 0x2014, "m 0 11 l 26 11" },
    { 0x2018, "m 2 28 l 0 22" },
    { 0x2019, "m 2 28 l 0 22" },
    { 0x201c, "m 2 28 l 0 22 m 9 28 l 7 22" },
    { 0x201d, "m 2 28 l 0 22 m 9 28 l 7 22" },
    { 0x201e, "m 2 1 l 0 -5 m 9 1 l 7 -5" },
    { 0x2022, "m 0 11 l 0 11 m 1 11 l 1 11" },
    { 0x2026, "m 0 0 l 0 0 m 9 0 l 9 0 m 18 0 l 18 0" },
    { 0x20ac, "m 20 22 v 13 28 h 3 14 v 13 0 h 20 6 m 0 17 l 14 17 m 0 11 l 13 11" },
};

/* Letters from U+00C0 on that are one of the above and a mark, as pairs; '-' where there is something else. */
static const char marked[] =
    "A`A'A^A~A:A*--C,E`E'E^E:I`I'I^I:--N~O`O'O^O~O:----U`U'U^U:Y'----"
    "a`a'a^a~a:a*--c,e`e'e^e:i`i'i^i:--n~o`o'o^o~o:----u`u'u^u:y'--y:"
    "A_a_AuauA;a;C'c'C^c^C.c.CvcvDvdv----E_e_EueuE.e.E;e;EvevG^g^GuguG.g.G,g,H^h^----I~i~I_i_IuiuI;i;I.------J^j^K,k,--"
    "L'l'L,l,LvlvL.l.----N'n'N,n,Nvnv------O_o_OuouO\"o\"----R'r'R,r,RvrvS's'S^s^S,s,SvsvT,t,Tvtv----U~u~U_u_UuuuU*u*"
    "U\"u\"U;u;W^w^Y^y^Y:Z'z'Z.z.Zvzv";

/* Marks, around x 0, for a letter as high as an x. Those of `below` do not move up for capitals. */
static const struct {
    char name;
    bool below;
    const char *drawing;
} marks[] = {
    { '`', false, "m -3 30 l 2 25" },
    { '\'', false, "m 3 30 l -2 25" },
    { '^', false, "m -5 25 l 0 30 l 5 25" },
    { 'v', false, "m -5 30 l 0 25 l 5 30" },
    { '~', false, "m -6 26 v -3 29 l 3 26 v 6 29" },
    { ':', false, "m -4 28 l -4 28 m 4 28 l 4 28" },
    { '*', false, "m -3 28 v 0 31 h 3 28 v 0 25 h -3 28" },
    { '_', false, "m -5 27 l 5 27" },
    { 'u', false, "m -5 30 v 0 25 h 5 30" },
    { '.', false, "m 0 28 l 0 28" },
    { '"', false, "m 0 30 l -4 25 m 7 30 l 3 25" },
    { ',', true, "m 1 0 l 1 -4 l -3 -8" },
    { ';', true, "m 2 0 v -2 -5 h 4 -8" },
};

/* ---- which drawing ---- */

int32_t crl_utf8_next(const char **text)
{
    const unsigned char *p = (const unsigned char *)*text;
    const int more = *p < 0x80 ? 0 : *p >= 0xc2 && *p < 0xe0 ? 1 : *p >= 0xe0 && *p < 0xf0 ? 2 : *p >= 0xf0 && *p < 0xf5 ? 3 : -1;
    int32_t code = more <= 0 ? *p : *p & (0x3f >> more);
    for (int i = 1; i <= more; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            (*text)++;
            return -1;
        }
        code = code << 6 | (p[i] & 0x3f);
    }
    *text += more < 0 ? 1 : more + 1;
    return more < 0 ? -1 : code;
}

/* A character as one or two drawings. */
typedef struct glyph {
    const char *body, *mark; /* body NULL: there is none; mark NULL: none is needed */
    double mark_up;
    int32_t width; /* of the body */
} glyph;

/* The next command of a drawing: its letter, or 0 at the end. */
static char next_command(const char **drawing, int xy[2])
{
    const char *p = *drawing;
    while (*p == ' ') p++;
    const char command = *p;
    if (!command) return 0;
    p++;
    for (int i = 0; i < 2; i++) {
        char *end;
        xy[i] = (int)strtol(p, &end, 10);
        p = end;
    }
    *drawing = p;
    return command;
}

static int32_t drawing_width(const char *drawing)
{
    int xy[2], most = 0;
    while (next_command(&drawing, xy))
        if (xy[0] > most) most = xy[0];
    return most;
}

static const char *plain_drawing(int32_t code)
{
    if (code >= ' ' && code <= '~') return ascii[code - ' '];
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (others[i].code == code) return others[i].drawing;
    return NULL;
}

static glyph find_glyph(int32_t code)
{
    glyph g = { .body = plain_drawing(code) };
    const int32_t pair = 2 * (code - 0xc0);
    if (!g.body && pair >= 0 && pair < (int32_t)sizeof marked - 1 && marked[pair] != '-') {
        const char base = marked[pair];
        for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
            if (marks[i].name != marked[pair + 1]) continue;
            g.body = plain_drawing(base == 'i' && !marks[i].below ? 0x131 : base);
            g.mark = marks[i].drawing;
            const bool tall = (base >= 'A' && base <= 'Z') || base == 'd' || base == 'h' || base == 'l' || base == 't';
            g.mark_up = marks[i].below || !tall ? 0.0 : CAP_HEIGHT - X_HEIGHT;
        }
    }
    if (g.body) g.width = drawing_width(g.body);
    return g;
}

bool crl_letters_have(const char *text)
{
    while (*text)
        if (!find_glyph(crl_utf8_next(&text)).body) return false;
    return true;
}

/* ---- sizes ---- */

/* Letters of one size, in pixels. Heights are whole, so that the bars of letters are sharp. */
typedef struct face {
    double line;                /* thickness */
    double x_height, cap_height; /* from the line that letters stand on to their upper rim */
    double scale;               /* pixels of a unit in a drawing */
} face;

static face face_of(double size)
{
    face f = { .x_height = fmax(round(0.54 * size), 4.0), .line = fmax(0.135 * size, 1.25) };
    f.cap_height = fmax(round(0.74 * size), f.x_height + 2.0);
    if (f.line > 2.0) f.line = round(2.0 * f.line) / 2.0;
    f.scale = (f.x_height - f.line) / X_HEIGHT;
    return f;
}

/* Room for a character, and for what parts it from the next. */
static double advance_of(const face *f, const glyph *g)
{
    const bool blank = g->body && !*g->body;
    return blank ? f->line + 7.0 * f->scale : g->width * f->scale + f->line * 1.1 + 4.4 * f->scale;
}

double crl_letters_width(const char *text, double size)
{
    const face f = face_of(size);
    double width = 0.0;
    while (*text) {
        const glyph g = find_glyph(crl_utf8_next(&text));
        width += advance_of(&f, &g);
    }
    return width;
}

double crl_letters_ascent(double size)
{
    return face_of(size).cap_height;
}

double crl_letters_descent(double size)
{
    const face f = face_of(size);
    return ceil(8.0 * f.scale);
}

/* ---- drawing ---- */

/* A pen over a sheet of coverages, one for each pixel around a text. */
typedef struct pen {
    const face *face;
    uint8_t *sheet;
    int32_t first, width, height; /* the columns of the text that it has, from the first on */
    double left, line_y; /* where x 0 and y 0 of a drawing are */
    double x, y;         /* pixels */
} pen;

static double to_y(const pen *p, double y)
{
    const face *f = p->face;
    const double above_x = (f->cap_height - f->x_height) / (CAP_HEIGHT - X_HEIGHT);
    return p->line_y - f->line / 2.0 - (y <= X_HEIGHT ? y * f->scale : X_HEIGHT * f->scale + (y - X_HEIGHT) * above_x);
}

static double lesser(double a, double b)
{
    return a < b ? a : b;
}

static double greater(double a, double b)
{
    return a > b ? a : b;
}

static void stroke_to(pen *p, double bx, double by)
{
    const double ax = p->x, ay = p->y, dx = bx - ax, dy = by - ay, square = dx * dx + dy * dy;
    const double reach = p->face->line / 2.0 + 0.5;
    const int32_t x0 = (int32_t)greater(lesser(ax, bx) - reach, p->first);
    const int32_t x1 = (int32_t)lesser(greater(ax, bx) + reach + 1.0, p->first + p->width);
    const int32_t y0 = (int32_t)greater(lesser(ay, by) - reach, 0.0), y1 = (int32_t)lesser(greater(ay, by) + reach + 1.0, p->height);
    for (int32_t row = y0; row < y1; row++)
        for (int32_t column = x0; column < x1; column++) {
            const double x = column + 0.5 - ax, y = row + 0.5 - ay;
            const double t = square > 0.0 ? lesser(greater((x * dx + y * dy) / square, 0.0), 1.0) : 0.0;
            const double ex = x - t * dx, ey = y - t * dy;
            const double cover = lesser(reach - sqrt(ex * ex + ey * ey), 1.0);
            uint8_t *dot = &p->sheet[(size_t)row * (size_t)p->width + (size_t)(column - p->first)];
            if (cover > 0.0 && 255.0 * cover > *dot) *dot = (uint8_t)(255.0 * cover);
        }
    p->x = bx;
    p->y = by;
}

static void draw_strokes(pen *p, const char *drawing, double right, double up)
{
    enum { PIECES = 7 };
    int xy[2];
    for (char command; (command = next_command(&drawing, xy)) != 0;) {
        const double x = p->left + (xy[0] + right) * p->face->scale, y = to_y(p, xy[1] + up);
        const double ax = p->x, ay = p->y;
        if (command == 'm') p->x = x, p->y = y;
        else if (command == 'l') stroke_to(p, x, y);
        else
            for (int i = 1; i <= PIECES; i++) {
                const double angle = 1.57079632679489661923 * i / PIECES;
                const double begin = sin(angle), end = 1.0 - cos(angle); /* along where it sets out, and where it arrives */
                const double tx = command == 'h' ? begin : end, ty = command == 'h' ? end : begin;
                stroke_to(p, ax + (x - ax) * tx, ay + (y - ay) * ty);
            }
    }
}

/* Room at either end for marks, which may reach past the letter that they are on. */
static double margin_of(const face *f)
{
    return ceil(4.0 * f->scale);
}

crl_sheet crl_letters_sheet(const char *text, double size)
{
    const face f = face_of(size);
    const double above = ceil(f.cap_height + 14.0 * f.scale), below = ceil(10.0 * f.scale + f.line);
    const double width = ceil(crl_letters_width(text, size) + 2.0 * margin_of(&f) + 2.0 * f.line);
    return (crl_sheet){ (int32_t)-margin_of(&f), (int32_t)-above, (int32_t)width, (int32_t)(above + below) };
}

void crl_letters_draw(uint8_t *covers, const crl_sheet *sheet, int32_t first, int32_t n, const char *text, double size)
{
    const face f = face_of(size);
    double x = -sheet->left;
    while (*text) {
        const glyph g = find_glyph(crl_utf8_next(&text));
        const double advance = advance_of(&f, &g);
        if (g.body && *g.body) {
            pen p = { .face = &f, .sheet = covers, .first = first, .width = n, .height = sheet->height, .line_y = -sheet->top };
            p.left = x + (advance - g.width * f.scale) / 2.0;
            draw_strokes(&p, g.body, 0.0, 0.0);
            if (g.mark) draw_strokes(&p, g.mark, g.width / 2.0, g.mark_up);
        }
        x += advance;
    }
}
