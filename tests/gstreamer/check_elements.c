/* SPDX-License-Identifier: Apache-2.0 */
/* The elements for GStreamer, each between two pads of the test's own: check_elements
 *
 * What they find is what a session finds; what is drawn leaves the rest of a frame alone; caps change; what cannot be is said on the bus. */
#include <gst/check/gstharness.h>
#include <gst/video/video.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <corallite/corallite.h>

static int passed, failed;

#define CHECK(what, ...) ((what) ? (void)passed++ : (failed++, printf("FAIL line %d: ", __LINE__), printf(__VA_ARGS__), (void)putchar('\n')))

#define DETECTOR SOURCE_ROOT "/models/signs_detector.tflite"
#define CLASSIFIER SOURCE_ROOT "/models/signs_classifier.tflite"

/* ---- frames ---- */

static crl_image scene(void)
{
    crl_image image = { 0 };
    crl_error err;
    if (crl_image_load(&image, SOURCE_ROOT "/examples/scene_1.jpg", NULL, &err)) printf("FAIL %s\n", err.text), failed++;
    return image;
}

static GstCaps *caps_for(const char *format, int width, int height)
{
    return gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, format, "width", G_TYPE_INT, width, "height",
                               G_TYPE_INT, height, "framerate", GST_TYPE_FRACTION, 30, 1, NULL);
}

/* The picture in another format, as videoconvert makes it. */
static GstBuffer *frame_of(const crl_image *image, const char *format)
{
    GstVideoInfo from, to;
    GstVideoFrame a, b;
    gst_video_info_set_format(&from, GST_VIDEO_FORMAT_RGB, (guint)image->width, (guint)image->height);
    gst_video_info_set_format(&to, gst_video_format_from_string(format), (guint)image->width, (guint)image->height);
    GstBuffer *rgb = gst_buffer_new_allocate(NULL, from.size, NULL), *out = gst_buffer_new_allocate(NULL, to.size, NULL);
    gst_buffer_memset(out, 0, 0, to.size);
    gst_video_frame_map(&a, &from, rgb, GST_MAP_WRITE);
    for (int y = 0; y < image->height; y++)
        memcpy((guint8 *)GST_VIDEO_FRAME_PLANE_DATA(&a, 0) + y * GST_VIDEO_FRAME_PLANE_STRIDE(&a, 0),
               image->data + (size_t)y * image->stride, 3 * (size_t)image->width);
    gst_video_frame_unmap(&a);
    gst_video_frame_map(&a, &from, rgb, GST_MAP_READ);
    gst_video_frame_map(&b, &to, out, GST_MAP_WRITE);
    GstVideoConverter *c = gst_video_converter_new(&from, &to, NULL);
    gst_video_converter_frame(c, &a, &b);
    gst_video_converter_free(c);
    gst_video_frame_unmap(&a);
    gst_video_frame_unmap(&b);
    gst_buffer_unref(rgb);
    GST_BUFFER_PTS(out) = 0;
    return out;
}

/* ---- regions ---- */

typedef struct found {
    guint x, y, w, h;
    const char *label, *kind;
    double confidence, kind_confidence;
} found;

static int regions(GstBuffer *buffer, found *out, int most)
{
    gpointer at = NULL;
    GstMeta *m;
    int n = 0;
    while ((m = gst_buffer_iterate_meta_filtered(buffer, &at, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE)) && n < most) {
        GstVideoRegionOfInterestMeta *r = (GstVideoRegionOfInterestMeta *)m;
        GstStructure *d = gst_video_region_of_interest_meta_get_param(r, "detection"),
                     *c = gst_video_region_of_interest_meta_get_param(r, "classification");
        found f = { .x = r->x, .y = r->y, .w = r->w, .h = r->h };
        if (d) f.label = gst_structure_get_string(d, "label"), gst_structure_get_double(d, "confidence", &f.confidence);
        if (c) f.kind = gst_structure_get_string(c, "label"), gst_structure_get_double(c, "confidence", &f.kind_confidence);
        out[n++] = f;
    }
    return n;
}

static double iou(const found *f, const crl_box *b)
{
    const double w = fmin(f->x + f->w, b->x1) - fmax(f->x, b->x0), h = fmin(f->y + f->h, b->y1) - fmax(f->y, b->y0);
    const double common = w > 0 && h > 0 ? w * h : 0;
    return common / ((double)f->w * f->h + ((double)b->x1 - b->x0) * ((double)b->y1 - b->y0) - common);
}

/* ---- checks ---- */

static const char *const formats[] = { "RGB", "BGR", "RGBx", "BGRx", "RGBA", "BGRA", "NV12", "I420", "YUY2", "UYVY", "GRAY8" };

static void compare(const char *format, const found *f, int n, const crl_results *r)
{
    CHECK(n == r->n_detections, "%s: %d regions of %d", format, n, r->n_detections);
    for (int i = 0; i < n && i < r->n_detections; i++) {
        CHECK(iou(&f[i], &r->detections[i].box) > 0.97, "%s: region %d shares %g", format, i, iou(&f[i], &r->detections[i].box));
        CHECK(f[i].label && fabs(f[i].confidence - (double)r->detections[i].score) < 1e-6, "%s: region %d is %s, %g",
              format, i, f[i].label ? f[i].label : "?", f[i].confidence);
    }
}

/* What is attached is what a session says of the same frame, in all formats. */
static void check_detect(const crl_image *image)
{
    crl_session *s;
    crl_error err;
    const crl_results *r;
    CHECK(!crl_session_open_file(&s, DETECTOR, NULL, &err), "%s", err.text);
    for (size_t k = 0; k < G_N_ELEMENTS(formats); k++) {
        GstHarness *h = gst_harness_new_parse("corallitedetect model-file=" DETECTOR);
        GstVideoInfo info;
        GstVideoFrame map;
        found f[32];
        gst_harness_set_src_caps(h, caps_for(formats[k], image->width, image->height));
        GstBuffer *in = frame_of(image, formats[k]), *copy = gst_buffer_copy_deep(in), *out = gst_harness_push_and_pull(h, in);
        gst_video_info_set_format(&info, gst_video_format_from_string(formats[k]), (guint)image->width, (guint)image->height);
        crl_frame_format format = {
            image->width,   image->height,
            CRL_PIXELS_RGB, info.colorimetry.matrix == GST_VIDEO_COLOR_MATRIX_BT709 ? CRL_YUV_BT709 : CRL_YUV_BT601,
            false,          { 0 }
        };
        static const crl_pixels pixels[] = { CRL_PIXELS_RGB,  CRL_PIXELS_BGR,  CRL_PIXELS_RGBX, CRL_PIXELS_BGRX,
                                             CRL_PIXELS_RGBX, CRL_PIXELS_BGRX, CRL_PIXELS_NV12, CRL_PIXELS_I420,
                                             CRL_PIXELS_YUYV, CRL_PIXELS_UYVY, CRL_PIXELS_GRAY8 };
        format.pixels = pixels[k];
        gst_video_frame_map(&map, &info, copy, GST_MAP_READ);
        crl_frame frame = { 0 };
        for (guint i = 0; i < GST_VIDEO_FRAME_N_PLANES(&map); i++)
            frame.plane[i] = GST_VIDEO_FRAME_PLANE_DATA(&map, i),
            frame.stride[i] = (size_t)GST_VIDEO_FRAME_PLANE_STRIDE(&map, i);
        CHECK(!crl_session_run_frame(s, &format, &frame, &r, &err), "%s", err.text);
        CHECK(r->n_detections >= 3, "%s: %d signs", formats[k], r->n_detections);
        if (out) compare(formats[k], f, regions(out, f, 32), r);
        else CHECK(false, "%s: no buffer comes out", formats[k]);
        gst_video_frame_unmap(&map);
        gst_buffer_unref(copy);
        if (out) gst_buffer_unref(out);
        gst_harness_teardown(h);
    }
    crl_session_close(s);
}

/* Boxes are drawn in every format; what is not near one stays to the byte. */
static void check_overlay(const crl_image *image)
{
    for (size_t k = 0; k < G_N_ELEMENTS(formats); k++) {
        GstHarness *h = gst_harness_new_parse("coralliteoverlay");
        GstMapInfo a, b;
        gst_harness_set_src_caps(h, caps_for(formats[k], image->width, image->height));
        GstBuffer *in = frame_of(image, formats[k]), *before = gst_buffer_copy_deep(in);
        GstBuffer *plain = gst_harness_push_and_pull(h, gst_buffer_copy_deep(in));
        gst_buffer_map(before, &a, GST_MAP_READ);
        gst_buffer_map(plain, &b, GST_MAP_READ);
        CHECK(a.size == b.size && !memcmp(a.data, b.data, a.size), "%s: something is drawn where nothing is found", formats[k]);
        gst_buffer_unmap(plain, &b);
        gst_buffer_unref(plain);
        GstVideoRegionOfInterestMeta *r = gst_buffer_add_video_region_of_interest_meta(in, "thing", 200, 100, 120, 80);
        gst_video_region_of_interest_meta_add_param(r, gst_structure_new("detection", "label", G_TYPE_STRING, "thing",
                                                                         "confidence", G_TYPE_DOUBLE, 0.75, NULL));
        GstBuffer *drawn = gst_harness_push_and_pull(h, in);
        gst_buffer_map(drawn, &b, GST_MAP_READ);
        GstVideoInfo info;
        gst_video_info_set_format(&info, gst_video_format_from_string(formats[k]), (guint)image->width, (guint)image->height);
        int near = 0, far = 0;
        for (guint c = 0; c < GST_VIDEO_INFO_N_COMPONENTS(&info); c++)
            for (int y = 0; y < GST_VIDEO_INFO_COMP_HEIGHT(&info, c); y++)
                for (int x = 0; x < GST_VIDEO_INFO_COMP_WIDTH(&info, c); x++) {
                    const gsize at = GST_VIDEO_INFO_COMP_OFFSET(&info, c) +
                                     (gsize)y * (gsize)GST_VIDEO_INFO_COMP_STRIDE(&info, c) +
                                     (gsize)x * (gsize)GST_VIDEO_INFO_COMP_PSTRIDE(&info, c);
                    const int px = x << GST_VIDEO_FORMAT_INFO_W_SUB(info.finfo, c), py = y << GST_VIDEO_FORMAT_INFO_H_SUB(info.finfo, c);
                    if (a.data[at] == b.data[at]) continue;
                    if (px > 190 && px < 330 && py > 70 && py < 190) near++;
                    else far++;
                }
        CHECK(near > 300 && !far, "%s: %d bytes are changed near the box and %d elsewhere", formats[k], near, far);
        gst_buffer_unmap(drawn, &b);
        gst_buffer_unmap(before, &a);
        gst_buffer_unref(drawn);
        gst_buffer_unref(before);
        gst_harness_teardown(h);
    }
}

/* Colours that are drawn into Y, U and V are those that are read out of them. */
static void check_colours(const crl_image *image)
{
    static const char *const kinds[] = { "NV12", "I420", "YUY2", "UYVY", "BGRx" };
    crl_image rgb[6] = { { 0 } };
    crl_error err;
    for (size_t k = 0; k < 6; k++) {
        const char *format = k ? kinds[k - 1] : "RGB";
        GstHarness *h = gst_harness_new_parse("coralliteoverlay ! videoconvert ! capsfilter caps=video/x-raw,format=RGB");
        gst_harness_set_src_caps(h, caps_for(format, image->width, image->height));
        GstBuffer *in = frame_of(image, format);
        gst_buffer_add_video_region_of_interest_meta(in, "thing", 200, 100, 120, 80);
        GstBuffer *out = gst_harness_push_and_pull(h, in);
        CHECK(!crl_image_init(&rgb[k], image->width, image->height, 3, &err), "%s", err.text);
        GstVideoInfo info;
        GstVideoFrame map;
        gst_video_info_set_format(&info, GST_VIDEO_FORMAT_RGB, (guint)image->width, (guint)image->height);
        gst_video_frame_map(&map, &info, out, GST_MAP_READ);
        double off = 0;
        int n = 0;
        for (int y = 90; y < 190; y++)
            for (int x = 190; x < 330; x++)
                for (int c = 0; c < 3; c++, n++) {
                    const guint8 v = ((const guint8 *)GST_VIDEO_FRAME_PLANE_DATA(&map, 0))[y * GST_VIDEO_FRAME_PLANE_STRIDE(&map, 0) + 3 * x + c];
                    rgb[k].data[(size_t)y * rgb[k].stride + 3 * (size_t)x + (size_t)c] = v;
                    off += abs(v - rgb[0].data[(size_t)y * rgb[0].stride + 3 * (size_t)x + (size_t)c]);
                }
        CHECK(off / n < 5, "%s: colours are %g off", format, off / n);
        gst_video_frame_unmap(&map);
        gst_buffer_unref(out);
        gst_harness_teardown(h);
    }
    for (size_t k = 0; k < 6; k++) crl_image_fini(&rgb[k]);
}

#if CORALLITE_ANALYTICS
#include <gst/analytics/analytics.h>

/* Each region is an object, too, and the class that it was given stands in relation to it. */
static void check_analytics(GstBuffer *buffer, const found *f, int n)
{
    GstAnalyticsRelationMeta *m = gst_buffer_get_analytics_relation_meta(buffer);
    GstAnalyticsODMtd object;
    GstAnalyticsClsMtd classes;
    gpointer state = NULL;
    int objects = 0;
    CHECK(m != NULL, "no analytics");
    while (m && gst_analytics_relation_meta_iterate(m, &state, gst_analytics_od_mtd_get_mtd_type(), &object)) {
        gint x, y, w, h;
        gfloat confidence;
        gpointer to = NULL;
        gst_analytics_od_mtd_get_location(&object, &x, &y, &w, &h, &confidence);
        const found *same = NULL;
        for (int i = 0; i < n; i++)
            if (x == (gint)f[i].x && y == (gint)f[i].y && w == (gint)f[i].w && h == (gint)f[i].h) same = &f[i];
        CHECK(same && fabs((double)confidence - same->confidence) < 1e-6 &&
                  !strcmp(g_quark_to_string(gst_analytics_od_mtd_get_obj_type(&object)), same->label),
              "an object that is no region");
        const gboolean related =
            gst_analytics_relation_meta_get_direct_related(m, object.id, GST_ANALYTICS_REL_TYPE_RELATE_TO,
                                                           gst_analytics_cls_mtd_get_mtd_type(), &to, &classes);
        CHECK(related && same &&
                  !g_strcmp0(g_quark_to_string(gst_analytics_cls_mtd_get_quark(&classes, 0)), same->kind),
              "an object without its class");
        objects++;
    }
    CHECK(objects == n, "%d objects of %d regions", objects, n);
}
#else
static void check_analytics(GstBuffer *buffer, const found *f, int n)
{
    (void)buffer, (void)f, (void)n;
}
#endif

static void check_classify(const crl_image *image)
{
    GstHarness *h = gst_harness_new_parse("corallitedetect ! coralliteclassify max-detections=1 ! coralliteoverlay");
    found f[32];
    gst_harness_set_src_caps(h, caps_for("NV12", image->width, image->height));
    GstBuffer *out = gst_harness_push_and_pull(h, frame_of(image, "NV12"));
    const int n = regions(out, f, 32);
    int same = 0;
    for (int i = 0; i < n; i++) {
        CHECK(f[i].label && f[i].kind && f[i].kind_confidence > 0, "region %d has no class, or is none that was found", i);
        same += f[i].kind && f[i].label && !strcmp(f[i].kind, f[i].label);
    }
    check_analytics(out, f, n);
    CHECK(n >= 3 && same >= n - 1, "of %d signs the classifier knows %d", n, same);
    gst_buffer_unref(out);
    gst_harness_teardown(h);

    h = gst_harness_new_parse("coralliteclassify ! coralliteoverlay");
    gst_harness_set_src_caps(h, caps_for("RGB", image->width, image->height));
    out = gst_harness_push_and_pull(h, frame_of(image, "RGB"));
    CHECK(regions(out, f, 32) == 1 && f[0].kind && f[0].w == (guint)image->width && f[0].h == (guint)image->height,
          "a frame without regions is not classified as a whole");
    gst_buffer_unref(out);
    gst_harness_teardown(h);
}

/* Other caps come while it runs; a threshold that nothing reaches, and back. */
static void check_changes(const crl_image *image)
{
    GstHarness *h = gst_harness_new("corallitedetect");
    found f[32];
    crl_image half;
    crl_error err;
    CHECK(!crl_image_init(&half, image->width / 2, image->height / 2, 3, &err) &&
              !crl_image_resize(&half, image, NULL, CRL_RESAMPLE_BILINEAR, &err),
          "%s", err.text);
    for (int i = 0; i < 4; i++) {
        const crl_image *p = i % 2 ? &half : image;
        const char *format = i < 2 ? "I420" : "BGRx";
        gst_harness_set_src_caps(h, caps_for(format, p->width, p->height));
        GstBuffer *out = gst_harness_push_and_pull(h, frame_of(p, format));
        const int n = out ? regions(out, f, 32) : -1;
        CHECK(n >= 3, "%s of %d pixels: %d signs", format, p->width, n);
        for (int k = 0; k < n; k++) CHECK(f[k].x + f[k].w <= (guint)p->width && f[k].y + f[k].h <= (guint)p->height, "a region leaves the frame");
        if (out) gst_buffer_unref(out);
    }
    static const float thresholds[] = { 1, 0.5f, 0.5f };
    for (int i = 0; i < 3; i++) {
        GstElement *e = h->element;
        g_object_set(e, "class-confidence-threshold", (double)thresholds[i], "max-detections", i == 2 ? 1 : 0, NULL);
        GstBuffer *out = gst_harness_push_and_pull(h, frame_of(&half, "BGRx"));
        const int n = regions(out, f, 32);
        CHECK(i == 0 ? n == 0 : i == 1 ? n >= 3 : n == 1, "step %d: %d signs", i, n);
        gst_buffer_unref(out);
    }
    crl_image_fini(&half);
    gst_harness_teardown(h);
}

/* Messages tell what is attached, and once that nothing is any more; the latency is that of the model. */
static void check_messages(const crl_image *image)
{
    GstHarness *h = gst_harness_new("corallitedetect");
    GstBus *bus = gst_bus_new();
    GstMessage *m;
    crl_image grey;
    crl_error err;
    CHECK(!crl_image_init(&grey, image->width, image->height, 3, &err), "%s", err.text);
    gst_element_set_bus(h->element, bus);
    gst_harness_set_src_caps(h, caps_for("RGB", image->width, image->height));
    for (int i = 0; i < 4; i++) {
        GstBuffer *out = gst_harness_push_and_pull(h, frame_of(i == 1 || i == 2 ? &grey : image, "RGB"));
        if (out) gst_buffer_unref(out);
    }
    int n = 0;
    guint sizes[8] = { 0 };
    while ((m = gst_bus_pop_filtered(bus, GST_MESSAGE_ELEMENT))) {
        const GstStructure *s = gst_message_get_structure(m);
        const GValue *list = gst_structure_get_value(s, "detections");
        guint64 at = 1;
        CHECK(gst_structure_has_name(s, "corallitedetect") && list && gst_structure_get_uint64(s, "timestamp", &at) &&
                  at == 0,
              "a message of another kind");
        if (n < 8) sizes[n] = gst_value_list_get_size(list);
        const GstStructure *first = sizes[n] ? gst_value_get_structure(gst_value_list_get_value(list, 0)) : NULL;
        if (first)
            CHECK(gst_structure_has_name(first, "detection") && gst_structure_has_field(first, "x_min") &&
                      gst_structure_has_field(first, "width"),
                  "a detection lacks fields");
        n++;
        gst_message_unref(m);
    }
    CHECK(n == 3 && sizes[0] >= 3 && !sizes[1] && sizes[2] >= 3, "%d messages: %u, %u and %u", n, sizes[0], sizes[1], sizes[2]);
    CHECK(gst_harness_query_latency(h) > 0, "no latency");
    g_object_set(h->element, "post-messages", FALSE, NULL);
    gst_buffer_unref(gst_harness_push_and_pull(h, frame_of(image, "RGB")));
    CHECK(!gst_bus_have_pending(bus) || !(m = gst_bus_pop_filtered(bus, GST_MESSAGE_ELEMENT)), "a message that nobody wants");
    gst_element_set_bus(h->element, NULL);
    gst_object_unref(bus);
    crl_image_fini(&grey);
    gst_harness_teardown(h);
}

/* What cannot be is an error with the library's sentence, and the element can be set right and started. */
static void check_errors(void)
{
    static const struct {
        const char *element, *set, *to, *says;
    } wrong[] = {
        { "corallitedetect", "model-file", "/nowhere/x.tflite", "/nowhere/x.tflite: no such file" },
        { "corallitedetect", "model-file", SOURCE_ROOT "/README.md", "README.md" },
        { "corallitedetect", "model-file", CLASSIFIER, "this is a classifier; corallitedetect runs detectors" },
        { "coralliteclassify", "model-file", DETECTOR, "this is a detector" },
        { "corallitedetect", "label-file", "/nowhere/labels.txt", "/nowhere/labels.txt" },
        { "corallitedetect", "device", "usb:0", "not compiled for an Edge TPU" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        GstElement *e = gst_element_factory_make(wrong[i].element, NULL);
        GstBus *bus = gst_bus_new();
        gst_element_set_bus(e, bus);
        g_object_set(e, wrong[i].set, wrong[i].to, NULL);
        CHECK(gst_element_set_state(e, GST_STATE_PAUSED) == GST_STATE_CHANGE_FAILURE, "%s starts with %s", wrong[i].element, wrong[i].to);
        GstMessage *m = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR);
        GError *error = NULL;
        if (m) gst_message_parse_error(m, &error, NULL);
        CHECK(error && strstr(error->message, wrong[i].says), "%s=%s: \"%s\"", wrong[i].set, wrong[i].to, error ? error->message : "nothing is said");
        g_clear_error(&error);
        if (m) gst_message_unref(m);
        gst_element_set_state(e, GST_STATE_NULL);
        g_object_set(e, wrong[i].set, NULL, NULL);
        CHECK(gst_element_set_state(e, GST_STATE_PAUSED) == GST_STATE_CHANGE_SUCCESS, "%s does not start when it is set right", wrong[i].element);
        for (int k = 0; k < 3; k++) gst_element_set_state(e, k % 2 ? GST_STATE_PAUSED : GST_STATE_READY);
        gst_element_set_state(e, GST_STATE_NULL);
        gst_element_set_bus(e, NULL);
        gst_object_unref(bus);
        gst_object_unref(e);
    }
}

/* The pipeline of the documentation. */
static void check_pipeline(void)
{
    GError *error = NULL;
    GstElement *p = gst_parse_launch("videotestsrc num-buffers=20 ! videoconvert ! corallitedetect ! coralliteclassify "
                                     "! coralliteoverlay ! fakesink",
                                     &error);
    CHECK(p && !error, "%s", error ? error->message : "no pipeline");
    gst_element_set_state(p, GST_STATE_PLAYING);
    GstBus *bus = gst_element_get_bus(p);
    GstMessage *m = gst_bus_timed_pop_filtered(bus, 60 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    CHECK(m && GST_MESSAGE_TYPE(m) == GST_MESSAGE_EOS, "the pipeline does not come to its end");
    if (m) gst_message_unref(m);
    gst_element_set_state(p, GST_STATE_NULL);
    gst_object_unref(bus);
    gst_object_unref(p);
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    crl_image image = scene();
    if (failed) return 1;
    check_detect(&image);
    check_overlay(&image);
    crl_image odd = { 335, 251, 3, image.stride, image.data }; /* the last pixels have U and V to themselves */
    check_overlay(&odd);
    check_colours(&image);
    check_classify(&image);
    check_changes(&image);
    check_messages(&image);
    check_errors();
    check_pipeline();
    crl_image_fini(&image);
    gst_deinit();
    printf("%d passed, %d failed, 0 skipped\n", passed, failed);
    return failed > 0;
}
