/* SPDX-License-Identifier: Apache-2.0 */
/* The moving scene: what it shows is what it says. */
#include <math.h>
#include <string.h>

#include "checks.h"
#include "stream/scene.h"
#include "stream/signs.h"

/* Each sign fills its extent, and what is outside is clear. */
void check_signs(check *t, unsigned cpu)
{
    (void)cpu;
    enum { SIDE = 50 };
    static uint8_t rgba[4 * SIDE * SIDE];
    static uint16_t samples[SIDE * SIDE];
    for (int32_t k = 0; k < CRL_SIGNS; k++) {
        crl_sign_draw(rgba, samples, SIDE, k);
        int32_t x0 = SIDE, y0 = SIDE, x1 = 0, y1 = 0;
        for (int32_t y = 0; y < SIDE; y++)
            for (int32_t x = 0; x < SIDE; x++) {
                if (!rgba[4 * (y * SIDE + x) + 3]) continue;
                x0 = x < x0 ? x : x0, y0 = y < y0 ? y : y0, x1 = x > x1 ? x : x1, y1 = y > y1 ? y : y1;
            }
        const crl_box e = crl_sign_extent(k);
        check_that(t,
                   fabs(SIDE * (double)e.x0 - x0) <= 1 && fabs(SIDE * (double)e.y0 - y0) <= 1 &&
                       fabs(SIDE * (double)e.x1 - x1) <= 1.5 && fabs(SIDE * (double)e.y1 - y1) <= 1.5,
                   "sign %d covers %d,%d to %d,%d", k, x0, y0, x1, y1);
    }
    crl_sign_draw(rgba, samples, SIDE, 2); /* no entry: red, with a white bar in its middle */
    const uint8_t *middle = rgba + 4 * (25 * SIDE + 25), *above = rgba + 4 * (10 * SIDE + 25);
    check_that(t, middle[0] == 255 && middle[1] == 255 && middle[3] == 255, "the bar is %d %d", middle[0], middle[1]);
    check_that(t, above[0] == 200 && above[1] == 16 && above[2] == 30, "its ground is %d %d %d", above[0], above[1], above[2]);
}

static const crl_scene_sign *find(const crl_scene_sign *signs, int32_t n, const crl_scene_sign *same)
{
    for (int32_t i = 0; i < n; i++)
        if (signs[i].number == same->number && signs[i].row == same->row) return &signs[i];
    return NULL;
}

void check_scene(check *t, unsigned cpu)
{
    (void)cpu;
    crl_scene *s;
    crl_error err;
    crl_scene_sign now[CRL_SCENE_MOST], before[CRL_SCENE_MOST];
    if (!check_that(t, !crl_scene_new(&s, 320, 240, &err), "%s", err.text)) return;
    int32_t had = 0;
    unsigned kinds = 0;
    for (int f = 0; f < 1500; f++) {
        const int32_t n = crl_scene_signs(s, f / 30.0, now);
        check_that(t, n >= 3 && n < 12, "%d signs in frame %d", n, f);
        for (int32_t i = 0; i < n; i++) {
            kinds |= 1u << now[i].truth.index;
            const crl_box *b = &now[i].truth.box;
            check_that(t, b->x0 >= 0 && b->y0 >= 0 && b->x1 <= 320 && b->y1 <= 240 && b->x0 < b->x1, "frame %d: a box is not in the picture", f);
            const crl_scene_sign *old = find(before, had, &now[i]);
            if (old) check_that(t, fabsf(old->truth.box.x0 - b->x0) < 2.5f && old->truth.index == now[i].truth.index, "frame %d: a sign jumps", f);
            else if (f) check_that(t, now[i].truth.score < 0.1f, "frame %d: a sign comes from nowhere", f);
        }
        memcpy(before, now, sizeof now);
        had = n;
    }
    check_that(t, kinds == (1u << CRL_SIGNS) - 1, "signs %x come", kinds);
    crl_scene_free(s);
    check_that(t, crl_scene_new(&s, 0, 240, &err) == CRL_ERR_ARGUMENT && !s, "a scene without a width");
    /* A size of one pixel is a picture, too. */
    uint8_t pixel[3];
    const crl_image image = { 1, 1, 3, 3, pixel };
    if (check_that(t, !crl_scene_new(&s, 1, 1, &err), "%s", err.text)) crl_scene_draw(s, 100, &image);
    crl_scene_free(s);
}
