/* SPDX-License-Identifier: Apache-2.0 */
/* Picture to input tensor, against the rule applied pixel by pixel to a resized picture. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "checks.h"
#include "drawn.h"

enum { WIDTH = 19, HEIGHT = 31 };

static crl_image picture(check *t, int32_t channels)
{
    const crl_image image = guarded_image(t, WIDTH, HEIGHT, channels, 0);
    drawn_fill(image.data, image.stride * HEIGHT, 8);
    return image;
}

/* An input of [1,h,w,c], or [1,h,w] when c is 0, in memory that ends at an unmapped page. */
static crl_tensor input_of(check *t, crl_type type, int32_t h, int32_t w, int32_t c, const crl_quant *quant)
{
    const crl_shape shape = { c ? 4 : 3, { 1, h, w, c } };
    return tensor_of(type, shape, check_guarded(t, crl_shape_count(&shape) * crl_type_bytes(type)), quant);
}

static const float scale = 0.0078125f;
static const int32_t zero_point = 3;
static const crl_quant quant = { &scale, &zero_point, 1, 0 };

/* The picture as it should be after conversion and resizing. */
static crl_image resized(check *t, const crl_image *image, int32_t w, int32_t h, int32_t channels, crl_resample filter)
{
    crl_image converted;
    const crl_image out = guarded_image(t, w, h, channels, 0);
    crl_image_convert(&converted, image, channels, NULL);
    check_that(t, !crl_image_resize(&out, &converted, NULL, filter, NULL), "resizing failed");
    crl_image_fini(&converted);
    return out;
}

static double element(const crl_tensor *v, size_t i)
{
    switch (v->type) {
    case CRL_UINT8: return ((const uint8_t *)v->data)[i];
    case CRL_INT8: return ((const int8_t *)v->data)[i];
    case CRL_INT16: return ((const int16_t *)v->data)[i];
    default: return (double)((const float *)v->data)[i];
    }
}

void check_input(check *t, unsigned cpu)
{
    use_level(cpu);
    static const int32_t depths[] = { 3, 1, 0 };
    for (int source = 1; source <= 3; source += 2)
        for (int filter = 0; filter < 4; filter++)
            for (size_t d = 0; d < 3; d++) {
                const int32_t channels = depths[d] == 3 ? 3 : 1;
                const crl_image image = picture(t, source);
                const crl_image want = resized(t, &image, 13, 7, channels, (crl_resample)filter);
                const crl_input_options options = { .resample = (crl_resample)filter };
                crl_tensor u8 = input_of(t, CRL_UINT8, 7, 13, depths[d], NULL), s8 = input_of(t, CRL_INT8, 7, 13, depths[d], NULL);
                crl_error err;
                crl_letterbox place;
                if (!check_that(t, !crl_image_to_tensor(&image, &u8, &options, &place, &err), "%s", err.text)) return;
                if (!check_that(t, !crl_image_to_tensor(&image, &s8, &options, NULL, &err), "%s", err.text)) return;
                check_equal(t, want.data, u8.data, u8.bytes, "uint8");
                for (size_t i = 0; i < s8.bytes; i++)
                    check_that(t, ((const int8_t *)s8.data)[i] == want.data[i] - 128, "int8 at %zu", i);
                check_that(t, place.width == WIDTH && place.height == HEIGHT && place.input_width == 13 && place.filled_height == 7,
                           "%g x %g, %d", (double)place.width, (double)place.height, place.input_width);
            }
}

void check_input_normalised(check *t, unsigned cpu)
{
    (void)cpu;
    static const crl_type types[] = { CRL_UINT8, CRL_INT8, CRL_INT16, CRL_FLOAT32 };
    static const double least[] = { 0, -128, -32768, -HUGE_VAL }, most[] = { 255, 127, 32767, HUGE_VAL };
    for (size_t k = 0; k < 4; k++)
        for (int n_norm = 0; n_norm <= 3; n_norm++) {
            if (n_norm == 2) continue;
            const crl_image image = picture(t, 3);
            const crl_image want = resized(t, &image, 5, 9, 3, CRL_RESAMPLE_BILINEAR);
            const crl_input_options options = { .normalise = k < 2, .n_norm = n_norm, .mean = { 120.0f, 110.0f, 100.5f },
                                                .std = { 60.0f, 61.0f, 70.25f } };
            crl_tensor v = input_of(t, types[k], 9, 5, 3, &quant);
            crl_error err;
            if (!check_that(t, !crl_image_to_tensor(&image, &v, &options, NULL, &err), "%s", err.text)) return;
            for (size_t i = 0; i < 9 * 5 * 3; i++) {
                const size_t c = n_norm == 3 ? i % 3 : 0;
                const float mean = n_norm ? options.mean[c] : 127.5f, std = n_norm ? options.std[c] : 127.5f;
                const float real = ((float)want.data[i] - mean) / std;
                double q = (double)real;
                if (types[k] != CRL_FLOAT32) q = fmin(fmax((double)roundf(real / scale) + zero_point, least[k]), most[k]);
                if (!check_that(t, element(&v, i) == q, "%s at %zu: %g, not %g", crl_type_name(types[k]), i, element(&v, i), q)) return;
            }
        }
}

typedef struct letterbox_case {
    int32_t w, h, fill_w, fill_h; /* of the input; of it covered by 19 x 31 pixels */
    int32_t rounded_w;            /* the same, of a side that is rounded */
} letterbox_case;

static void letterbox(check *t, const letterbox_case *k, crl_type type, const crl_input_options *options)
{
    const bool centred = options->fit == CRL_FIT_CENTRE;
    const int32_t w = k->w, h = k->h, fill_w = centred ? k->rounded_w : k->fill_w, fill_h = k->fill_h;
    const int32_t left = centred ? (w - fill_w) / 2 : 0, top = centred ? (h - fill_h) / 2 : 0;
    const crl_image image = picture(t, 3), want = resized(t, &image, fill_w, fill_h, 3, CRL_RESAMPLE_LANCZOS);
    crl_tensor v = input_of(t, type, h, w, 3, &quant);
    crl_letterbox place;
    if (!check_that(t, !crl_image_to_tensor(&image, &v, options, &place, NULL), "failed")) return;
    check_that(t, place.filled_width == fill_w && place.filled_height == fill_h && place.left == left && place.top == top,
               "%d x %d covered, from %d, %d", place.filled_width, place.filled_height, place.left, place.top);
    const double ratio = fmin(w / 19.0, h / 31.0);
    check_that(t, place.width == (float)(w / ratio) && place.height == (float)(h / ratio), "stands for %g x %g",
               (double)place.width, (double)place.height);
    for (int32_t y = 0; y < h; y++)
        for (int32_t i = 0; i < 3 * w; i++) {
            const int32_t x = i / 3 - left, row = y - top, c = options->order == CRL_CHANNELS_BGR ? 2 - i % 3 : i % 3;
            const bool inside = row >= 0 && row < fill_h && x >= 0 && x < fill_w;
            const int pixel = inside ? want.data[(size_t)row * want.stride + (size_t)(3 * x + c)] : options->padding;
            const double value = type == CRL_UINT8 ? pixel : type == CRL_INT8 ? pixel - 128 : (double)(((float)pixel - 127.5f) / 127.5f);
            const double got = element(&v, (size_t)y * 3 * (size_t)w + (size_t)i);
            if (!check_that(t, got == value, "row %d, %d: %g, not %g", y, i, got, value)) return;
        }
}

void check_input_letterbox(check *t, unsigned cpu)
{
    use_level(cpu);
    static const letterbox_case sizes[] = { { 62, 62, 38, 62, 38 }, { 40, 20, 12, 20, 12 }, { 19, 90, 19, 31, 19 },
                                            { 1, 1, 1, 1, 1 }, { 300, 3, 1, 3, 2 }, { 9, 12, 7, 12, 7 } };
    static const crl_type types[] = { CRL_UINT8, CRL_INT8, CRL_FLOAT32 };
    static const crl_input_options ways[] = {
        { .keep_aspect_ratio = true },
        { .fit = CRL_FIT_CORNER, .padding = 114, .order = CRL_CHANNELS_BGR },
        { .fit = CRL_FIT_CENTRE, .padding = 255 },
        { .fit = CRL_FIT_CENTRE, .order = CRL_CHANNELS_BGR, .keep_aspect_ratio = true },
    };
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++)
        for (size_t type = 0; type < 3; type++)
            for (size_t way = 0; way < sizeof ways / sizeof ways[0]; way++) {
                crl_input_options options = ways[way];
                options.resample = CRL_RESAMPLE_LANCZOS;
                letterbox(t, &sizes[k], types[type], &options);
                check_release(t);
            }
    /* Grey pictures have no order, and inputs of one channel neither. */
    const crl_image grey = picture(t, 1);
    crl_tensor one = input_of(t, CRL_UINT8, 31, 19, 3, &quant), other = input_of(t, CRL_UINT8, 31, 19, 3, &quant);
    const crl_input_options turned = { .order = CRL_CHANNELS_BGR };
    check_that(t, !crl_image_to_tensor(&grey, &one, NULL, NULL, NULL) && !crl_image_to_tensor(&grey, &other, &turned, NULL, NULL), "failed");
    check_equal(t, one.data, other.data, one.bytes, "grey, blue first");
}

static void refuse(check *t, crl_tensor input, const crl_input_options *options, crl_status want, const char *part)
{
    const crl_image image = picture(t, 3);
    crl_error err = { 0 };
    const crl_status s = crl_image_to_tensor(&image, &input, options, NULL, &err);
    check_that(t, s == want && strstr(err.text, part), "status %d, \"%s\"; not %d with \"%s\"", s, err.text, want, part);
}

void check_input_refused(check *t, unsigned cpu)
{
    (void)cpu;
    float room[64] = { 0 };
    refuse(t, tensor_of(CRL_UINT8, (crl_shape){ 2, { 1, 64 } }, room, NULL), NULL, CRL_ERR_UNSUPPORTED, "[1,64]");
    refuse(t, tensor_of(CRL_UINT8, (crl_shape){ 4, { 1, 2, 2, 4 } }, room, NULL), NULL, CRL_ERR_UNSUPPORTED, "[1,2,2,4]");
    refuse(t, tensor_of(CRL_UINT8, (crl_shape){ 4, { 2, 2, 2, 3 } }, room, NULL), NULL, CRL_ERR_UNSUPPORTED, "[2,2,2,3]");
    refuse(t, tensor_of(CRL_UINT8, (crl_shape){ 4, { 1, 0, 2, 3 } }, room, NULL), NULL, CRL_ERR_UNSUPPORTED, "[1,0,2,3]");
    refuse(t, tensor_of(CRL_INT32, (crl_shape){ 4, { 1, 2, 2, 3 } }, room, NULL), NULL, CRL_ERR_UNSUPPORTED, "INT32");
    refuse(t, tensor_of(CRL_INT16, (crl_shape){ 4, { 1, 2, 2, 3 } }, room, NULL), NULL, CRL_ERR_UNSUPPORTED, "without a scale");
    refuse(t, tensor_of(CRL_UINT8, (crl_shape){ 4, { 1, 2, 2, 3 } }, NULL, NULL), NULL, CRL_ERR_ARGUMENT, "0 bytes");
    const crl_tensor good = tensor_of(CRL_UINT8, (crl_shape){ 4, { 1, 2, 2, 3 } }, room, &quant);
    refuse(t, good, &(crl_input_options){ .normalise = true, .n_norm = 1 }, CRL_ERR_ARGUMENT, "std 0");
    refuse(t, good, &(crl_input_options){ .normalise = true, .n_norm = 2, .std = { 1, 1 } }, CRL_ERR_ARGUMENT, "2 values");
    refuse(t, good, &(crl_input_options){ .n_norm = 1, .mean = { NAN }, .std = { 1 } }, CRL_ERR_ARGUMENT, "mean nan");
    refuse(t, good, &(crl_input_options){ .resample = (crl_resample)9 }, CRL_ERR_ARGUMENT, "filter 9");
    refuse(t, good, &(crl_input_options){ .fit = (crl_fit)4 }, CRL_ERR_ARGUMENT, "fit 4");
    refuse(t, good, &(crl_input_options){ .order = (crl_channel_order)3 }, CRL_ERR_ARGUMENT, "order 3");
    refuse(t, good, &(crl_input_options){ .padding = 256 }, CRL_ERR_ARGUMENT, "padding 256");
}
