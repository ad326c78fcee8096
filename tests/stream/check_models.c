/* SPDX-License-Identifier: Apache-2.0 */
/* More than one look at a frame: tiles, a second detector, a classifier on the boxes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "models.h"
#include "stream/scene.h"
#include "stream/stream.h"
#include "stream/tiles.h"
#include "vision/labels.h"

/* Tiles are of one size, within the frame, and leave no pixel out; neighbours share at least a sixth. */
void check_tiles(check *t, unsigned cpu)
{
    (void)cpu;
    static const int32_t sizes[][2] = { { 320, 240 }, { 1920, 1080 }, { 17, 9 }, { 641, 479 }, { 8, 8 } };
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        for (int32_t n = 0; n < CRL_TILES_MOST * CRL_TILES_MOST; n++) {
            const int32_t w = sizes[k][0], h = sizes[k][1], nx = n % CRL_TILES_MOST + 1, ny = n / CRL_TILES_MOST + 1;
            const crl_box first = crl_tile_at(w, h, nx, ny, 0);
            for (int32_t i = 0; i < nx * ny; i++) {
                const crl_box b = crl_tile_at(w, h, nx, ny, i), right = crl_tile_at(w, h, nx, ny, i % nx + 1 < nx ? i + 1 : i);
                const bool good = b.x0 >= 0 && b.y0 >= 0 && b.x1 <= (float)w && b.y1 <= (float)h &&
                                  b.x1 - b.x0 == first.x1 && b.y1 - b.y0 == first.y1;
                check_that(t, good, "tile %d of %d x %d in %d x %d: %g %g %g %g", i, nx, ny, w, h, (double)b.x0,
                           (double)b.y0, (double)b.x1, (double)b.y1);
                check_that(t, right.x0 <= b.x1 && (w < 100 || i % nx + 1 == nx || b.x1 - right.x0 >= first.x1 / 6),
                           "tiles %d and %d share %g pixels", i, i + 1, (double)(b.x1 - right.x0));
            }
            const crl_box last = crl_tile_at(w, h, nx, ny, nx * ny - 1);
            check_that(t, !first.x0 && !first.y0 && last.x1 == (float)w && last.y1 == (float)h,
                       "%d x %d tiles end at %g, %g of %d x %d", nx, ny, (double)last.x1, (double)last.y1, w, h);
        }
}

void check_tiles_merged(check *t, unsigned cpu)
{
    (void)cpu;
    const crl_box tile = { 0, 0, 100, 100 }, inside = { 10, 10, 90, 90 }, at_border = { 50, 10, 99, 60 }, at_edge = { 0, 0, 50, 50 };
    check_that(t, !crl_tile_cuts(&tile, &inside, 200, 200) && crl_tile_cuts(&tile, &at_border, 200, 200), "what ends at a border is cut");
    check_that(t, !crl_tile_cuts(&tile, &at_edge, 200, 200) && !crl_tile_cuts(&tile, &at_border, 100, 200), "what ends at the frame's edge is not");
    /* A half of a thing scores more than the whole, which counts; of another class it stands beside it; so does what is elsewhere. */
    crl_tiled list[] = {
        { { .index = 1, .score = 0.9f, .box = { 50, 10, 100, 60 } }, true }, { { .index = 1, .score = 0.6f, .box = { 52, 11, 150, 61 } }, false },
        { { .index = 2, .score = 0.5f, .box = { 50, 10, 100, 60 } }, true }, { { .index = 1, .score = 0.7f, .box = { 52, 10, 148, 60 } }, false },
        { { .index = 1, .score = 0.8f, .box = { 300, 10, 350, 60 } }, false },
        /* A small one in front of a large one: both are whole, and both stay. */
        { { .index = 3, .score = 0.4f, .box = { 0, 0, 100, 100 } }, false }, { { .index = 3, .score = 0.3f, .box = { 20, 20, 40, 40 } }, false },
    };
    static const float kept[] = { 0.8f, 0.7f, 0.5f, 0.4f, 0.3f };
    const int32_t n = crl_tiles_merge(list, sizeof list / sizeof *list);
    check_that(t, n == 5, "%d are left", n);
    for (int32_t i = 0; i < n && i < 5; i++)
        check_that(t, list[i].detection.score == kept[i], "number %d scores %g", i, (double)list[i].detection.score);
    check_that(t, !crl_tiles_merge(list, 0), "none become some");
}

void check_labels_joined(check *t, unsigned cpu)
{
    (void)cpu;
    crl_labels *a, *b, *both;
    crl_error err;
    if (!check_that(t,
                    !crl_labels_parse(&a, "0 cat\n2 dog\n", 12, &err) &&
                        !crl_labels_parse(&b, "0 car\n1 van\n", 12, &err),
                    "%s", err.text))
        return;
    check_that(t, !crl_labels_join(&both, a, b, 3, &err), "%s", err.text);
    static const char *const names[] = { "cat", NULL, "dog", "car", "van", NULL };
    for (int32_t i = 0; i < 6; i++) {
        const char *name = crl_labels_get(both, i);
        check_that(t, names[i] ? name && !strcmp(name, names[i]) : !name, "class %d is %s", i, name ? name : "nothing");
    }
    check_that(t, crl_labels_count(both) == 4 && crl_labels_end(both) == 5, "%d names, to %d", crl_labels_count(both), crl_labels_end(both));
    crl_labels_free(both);
    check_that(t, !crl_labels_join(&both, NULL, NULL, 7, &err) && !crl_labels_count(both), "no names become some");
    crl_labels_free(both);
    crl_labels_free(a);
    crl_labels_free(b);
}

/* ---- end to end ---- */

/* One picture, again and again. */
typedef struct still {
    crl_image image;
    int given;
} still;

static crl_status still_start(void *self, crl_error *err)
{
    (void)self, (void)err;
    return CRL_OK;
}

static crl_status still_take(void *self, crl_grab *out, int timeout_ms, crl_error *err)
{
    still *s = self;
    (void)timeout_ms;
    *out = (crl_grab){ .end = s->given == 3 };
    if (out->end) return CRL_OK;
    out->captured_ns = crl_stream_now();
    out->time_ns = (uint64_t)s->given++ * 33000000u;
    return crl_frame_of_image(&out->frame, &out->format, &s->image, err);
}

static void still_give_back(void *self, crl_grab *grab)
{
    (void)self, (void)grab;
}

static void still_stop(void *self)
{
    (void)self;
}

static const crl_source_type still_type = { .kind = "picture",
                                            .start = still_start,
                                            .take = still_take,
                                            .give_back = still_give_back,
                                            .stop = still_stop,
                                            .free = still_stop };

/* The last view, copied. */
typedef struct last_view {
    crl_track tracks[64];
    crl_class kinds[64];
    bool has_kinds;
    int32_t n, second_from;
    char labels[64][32], kind_labels[64][32];
} last_view;

static void look(void *user, const crl_view *v)
{
    last_view *l = user;
    l->n = v->n_tracks < 64 ? v->n_tracks : 64;
    l->has_kinds = v->kinds != NULL;
    l->second_from = v->second_from;
    for (int32_t i = 0; i < l->n; i++) {
        const char *label = crl_labels_get(v->labels, v->tracks[i].index);
        l->tracks[i] = v->tracks[i];
        strncpy(l->labels[i], label ? label : "", sizeof l->labels[i] - 1);
        if (!v->kinds) continue;
        l->kinds[i] = v->kinds[i];
        label = crl_labels_get(v->kind_labels, v->kinds[i].index);
        strncpy(l->kind_labels[i], label ? label : "", sizeof l->kind_labels[i] - 1);
    }
}

static void run(check *t, const crl_image *image, const crl_stream_options *options, last_view *last)
{
    still s = { .image = *image };
    made_sink *sink = calloc(1, sizeof *sink);
    crl_session *session = made_session(t);
    crl_stream *stream;
    crl_error err;
    const crl_source source = { .type = &still_type, .self = &s };
    *sink = (made_sink){ .look = look, .user = last, .pictures = true };
    *last = (last_view){ 0 };
    const crl_sink as_sink = made_sink_of(sink);
    if (check_that(t, !crl_stream_new(&stream, &source, session, options, &err), "%s", err.text)) {
        check_that(t, !crl_stream_add(stream, &as_sink, &err) && !crl_stream_run(stream, &err), "%s", err.text);
        crl_stream_free(stream);
    }
    crl_session_close(session);
    free(sink);
}

/* The scene, made smaller, in each of 4 x 4 fields; where its whole signs are. */
static int32_t draw_small(check *t, crl_image *image, crl_detection truth[64])
{
    enum { W = 160, H = 120 };
    crl_scene *scene;
    crl_scene_sign signs[CRL_SCENE_MOST];
    crl_image small;
    crl_error err;
    int32_t n = 0;
    if (!check_that(t,
                    !crl_image_init(image, 4 * W, 4 * H, 3, &err) && !crl_scene_new(&scene, W, H, &err) &&
                        !crl_image_init(&small, W, H, 3, &err),
                    "%s", err.text))
        return 0;
    for (int32_t i = 0; i < 16; i++) {
        const int32_t x = i % 4 * W, y = i / 4 * H;
        crl_scene_draw(scene, 3.0 * i, &small);
        for (int32_t row = 0; row < H; row++)
            memcpy(image->data + (size_t)(y + row) * image->stride + 3 * (size_t)x,
                   small.data + (size_t)row * small.stride, 3 * W);
        const int32_t m = crl_scene_signs(scene, 3.0 * i, signs);
        for (int32_t k = 0; k < m && n < 64; k++) {
            if (signs[k].truth.score < 1) continue;
            truth[n] = signs[k].truth;
            truth[n].box.x0 += (float)x, truth[n].box.x1 += (float)x, truth[n].box.y0 += (float)y, truth[n].box.y1 += (float)y;
            n++;
        }
    }
    crl_scene_free(scene);
    crl_image_fini(&small);
    return n;
}

/* How many signs have a box, and how many boxes are the second one of a sign. */
static int32_t found(const last_view *v, const crl_detection *truth, int32_t n, int32_t *twice)
{
    int32_t signs = 0;
    *twice = 0;
    for (int32_t i = 0; i < n; i++) {
        int32_t boxes = 0;
        for (int32_t k = 0; k < v->n; k++) boxes += v->tracks[k].index == truth[i].index && made_iou(&v->tracks[k].box, &truth[i].box) > 0.5;
        signs += boxes > 0;
        *twice += boxes > 1;
    }
    return signs;
}

void check_small_things(check *t, unsigned cpu)
{
    (void)cpu;
    crl_image image;
    crl_detection truth[64];
    last_view *plain = calloc(1, sizeof *plain), *tiled = calloc(1, sizeof *tiled);
    const int32_t n = draw_small(t, &image, truth);
    int32_t twice;
    if (check_failed(t)) return;
    run(t, &image, &(crl_stream_options){ .top_k = 64 }, plain);
    run(t, &image, &(crl_stream_options){ .top_k = 64, .tiles_x = 3, .tiles_y = 3 }, tiled);
    const int32_t without = found(plain, truth, n, &twice), with = found(tiled, truth, n, &twice);
    check_that(t, with > without && with * 10 >= n * 9 && !twice, "of %d signs %d are found, %d with tiles, %d twice", n, without, with, twice);
    crl_image_fini(&image);
    free(plain);
    free(tiled);
}

static crl_session *open_classifier(check *t)
{
    crl_session *s;
    crl_error err;
    const crl_session_options o = { .purpose = CRL_PURPOSE_CLASSIFY, .top_k = 1, .engine.threads = 1 };
    check_that(t, !crl_session_open_file(&s, SOURCE_ROOT "/models/signs_classifier.tflite", &o, &err), "%s", err.text);
    return s;
}

/* The same model as second detector: each thing is there twice, by names that are the same; and the classifier says what each is. */
void check_several_models(check *t, unsigned cpu)
{
    (void)cpu;
    crl_image image;
    crl_scene *scene;
    crl_error err;
    last_view *v = calloc(1, sizeof *v);
    crl_session *second = made_session(t), *classifier = open_classifier(t);
    if (!check_that(t, !crl_scene_new(&scene, 320, 240, &err) && !crl_image_init(&image, 320, 240, 3, &err), "%s", err.text)) return;
    crl_scene_draw(scene, 0, &image);
    run(t, &image, &(crl_stream_options){ .second = second, .classifier = classifier }, v);
    int32_t of_second = 0;
    check_that(t, v->n >= 4 && v->n % 2 == 0 && v->second_from > 12 && v->has_kinds, "%d things, the second model's from %d", v->n, v->second_from);
    for (int32_t i = 0; i < v->n; i++) {
        const crl_track *k = &v->tracks[i];
        const int32_t own = k->index >= v->second_from ? k->index - v->second_from : k->index;
        of_second += k->index >= v->second_from;
        check_that(t, own < 13 && *v->labels[i], "class %d has no name", k->index);
        check_that(t, v->kinds[i].index == own && v->kinds[i].score > 0.5f && !strcmp(v->kind_labels[i], v->labels[i]),
                   "a %s (%d) is taken for %s (%d)", v->labels[i], own, v->kind_labels[i], v->kinds[i].index);
    }
    check_that(t, 2 * of_second == v->n, "%d of %d are the second model's", of_second, v->n);
    crl_session_close(second);
    crl_session_close(classifier);
    crl_scene_free(scene);
    crl_image_fini(&image);
    free(v);
}

/* ---- teaching ---- */

typedef struct pupil {
    check *t;
    crl_stream *stream;
    int32_t lessons[3], frames; /* that came with each frame */
    int32_t told[CRL_STREAM_LESSONS];
} pupil;

/* The second frame is given to class 2, which takes it; the first to class 1, which does not. */
static crl_status pupil_see(void *user, const crl_grab *frame, const float *vector, size_t n, int32_t lesson,
                            crl_class *out, int32_t room, int32_t *n_out, bool *learnt, crl_error *err)
{
    pupil *p = user;
    (void)frame, (void)err;
    check_that(p->t, n == 13 && vector[0] == vector[0] && room >= 1, "%d numbers", (int)n);
    if (p->frames < 3) p->lessons[p->frames++] = lesson;
    *learnt = lesson == 2;
    out[0] = (crl_class){ .index = 1, .score = 0.5f };
    *n_out = 1;
    return crl_stream_teach(p->stream, 2, NULL);
}

static void look_at_lessons(void *user, const crl_view *v)
{
    pupil *p = user;
    check_that(p->t,
               v->lessons && v->stream == p->stream && v->purpose == CRL_PURPOSE_CLASSIFY && v->n_classes == 1 &&
                   v->classes[0].index == 1,
               "a view of another kind");
    if (v->lessons) memcpy(p->told, v->lessons, sizeof p->told);
}

void check_teaching(check *t, unsigned cpu)
{
    (void)cpu;
    pupil p = { .t = t };
    still s = { .given = 0 };
    crl_labels *labels = NULL;
    crl_error err;
    crl_session *session = NULL;
    const crl_session_options embed = { .purpose = CRL_PURPOSE_EMBED, .engine.threads = 1 };
    made_sink *sink = calloc(1, sizeof *sink);
    const crl_source source = { .type = &still_type, .self = &s };
    check_that(t,
               !crl_session_open_file(&session, SOURCE_ROOT "/models/signs_classifier.tflite", &embed, &err) &&
                   !crl_labels_parse(&labels, "0 a\n1 b\n", 8, &err),
               "%s", err.text);
    check_that(t, !crl_image_init(&s.image, 64, 48, 3, &err), "%s", err.text);
    crl_teacher teacher = { .see = pupil_see, .labels = labels, .n_lessons = 2, .pictures = { 4, 5 }, .user = &p };
    const crl_stream_options o = { .teacher = &teacher };
    *sink = (made_sink){ .look = look_at_lessons, .user = &p, .pictures = true };
    const crl_sink as_sink = made_sink_of(sink);
    check_that(t, !crl_stream_new(&p.stream, &source, session, &o, &err), "%s", err.text);
    check_that(t,
               crl_stream_teach(p.stream, 0, &err) == CRL_ERR_ARGUMENT &&
                   crl_stream_teach(p.stream, 3, &err) == CRL_ERR_ARGUMENT && strstr(err.text, "1 to 2"),
               "%s", err.text);
    check_that(t,
               !crl_stream_teach(p.stream, 1, &err) && !crl_stream_add(p.stream, &as_sink, &err) &&
                   !crl_stream_run(p.stream, &err),
               "%s", err.text);
    check_that(t, p.frames == 3 && p.lessons[0] == 1 && p.lessons[1] == 2 && p.lessons[2] == 2, "lessons %d, %d, %d",
               p.lessons[0], p.lessons[1], p.lessons[2]);
    check_that(t, p.told[0] == 4 && p.told[1] == 7 && p.told[2] == -1, "pictures %d, %d, %d", p.told[0], p.told[1], p.told[2]);
    crl_stream_free(p.stream);
    teacher.n_lessons = 10;
    check_that(t, crl_stream_new(&p.stream, &source, session, &o, &err) == CRL_ERR_ARGUMENT, "10 classes are taught");
    crl_labels_free(labels);
    crl_session_close(session);
    crl_image_fini(&s.image);
    free(sink);
}

void check_models_refused(check *t, unsigned cpu)
{
    (void)cpu;
    still s = { .given = 0 };
    const crl_source source = { .type = &still_type, .self = &s };
    crl_session *detector = made_session(t), *classifier = open_classifier(t);
    crl_stream *stream;
    crl_error err;
    const crl_stream_options many = { .tiles_x = 9, .tiles_y = 1 }, wrong = { .second = classifier },
                             other = { .classifier = detector }, alone = { .tiles_x = 2, .tiles_y = 2 };
    check_that(t,
               crl_stream_new(&stream, &source, detector, &many, &err) == CRL_ERR_ARGUMENT && !stream &&
                   strstr(err.text, "9 x 1 tiles"),
               "%s", err.text);
    check_that(t,
               crl_stream_new(&stream, &source, detector, &wrong, &err) == CRL_ERR_UNSUPPORTED &&
                   strstr(err.text, "the second model is to be a detector"),
               "%s", err.text);
    check_that(t,
               crl_stream_new(&stream, &source, detector, &other, &err) == CRL_ERR_UNSUPPORTED &&
                   strstr(err.text, "what looks at boxes is to be a classifier"),
               "%s", err.text);
    check_that(t, crl_stream_new(&stream, &source, classifier, &alone, &err) == CRL_ERR_UNSUPPORTED && !stream, "a classifier looks at tiles");
    crl_session_close(detector);
    crl_session_close(classifier);
}
