/* SPDX-License-Identifier: Apache-2.0 */
/* Text in any script: see shaping.h.
 *
 * The functions of pango, cairo and fontconfig that are called are few and have kept their form for fifteen years. They
 * are declared here, so that building needs none of those libraries, and a program built on one machine finds those of
 * another. Once loaded they stay: GLib cannot be unloaded. */
#include "vision/shaping.h"

#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/dynamic.h"
#include "base/error.h"
#include "vision/letters.h"

enum { PANGO_SCALE = 1024, PANGO_ELLIPSIZE_END = 3, CAIRO_FORMAT_ARGB32 = 0, FC_SET_SYSTEM = 0 };

typedef struct rectangle {
    int x, y, width, height;
} rectangle; /* PangoRectangle */

/* Objects of theirs are seen as pointers only. */
static struct {
    void *(*font_map)(void);                          /* borrowed; one for each thread */
    void *(*new_context)(void *map);
    void *(*new_layout)(void *context);
    void (*set_text)(void *layout, const char *text, int bytes);
    void (*set_font)(void *layout, const void *description);
    void (*set_width)(void *layout, int units);
    void (*set_ellipsize)(void *layout, int mode);
    void (*set_single)(void *layout, int single);
    int (*count_unknown)(void *layout);
    void (*get_extents)(void *layout, rectangle *ink, rectangle *logical);
    int (*get_baseline)(void *layout);
    void *(*new_description)(const char *text);
    void (*free_description)(void *description);
    void (*set_size)(void *description, double units);
    void (*show)(void *cairo, void *layout);
    void *(*new_surface)(unsigned char *data, int format, int width, int height, int stride);
    void (*free_surface)(void *surface);
    void (*flush)(void *surface);
    void *(*new_cairo)(void *surface);
    void (*free_cairo)(void *cairo);
    int (*cairo_failed)(void *cairo);
    void (*set_source)(void *cairo, double r, double g, double b);
    void (*move_to)(void *cairo, double x, double y);
    void (*unref)(void *object);
    const int *(*get_fonts)(void *config, int set); /* FcFontSet, whose first field is the number of fonts */
} lib;

static const struct {
    void *function;
    const char *name;
} imports[] = {
    { &lib.font_map, "pango_cairo_font_map_get_default" },
    { &lib.new_context, "pango_font_map_create_context" },
    { &lib.new_layout, "pango_layout_new" },
    { &lib.set_text, "pango_layout_set_text" },
    { &lib.set_font, "pango_layout_set_font_description" },
    { &lib.set_width, "pango_layout_set_width" },
    { &lib.set_ellipsize, "pango_layout_set_ellipsize" },
    { &lib.set_single, "pango_layout_set_single_paragraph_mode" },
    { &lib.count_unknown, "pango_layout_get_unknown_glyphs_count" },
    { &lib.get_extents, "pango_layout_get_pixel_extents" },
    { &lib.get_baseline, "pango_layout_get_baseline" },
    { &lib.new_description, "pango_font_description_from_string" },
    { &lib.free_description, "pango_font_description_free" },
    { &lib.set_size, "pango_font_description_set_absolute_size" },
    { &lib.show, "pango_cairo_show_layout" },
    { &lib.new_surface, "cairo_image_surface_create_for_data" },
    { &lib.free_surface, "cairo_surface_destroy" },
    { &lib.flush, "cairo_surface_flush" },
    { &lib.new_cairo, "cairo_create" },
    { &lib.free_cairo, "cairo_destroy" },
    { &lib.cairo_failed, "cairo_status" },
    { &lib.set_source, "cairo_set_source_rgb" },
    { &lib.move_to, "cairo_move_to" },
    { &lib.unref, "g_object_unref" },
    { &lib.get_fonts, "FcConfigGetFonts" },
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static enum { LIB_MISSING, LIB_REFUSED, LIB_WITHOUT_FONTS, LIB_READY } state;

/* pango's own libraries are found through it. */
static void load(void)
{
    if (!crl_can_load()) {
        state = LIB_REFUSED;
        return;
    }
    void *handle = dlopen("libpangocairo-1.0.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!handle) return;
    for (size_t i = 0; i < sizeof imports / sizeof imports[0]; i++) {
        void *found = dlsym(handle, imports[i].name);
        if (!found) return;
        memcpy(imports[i].function, &found, sizeof found);
    }
    /* Without any font pango writes warnings and draws boxes. */
    const int *fonts = lib.get_fonts(NULL, FC_SET_SYSTEM);
    state = fonts && *fonts > 0 ? LIB_READY : LIB_WITHOUT_FONTS;
}

/* ---- what to install ---- */

/* The Debian package that has the first letter that the project's own letters lack. */
static const char *font_package(const char *text)
{
    while (*text) {
        const char *begin = text;
        const int32_t code = crl_utf8_next(&text);
        char one[5] = "";
        memcpy(one, begin, (size_t)(text - begin));
        if (crl_letters_have(one)) continue;
        if (code >= 0x1f000 && code < 0x20000) return "fonts-noto-color-emoji";
        if ((code >= 0x1100 && code < 0x1200) || (code >= 0x2e80 && code < 0xd800) || (code >= 0xf900 && code < 0xfb00) ||
            (code >= 0xff00 && code < 0xfff0) ||
            (code >= 0x20000 && code < 0x40000))
            return "fonts-noto-cjk";
        break;
    }
    return "fonts-noto-core";
}

static crl_status is_ready(const crl_text *text, crl_error *err)
{
    pthread_once(&once, load);
    if (state == LIB_READY) return CRL_OK;
    if (state == LIB_MISSING)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "the letters of \"%.80s\" need pango; install libpangocairo-1.0-0 and %s",
                        text->string, font_package(text->string));
    if (state == LIB_REFUSED)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "the letters of \"%.80s\" need pango, which a statically linked program cannot "
                        "load; link it dynamically", text->string);
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "there is no font for the letters of \"%.80s\"; install %s", text->string,
                    font_package(text->string));
}

/* ---- layouts ---- */

static void *make_layout(const crl_text *text, double most)
{
    void *context = lib.new_context(lib.font_map());
    void *layout = lib.new_layout(context);
    lib.unref(context);
    /* Fonts of other scripts are chosen by fontconfig, to go with this one. */
    void *description = lib.new_description("sans-serif bold");
    lib.set_size(description, text->size * 0.97 * PANGO_SCALE);
    lib.set_font(layout, description);
    lib.free_description(description);
    lib.set_single(layout, 1);
    lib.set_text(layout, text->string, -1);
    if (most > 0.0) {
        lib.set_width(layout, (int)(fmin(most, 1e6) * PANGO_SCALE));
        lib.set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    }
    return layout;
}

/* The rectangle that holds a text; its corner lies `line` above the line that letters stand on. */
typedef struct extent {
    rectangle box;
    int line;
} extent;

static extent extent_of(void *layout)
{
    rectangle ink, logical;
    lib.get_extents(layout, &ink, &logical);
    const int baseline = (lib.get_baseline(layout) + PANGO_SCALE / 2) / PANGO_SCALE;
    const int right = ink.x + ink.width > logical.x + logical.width ? ink.x + ink.width : logical.x + logical.width;
    const int left = ink.x < logical.x ? ink.x : logical.x;
    return (extent){ { left, ink.y, right - left, ink.height }, baseline - ink.y };
}

crl_status crl_shaping_measure(crl_text *text, double most, crl_error *err)
{
    const crl_status s = is_ready(text, err);
    if (s) return s;
    void *layout = make_layout(text, most > 2.0 ? most - 1.0 : most); /* it rounds up */
    const int unknown = lib.count_unknown(layout);
    const extent e = extent_of(layout);
    lib.unref(layout);
    if (unknown > 0)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "no font has all letters of \"%.80s\"; install %s", text->string,
                        font_package(text->string));
    /* As high as the project's own letters at least, so that chips of a picture are alike. */
    text->width = e.box.width;
    text->ascent = (int32_t)fmax(e.line, crl_letters_ascent(text->size));
    text->descent = (int32_t)fmax(e.box.height - e.line, crl_letters_descent(text->size));
    return CRL_OK;
}

static crl_status paint(uint8_t *words, void *layout, const extent *e, crl_colour colour, crl_error *err)
{
    void *surface = lib.new_surface(words, CAIRO_FORMAT_ARGB32, e->box.width, e->box.height, 4 * e->box.width);
    void *cairo = lib.new_cairo(surface);
    lib.set_source(cairo, colour.rgb[0] / 255.0, colour.rgb[1] / 255.0, colour.rgb[2] / 255.0);
    lib.move_to(cairo, -e->box.x, -e->box.y);
    lib.show(cairo, layout);
    const bool failed = lib.cairo_failed(cairo) != 0;
    lib.flush(surface);
    lib.free_cairo(cairo);
    lib.free_surface(surface);
    return failed ? crl_fail_memory(err, "drawing") : CRL_OK;
}

crl_status crl_shaping_draw(uint8_t **words, crl_sheet *sheet, uint8_t *(*room)(void *user, size_t bytes), void *user,
                            const crl_text *text, crl_colour colour, crl_error *err)
{
    *words = NULL;
    *sheet = (crl_sheet){ 0 };
    crl_status s = is_ready(text, err);
    if (s) return s;
    void *layout = make_layout(text, text->width + 1.0);
    const extent e = extent_of(layout);
    size_t bytes;
    if (e.box.width > 0 && e.box.height > 0) {
        if (crl_size_mul((size_t)e.box.width * 4, (size_t)e.box.height, &bytes)) *words = room(user, bytes);
        s = *words ? paint(*words, layout, &e, colour, err) : crl_fail_memory(err, "drawing");
        *sheet = (crl_sheet){ 0, -e.line, e.box.width, e.box.height };
    }
    lib.unref(layout);
    return s;
}
