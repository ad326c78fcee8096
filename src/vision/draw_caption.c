/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing captions: lines of text that belong to the picture as a whole. */
#include <math.h>

#include "base/error.h"
#include "vision/painter.h"

static const crl_colour light = { { 245, 247, 250 } };

typedef struct caption {
    double size, pad, line; /* of letters, around them, from one line to the next; pixels */
    int32_t n;
    double width;           /* of the widest line */
} caption;

static void set_line(crl_text_cache *c, crl_text *text, const char *line, const caption *k, const crl_image *image)
{
    crl_text_label(c, text, *line ? line : " ", 0, k->size, fmax(image->width - 4.0 * k->pad, k->size));
}

crl_status crl_painter_caption(crl_painter *painter, crl_image *image, const char *const *lines, int32_t n, crl_corner corner,
                               crl_error *err)
{
    crl_status s = crl_paint_check(image, err);
    if (s) return s;
    if ((int)corner < 0 || corner > CRL_CORNER_BOTTOM_RIGHT) return crl_fail(err, CRL_ERR_ARGUMENT, "corner %d, there are 0 to 3", (int)corner);
    caption k = { .size = fmax(round(18.0 * crl_paint_unit(image)), 10.0) };
    k.pad = ceil(0.4 * k.size), k.line = ceil(1.25 * k.size);
    crl_text text;
    for (; k.n < n && k.n < 64; k.n++) {
        if ((k.n + 1) * k.line + 3.0 * k.pad > image->height) break;
        set_line(&painter->texts, &text, lines[k.n], &k, image);
        k.width = fmax(k.width, text.width);
    }
    if (!k.n) return CRL_OK;
    const double width = k.width + 2.0 * k.pad, height = k.n * k.line + k.pad;
    const bool right = corner == CRL_CORNER_TOP_RIGHT || corner == CRL_CORNER_BOTTOM_RIGHT;
    const bool bottom = corner == CRL_CORNER_BOTTOM_LEFT || corner == CRL_CORNER_BOTTOM_RIGHT;
    const double gap = floor(0.5 * k.pad), x = right ? image->width - width - gap : gap, y = bottom ? image->height - height - gap : gap;
    const crl_box box = { (float)x, (float)y, (float)(x + width), (float)(y + height) };
    if (painter->begun && painter->n_captions < (int)(sizeof painter->captions / sizeof painter->captions[0]))
        painter->captions[painter->n_captions++] = box;
    crl_paint_panel(image, &box, 0.3 * k.size, crl_dark, 0.68);
    for (int32_t i = 0; i < k.n && !s; i++) {
        set_line(&painter->texts, &text, lines[i], &k, image);
        const double at = y + 0.5 * k.pad + i * k.line + floor(0.5 * (k.line - text.ascent - text.descent)) + text.ascent;
        s = crl_text_write(&painter->texts, image, &text, (int32_t)(x + k.pad), (int32_t)at, light, err);
    }
    return s;
}
