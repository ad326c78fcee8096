/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that were measured and drawn before: see text.h.
 *
 * Tables are small and searched from front to back: a picture has some dozens of labels. */
#include "vision/text_cache.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "vision/letters.h"
#include "vision/shaping.h"

enum { MOST_MEASURED = 64, MOST_DRAWN = 256 };
/* Sheets of texts; one that would take more than a fourth of it is drawn piece by piece, each time. */
enum { USUAL_ROOM = 1 << 18, LARGE = USUAL_ROOM / 4 };

struct crl_text_measured {
    uint32_t hash;
    double most;
    crl_text asked, found;
};

struct crl_text_drawn {
    uint32_t hash;
    crl_text text;
    crl_colour colour;
    crl_sheet sheet;
    size_t at; /* in the room of sheets */
};

/* FNV-1a. */
static uint32_t hash_of(const char *string)
{
    uint32_t h = 2166136261u;
    for (; *string; string++) h = (h ^ (uint8_t)*string) * 16777619u;
    return h;
}

static bool is_same(const crl_text *a, const crl_text *b)
{
    return a->size == b->size && a->shaped == b->shaped && !strcmp(a->string, b->string);
}

/* ---- memory ---- */

static bool has_tables(crl_text_cache *c)
{
    if (!c->measured) c->measured = crl_alloc_array(MOST_MEASURED, sizeof *c->measured);
    if (!c->drawn) c->drawn = crl_alloc_array(MOST_DRAWN, sizeof *c->drawn);
    return c->measured && c->drawn;
}

static void forget_drawn(crl_text_cache *c)
{
    c->n_drawn = 0;
    c->used = 0;
}

/* Room for one sheet more, zeroed; NULL: no memory. It is aligned, for cairo paints words: pixman has ARM processors trap on odd places. */
static uint8_t *take_room(void *cache, size_t bytes)
{
    enum { ALIGNED = 16 };
    crl_text_cache *c = cache;
    size_t end;
    if (!crl_size_add(bytes, -bytes % ALIGNED, &bytes)) return NULL;
    if (c->n_drawn == MOST_DRAWN || !crl_size_add(c->used, bytes, &end) || end > c->room) forget_drawn(c);
    if (bytes > c->room || !c->sheets) {
        const size_t room = bytes > USUAL_ROOM ? bytes : USUAL_ROOM;
        crl_free(c->sheets);
        c->sheets = crl_alloc(room);
        c->room = c->sheets ? room : 0;
        if (!c->sheets) return NULL;
    }
    uint8_t *sheet = c->sheets + c->used;
    c->used += bytes;
    memset(sheet, 0, bytes);
    return sheet;
}

crl_status crl_text_cache_make(crl_text_cache *c, crl_error *err)
{
    if (!has_tables(c) || !take_room(c, 0)) return crl_fail_memory(err, "drawing");
    return CRL_OK;
}

void crl_text_cache_fini(crl_text_cache *c)
{
    crl_free(c->measured);
    crl_free(c->drawn);
    crl_free(c->sheets);
    *c = (crl_text_cache){ 0 };
}

/* ---- measuring ---- */

void crl_text_measure(crl_text_cache *c, crl_text *text, double most)
{
    const uint32_t hash = hash_of(text->string);
    const bool remembers = has_tables(c);
    for (int32_t i = 0; remembers && i < c->n_measured; i++) {
        const struct crl_text_measured *m = &c->measured[i];
        if (m->hash != hash || m->most != most || !is_same(&m->asked, text)) continue;
        *text = m->found;
        return;
    }
    const crl_text asked = *text;
    crl_error ignored;
    text->shaped = !crl_shaping_measure(text, most, &ignored);
    if (!remembers) return;
    if (c->n_measured == MOST_MEASURED) c->n_measured = 0;
    c->measured[c->n_measured++] = (struct crl_text_measured){ hash, most, asked, *text };
}

/* ---- drawing ---- */

/* Own letters too large to be kept, some columns at a time. */
static crl_status write_pieces(crl_text_cache *c, crl_image *image, const crl_text *text, const crl_sheet *whole, int32_t x,
                               int32_t y, crl_colour colour, crl_error *err)
{
    const int32_t columns = LARGE / whole->height > 1 ? LARGE / whole->height : 1;
    for (int32_t at = 0; at < whole->width; at += columns) {
        const int32_t width = whole->width - at < columns ? whole->width - at : columns;
        const crl_sheet piece = { whole->left + at, whole->top, width, whole->height };
        const size_t bytes = (size_t)width * (size_t)piece.height;
        uint8_t *covers = take_room(c, bytes);
        if (!covers) return crl_fail_memory(err, "drawing");
        crl_letters_draw(covers, whole, at, width, text->string, text->size);
        crl_paint_covers(image, covers, &piece, x, y, colour);
        c->used -= bytes; /* it is not kept */
    }
    return CRL_OK;
}

/* Draws a text into a sheet, and remembers it. */
static crl_status draw(crl_text_cache *c, struct crl_text_drawn *d, crl_error *err)
{
    uint8_t *sheet = NULL;
    if (c->n_drawn == MOST_DRAWN) forget_drawn(c);
    if (d->text.shaped) {
        const crl_status s = crl_shaping_draw(&sheet, &d->sheet, take_room, c, &d->text, d->colour, err);
        if (s) return s;
    } else {
        sheet = take_room(c, (size_t)d->sheet.width * (size_t)d->sheet.height);
        if (!sheet) return crl_fail_memory(err, "drawing");
        crl_letters_draw(sheet, &d->sheet, 0, d->sheet.width, d->text.string, d->text.size);
    }
    d->at = sheet ? (size_t)(sheet - c->sheets) : 0;
    c->drawn[c->n_drawn++] = *d;
    return CRL_OK;
}

static const struct crl_text_drawn *find(const crl_text_cache *c, const struct crl_text_drawn *d)
{
    for (int32_t i = 0; i < c->n_drawn; i++)
        if (c->drawn[i].hash == d->hash && is_same(&c->drawn[i].text, &d->text) &&
            !memcmp(&c->drawn[i].colour, &d->colour, sizeof d->colour))
            return &c->drawn[i];
    return NULL;
}

crl_status crl_text_write(crl_text_cache *c, crl_image *image, const crl_text *text, int32_t x, int32_t y, crl_colour colour,
                          crl_error *err)
{
    struct crl_text_drawn new = { .hash = hash_of(text->string), .text = *text, .colour = colour };
    if (!has_tables(c)) return crl_fail_memory(err, "drawing");
    const struct crl_text_drawn *d = find(c, &new);
    if (!d) {
        if (!text->shaped) new.sheet = crl_letters_sheet(text->string, text->size);
        if ((int64_t)new.sheet.width * new.sheet.height > LARGE)
            return write_pieces(c, image, text, &new.sheet, x, y, colour, err);
        const crl_status s = draw(c, &new, err);
        if (s) return s;
        d = &new;
    }
    if (text->shaped) crl_paint_words(image, c->sheets + d->at, &d->sheet, x, y);
    else crl_paint_covers(image, c->sheets + d->at, &d->sheet, x, y, colour);
    return CRL_OK;
}
