/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing: it happens where it should and nowhere else, and survives any numbers. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "checks.h"
#include "vision/chip.h"
#include "vision/letters.h"
#include "vision/painter.h"

static crl_image black(check *t, int32_t width, int32_t height)
{
    const crl_image image = guarded_image(t, width, height, 3, 0);
    memset(image.data, 0, image.stride * (size_t)height);
    return image;
}

static long lit(const crl_image *image, int32_t x0, int32_t y0, int32_t x1, int32_t y1)
{
    long n = 0;
    for (int32_t y = y0; y < y1; y++)
        for (int32_t x = x0; x < x1; x++) {
            const uint8_t *p = image->data + (size_t)y * image->stride + 3 * (size_t)x;
            n += p[0] > 40 || p[1] > 40 || p[2] > 40;
        }
    return n;
}

static const uint8_t *pixel_at(const crl_image *image, int32_t x, int32_t y)
{
    return image->data + (size_t)y * image->stride + 3 * (size_t)x;
}

static crl_colour colour_at(const crl_image *image, int32_t x, int32_t y)
{
    crl_colour k;
    memcpy(k.rgb, pixel_at(image, x, y), sizeof k.rgb);
    return k;
}

void check_draw(check *t, unsigned cpu)
{
    (void)cpu;
    crl_image image = black(t, 400, 300);
    crl_error err;
    const crl_detection d = { 3, 0.5f, { 100, 100, 300, 250 } };
    if (!check_that(t, !crl_draw_detections(&image, &d, 1, NULL, &err), "%s", err.text)) return;
    check_that(t, lit(&image, 100, 120, 103, 230) > 200, "no line at the left");
    check_that(t, lit(&image, 110, 110, 290, 240) == 0, "something inside the box");
    check_that(t, lit(&image, 100, 70, 300, 99) > 300, "no chip above the box");
    check_that(t, lit(&image, 0, 0, 400, 70) == 0 && lit(&image, 0, 256, 400, 300) == 0, "something far from the box");

    crl_pose pose = { .score = 1 };
    for (int i = 0; i < CRL_KEYPOINTS; i++) pose.keypoints[i] = (crl_keypoint){ 200, 150, i == 5 || i == 7 ? 0.9f : 0.1f };
    pose.keypoints[7].x = 260;
    image = black(t, 400, 300);
    check_that(t, !crl_draw_poses(&image, &pose, 1, 0.5f, NULL) && lit(&image, 205, 145, 255, 155) > 40, "no limb");
    image = black(t, 400, 300);
    check_that(t, !crl_draw_poses(&image, &pose, 1, 0.95f, NULL) && lit(&image, 0, 0, 400, 300) == 0, "limbs of unsure points");

    uint8_t grey_pixels[64];
    crl_image grey = { 8, 8, 1, 8, grey_pixels };
    check_that(t, crl_draw_detections(&grey, &d, 1, NULL, NULL) == CRL_ERR_ARGUMENT, "a grey picture was drawn into");
    check_that(t, crl_draw_poses(&grey, &pose, 1, 0, NULL) == CRL_ERR_ARGUMENT, "a grey picture was drawn into");
    check_that(t, crl_draw_mask(&grey, &grey, NULL) == CRL_ERR_ARGUMENT, "a mask in a grey picture");
    image = black(t, 8, 8);
    check_that(t, crl_draw_mask(&image, &image, NULL) == CRL_ERR_ARGUMENT, "a mask of three channels");
}

/* Wider than the surfaces of cairo may be; what is drawn last is where it should be. */
void check_draw_wide(check *t, unsigned cpu)
{
    (void)cpu;
    crl_image image = black(t, 65535, 16);
    crl_error err;
    const crl_detection d = { 3, 0.5f, { 65400, 3, 65530, 13 } };
    if (!check_that(t, !crl_draw_detections(&image, &d, 1, NULL, &err), "%s", err.text)) return;
    check_that(t, lit(&image, 65398, 0, 65532, 16) > 300, "no box");
    check_that(t, lit(&image, 0, 0, 65300, 16) == 0, "something far from the box");
    crl_image mask = { 2, 1, 1, 2, (uint8_t[]){ 0, 7 } };
    image = black(t, 65535, 2);
    check_that(t, !crl_draw_mask(&image, &mask, NULL) && lit(&image, 33000, 0, 65535, 2) == 32535 * 2 &&
               lit(&image, 0, 0, 32700, 2) == 0, "the mask is elsewhere");
}

/* Memory beside the picture: what the library asks for, all in all. It loads nothing that asks by itself. */
static bool note_bytes(void *user, size_t bytes)
{
    *(size_t *)user += bytes;
    return true;
}

void check_draw_memory(check *t, unsigned cpu)
{
    (void)cpu;
    crl_image image = black(t, 900, 600), mask = { 2, 2, 1, 2, (uint8_t[]){ 0, 1, 0, 2 } };
    const crl_detection d = { 3, 0.5f, { 100, 100, 800, 500 } };
    size_t bytes = 0;
    crl_alloc_hook(note_bytes, &bytes);
    const crl_status s = crl_draw_detections(&image, &d, 1, NULL, NULL);
    const crl_status m = crl_draw_segmentation(&image, &mask, NULL, NULL);
    crl_alloc_hook(NULL, NULL);
    check_that(t, !s && !m && bytes > 0 && bytes < (size_t)1 << 20, "%zu bytes for a drawing", bytes);
}

/* Sixty boxes of 20 pixels, near each other: nearly all of each can be seen, and both classes are named. */
void check_draw_crowd(check *t, unsigned cpu)
{
    (void)cpu;
    enum { N = 60 };
    crl_image image = black(t, 640, 480);
    crl_detection d[N];
    for (int32_t i = 0; i < N; i++) {
        const float x = (float)(150 + i % 12 * 24), y = (float)(150 + i / 12 * 26);
        d[i] = (crl_detection){ i % 7 == 3, 0.9f - 0.01f * (float)i, { x, y, x + 20, y + 22 } };
    }
    crl_error err;
    if (!check_that(t, !crl_draw_detections(&image, d, N, NULL, &err), "%s", err.text)) return;
    int32_t hidden = 0;
    for (int32_t i = 0; i < N; i++) {
        const int32_t x = (int32_t)d[i].box.x0, y = (int32_t)d[i].box.y0;
        hidden += lit(&image, x + 5, y + 5, x + 15, y + 17) > 0;
    }
    check_that(t, hidden <= 2, "chips hide %d of %d boxes", hidden, N);
    check_that(t, lit(&image, 0, 0, 640, 148) > 500, "no chip above the crowd");

    crl_text_cache texts = { 0 };
    crl_chip large, small;
    crl_chip_make(&texts, &large, &image, "person", 0, 0.9, 22);
    crl_chip_make(&texts, &small, &image, "person", 0, 0.9, 10);
    check_that(t, small.height < large.height && small.width < large.width, "chips have one size");
    crl_text_cache_fini(&texts);
}

/* Boxes of one class that overlap differ in colour, those apart do not. */
void check_draw_shades(check *t, unsigned cpu)
{
    (void)cpu;
    crl_image image = black(t, 640, 480);
    const crl_detection d[3] = { { 2, 0.9f, { 50, 60, 250, 200 } }, { 2, 0.8f, { 110, 100, 310, 240 } }, { 2, 0.7f, { 400, 300, 600, 400 } } };
    crl_error err;
    if (!check_that(t, !crl_draw_detections(&image, d, 3, NULL, &err), "%s", err.text)) return;
    const crl_colour first = colour_at(&image, 51, 150), second = colour_at(&image, 111, 220), apart = colour_at(&image, 401, 350);
    check_that(t, crl_colour_distance(first, second) > 0.1, "overlapping boxes look alike");
    check_that(t, crl_colour_distance(first, apart) < 0.02, "boxes that do not overlap differ");
    for (int32_t i = 0; i < 90; i++)
        for (int32_t shade = 0; shade < CRL_SHADES; shade++) {
            const double light = crl_colour_lightness(crl_class_colour(i, shade));
            check_that(t, light > 0.55, "letters cannot be read on class %d, shade %d", i, shade);
        }
}

void check_draw_text(check *t, unsigned cpu)
{
    (void)cpu;
    static const char longest[] = "motorcycle that is long beyond all measure and goes on and on and on";
    crl_image image = black(t, 640, 480);
    crl_text_cache texts = { 0 };
    crl_chip chip;
    crl_chip_make(&texts, &chip, &image, longest, 3, 0.5, 12);
    const char *end = strstr(chip.name.string, "\xe2\x80\xa6");
    check_that(t, end && !end[3] && !strncmp(chip.name.string, longest, 10), "a long label becomes \"%s\"", chip.name.string);
    check_that(t, chip.width <= 640 / 3.0 && chip.width > 640 / 4.0, "a chip of %g pixels", chip.width);
    crl_chip_make(&texts, &chip, &image, NULL, 61, 0.001, 12);
    check_that(t, !strcmp(chip.name.string, "class 61") && !strcmp(chip.percent.string, "(<1%)"), "\"%s\" \"%s\"",
               chip.name.string, chip.percent.string);
    for (int32_t width = 1; width < 90; width += 4) {
        image = black(t, width, 40);
        crl_chip_make(&texts, &chip, &image, longest, 3, 0.5, 12);
        check_that(t, chip.width <= width || !strcmp(chip.name.string, "\xe2\x80\xa6"), "%g pixels in %d", chip.width, width);
    }
    crl_text text;
    crl_text_label(&texts, &text, "\xc5\x81\xc3\xb3" "d\xc5\xba\t\x01 50%", 3, 20, 500);
    check_that(t, !text.shaped && !strcmp(text.string, "\xc5\x81\xc3\xb3" "d\xc5\xba   50%"), "\"%s\"", text.string);
    crl_text_label(&texts, &text, "bad \xff\xc3 bytes", 3, 20, 500);
    check_that(t, !strcmp(text.string, "bad ?? bytes"), "\"%s\"", text.string);
    /* A private character, which no font has. */
    crl_text_label(&texts, &text, "cat \xf3\xb0\x80\x80", 3, 20, 500);
    check_that(t, !text.shaped && !strcmp(text.string, "cat"), "\"%s\"", text.string);
    crl_text_label(&texts, &text, "\xf3\xb0\x80\x80!", 3, 20, 500);
    check_that(t, !text.shaped && !strcmp(text.string, "class 3"), "\"%s\"", text.string);
    crl_text_cache_fini(&texts);
    crl_error err = { 0 };
    check_that(t, !crl_draw_check_label("Łódź", &err), "%s", err.text);
    check_that(t, crl_draw_check_label("\xf3\xb0\x80\x80", &err) == CRL_ERR_UNSUPPORTED && strstr(err.text, "install"), "%s",
               err.text);
}

/* Labels for the system's fonts; without them there is nothing to check. */
void check_draw_scripts(check *t, unsigned cpu)
{
    (void)cpu;
    static const char *const words[] = { "\xd0\xba\xd0\xbe\xd1\x88\xd0\xba\xd0\xb0", "\xce\xb3\xce\xac\xcf\x84\xce\xb1" };
    crl_error err;
    crl_text_cache texts = { 0 };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (crl_draw_check_label(words[i], &err)) {
            check_skip(t, "%s", err.text);
            return;
        }
        crl_image image = black(t, 300, 100);
        memset(image.data, 255, image.stride * 100);
        crl_text text, cut;
        crl_text_label(&texts, &text, words[i], 7, 24, 500);
        crl_text_label(&texts, &cut, words[i], 7, 24, text.width / 2.0);
        check_that(t, text.shaped && text.width > 40 && text.width < 150, "%d pixels", text.width);
        check_that(t, cut.shaped && cut.width <= text.width / 2, "cut to %d of %d pixels", cut.width, text.width);
        if (!check_that(t, !crl_text_write(&texts, &image, &text, 20, 60, crl_dark, &err), "%s", err.text)) break;
        long dark = 0;
        for (int32_t y = 30; y < 75; y++)
            for (int32_t x = 15; x < 185; x++) dark += *pixel_at(&image, x, y) < 60;
        check_that(t, dark > 200, "%ld dark pixels", dark);
        check_that(t,
                   !crl_text_write(&texts, &image, &text, -30, 5, crl_dark, &err) &&
                       !crl_text_write(&texts, &image, &text, 290, 99, crl_dark, &err),
                   "a text that leaves the picture");
    }
    crl_text_cache_fini(&texts);
}

/* The hook: counts. */
static bool note_call(void *user, size_t bytes)
{
    (void)bytes;
    (*(long *)user)++;
    return true;
}

/* Frame after frame with one painter: the pixels of the functions that keep nothing, and no allocation once all labels and
 * sizes have been seen. */
void check_draw_painter(check *t, unsigned cpu)
{
    (void)cpu;
    enum { FRAMES = 3, N = 9 };
    static const int32_t sides[] = { 200, 90 };
    static const char names[] = "0 person\n1 \xd0\xba\xd0\xbe\xd1\x88\xd0\xba\xd0\xb0\n2 a very long name that has to "
                                "be cut somewhere\n3 \xc5\x81\xc3\xb3"
                                "d\xc5\xba\n";
    crl_labels *labels;
    crl_painter *painter;
    crl_error err;
    if (!check_that(t, !crl_labels_parse(&labels, names, sizeof names - 1, &err), "%s", err.text)) return;
    if (!check_that(t, !crl_painter_new(&painter, &err), "%s", err.text)) return;
    for (size_t side = 0; side < sizeof sides / sizeof sides[0]; side++) {
        const int32_t width = sides[side], height = width * 3 / 4;
        crl_image mask = { 3, 2, 1, 3, (uint8_t[]){ 0, 1, 2, 3, 9, 1 } };
        crl_image want = black(t, width, height), got = black(t, width, height);
        for (int frame = 0; frame < 2 * FRAMES; frame++) { /* twice the same ones */
            crl_detection d[N];
            for (int32_t i = 0; i < N; i++) {
                const float x = (float)((frame % FRAMES * 17 + i * 61) % (width - 60)), y = (float)((frame % FRAMES * 7 + i * 37) % (height - 40));
                d[i] = (crl_detection){ i % 5,
                                        0.95f - 0.05f * (float)i - 0.01f * (float)(frame % FRAMES),
                                        { x, y, x + 20 + 9 * (float)i, y + 30 + 7 * (float)i } };
            }
            memset(want.data, 40, want.stride * (size_t)height);
            memset(got.data, 40, got.stride * (size_t)height);
            crl_status s = crl_draw_detections(&want, d, N, labels, &err);
            if (!s) s = crl_draw_segmentation(&want, &mask, labels, &err);
            long calls = 0;
            crl_alloc_hook(note_call, &calls);
            if (!s) s = crl_painter_detections(painter, &got, d, N, labels, &err);
            if (!s) s = crl_painter_segmentation(painter, &got, &mask, labels, &err);
            crl_alloc_hook(NULL, NULL);
            if (!check_that(t, !s, "%s", err.text)) break;
            if (!check_equal(t, want.data, got.data, want.stride * (size_t)height, "side %d, frame %d", width, frame)) break;
            check_that(t, !calls || frame < FRAMES, "side %d, frame %d: %ld allocations", width, frame, calls);
        }
        check_release(t);
    }
    crl_painter_free(painter);
    crl_labels_free(labels);
}

/* More texts than are kept, and one too large to be, which is drawn piece by piece. */
void check_draw_texts(check *t, unsigned cpu)
{
    (void)cpu;
    crl_text_cache texts = { 0 };
    const crl_colour colour = crl_class_colour(1, 0);
    crl_error err;
    for (int i = 0; i < 700; i++) {
        char string[32];
        crl_text text;
        const bool large = i % 100 == 99;
        const int32_t width = large ? 1100 : 60, height = large ? 260 : 24;
        snprintf(string, sizeof string, large ? "\xc5\x81\xc3\xb3" "d\xc5\xba %d" : "%d", i % 350);
        crl_text_plain(&text, string, large ? 200 : 12 + i % 7);
        crl_image want = black(t, width, height), got = black(t, width, height);
        const crl_sheet sheet = crl_letters_sheet(text.string, text.size);
        uint8_t *covers = crl_alloc_array((size_t)sheet.width, (size_t)sheet.height);
        if (!covers) break;
        crl_letters_draw(covers, &sheet, 0, sheet.width, text.string, text.size);
        crl_paint_covers(&want, covers, &sheet, 5, height - 6, colour);
        crl_free(covers);
        if (!check_that(t, !crl_text_write(&texts, &got, &text, 5, height - 6, colour, &err), "%s", err.text) ||
            !check_equal(t, want.data, got.data, want.stride * (size_t)height, "text %d", i))
            break;
        check_release(t);
    }
    crl_text_cache_fini(&texts);
}

/* Whatever is under a class, brown fur too: its tint and its outline look different, and the clear ground stays. */
void check_draw_overlay(check *t, unsigned cpu)
{
    (void)cpu;
    crl_image mask = { 2, 1, 1, 2, (uint8_t[]){ 0, 0 } };
    for (int32_t class = 1; class <= 21; class++)
        for (int32_t g = 0; g < 12; g++) {
            static const crl_colour grounds[] = { { { 92, 64, 42 } }, { { 0, 0, 0 } }, { { 255, 255, 255 } }, { { 128, 128, 128 } },
                                                  { { 160, 120, 80 } }, { { 200, 30, 30 } }, { { 40, 110, 40 } }, { { 120, 170, 230 } } };
            const crl_colour ground = g < 8 ? grounds[g] : crl_class_colour(class + g / 10, g % 4);
            crl_image image = guarded_image(t, 80, 9, 3, 0);
            for (int32_t i = 0; i < 80 * 9; i++) memcpy(image.data + 3 * i, ground.rgb, 3);
            mask.data[1] = (uint8_t)class;
            crl_error err;
            if (!check_that(t, !crl_draw_mask(&image, &mask, &err), "%s", err.text)) return;
            const double tint = crl_colour_distance(colour_at(&image, 65, 4), ground);
            const double line = crl_colour_distance(colour_at(&image, 40, 4), ground);
            check_that(t, tint > 0.07 && line > 0.2, "class %d on ground %d: tint %g, outline %g", class, g, tint, line);
            check_that(t, !memcmp(pixel_at(&image, 20, 4), ground.rgb, 3), "the clear ground has changed");
        }
    crl_image image = black(t, 300, 200), legend = black(t, 300, 200);
    check_that(t, !crl_draw_mask(&image, &mask, NULL) && !crl_draw_segmentation(&legend, &mask, NULL, NULL) &&
               lit(&image, 0, 0, 140, 200) == 0 && lit(&legend, 0, 0, 140, 200) > 300, "no legend on the clear ground");
}

static bool is_drawn_on(const crl_image *now, const crl_image *before, const crl_box *at)
{
    bool same = true;
    for (int32_t y = (int32_t)at->y0; y < (int32_t)at->y1; y++)
        same &= !memcmp(pixel_at(now, (int32_t)at->x0, y), pixel_at(before, (int32_t)at->x0, y), 3 * (size_t)(at->x1 - at->x0));
    return !same;
}

/* A name goes elsewhere than on a caption, but for a picture that was not begun, and but for a box that has no other place for it. */
void check_draw_captions(check *t, unsigned cpu)
{
    (void)cpu;
    static const char *const lines[] = { "(Playback) 30.0 FPS", "(Detection) 30.0 FPS, 1.0 ms" };
    static const crl_detection below = { 0, 0.9f, { 500, 36, 620, 300 } };
    crl_painter *painter;
    if (!check_that(t, !crl_painter_new(&painter, NULL), "no painter")) return;
    for (int begun = 0; begun < 3; begun++) {
        crl_image image = black(t, 640, 480), before = black(t, 640, 480);
        if (begun) crl_painter_begin(painter);
        check_that(t, !crl_painter_caption(painter, &image, lines, 2, CRL_CORNER_TOP_RIGHT, NULL) &&
                   !crl_painter_caption(painter, &before, lines, 2, CRL_CORNER_TOP_RIGHT, NULL), "no caption");
        check_that(t, painter->n_captions == (begun ? 2 : 0), "%d captions are noted", painter->n_captions);
        check_that(t, !crl_painter_detections(painter, &image, &below, 1, NULL, NULL), "nothing drawn");
        const crl_box numbers = { 512, 4, 636, 30 };
        check_that(t, is_drawn_on(&image, &before, &numbers) == !begun,
                   begun ? "the name lies on the caption" : "a caption that nobody noted is avoided");
        painter->captions[0] = (crl_box){ 0, 0, 640, 480 };
        static const crl_detection elsewhere = { 0, 0.9f, { 20, 200, 200, 440 } };
        check_that(t, !crl_painter_detections(painter, &before, &elsewhere, 1, NULL, NULL) && lit(&before, 20, 175, 100, 195) > 50,
                   "no name where all is captions");
    }
    crl_painter_free(painter);
}

static float any_number(check *t)
{
    static const float odd[] = { NAN, INFINITY, -INFINITY, 0.0f, -0.0f, FLT_MAX, -FLT_MAX, 1e9f, -1e9f, FLT_MIN };
    const int32_t i = check_range(t, 0, 19);
    return i < 10 ? odd[i] : (float)check_range(t, -50, 400) * 0.5f;
}

void check_draw_anything(check *t, unsigned cpu)
{
    (void)cpu;
    crl_labels *labels;
    static const char text[] = "0 a\n1 a name that is longer than any of the pictures here is wide, by far, and then some more of it, "
                               "on and on, until it does not fit into the room that is kept for it \xe2\x80\x94 \xe2\x80\x94 \xe2\x80\x94 \xe2\x80\x94 \xe2\x80\x94\n2 \xe2\x80\x94\n";
    if (!check_that(t, !crl_labels_parse(&labels, text, sizeof text - 1, NULL), "no labels")) return;
    for (int round = 0; round < check_rounds(t, 60); round++) {
        crl_image image = black(t, check_edgy(t, 1, 200), check_edgy(t, 1, 200));
        crl_detection d[6];
        const int32_t n = check_range(t, 0, 6);
        for (int32_t i = 0; i < n; i++)
            d[i] = (crl_detection){ check_edgy(t, -3, INT32_MAX), any_number(t), { any_number(t), any_number(t), any_number(t), any_number(t) } };
        for (int32_t i = 0; i < n; i++)
            if (check_range(t, 0, 1)) d[i].index = check_range(t, 0, 2);
        crl_error err;
        check_that(t, !crl_draw_detections(&image, d, n, labels, &err), "%s", err.text);
        crl_pose pose = { .score = any_number(t) };
        for (int i = 0; i < CRL_KEYPOINTS; i++) pose.keypoints[i] = (crl_keypoint){ any_number(t), any_number(t), any_number(t) };
        check_that(t, !crl_draw_poses(&image, &pose, 1, any_number(t), &err), "%s", err.text);
        if (round % 4) continue;
        crl_image mask = guarded_image(t, check_edgy(t, 1, 40), check_edgy(t, 1, 40), 1, 0);
        for (size_t i = 0; i < mask.stride * (size_t)mask.height; i++) mask.data[i] = (uint8_t)(check_range(t, 0, 3) * check_range(t, 0, 85));
        check_that(t, !crl_draw_segmentation(&image, &mask, labels, &err), "%s", err.text);
    }
    crl_labels_free(labels);
}
